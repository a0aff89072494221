/**
 * @file gpu.js's compression kernels against the CPU on this machine, one JSON line each, what goes to the device and comes back counted:
 * `node bench/gpu-kernels.ts [rows] [columns]`. The CPU's are those of kernels/exact where it has one, else the twins. Needs
 * `npm run gpu:packages` and an adapter; without them it says so and ends with code 1.
 */
import { loadExactModule } from "../kernels/compress/exact-module.ts";
import { KernelError } from "../kernels/errors.ts";
import { openExact } from "../kernels/exact/exact.ts";
import { openGpuKernels } from "../kernels/gpu/kernels.ts";
import { twinsOf } from "../kernels/gpu/twins.ts";

const ROUNDS = 9;

const [rows = 1024, columns = 1024] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith("-"))
  .map(Number);
const length = rows * columns;
const print = (line: object): void => console.log(JSON.stringify(line));
const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;

function numbers(seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed) * 0.01);
}

/** A kernel both ways. */
type Case = {
  readonly name: string;
  readonly gpu: () => Promise<unknown>;
  readonly cpu: () => unknown;
};

async function cases(): Promise<{
  readonly list: readonly Case[];
  readonly close: () => Promise<void>;
}> {
  const { kernels, close } = await openGpuKernels({ rows, columns });
  const twins = twinsOf({ rows, columns });
  const [x, y, z] = [numbers(1), numbers(2), numbers(3)];
  const codes = twins.quantise(x, 0.005);
  const exact = openExact(loadExactModule(), 4 * length);
  const [e, start, end, out] = [x, y, z, x].map((from) => {
    const vector = exact.vector(length);
    vector.view.set(from);
    return vector;
  });
  if (!e || !start || !end || !out) throw new RangeError("four vectors");
  const list: Case[] = [
    {
      name: "threshold",
      gpu: async () => kernels.threshold(x, 0.005),
      cpu: () => twins.threshold(x, 0.005),
    },
    { name: "signs", gpu: async () => kernels.signs(x), cpu: () => twins.signs(x) },
    {
      name: "quantise",
      gpu: async () => kernels.quantise(x, 0.005),
      cpu: () => twins.quantise(x, 0.005),
    },
    {
      name: "dequantise",
      gpu: async () => kernels.dequantise(codes, 0.002, 0.008),
      cpu: () => twins.dequantise(codes, 0.002, 0.008),
    },
    {
      name: "feedback",
      gpu: async () => kernels.feedback(x, y, z, 0.95),
      cpu: () => exact.accumulateError(e, { start, end }, 0.95),
    },
    {
      name: "cosines",
      gpu: async () => kernels.cosines(x),
      cpu: () => exact.toCosines(out, start, { rows, columns }),
    },
  ];
  return { list, close };
}

async function measure({ name, gpu, cpu }: Case): Promise<void> {
  const [onGpu, onCpu]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    let begin = performance.now();
    await gpu();
    onGpu.push(performance.now() - begin);
    begin = performance.now();
    cpu();
    onCpu.push(performance.now() - begin);
  }
  // The first ones compile.
  const [gpuMs, cpuMs] = [median(onGpu.slice(2)), median(onCpu.slice(2))];
  print({
    bench: "gpu-kernels",
    kernel: name,
    numbers: length,
    gpuMs: Number(gpuMs.toFixed(3)),
    cpuMs: Number(cpuMs.toFixed(3)),
    ratioToCpu: Number((cpuMs / gpuMs).toFixed(3)),
    faster: gpuMs < cpuMs ? "gpu" : "cpu",
  });
}

try {
  const { list, close } = await cases();
  for (const one of list) await measure(one);
  await close();
} catch (error) {
  if (!(error instanceof KernelError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
