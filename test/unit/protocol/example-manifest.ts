/** @file A manifest that works, for tests to change. */
import { type RunManifest } from "../../../src/protocol/manifest.ts";
import type {
  CreditScoring,
  PublishedScoring,
  ScoringRules,
} from "../../../src/protocol/scoring.ts";

/** The demo's manifest in all but its digests. */
export const EXAMPLE_MANIFEST: RunManifest & { readonly scoring: PublishedScoring } = {
  format: "assay/run/3",
  name: "example",
  netuid: 3,
  model: {
    architecture: "llama",
    layers: 2,
    heads: 2,
    keyValueHeads: 2,
    width: 64,
    hidden: 176,
    context: 64,
    vocabulary: 256,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
  },
  tokenizer: { kind: "bytes" },
  data: {
    manifest: `0x${"11".repeat(32)}`,
    pages: 1000,
    sequencesPerPage: 8,
    pagesPerWindow: 8,
    noisePages: 16,
  },
  genesisCheckpoint: `0x${"22".repeat(32)}`,
  startBlock: 24,
  windows: 60,
  phases: { train: 4, commit: 2, reveal: 2, judge: 4 },
  deadlineOffset: 5,
  finalityLag: 0,
  codec: { k: 256, chunk: 4096 },
  inner: {
    steps: 10,
    batch: 12,
    learningRate: 0.012,
    minimumLearningRate: 0.0012,
    warmupSteps: 40,
    totalSteps: 600,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    clip: 1,
    errorDecay: 0.9,
  },
  outer: { alpha: 0.7, mean: "choosers" },
  evaluation: { ownSequences: 32, noiseSequences: 32, factor: 0.3 },
  scoring: {
    trustAlpha: 0.05,
    trustThreshold: 0.1,
    trustWarmupWindows: 10,
    ratingBeta: 7,
    ratingTau: 0.1,
    minimumNormRatio: 0.1,
    maximumOverlap: 0.4,
    overlapWindows: 3,
    power: 2,
  },
  checkpointEveryWindows: 10,
  retention: { payloadWindows: 0, recordWindows: 0 },
};

/** The scoring of mode `published`. @throws Error for another mode's */
export function published(scoring: ScoringRules): PublishedScoring {
  if (scoring.mode === "credit") throw new Error("the rules are of mode credit");
  return scoring;
}

/** The demo's scoring in mode `credit`. */
export const CREDIT_SCORING: CreditScoring = {
  mode: "credit",
  minimumNormRatio: 0.1,
  maximumOverlap: 0.5,
  overlapWindows: 3,
  credit: {
    alpha: 0.1,
    attendanceAlpha: 0.3,
    priorWindows: 5,
    priorRatio: 1.5,
    windowBound: 2,
    floor: 0.35,
    referenceShare: 0.25,
    scaleAlpha: 0.1,
    scaleShare: 1,
    marginSlope: 2,
    decidedMargin: 2,
    oddsStart: -2,
    oddsBound: 3,
    oddsRise: 1,
    oddsFall: 3,
    oddsTheft: 2,
    oddsReturn: 0.25,
    oddsMargin: 2,
    oddsVariance: 1.69,
    trustedAbove: 0.5,
    voteTrust: 0.1,
  },
};
