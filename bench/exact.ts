/**
 * @file Speed of kernels/exact on one core, as ratios inside one run: against the slow TypeScript twin and against a plain copy of
 * memory. One JSON line a kernel. `node bench/exact.ts [million parameters]`.
 */
import { compressUpdate } from "../kernels/compress/compress.ts";
import { loadExactModule } from "../kernels/compress/exact-module.ts";
import { adamwConstants } from "../kernels/exact/adamw.ts";
import { type Exact, openExact } from "../kernels/exact/exact.ts";
import type { SparseUpdate } from "../kernels/exact/sparse.ts";
import type { Vector } from "../kernels/exact/vector.ts";
import { uint32Stream } from "../kernels/random.ts";
import { adamwTwin } from "../kernels/reference/exact-dense.ts";
import { outerStepTwin, topKTwin } from "../kernels/reference/exact-sparse.ts";

/** One line of the report. Times are medians; `copyRatio` = GB/s of the kernel over GB/s of a copy in the same run. */
export type ExactSpeed = {
  readonly case: string;
  readonly parameters: number;
  readonly medianMs: number;
  readonly gigabytesPerSecond: number;
  readonly copyRatio: number;
  readonly twinRatio: number;
};

const RULE = { k: 64, chunk: 4096 };
const PEERS = 10;

const timed = (work: () => void): number => {
  const begin = performance.now();
  work();
  return performance.now() - begin;
};

/** Median of `rounds` runs after one that warms up, in milliseconds. */
function medianMs(rounds: number, work: () => void): number {
  work();
  const times = Array.from({ length: rounds }, () => timed(work)).toSorted((a, b) => a - b);
  return times[rounds >> 1] ?? Number.NaN;
}

/** Nearly normal numbers of deviation 1e-3. */
function fill(numbers: Float32Array, seed: number): void {
  const draw = uint32Stream(seed);
  for (let i = 0; i < numbers.length; i++) {
    let sum = -131_070;
    for (let j = 0; j < 2; j++) {
      const word = draw();
      sum += (word & 0xffff) + (word >>> 16);
    }
    numbers[i] = (sum / 37_837) * 1e-3;
  }
}

/** Work on the kernel, the same on the twin over `part` of the parameters, and the bytes that the kernel reads and writes. */
type Case = {
  readonly name: string;
  readonly bytes: number;
  readonly kernel: () => void;
  readonly twin: () => void;
};

/** Share of the parameters that the twins get, so that the run stays short. */
const TWIN_SHARE = 16;

function adamwCase(exact: Exact, vectors: readonly Vector[], small: number): Case {
  const [parameters, firstMoment, secondMoment, gradient] = vectors;
  if (!parameters || !firstMoment || !secondMoment || !gradient)
    throw new RangeError("four vectors");
  const step = {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 10,
  };
  const { length } = parameters;
  secondMoment.view.fill(1e-6);
  const twin = {
    parameters: parameters.view.slice(0, small),
    firstMoment: firstMoment.view.slice(0, small),
    secondMoment: secondMoment.view.slice(0, small),
    gradient: gradient.view.slice(0, small),
  };
  return {
    name: "adamw",
    bytes: 28 * length,
    kernel: () => {
      const state = { parameters, firstMoment, secondMoment, gradient };
      exact.adamw(state, step, [{ start: 0, length, decay: true }]);
    },
    twin: () => {
      adamwTwin(twin, adamwConstants(step), { start: 0, length: small, decay: true });
    },
  };
}

function topKCase(exact: Exact, x: Vector, small: number): Case {
  const twin = x.view.slice(0, small);
  return {
    name: "top-64-of-4096",
    bytes: 4 * x.length,
    kernel: () => {
      exact.cut(x, RULE, false);
    },
    twin: () => {
      topKTwin(twin, RULE);
    },
  };
}

/** Updates of `PEERS` peers for one tensor of `length`. */
function updatesFor(exact: Exact, scratch: Vector, length: number): SparseUpdate[] {
  const part = exact.part(scratch, 0, length);
  return Array.from({ length: PEERS }, (_unused, peer) => {
    fill(part.view, peer);
    return compressUpdate(exact, part, { offsets: [0], lengths: [length] }, RULE);
  });
}

function outerStepCase(exact: Exact, theta: Vector, scratch: Vector, small: number): Case {
  const options = { alpha: 1e-3, mean: "choosers" } as const;
  const updates = updatesFor(exact, scratch, theta.length);
  const twinUpdates = updatesFor(exact, scratch, small);
  const twin = theta.view.slice(0, small);
  return {
    name: `outer-step-${PEERS}-peers`,
    bytes: 8 * theta.length,
    kernel: () => {
      exact.outerStep(theta, { offsets: [0], lengths: [theta.length] }, updates, options);
    },
    twin: () => {
      outerStepTwin(twin, { offsets: [0], lengths: [small] }, twinUpdates, options);
    },
  };
}

/** Gigabytes per second. */
const speedOf = (bytes: number, ms: number): number => bytes / ms / 1e6;

/** Measures every case on `parameters` numbers and hands each line to `report`. */
export function benchExact(parameters: number, report: (line: ExactSpeed) => void): void {
  const exact = openExact(loadExactModule(), 4 * parameters);
  const vectors = Array.from({ length: 4 }, () => exact.vector(parameters));
  for (const [seed, { view }] of vectors.entries()) fill(view, seed);
  const [first, second] = vectors;
  if (!first || !second) throw new RangeError("two vectors");
  const small = Math.floor(parameters / TWIN_SHARE / RULE.chunk) * RULE.chunk;
  const copyMs = medianMs(9, () => {
    exact.copy(second, first);
  });
  const copySpeed = speedOf(8 * parameters, copyMs);
  const line = (name: string, ms: number, speed: number, twinRatio: number): ExactSpeed => ({
    case: name,
    parameters,
    medianMs: Number(ms.toFixed(3)),
    gigabytesPerSecond: Number(speed.toFixed(2)),
    copyRatio: Number((speed / copySpeed).toFixed(3)),
    twinRatio: Number(twinRatio.toFixed(1)),
  });
  report(line("copy", copyMs, copySpeed, 1));
  const cases = [
    () => adamwCase(exact, vectors, small),
    () => topKCase(exact, first, small),
    () => outerStepCase(exact, first, second, small),
  ];
  for (const prepare of cases) {
    const { name, bytes, kernel, twin } = prepare();
    const ms = medianMs(9, kernel);
    const twinMs = (medianMs(3, twin) * parameters) / small;
    report(line(name, ms, speedOf(bytes, ms), twinMs / ms));
  }
}

if (import.meta.main) {
  benchExact(Number(process.argv[2] ?? 10.8) * 1e6, (line) => {
    console.log(JSON.stringify(line));
  });
}
