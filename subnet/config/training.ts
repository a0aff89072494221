/** @file Tables [inner], [codec], [outer], [checkpoint] and [retention]: from gradients to the parameters that everybody shares, and how long what led there is kept. */
import { between, derivedKey, fraction, key, oneOf, positive, table, whole } from "./key.ts";

const MAXIMUM_STEPS = 4_294_967_295;

/** [inner] */
export const innerTable = table("What a miner does in a window: inner steps of AdamW or Muon", {
  optimizer: key(oneOf(["adamw", "muon"]), "adamw", {
    description: "Inner optimiser; muon moves the matrices inside the layers, AdamW all else.",
    unit: "name",
    effect:
      "muon: often a lower loss for the same steps, but each takes longer: 1.6 times as long at nano, 5 times at 10m with 4 sequences; larger batches make up for it.",
  }),
  steps: key(whole(1, 100_000), 10, {
    description: "Inner steps of a window (H).",
    unit: "steps",
    effect: "More: less traffic per token. Fewer, in more windows: lower loss, clearer scores.",
  }),
  batch: key(whole(1, 65_536), 12, {
    description: "Sequences of an inner step.",
    unit: "sequences",
    effect: "More: steadier steps that take longer and more memory.",
  }),
  learningRate: derivedKey(positive(100), "0.012 * 64 / model.width (best for nano)", {
    description: "Highest learning rate of the schedule.",
    unit: "number",
    effect: "Too high: training diverges. Too low: the loss falls slowly.",
  }),
  minimumLearningRate: derivedKey(between(0, 100), "learningRate / 10", {
    description: "Learning rate at the end of the schedule (flat never reaches it).",
    unit: "number",
    effect: "Lower: a quieter end of the run.",
  }),
  schedule: key(oneOf(["cosine", "flat", "wsd"]), "cosine", {
    description: "How the learning rate goes on after the warm-up.",
    unit: "name",
    effect:
      "cosine falls over totalSteps. flat stays, for runs without an end. wsd stays and falls in a straight line at the end: the run may be prolonged until then.",
  }),
  decaySteps: derivedKey(
    whole(1, MAXIMUM_STEPS),
    "a fifth of totalSteps, at most what the warm-up leaves; read by the schedule wsd alone",
    {
      description: "Steps over which wsd lets the learning rate fall.",
      unit: "steps",
      effect:
        "Fewer: longer at the full rate, a steeper end. A tenth to a fifth of totalSteps is usual.",
    },
  ),
  warmupSteps: derivedKey(
    whole(0, MAXIMUM_STEPS),
    "8 * steps, less in proportion below 20 windows",
    {
      description: "Steps in which the learning rate rises from 0.",
      unit: "steps",
      effect: "Too few: the first windows may diverge. Too many: they learn little.",
    },
  ),
  totalSteps: derivedKey(whole(1, MAXIMUM_STEPS), "steps * windows; endless: 1000 windows", {
    description: "Steps after which the learning rate is at its minimum (flat: of no effect).",
    unit: "steps",
    effect: "Should be steps * windows: else it stops falling too soon, or too late.",
  }),
  momentum: key(fraction(), 0.95, {
    description: "Muon: decay of the momentum; read by muon alone.",
    unit: "share",
    effect: "Higher: smoother, slower to turn.",
  }),
  beta1: key(fraction(), 0.9, {
    description: "AdamW: decay of the mean gradient.",
    unit: "share",
    effect: "Higher: smoother, slower to turn.",
  }),
  beta2: key(fraction(), 0.95, {
    description: "AdamW: decay of the mean squared gradient.",
    unit: "share",
    effect: "Higher: steadier step sizes, slower to adapt.",
  }),
  epsilon: key(positive(1), 1e-8, {
    description: "AdamW: added to the root of the squared gradient.",
    unit: "number",
    effect: "Higher: smaller steps where gradients are tiny.",
  }),
  weightDecay: key(between(0, 100), 0.1, {
    description: "AdamW: decay of matrices, per step and unit of learning rate.",
    unit: "share",
    effect: "Higher: smaller weights, less overfitting; 0 switches it off.",
  }),
  clip: key(positive(1e6), 1, {
    description: "Largest norm of a gradient; longer ones are shortened to it.",
    unit: "norm",
    effect: "Lower: safer against bad batches, slower.",
  }),
  errorDecay: key(between(0, 1), 0.5, {
    description: "What is kept of the unsent part of the update from window to window (beta).",
    unit: "share",
    effect:
      "Higher: what several miners hold back is sent by each of them, and the outer step makes it several times over (worse). 0 forgets it.",
  }),
});

/** [codec] */
export const codecTable = table("How an update is compressed", {
  k: derivedKey(whole(1, 65_536), "256; for the outer optimizer diloco chunk", {
    description: "Coordinates of an update that are sent of each chunk.",
    unit: "coordinates",
    effect: "More: lower loss in few windows, larger updates; windows * k / chunk of 2 is enough.",
  }),
  chunk: key(whole(1, 65_536), 4096, {
    description: "Length of a chunk.",
    unit: "parameters",
    effect: "Longer: a freer choice of coordinates; what counts is k / chunk.",
  }),
});

/** [outer] */
export const outerTable = table("How accepted updates move the shared parameters", {
  optimizer: key(oneOf(["sparseloco", "diloco", "demo"]), "sparseloco", {
    description: "What the mean of the accepted updates does to the parameters.",
    unit: "name",
    effect:
      "sparseloco: plain descent. diloco: every coordinate is sent (2 bits each) and Nesterov momentum is kept by all nodes (checkpoints of twice the size); for long windows. demo: updates are cosine coefficients, and parameters move by the sign.",
  }),
  momentum: derivedKey(fraction(), "0.9 for diloco, else 0", {
    description: "Momentum of diloco; 0 is plain averaging. Others have none.",
    unit: "share",
    effect: "Higher: faster over many windows; in short runs it overshoots (0.6 and less then).",
  }),
  alpha: derivedKey(positive(100), "0.7; for demo 0.004", {
    description: "Outer learning rate; for demo what every parameter moves in a window.",
    unit: "number",
    effect: "Higher: faster, until it overshoots; above 1 seldom pays, above 0.01 with demo.",
  }),
  mean: key(oneOf(["choosers", "all"]), "choosers", {
    description: "Divide a coordinate's sum by the updates that chose it, or by all updates.",
    unit: "name",
    effect: "choosers reaches a clearly lower loss; all is gentler with few honest miners.",
  }),
});

/** [checkpoint] */
export const checkpointTable = table("When nodes keep the parameters for newcomers", {
  everyWindows: key(whole(1, 100_000), 10, {
    description: "Windows between two checkpoints.",
    unit: "windows",
    effect: "Fewer: newcomers replay less; every node writes the whole model that often.",
  }),
});

/** [retention] */
export const retentionTable = table("How long nodes keep what a window left behind", {
  payloadWindows: key(whole(0, MAXIMUM_STEPS), 0, {
    description: "Windows whose updates nodes keep and serve; 0 keeps all.",
    unit: "windows",
    effect:
      "Fewer: less disk, and the run can be re-derived from its newest checkpoints on only. At least 2 * checkpoint.everyWindows + 4 and scoring.overlapWindows + 8.",
  }),
  recordWindows: key(whole(0, MAXIMUM_STEPS), 0, {
    description: "Windows whose records validators keep and serve; 0 keeps all.",
    unit: "windows",
    effect:
      "Fewer: less disk and a faster start of validators; older scores cannot be looked up or audited. At least what payloadWindows must be.",
  }),
});
