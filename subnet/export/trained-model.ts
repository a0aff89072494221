/** @file A trained model: parameters with the manifest they belong to, from checkpoint bytes of either naming. */
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { sharedLayout } from "../../kernels/optim/outer.ts";
import { decodeShared, digestOf, encodeCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { isHuggingFace, thetaFromHuggingFace } from "../../src/checkpoint/hugging-face.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { outerOptimizerOf } from "../../src/run/run.ts";

/** Parameters of one window of a run. */
export type TrainedModel = {
  readonly manifest: RunManifest;
  readonly runId: Hex;
  /** Window whose parameters these are; null where only a checkpoint's file was given, which does not say. */
  readonly window: number | null;
  /** digest(theta), as votes name it. */
  readonly thetaDigest: Hex;
  /** Flat padded parameters; behind them the outer momentum of a run that has one. */
  readonly theta: Float32Array;
  /** tokenizer.json, where the manifest names one and it is at hand. */
  readonly tokenizerFile: Uint8Array | null;
  /** Where they were found, for people. */
  readonly origin: string;
};

/** Checkpoints are held in memory whole. */
export const MAX_CHECKPOINT_BYTES = 1 << 30;

/** A trained model of checkpoint bytes. @throws AssayError checkpoint-invalid when they are of another model */
export function trainedModel(
  bytes: Uint8Array,
  about: Omit<TrainedModel, "theta" | "thetaDigest">,
): TrainedModel {
  const { model } = about.manifest;
  const layout = layoutOf(specsOf(model));
  const shared = sharedLayout(layout, outerOptimizerOf(about.manifest.outer));
  const own = isHuggingFace(bytes)
    ? encodeCheckpoint(layout, thetaFromHuggingFace(model, bytes))
    : bytes;
  const theta = decodeShared(layout, shared, own);
  return { ...about, theta, thetaDigest: digestOf(about.runId, shared, theta) };
}

/** What a search may use: progress for people, and the end of waiting. */
export type SourceParts = {
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
};
