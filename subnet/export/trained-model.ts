/** @file A trained model: parameters with the manifest they belong to. */
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { sharedLayout } from "../../kernels/optim/outer.ts";
import { digestOf } from "../../src/checkpoint/checkpoint.ts";
import type { TellFar } from "../../src/command/progress.ts";
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

/** A trained model of all that nodes share. @throws AssayError state-corrupt when one is not a number */
export async function trainedModel(
  theta: Float32Array,
  about: Omit<TrainedModel, "theta" | "thetaDigest">,
): Promise<TrainedModel> {
  const { model, outer } = about.manifest;
  const shared = sharedLayout(layoutOf(specsOf(model)), outerOptimizerOf(outer));
  return { ...about, theta, thetaDigest: await digestOf(about.runId, shared, theta) };
}

/** What a search may use: progress for people, and the end of waiting. */
export type SourceParts = {
  readonly step: (text: string) => void;
  /** Told how far what takes long is. */
  readonly far?: TellFar;
  readonly signal: AbortSignal;
};
