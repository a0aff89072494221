/** @file Models and runs by name, so that nobody has to choose twenty numbers to begin. */
import { type ModelConfig, RUN_FORMAT, type RunManifest } from "../protocol/manifest.ts";
import type { CreditConstants } from "../protocol/scoring.ts";

const LLAMA_ON_BYTES = {
  architecture: "llama",
  vocabulary: 256,
  ropeBase: 10_000,
  normEpsilon: 1e-5,
} as const;

const LLAMA = { ...LLAMA_ON_BYTES, ropeBase: 500_000 } as const;

/**
 * Models that can be trained. On bytes: `nano` has 0.1 M parameters and trains in minutes on two cores, `1m` 1.02 M,
 * `10m` 10.7 M (the depth, width and context of nanoGPT's character model). With vocabularies of tokenizers: `124m` is GPT-2 small
 * without its biases, `350m` a Llama of GPT-2 medium's depth and width with grouped queries, `1b` has the sizes of TinyLlama 1.1B
 * (Zhang et al. 2024) with one matrix for embedding and head.
 */
export const MODELS = {
  nano: {
    ...LLAMA_ON_BYTES,
    layers: 2,
    heads: 4,
    keyValueHeads: 4,
    width: 64,
    hidden: 176,
    context: 64,
  },
  "1m": {
    ...LLAMA_ON_BYTES,
    layers: 5,
    heads: 4,
    keyValueHeads: 4,
    width: 128,
    hidden: 344,
    context: 128,
  },
  "10m": {
    ...LLAMA_ON_BYTES,
    layers: 6,
    heads: 6,
    keyValueHeads: 6,
    width: 384,
    hidden: 1024,
    context: 256,
  },
  "124m": {
    ...LLAMA,
    architecture: "gpt2",
    layers: 12,
    heads: 12,
    keyValueHeads: 12,
    width: 768,
    hidden: 3072,
    context: 1024,
    vocabulary: 50_257,
  },
  "350m": {
    ...LLAMA,
    layers: 24,
    heads: 16,
    keyValueHeads: 8,
    width: 1024,
    hidden: 3072,
    context: 2048,
    vocabulary: 50_257,
  },
  "1b": {
    ...LLAMA,
    layers: 22,
    heads: 32,
    keyValueHeads: 4,
    width: 2048,
    hidden: 5632,
    context: 2048,
    vocabulary: 32_000,
  },
} as const satisfies Record<string, ModelConfig>;

/**
 * Models too large for this engine, to count with: they are planned with and not trained here. `8b` has the sizes of Llama 3 8B, `72b` those of Covenant-72B
 * (arXiv 2603.08163), whose 72,747,327,488 parameters they give.
 */
export const PLANNED_MODELS = {
  "8b": {
    ...LLAMA,
    layers: 32,
    heads: 32,
    keyValueHeads: 8,
    width: 4096,
    hidden: 14_336,
    context: 4096,
    vocabulary: 128_256,
    untied: true,
  },
  "72b": {
    ...LLAMA,
    layers: 80,
    heads: 64,
    keyValueHeads: 8,
    width: 8192,
    hidden: 28_672,
    context: 2048,
    vocabulary: 262_144,
    untied: true,
  },
} as const satisfies Record<string, ModelConfig>;

/** What a caller must still say about a run. */
export type RunShape = Pick<
  RunManifest,
  "name" | "netuid" | "genesisCheckpoint" | "startBlock" | "windows"
> & { readonly data: Pick<RunManifest["data"], "manifest" | "pages"> };

/** Sequences in a page of the demo: contiguous text, so that one page is a recognisable piece of a file. */
const DEMO_SEQUENCES_PER_PAGE = 8;

/** Learning rates that were measured as best for each way to train the nano model. */
export const LEARNING_RATES = { cooperating: 0.012, synchronous: 0.008, alone: 0.004 } as const;

/**
 * A tied model as small as nano does not forgive full steps in its first ones: after 13 or 40 warm-up steps runs of 20 windows
 * ended 1 to 22 % above what 80 give, by the luck of their pages, on one node as on a network.
 */
const WARMUP_STEPS = 80;
/** Shorter runs have a proportionally shorter warm-up. */
const WINDOWS_FOR_FULL_WARMUP = 20;
const STEPS_PER_WINDOW = 10;
/**
 * What one miner did not send, others send as well, and the outer step moves a coordinate by the mean of those who chose it alone:
 * kept for long, the same movement is made several times over. test/mission/README.md has what 0 to 1 cost.
 */
const ERROR_DECAY = 0.5;

/** Constants of the scoring mode `credit` (docs/gauntlet.md#constants). */
const CREDIT: CreditConstants = {
  alpha: 0.1,
  attendanceAlpha: 0.3,
  priorWindows: 5,
  priorRatio: 1.5,
  windowBound: 2,
  floor: 0.17,
  shortfall: 0.85,
  referenceShare: 0.25,
  scaleAlpha: 0.1,
  scaleShare: 1,
  marginSlope: 1.25,
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
};

/**
 * The manifest of the demo: nano, ten inner steps a window, windows of 12 blocks, k = 256 of 4096
 * (reference numbers: 60 windows, 4 miners). Runs below 20 windows get a proportionally shorter warm-up.
 */
export function demoManifest(shape: RunShape): RunManifest {
  const share = Math.min(1, shape.windows / WINDOWS_FOR_FULL_WARMUP);
  return {
    format: RUN_FORMAT,
    ...shape,
    model: MODELS.nano,
    tokenizer: { kind: "bytes" },
    data: {
      ...shape.data,
      sequencesPerPage: DEMO_SEQUENCES_PER_PAGE,
      pagesPerWindow: 8,
      noisePages: 8,
    },
    phases: { train: 4, commit: 2, reveal: 2, judge: 4 },
    deadlineOffset: 5,
    finalityLag: 0,
    codec: { k: 256, chunk: 4096 },
    inner: {
      steps: STEPS_PER_WINDOW,
      batch: 12,
      learningRate: LEARNING_RATES.cooperating,
      minimumLearningRate: LEARNING_RATES.cooperating / 10,
      warmupSteps: Math.max(1, Math.round(WARMUP_STEPS * share)),
      totalSteps: STEPS_PER_WINDOW * shape.windows,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clip: 1,
      errorDecay: ERROR_DECAY,
    },
    outer: { alpha: 0.7, mean: "choosers" },
    evaluation: {
      ownSequences: 32,
      noiseSequences: 32,
      factor: 0.5,
      usualShare: 0.8,
      usualGrowth: true,
    },
    scoring: {
      mode: "credit",
      minimumNormRatio: 0.1,
      maximumOverlap: 0.5,
      overlapWindows: 3,
      credit: CREDIT,
    },
    checkpointEveryWindows: 10,
    retention: { payloadWindows: 0, recordWindows: 0 },
  };
}
