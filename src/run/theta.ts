/** @file Parameters by the address of their checkpoint: from this node, or block by block from the axons of the subnet. */
import type { Layout } from "../../kernels/nn/model.ts";
import type { Checkpoint } from "../api/types.ts";
import { digestOf, getCheckpoint } from "../checkpoint/checkpoint.ts";
import { formOf } from "../checkpoint/form.ts";
import type { Log } from "../command/log.ts";
import type { TellFar } from "../command/progress.ts";
import { AssayError, isAssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

/** Which parameters, and how long they are looked for. */
export type ThetaSearch = {
  readonly address: Hex;
  readonly patient: boolean;
  readonly log: Pick<Log, "warn">;
  readonly signal: AbortSignal;
  /** Told that the disk is full, and that there is room again: what is sought is waited for. Without it a full disk is a failure. */
  readonly onDisk?: (news: DiskNews) => void;
  /** Told how much of it is here while it comes from others. */
  readonly onFar?: TellFar;
};

/** `full`: nothing more can be kept until somebody makes room. */
export type DiskNews =
  | { readonly what: "full"; readonly error: AssayError }
  | { readonly what: "room" };

/** Between two looks whether there is room. */
const FULL_MS = 5000;

/**
 * Flat padded parameters; null when nobody has all of their blocks now. What was fetched stays for the next attempt.
 * @throws AssayError checkpoint-invalid: those bytes are no checkpoint of this layout; disk-full for those who do not wait
 */
export async function findTheta(
  subnet: Pick<Subnet, "finder" | "blobs" | "pause">,
  layout: Layout,
  { address, patient, log, signal, onDisk, onFar }: ThetaSearch,
): Promise<Float32Array | null> {
  const search = {
    patient,
    signal,
    onBlock: (done: number, of: number) =>
      onFar?.({ what: "fetching parameters", done, of, unit: "blocks" }),
    onWrong: (wrong: { readonly hotkey: Hex; readonly digest: Hex }) =>
      log.warn({ ...wrong, checkpoint: address }, "a peer sent a wrong block"),
  };
  for (let isFull = false; ;)
    try {
      const found = await subnet.finder.findTree(address, formOf(layout), search);
      if (isFull) onDisk?.({ what: "room" });
      return found ? await getCheckpoint(subnet.blobs.trees, layout, address) : null;
    } catch (error) {
      if (onDisk === undefined || !isAssayError(error, "disk-full")) throw error;
      // A node that ended here would be started again, fetch until the disk is full, and end again.
      if (!isFull) onDisk({ what: "full", error });
      isFull = true;
      await subnet.pause(FULL_MS);
      signal.throwIfAborted();
    }
}

/**
 * The parameters of a checkpoint that somebody offers, if they have the digest that the chain's votes name; null for one that nobody has
 * whole, that is none, that holds a NaN or other parameters. What was fetched for nothing does not stay on the disk.
 * @throws AssayError disk-full for those who do not wait
 */
export async function confirmedTheta(
  { run, subnet }: { readonly run: Pick<Run, "runId" | "sharedLayout">; readonly subnet: Subnet },
  { window, address }: Checkpoint,
  expected: Hex,
  search: Pick<ThetaSearch, "log" | "signal" | "onDisk" | "onFar">,
): Promise<Float32Array | null> {
  const { log } = search;
  const { trees } = subnet.blobs;
  const wasHere = (await trees.list(address)) !== null;
  try {
    const theta = await findTheta(subnet, run.sharedLayout, { address, patient: false, ...search });
    if (theta === null) {
      log.warn({ window, address }, "nobody has this checkpoint whole; an older one is tried");
      return null;
    }
    const digest = await digestOf(run.runId, run.sharedLayout, theta);
    if (digest === expected) return theta;
    const found = { window, digest, expected };
    log.warn(found, "checkpoint is not what the validators voted for; ignored");
  } catch (error) {
    if (!(error instanceof AssayError) || isAssayError(error, "disk-full")) throw error;
    log.warn({ window, address, error }, "this checkpoint cannot be used; an older one is tried");
  }
  if (!wasHere) await trees.delete(address);
  return null;
}
