/** @file What a run is made from, read and judged before anything is written on the chain: text, first parameters, the file. */
import { fileReason, readWholeFile } from "../../base/files.ts";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { withMomentum } from "../../kernels/optim/outer.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import {
  decodeShared,
  encodeCheckpoint,
  maximumCheckpointBytes,
} from "../../src/checkpoint/checkpoint.ts";
import { isHuggingFace, thetaFromHuggingFace } from "../../src/checkpoint/hugging-face.ts";
import { namingCheckpoint } from "../../src/checkpoint/safetensors.ts";
import { describeReport } from "../../src/data/report.ts";
import { AssayError } from "../../src/errors.ts";
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
  readonly signal: AbortSignal;
};

async function bytesOf(path: string, layout: Layout): Promise<Uint8Array> {
  // Other names of tensors make another header, but not one of another magnitude.
  const limitBytes = 2 * maximumCheckpointBytes(layout);
  try {
    return new Uint8Array(await readWholeFile(path, limitBytes));
  } catch (cause) {
    const detail = `--checkpoint ${path} cannot be used: ${fileReason(cause)}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** The parameters in a file of either naming, as checkpoint bytes of our own. @throws AssayError bad-option, checkpoint-invalid */
async function readCheckpoint(path: string, model: SubnetConfig["model"]): Promise<Uint8Array> {
  const { preset: _preset, seed: _seed, ...config } = model;
  const layout = layoutOf(specsOf(config));
  const bytes = await bytesOf(path, layout);
  try {
    // Of another run's outer momentum nothing is taken over: a run begins without.
    if (!isHuggingFace(bytes))
      return encodeCheckpoint(layout, decodeShared(layout, withMomentum(layout), bytes));
    return encodeCheckpoint(layout, thetaFromHuggingFace(config, bytes));
  } catch (cause) {
    throw namingCheckpoint(cause, path);
  }
}

/** Reads the text and stores what the run starts from. @throws AssayError as seedRun, bad-option, checkpoint-invalid */
export async function seedOf(
  config: SubnetConfig,
  options: Pick<PublishOptions, "checkpoint" | "neurons">,
  { blobs, step, signal }: PrepareParts,
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
        genesisCheckpoint: await readCheckpoint(checkpoint, config.model),
      }),
    },
    blobs,
    {
      progress: ({ files, bytes }) => step(`${bytes} bytes from ${files} files so far`),
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
