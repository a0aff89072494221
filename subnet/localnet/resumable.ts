/** @file Whether a run's folder has what going on needs; what is damaged is named before anything starts. */
import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fileReason, readWholeFile } from "../../base/files.ts";
import { FaultError } from "../../base/fault.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { parseManifest } from "../../src/protocol/manifest-file.ts";
import { windowClock } from "../../src/protocol/window.ts";
import {
  AUTHORITIES,
  CHAIN_FILE,
  GENESIS_FILE,
  OWNER_BLOBS,
  readProgress,
  readRun,
  SPEC_FILE,
  WALLETS,
} from "./run-folder.ts";

const MAXIMUM_GENESIS_BYTES = 1 << 26;
/** How every SQLite database begins. */
const SQLITE_MAGIC = "SQLite format 3\0";

const genesisSchema = z.record(z.string(), z.unknown());
const summarySchema = z.looseObject({ stopped: z.boolean() });

function damaged(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "run-damaged", path, reason }, { cause });
}

/** Whether the run in `folder` has a summary of all its windows; a damaged one says nothing. */
export function hasEnded(folder: string): boolean {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    return !summarySchema.parse(value).stopped;
  } catch {
    return false;
  }
}

async function requireGenesis(folder: string): Promise<void> {
  try {
    const bytes = await readWholeFile(join(folder, GENESIS_FILE), MAXIMUM_GENESIS_BYTES);
    genesisSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    const why = cause instanceof SyntaxError || cause instanceof z.ZodError ? null : cause;
    const reason = why === null ? "it is no JSON object" : fileReason(why);
    throw damaged(folder, `its ${GENESIS_FILE} cannot be used: ${reason}`, cause);
  }
}

/** A chain whose database is gone would begin again at block 0. */
async function requireDatabase(folder: string): Promise<void> {
  const path = join(folder, CHAIN_FILE);
  if (!existsSync(path)) throw damaged(folder, `its ${CHAIN_FILE} is missing`);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SQLITE_MAGIC.length));
    if (buffer.toString("latin1", 0, bytesRead) !== SQLITE_MAGIC)
      throw damaged(folder, `its ${CHAIN_FILE} is no database any more`);
  } finally {
    await file.close();
  }
}

/** Its authorities' databases say themselves when they are damaged. */
function requireSpec(folder: string): void {
  for (const name of [SPEC_FILE, AUTHORITIES])
    if (!existsSync(join(folder, name))) throw damaged(folder, `its ${name} is missing`);
}

/** What cannot go on is refused before anything starts. @throws AssayError bad-option, run-damaged */
export async function requireResumable(folder: string): Promise<void> {
  const { runId, chain } = readRun(folder);
  if (!existsSync(join(folder, WALLETS)))
    throw new AssayError({
      code: "bad-option",
      detail: `the run in ${folder} is over, and only its record was kept (localnet --keep keeps wallets and nodes too)`,
      next: "The model can still be used and exported.",
      run: { ours: "subnet generate", set: { run: folder, prompt: "export interface " } },
    });
  await requireGenesis(folder);
  if (chain === "native") requireSpec(folder);
  else await requireDatabase(folder);
  await manifestOf(folder, runId);
}

/** The manifest that the run was published with. @throws AssayError run-damaged, manifest-invalid */
export async function manifestOf(folder: string, runId: Hex): Promise<RunManifest> {
  const bytes = await openBlobs(join(folder, OWNER_BLOBS))
    .get(runId)
    .catch((error: unknown) => {
      if (isAssayError(error, "blob-corrupt")) return null;
      throw error;
    });
  if (bytes !== null) return parseManifest(bytes).manifest;
  throw damaged(folder, `its manifest ${runId} is missing or damaged in ${OWNER_BLOBS}`);
}

/** Whether the chain has every block that the run is known to have had. @throws AssayError run-damaged */
export function requireHeight(folder: string, manifest: RunManifest, height: number): void {
  const { heldOut } = readProgress(folder);
  const window = Math.max(-1, ...heldOut.map((one) => one.window));
  const known = window < 0 ? 1 : windowClock(manifest).startBlock(window);
  if (height >= known) return;
  const reason = `its ${CHAIN_FILE} ends at block ${height}, but the run has come to block ${known}`;
  throw damaged(folder, reason);
}

/** The chain's own refusal of the database, as the run's: its advice, to begin a new chain, would lose the run. */
function ofRun(folder: string, error: unknown): unknown {
  if (!(error instanceof FaultError) || error.code !== "database-unreadable") return error;
  return damaged(
    folder,
    `its ${CHAIN_FILE} is not the chain of its ${GENESIS_FILE}, or is damaged`,
    error,
  );
}

/** Does `act`; where the run turns out to be damaged, says whether its model can still be exported. */
export async function tellingDamage<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const error = ofRun(folder, thrown);
    if (!(error instanceof AssayError) || error.fault.code !== "run-damaged") throw error;
    const { modelOfRun } = await import("../export/run-folder.ts");
    const exportable = await modelOfRun(folder).then(
      () => true,
      () => false,
    );
    throw new AssayError({ ...error.fault, exportable }, { cause: error });
  }
}
