/** @file Finds a trained model where the options say: a run's record, a checkpoint file, a running subnet. */
import { dirname, resolve } from "node:path";
import { reasonOf } from "../../base/fault.ts";
import { fileReason, readWholeFile } from "../../base/files.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { importParameters } from "../../src/checkpoint/import.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../../src/protocol/manifest-file.ts";
import { outerOptimizerOf } from "../../src/run/run.ts";
import type { SourceOptions } from "./options.ts";
import { isRunFolder, manifestIn, modelOfRun, tokenizerIn } from "./run-folder.ts";
import { type SourceParts, trainedModel, type TrainedModel } from "./trained-model.ts";

/** A checkpoint's file lies at most nodes/<hotkey>/blobs/trees/<address> below its run's folder. */
const FOLDERS_UP = 6;

function refuse(detail: string, cause?: unknown): never {
  throw new AssayError({ code: "bad-option", detail }, { cause });
}

async function readLimited(flag: string, path: string, limitBytes: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readWholeFile(path, limitBytes));
  } catch (cause) {
    return refuse(`${flag} ${path}: ${fileReason(cause)}`, cause);
  }
}

/** The run's folder that a file lies in, or null. */
function runFolderOf(path: string): string | null {
  let folder = dirname(resolve(path));
  for (let up = 0; up < FOLDERS_UP; up++) {
    if (isRunFolder(folder)) return folder;
    folder = dirname(folder);
  }
  return null;
}

/** The given manifest, else that of the run whose folder the checkpoint lies in. */
async function manifestFor(
  checkpoint: string,
  manifest: string | undefined,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  if (manifest !== undefined)
    return parseManifest(await readLimited("--manifest", manifest, MAXIMUM_MANIFEST_BYTES));
  const folder = runFolderOf(checkpoint);
  if (folder === null)
    return refuse(`--checkpoint ${checkpoint} lies in no run's folder: name its run's --manifest`);
  return manifestIn(folder);
}

/** What is wrong with a local file is not the subnet owner's to mend, as a published manifest would be. */
async function namingManifest<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isAssayError(error, "manifest-invalid")) throw error;
    return refuse(`--manifest ${path}: ${reasonOf(error)}`, error);
  }
}

async function modelOfFile(checkpoint: string, given: string | undefined): Promise<TrainedModel> {
  const about = await namingManifest(given ?? "(found)", () => manifestFor(checkpoint, given));
  try {
    const { model, outer } = about.manifest;
    const theta = await importParameters(checkpoint, model, outerOptimizerOf(outer));
    const folder = runFolderOf(checkpoint);
    const tokenizerFile = folder === null ? null : await tokenizerIn(folder, about.manifest);
    return await trainedModel(theta, { ...about, window: null, tokenizerFile, origin: checkpoint });
  } catch (error) {
    if (error instanceof AssayError) throw error;
    return refuse(`--checkpoint ${checkpoint}: ${fileReason(error)}`, error);
  }
}

/**
 * The model that the options name. A run or a checkpoint wins over --netuid, which the environment may always hold.
 * @throws AssayError bad-option, checkpoint-invalid, run-damaged, run-not-published, blob-missing; ChainError
 */
export async function openModel(options: SourceOptions, parts: SourceParts): Promise<TrainedModel> {
  const { run, checkpoint, manifest, netuid } = options;
  if (run !== undefined && checkpoint !== undefined)
    return refuse("--run and --checkpoint name two models: give one of them");
  if (manifest !== undefined && checkpoint === undefined)
    return refuse("--manifest says what a --checkpoint belongs to, but there is no --checkpoint");
  if (checkpoint !== undefined) return modelOfFile(checkpoint, manifest);
  if (run !== undefined) return modelOfRun(run);
  if (netuid === undefined)
    return refuse("nothing names a model: give --run FOLDER, --checkpoint FILE or --netuid N");
  const { modelOfSubnet } = await import("./live.ts");
  return modelOfSubnet({ ...options, netuid }, parts);
}

const STOPPED_BY_SIGNAL = 130;

/** Runs `body` with a signal that Ctrl-C and SIGTERM abort; what it throws then is no error, but the exit code says it. */
export async function untilStopped(body: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    try {
      await body(lifecycle.signal);
    } catch (error) {
      if (lifecycle.signal.aborted) process.exitCode = STOPPED_BY_SIGNAL;
      throw error;
    }
  });
}
