/** @file The folder of a local network's run: what must be known to go on with it, and how far it has come. */
import { existsSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "../../base/folders.ts";
import { z } from "zod";
import { TREES } from "../../src/blobs/directory.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { AssayError } from "../../src/errors.ts";
import { refuseNewer } from "../../src/protocol/format.ts";
import { digestSchema } from "../../src/protocol/manifest.ts";

/** Folder of the owner's blobs inside a run's folder. */
export const OWNER_BLOBS = "owner/blobs";
/** Folder of the wallets. */
export const WALLETS = "wallets";
/** The chain's database, and what its genesis was made of. */
export const CHAIN_FILE = "chain.sqlite";
export const GENESIS_FILE = "genesis.json";
/** The chain spec of a native chain, and the folder of its nodes. */
export const SPEC_FILE = "chain.json";
export const AUTHORITIES = "authorities";
/** Folder of the nodes' state folders. */
export const NODES = "nodes";
const RUN_FILE = "localnet.json";
const PROGRESS_FILE = "progress.json";

const FORMAT = "assay/localnet/1";
const runSchema = z.strictObject({
  format: z.literal(FORMAT),
  runId: digestSchema,
  netuid: z.number().int().min(1),
  /** Port of the chain's JSON-RPC. */
  port: z.number().int().min(1).max(65_535),
  miners: z.number().int().min(1),
  validators: z.number().int().min(1),
  attack: z.string(),
  /** Runs of before have neither. */
  partTime: z.string().default("none"),
  missPercent: z.number().int().min(0).max(100).default(0),
  blockMs: z.number().int().min(1),
  /** Whether its chain opens encrypted calls; those of runs of before do. */
  shield: z.boolean().default(true),
  device: z.enum(["auto", "cpu", "cuda", "webgpu"]),
  /** Those of runs of before are embedded. */
  chain: z.enum(["embedded", "native"]).default("embedded"),
  /** Chains of runs of before keep everything. */
  pruning: z.string().default("archive"),
});

/** What a run was started as. */
export type RunFile = z.output<typeof runSchema>;
type WrittenRun = Omit<z.input<typeof runSchema>, "format">;

const progressSchema = z.strictObject({
  /** Time that the run has taken, pauses left out. */
  seconds: z.number().min(0),
  peakRssBytes: z.number().min(0),
  /** Held-out losses in nats per token. */
  heldOut: z.array(z.strictObject({ window: z.number().int(), loss: z.number() })),
});

/** How far a run has come. */
export type Progress = z.output<typeof progressSchema>;

const NO_PROGRESS: Progress = { seconds: 0, peakRssBytes: 0, heldOut: [] };

const refuse = (detail: string): AssayError => new AssayError({ code: "bad-option", detail });

/** A folder that no other run has, below `output`. */
export async function newRunFolder(output: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-").slice(0, 19);
  const folder = resolve(output, `${stamp}-${process.pid}`);
  makeFolder(join(folder, WALLETS));
  return folder;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** What the run in `folder` was started as. @throws AssayError bad-option when there is none, run-damaged, format-newer */
export function readRun(folder: string): RunFile {
  const path = join(folder, RUN_FILE);
  const value = readJson(path);
  refuseNewer(value, path, FORMAT);
  const found = runSchema.safeParse(value);
  if (found.success) return found.data;
  if (existsSync(path)) {
    const reason = `its ${RUN_FILE} does not say what it was started as`;
    throw new AssayError({ code: "run-damaged", path: folder, reason });
  }
  throw refuse(
    `${folder} holds no run that has begun (no ${RUN_FILE} in it): name a folder that a run printed as its record`,
  );
}

/** Keeps what the run was started as. */
export async function writeRun(folder: string, run: WrittenRun): Promise<void> {
  const file: z.input<typeof runSchema> = { format: FORMAT, ...run };
  await writeAtomically(join(folder, RUN_FILE), `${JSON.stringify(file, null, 2)}\n`);
}

/** How far the run in `folder` has come; a missing or damaged file counts as the beginning. */
export function readProgress(folder: string): Progress {
  return progressSchema.safeParse(readJson(join(folder, PROGRESS_FILE))).data ?? NO_PROGRESS;
}

/** Keeps how far the run has come. */
export function writeProgress(folder: string, progress: Progress): Promise<void> {
  return writeAtomically(join(folder, PROGRESS_FILE), `${JSON.stringify(progress)}\n`);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Removes what only going on would need: wallets, optimizer states, and the nodes' copies of blobs that the owner has.
 * The record stays whole: chain, genesis, validators' records, every blob once, logs.
 */
export async function keepRecordOnly(folder: string): Promise<void> {
  await rm(join(folder, WALLETS), { recursive: true, force: true });
  for (const node of await filesIn(join(folder, NODES))) {
    const place = join(folder, NODES, node);
    for (const name of ["moments.bin", "unsettled.bin"])
      await rm(join(place, name), { force: true });
    for (const part of [".", TREES])
      await removeCopies(join(place, "blobs", part), join(folder, OWNER_BLOBS, part));
  }
}

/** Removes blobs, or block trees, that lie in another folder too. */
async function removeCopies(copies: string, originals: string): Promise<void> {
  const owned = new Set(await filesIn(originals));
  for (const name of await filesIn(copies))
    if (owned.has(name) && name !== TREES)
      await rm(join(copies, name), { recursive: true, force: true });
}
