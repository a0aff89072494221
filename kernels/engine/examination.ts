/** @file What a device is asked before it may train: gradients and losses of small models, and its speed against the CPU. */
import { KernelError } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import {
  initialParameters,
  type Layout,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../nn/model.ts";
import { ADAMW_DEFAULTS } from "../optim/adamw.ts";
import type { DeviceName, EngineOptions, TrainRequest } from "./calls.ts";
import { EngineCore } from "./core.ts";
import { serveDevice } from "./device-server.ts";
import { localPeer } from "./peer.ts";

/** What to examine. */
export type Candidate = {
  readonly device: DeviceName;
  /** The model that will train; its architecture and constants are tested, its sizes are not. */
  readonly model: ModelConfig;
  /** Threads that the CPU may use for the comparison of speed. */
  readonly threads: number;
};

/** How a device compares with the CPU. */
export type Examination = {
  /** Worst relative L2 distance of any gradient tensor of the tiny model from the CPU's, or of a loss if that is farther. */
  readonly distance: number;
  /** The same of the middle model, whose longer sums round more. */
  readonly middleDistance: number;
  /** Best time of a training step of the middle model. */
  readonly stepMs: number;
  /** The same on the CPU. */
  readonly cpuStepMs: number;
};

type Measured = {
  readonly gradient: Float32Array;
  /** At changed parameters. */
  readonly losses: Float64Array;
  readonly bestMs: number;
};

const REPEATS = 2;
/** Steps of one call, over which what is done once a call is spread. */
const STEPS = 2;
const TINY = { batch: 2, layers: 2, heads: 2, width: 32, hidden: 64, context: 16, vocabulary: 64 };
/** 512 tokens through matrices of 256 columns: work enough that a real GPU wins and a software one loses by a multiple. */
const MIDDLE = {
  batch: 4,
  layers: 1,
  heads: 4,
  width: 256,
  hidden: 704,
  context: 128,
  vocabulary: 256,
};

function resized(config: ModelConfig, to: typeof TINY) {
  const { batch, ...sizes } = to;
  const model: ModelConfig = { ...config, ...sizes, keyValueHeads: sizes.heads };
  return { model, batch };
}

/** A gradient below this share of the whole one is noise, such as that of a key's bias, which is zero but for rounding. */
const NEGLIGIBLE = 1e-4;

/** The inner optimiser of a step after which the first moment is a tenth of the gradient. */
const UNCLIPPED = { ...ADAMW_DEFAULTS, clip: 0 };

/** An update of every 64th parameter. */
function sparseUpdate(model: ModelConfig): SparseUpdate {
  return layoutOf(specsOf(model)).lengths.map((length) => {
    const indices = Uint32Array.from({ length: Math.ceil(length / 64) }, (_, i) => 64 * i);
    return { indices, values: new Float32Array(indices.length).fill(0.01) };
  });
}

/**
 * Trains and evaluates, on the device in this very process. The first moment after a step is the gradient of that step, times a number
 * that is the same everywhere; the losses are those of parameters of which some were replaced.
 */
async function measure(
  { model, batch }: ReturnType<typeof resized>,
  on: { readonly device: DeviceName; readonly threads: number; readonly repeats: number },
): Promise<Measured> {
  const { device, threads, repeats } = on;
  const sizes = { batch, microBatch: batch, evaluationBatch: batch, threads };
  const options = { model, device, innerOptimizer: UNCLIPPED, ...sizes };
  const core = await EngineCore.open(options, device, () => localPeer(serveDevice));
  try {
    return await measureIn(core, { ...options, repeats });
  } catch (error) {
    // The process is the device's own here, so nothing was lost: it never worked.
    if (!(error instanceof KernelError) || error.code !== "device-lost") throw error;
    throw new KernelError("graph-invalid", String(error.details["reason"]), { cause: error });
  } finally {
    await core.close();
  }
}

async function measureIn(
  core: EngineCore,
  { model, batch, repeats }: Pick<EngineOptions, "model" | "batch"> & { readonly repeats: number },
): Promise<Measured> {
  const length = batch * (model.context + 1);
  const steps = (count: number): TrainRequest => ({
    tokens: Int32Array.from({ length: count * length }, (_, i) => (i * 37) % model.vocabulary),
    learningRates: new Float32Array(count).fill(1e-4),
  });
  await core.setParameters(initialParameters(model, 1));
  const first = steps(1);
  await core.train(first);
  const { m: gradient } = await core.momentState();
  const losses = await core.losses({ tokens: first.tokens, update: sparseUpdate(model) });
  let bestMs = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await core.train(steps(STEPS));
    bestMs = Math.min(bestMs, (performance.now() - start) / STEPS);
  }
  return { gradient, losses, bestMs };
}

/** Norm of one tensor of a vector, or of its difference from another. */
function normOf(
  { offsets, lengths }: Layout,
  tensor: number,
  vector: Float32Array,
  other?: Float32Array,
): number {
  let sum = 0;
  const start = offsets[tensor]!;
  for (let i = start; i < start + lengths[tensor]!; i++)
    sum += (vector[i]! - (other?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

// NaN compares as neither smaller nor larger: it must count as infinitely far.
const farthest = (distances: readonly number[]): number =>
  Math.max(...distances.map((distance) => (Number.isNaN(distance) ? Infinity : distance)));

/** Worst tensor's relative L2 distance; infinite if anything is not a number. */
export function worstDistance(
  model: ModelConfig,
  actual: Float32Array,
  expected: Float32Array,
): number {
  const layout = layoutOf(specsOf(model));
  const norms = layout.specs.map((_, tensor) => normOf(layout, tensor, expected));
  const least = NEGLIGIBLE * Math.hypot(...norms);
  return farthest(
    norms.map((norm, tensor) => normOf(layout, tensor, actual, expected) / Math.max(norm, least)),
  );
}

/** Of gradients and losses. */
function distanceOf(model: ModelConfig, actual: Measured, expected: Measured): number {
  const losses = Array.from(actual.losses, (loss, i) => Math.abs(loss / expected.losses[i]! - 1));
  return farthest([...losses, worstDistance(model, actual.gradient, expected.gradient)]);
}

/**
 * Compares a device with the CPU in this process. A broken driver may end the process: call `examineApart` instead.
 * @throws KernelError graph-invalid if the device cannot load or run the graphs
 */
export async function examine({ device, model, threads }: Candidate): Promise<Examination> {
  const [tiny, middle] = [resized(model, TINY), resized(model, MIDDLE)];
  const once = { threads: 1, repeats: 1 };
  const small = await measure(tiny, { ...once, device });
  const smallOnCpu = await measure(tiny, { ...once, device: "cpu" });
  const large = await measure(middle, { device, threads, repeats: REPEATS });
  const largeOnCpu = await measure(middle, { device: "cpu", threads, repeats: REPEATS });
  return {
    distance: distanceOf(tiny.model, small, smallOnCpu),
    middleDistance: distanceOf(middle.model, large, largeOnCpu),
    stepMs: large.bestMs,
    cpuStepMs: largeOnCpu.bestMs,
  };
}
