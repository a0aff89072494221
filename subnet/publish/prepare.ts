/** @file What a run is made from, read and judged before anything is written on the chain: text, first parameters, the file. */
import { fileReason } from "../../base/files.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { importParameters } from "../../src/checkpoint/import.ts";
import { describeReport } from "../../src/data/report.ts";
import { AssayError } from "../../src/errors.ts";
import type { ModelConfig } from "../../src/protocol/manifest.ts";
import { engineOf } from "../check/check.ts";
import { doubtLine, doubtsOf } from "../check/findings.ts";
import { dataChoiceOf } from "../config/data-choice.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { PublishOptions } from "./options.ts";
import { type Seed, seedRun } from "./seed.ts";

/** Where progress goes, and what ends the reading. */
export type PrepareParts = {
  readonly blobs: BlobStore;
  readonly step: (text: string) => void;
  /** How far reading is. */
  readonly far?: TellFar;
  readonly signal: AbortSignal;
};

/** The parameters in a file or folder of either naming. @throws AssayError bad-option, checkpoint-invalid */
async function readCheckpoint(path: string, model: ModelConfig): Promise<Float32Array> {
  try {
    return await importParameters(path, model);
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    const detail = `--checkpoint ${path} cannot be used: ${fileReason(cause)}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** Reads the text and stores what the run starts from. @throws AssayError as seedRun, bad-option, checkpoint-invalid */
export async function seedOf(
  config: SubnetConfig,
  options: Pick<PublishOptions, "checkpoint" | "neurons">,
  { blobs, step, far, signal }: PrepareParts,
): Promise<Seed> {
  const { preset: _preset, seed: initialSeed, ...model } = config.model;
  const { sequencesPerPage, pagesPerWindow, noisePages } = config.data;
  const { checkpoint, neurons } = options;
  step(`reading the text below ${config.data.folder}`);
  const seed = await seedRun(
    {
      sequencesPerPage,
      pagesPerWindow,
      noisePages,
      data: dataChoiceOf(config),
      model,
      neurons,
      initialSeed,
      ...(checkpoint !== undefined && {
        genesis: await readCheckpoint(checkpoint, model),
      }),
    },
    blobs,
    {
      progress: ({ bytes }) =>
        far?.({ what: "reading text", done: bytes, of: null, unit: "bytes" }),
      signal,
    },
  );
  step(describeReport(seed.report));
  return seed;
}

/**
 * Judges the file by every rule of `subnet check`; doubts are told, what cannot work is refused.
 * @param config - with the values that the chain really has
 * @throws AssayError bad-option
 */
export async function judgeRun(
  config: SubnetConfig,
  seed: Seed,
  { options, step }: { readonly options: PublishOptions; readonly step: PrepareParts["step"] },
): Promise<void> {
  const notes: string[] = [];
  const { check: measure, device, threads, neurons } = options;
  if (measure) step("training this model for some seconds (--no-check leaves that out)");
  const engine = await engineOf(config, { measure, device, threads }, notes);
  const { pages, trainingBytes, tokenBytes, files } = seed;
  const data = { pages, trainingBytes, tokenBytes, heldOutBytes: seed.heldOut.length, files };
  const doubts = doubtsOf(config, { engine, data, neurons });
  for (const doubt of doubts) step(doubtLine(doubt));
  const bad = doubts.filter(({ level }) => level === "refused");
  if (bad.length === 0) return;
  throw new AssayError({
    code: "bad-option",
    detail: `This run cannot work: ${bad.map(({ key, reason }) => `${key}: ${reason}`).join("; ")}`,
    next: "See what would.",
    run: { ours: "subnet check", keep: ["file", "set", "neurons", "device", "threads"] },
  });
}
