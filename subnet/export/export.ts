/** @file `subnet export`: a trained model as a folder that Hugging Face transformers loads. */
import { randomBytes } from "node:crypto";
import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "../../base/folders.ts";
import { systemCodeOf } from "../../base/fault.ts";
import { fileReason } from "../../base/files.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { sizeOf } from "../../kernels/tensor.ts";
import { shardIndex, shardName, shardsOf } from "../../src/checkpoint/form.ts";
import { huggingFaceShapes, huggingFaceTensors } from "../../src/checkpoint/hugging-face.ts";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { AssayError } from "../../src/errors.ts";
import { modelCard } from "./model-card.ts";
import { configJson, generationJson } from "./model-config.ts";
import type { ExportOptions } from "./options.ts";
import { openModel, untilStopped } from "./source.ts";
import { tokenizerFiles } from "./tokenizer-files.ts";
import type { SourceParts } from "./trained-model.ts";
import type { TrainedModel } from "./trained-model.ts";

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The parameters as one file, or as several and an index where they are too many. @yields names and contents, one file in memory at a time */
function* weightFiles(
  { manifest, runId, window, thetaDigest, theta }: TrainedModel,
  shardBytes?: number,
): Generator<readonly [string, Uint8Array | string]> {
  const { model } = manifest;
  const metadata = { format: "pt", runId, window: String(window ?? ""), thetaDigest };
  const shapes = huggingFaceShapes(model);
  const lengths = shapes.map(({ shape }) => sizeOf(shape));
  const shards = shardsOf(lengths, shardBytes);
  for (const [index, tensors] of shards.entries())
    yield [
      shardName(index, shards.length),
      encodeSafetensors(huggingFaceTensors(model, theta, tensors), metadata),
    ];
  const names = shards.map((tensors) => tensors.flatMap((one) => shapes[one]?.name ?? []));
  yield* shardIndex(names, 4 * lengths.reduce((sum, length) => sum + length, 0));
}

/** The files of an exported model. @yields names and contents */
function* exportedFiles(
  model: TrainedModel,
  shardBytes?: number,
): Generator<readonly [string, Uint8Array | string]> {
  const config = model.manifest.model;
  yield* weightFiles(model, shardBytes);
  yield ["config.json", json(configJson(config))];
  yield ["generation_config.json", json(generationJson(config))];
  yield* tokenizerFiles(model);
  yield ["README.md", modelCard(model)];
}

/** Makes sure that a folder is not there or empty: what lies there is not ours to replace. */
async function requireFree(output: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(output);
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT") return;
    const reason = code === "ENOTDIR" ? "it is a file, not a folder" : fileReason(cause);
    const detail = `--output ${output}: ${reason}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
  if (names.length > 0)
    throw new AssayError({
      code: "bad-option",
      detail: `--output ${output}: it is not empty; name a new folder`,
    });
}

/**
 * Writes the folder at once: it is there with every file, or not at all.
 * @param shardBytes - most bytes of tensors in one file
 * @throws AssayError bad-option when there is something already, disk-full
 */
export async function writeExport(
  model: TrainedModel,
  output: string,
  shardBytes?: number,
): Promise<void> {
  await requireFree(output);
  const target = resolve(output);
  const draft = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  makeFolder(draft);
  try {
    for (const [name, content] of exportedFiles(model, shardBytes))
      await writeAtomically(join(draft, name), content);
    // An empty folder of that name makes way; one that filled meanwhile does not.
    await rmdir(target).catch(() => undefined);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Finds the model, writes the folder, says what it is. */
async function exportModel(
  options: ExportOptions,
  parts: SourceParts & Pick<ExportOutput, "print">,
): Promise<void> {
  await requireFree(options.output);
  const model = await openModel(options, parts);
  await writeExport(model, options.output);
  const { window, runId, thetaDigest, origin } = model;
  if (options.json) {
    const { output } = options;
    parts.print(JSON.stringify({ runId, window, thetaDigest, origin, output }));
    return;
  }
  parts.step(`${window === null ? "parameters" : `window ${window}`} of run ${runId} (${origin})`);
  parts.step(`digest ${thetaDigest}`);
  parts.step(`written to ${options.output}; README.md there says how to load it`);
}

/** Where results and progress go. */
type ExportOutput = {
  readonly print: (line: string) => void;
  readonly step: (line: string) => void;
  readonly far: TellFar;
};

/** Runs `subnet export`. @throws AssayError, ChainError */
export async function runExport(
  options: ExportOptions,
  { print, step, far }: ExportOutput,
): Promise<void> {
  // What is told on the way is a result too, unless a program reads it.
  const told = options.json ? step : print;
  await untilStopped((signal) => exportModel(options, { print, step: told, far, signal }));
}
