/**
 * @file gpu.js and the WebGPU that it gets its device from. They take 137 MB, which nobody shall download who does not want them, so they have
 * a package folder of their own (packages/), and are looked up there when they are asked for.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KernelError, reasonOf } from "../errors.ts";

/** Where a kernel runs for one number of its output: the place of that number. */
export type Place = {
  readonly thread: { readonly x: number; readonly y: number };
  readonly constants: { readonly columns: number };
};

/** Settings of a kernel: sizes of the output, the innermost first. */
export type Settings = {
  readonly output: readonly number[];
  readonly constants?: { readonly columns: number };
  readonly asyncMode: true;
  readonly precision: "single";
  readonly tactic: "precision";
};

/** A kernel: numbers and arrays in; a Float32Array out, or rows of one where the output has two sizes. */
export type Kernel = (...inputs: readonly unknown[]) => Promise<unknown>;

/** What is used of gpu.js: it reads the text of a function and writes it anew in the device's language. */
export type Gpu = {
  createKernel(text: (this: Place, ...inputs: never[]) => number, settings: Settings): Kernel;
  /** Kernels one behind the other, without the host between them. `backend` is where they ran last. */
  createPipeline(text: (...inputs: never[]) => unknown): Kernel & { readonly backend?: string };
  destroy(): Promise<void>;
};

type GpuJs = {
  readonly GPU: {
    new (options: { readonly mode: "webgpu" }): Gpu;
    isWebGPUAvailable(): Promise<boolean>;
  };
};

type Dawn = {
  create(options: readonly string[]): object;
  readonly globals: object;
};

/** Kept for the life of the process: a device that the garbage collector takes ends the process. */
let dawn: object | undefined;

function refused(reason: string, cause?: unknown): KernelError {
  return new KernelError("device-refused", `gpu.js: ${reason}`, {
    details: { device: "webgpu", reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The folder that they are installed in, also from dist/. What lies above this package is not ours. */
function packageFile(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "kernels/gpu/packages/package.json");
    if (existsSync(join(dirname(path), "node_modules"))) return path;
    if (existsSync(join(folder, "package.json"))) break;
  }
  throw refused("it is not installed; `npm run gpu:packages` in a checkout installs it (137 MB)");
}

/**
 * A gpu.js over the first adapter that WebGPU finds.
 * @throws KernelError device-refused if it is not installed, or there is no adapter
 */
export async function openGpu(): Promise<Gpu> {
  const load = createRequire(packageFile());
  try {
    if (dawn === undefined) {
      const webgpu: Dawn = load("webgpu");
      Object.assign(globalThis, webgpu.globals);
      dawn = webgpu.create([]);
      // Node has a navigator of its own, without a gpu; gpu.js looks for one there.
      Object.defineProperty(globalThis, "navigator", { value: { gpu: dawn }, configurable: true });
    }
    const { GPU }: GpuJs = load("gpu.js");
    if (await GPU.isWebGPUAvailable()) return new GPU({ mode: "webgpu" });
  } catch (cause) {
    throw refused(reasonOf(cause), cause);
  }
  throw refused("WebGPU finds no adapter; is a Vulkan loader installed?");
}
