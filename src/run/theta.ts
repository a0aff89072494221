/** @file Parameters by the address of their checkpoint: from this node, or block by block from the axons of the subnet. */
import type { Layout } from "../../kernels/nn/model.ts";
import { getCheckpoint } from "../checkpoint/checkpoint.ts";
import { formOf } from "../checkpoint/form.ts";
import type { Log } from "../command/log.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Subnet } from "./subnet.ts";

/** Which parameters, and how long they are looked for. */
export type ThetaSearch = {
  readonly address: Hex;
  readonly patient: boolean;
  readonly log: Pick<Log, "warn">;
  readonly signal: AbortSignal;
};

/**
 * Flat padded parameters; null when nobody has all of their blocks now. What was fetched stays for the next attempt.
 * @throws AssayError checkpoint-invalid: those bytes are no checkpoint of this layout; disk-full
 */
export async function findTheta(
  { finder, blobs }: Pick<Subnet, "finder" | "blobs">,
  layout: Layout,
  { address, patient, log, signal }: ThetaSearch,
): Promise<Float32Array | null> {
  const found = await finder.findTree(address, formOf(layout), {
    patient,
    signal,
    onWrong: (wrong) => log.warn({ ...wrong, checkpoint: address }, "a peer sent a wrong block"),
  });
  return found ? getCheckpoint(blobs.trees, layout, address) : null;
}
