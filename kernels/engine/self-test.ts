/** @file What a device is asked before it may train: gradients of a tiny model, and its speed against the CPU. */
import { initialParameters, layoutOf, type ModelConfig, specsOf } from "../nn/model.ts";
import { NAMES, trainingProgram } from "../nn/programs.ts";
import type { DeviceName } from "./calls.ts";
import { floats, integers, Session, viewsOf } from "./session.ts";

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
  /** Worst relative L2 distance of any gradient tensor of the tiny model from the CPU's. */
  readonly distance: number;
  /** The same of the middle model, whose longer sums round more. */
  readonly middleDistance: number;
  /** Best time of a training step's graph of the middle model. */
  readonly stepMs: number;
  /** The same on the CPU. */
  readonly cpuStepMs: number;
};

type Measured = {
  readonly gradient: Float32Array;
  readonly bestMs: number;
};

const REPEATS = 3;
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

async function measure(
  { model, batch }: ReturnType<typeof resized>,
  on: { readonly device: DeviceName; readonly threads: number; readonly repeats: number },
): Promise<Measured> {
  const layout = layoutOf(specsOf(model));
  const session = await Session.load(trainingProgram(model, batch), on);
  try {
    const count = batch * model.context;
    const ids = Int32Array.from({ length: count }, (_, i) => (i * 37) % model.vocabulary);
    const targets = ids.map((id) => (id * 5 + 1) % model.vocabulary);
    const gradient = new Float32Array(layout.total);
    const inputs = [
      viewsOf(initialParameters(model, 1), layout),
      { [NAMES.ids]: integers(ids), [NAMES.targets]: integers(targets) },
    ];
    const loss = floats(new Float32Array(1), []);
    const outputs = { ...viewsOf(gradient, layout, NAMES.gradient), [NAMES.loss]: loss };
    let bestMs = Infinity;
    for (let i = 0; i < on.repeats; i++) {
      const start = performance.now();
      await session.run(inputs, outputs);
      bestMs = Math.min(bestMs, performance.now() - start);
    }
    return { gradient, bestMs };
  } finally {
    await session.close();
  }
}

/** Worst tensor's relative L2 distance; infinite if anything is not a number. */
export function worstDistance(
  model: ModelConfig,
  actual: Float32Array,
  expected: Float32Array,
): number {
  const { offsets, lengths } = layoutOf(specsOf(model));
  const distances = offsets.map((offset, tensor) => {
    let [difference, total] = [0, 0];
    for (let i = offset; i < offset + lengths[tensor]!; i++) {
      difference += (actual[i]! - expected[i]!) ** 2;
      total += expected[i]! ** 2;
    }
    return Math.sqrt(difference / total);
  });
  // NaN compares as neither smaller nor larger: it must count as infinitely far.
  return Math.max(...distances.map((distance) => (Number.isNaN(distance) ? Infinity : distance)));
}

/**
 * Compares a device with the CPU in this process. A broken driver may end the process: call `examineApart` instead.
 * @throws KernelError graph-invalid if the device cannot load or run the graphs
 */
export async function examine({ device, model, threads }: Candidate): Promise<Examination> {
  const [tiny, middle] = [resized(model, TINY), resized(model, MIDDLE)];
  const distanceOf = (size: typeof tiny, actual: Measured, expected: Measured): number =>
    worstDistance(size.model, actual.gradient, expected.gradient);
  const once = { threads: 1, repeats: 1 };
  const small = await measure(tiny, { ...once, device });
  const smallOnCpu = await measure(tiny, { ...once, device: "cpu" });
  const large = await measure(middle, { device, threads, repeats: REPEATS });
  const largeOnCpu = await measure(middle, { device: "cpu", threads, repeats: REPEATS });
  return {
    distance: distanceOf(tiny, small, smallOnCpu),
    middleDistance: distanceOf(middle, large, largeOnCpu),
    stepMs: large.bestMs,
    cpuStepMs: largeOnCpu.bestMs,
  };
}
