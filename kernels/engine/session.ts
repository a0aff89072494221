/** @file The only user of onnxruntime-node: sessions, and tensors over memory that we own. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { env, InferenceSession, listSupportedBackends, Tensor } from "onnxruntime-node";
import { KernelError, reasonOf } from "../errors.ts";
import type { Target } from "../graph/emitter.ts";
import { lower, type Lowered, type Program } from "../graph/lower.ts";
import type { Layout } from "../nn/model.ts";
import type { DeviceName } from "./calls.ts";

export type { Tensor };

/** Inputs or preallocated outputs by name. */
export type Bound = Readonly<Record<string, Tensor>>;

/** Fatal only: a refused device is reported as a KernelError, onnxruntime's own lines on stderr would repeat it. */
const LOG_FATAL = 4;
env.logLevel = "fatal";

/** onnxruntime's complaint without the place in its sources where the check stands. */
const complaintOf = (cause: unknown): string =>
  reasonOf(cause)
    .replace(/\/onnxruntime_src\/.*? was false\. ?/s, "")
    .trim();

/** onnxruntime has tensors on the device for WebGPU alone. */
function residentOptions(resident: readonly string[]): InferenceSession.SessionOptions {
  if (resident.length === 0) return {};
  const places = resident.map((name) => [name, "gpu-buffer"] as const);
  return { preferredOutputLocation: Object.fromEntries(places) };
}

/** Only the CPU provider gets onnxruntime's own operators: elsewhere they are unverified or run on the CPU unseen. */
function targetOf(device: DeviceName): Target {
  return { microsoftOperators: device === "cpu" };
}

/**
 * A loaded model. Calls must not overlap. On a GPU not even those of different sessions, in the whole process: two that run at once
 * crash it (microsoft/onnxruntime#32561), one of the reasons why a GPU is used by a process with one thread.
 */
export class Session {
  readonly #inner: InferenceSession;
  readonly #device: DeviceName;

  private constructor(inner: InferenceSession, device: DeviceName) {
    this.#inner = inner;
    this.#device = device;
  }

  /**
   * Encodes a program in the form that suits a device, and loads it there.
   * @param on `threads`: those of one run on the CPU
   * @throws KernelError graph-invalid
   */
  static async load(
    program: Program,
    on: { readonly device: DeviceName; readonly threads: number },
  ): Promise<Session> {
    return Session.open(lower(program, targetOf(on.device)), on.device, on.threads);
  }

  /**
   * Loads a model for exactly one execution provider; onnxruntime has no fallback between them, and we want none.
   * @param resident outputs that stay in WebGPU's memory, as tensors that other sessions of this thread take as inputs
   * @throws KernelError graph-invalid
   */
  static async open(
    model: Lowered,
    device: DeviceName,
    threads: number,
    resident: readonly string[] = [],
  ): Promise<Session> {
    try {
      const inner = await InferenceSession.create(model.bytes, {
        ...residentOptions(resident),
        executionProviders: [device],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        // The emitter writes the graph as it shall run; onnxruntime's changes only cost time and lose its order.
        graphOptimizationLevel: "disabled",
        // With a pattern the second run takes all its memory in one piece, beside what the first one keeps: twice as much, and no faster.
        enableMemPattern: false,
        logSeverityLevel: LOG_FATAL,
      });
      return new Session(inner, device);
    } catch (cause) {
      const message = `${device} did not load the graph: ${complaintOf(cause)}`;
      throw new KernelError("graph-invalid", message, { cause });
    }
  }

  /**
   * Runs once; every output is written into the tensor that `outputs` holds for it. Blocks this thread.
   * @throws KernelError device-refused if a GPU fails, graph-invalid if the CPU does
   */
  async run(inputs: readonly Bound[], outputs: Bound): Promise<void> {
    await this.#tried(async () => this.#inner.run(Object.assign({}, ...inputs), outputs));
  }

  /**
   * Runs once and returns every output in a tensor of its own: on the device where it is resident, else on the host. All of them, because
   * onnxruntime 1.30 mixes up the places of outputs of which some are not asked for.
   * @throws KernelError device-refused if a GPU fails, graph-invalid if the CPU does
   */
  async compute(inputs: readonly Bound[]): Promise<Bound> {
    return this.#tried(async () => this.#inner.run(Object.assign({}, ...inputs)));
  }

  async #tried<T>(run: () => Promise<T>): Promise<T> {
    const device = this.#device;
    try {
      return await run();
    } catch (cause) {
      const reason = complaintOf(cause);
      if (device === "cpu") throw new KernelError("graph-invalid", reason, { cause });
      throw new KernelError("device-refused", `${device} failed while it ran: ${reason}`, {
        cause,
        details: { device, reason },
      });
    }
  }

  /** Frees the model. */
  async close(): Promise<void> {
    await this.#inner.release();
  }
}

/** Where npm's install script puts the CUDA provider: beside the binding, on Linux x64 only. */
const CUDA_LIBRARY = "../bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so";

/** Why a device cannot be there at all, found without touching a driver; undefined if it may be. */
export function missingProvider(device: DeviceName): string | undefined {
  if (!listSupportedBackends().some(({ name }) => name === device))
    return `onnxruntime-node has no ${device} on ${process.platform} ${process.arch}`;
  if (device !== "cuda") return undefined;
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  if (existsSync(new URL(CUDA_LIBRARY, pathToFileURL(main)))) return undefined;
  return "onnxruntime's CUDA provider library is not installed; with CUDA 12 and cuDNN 9 on this machine run `npm rebuild onnxruntime-node`";
}

/** A float32 tensor over `data`, without a copy. */
export function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor("float32", data, shape);
}

/** An int32 tensor over `data`, without a copy. */
export function integers(data: Int32Array, shape: readonly number[] = [data.length]): Tensor {
  return new Tensor("int32", data, shape);
}

/** An int64 tensor over `data`, without a copy. */
export function wideIntegers(data: BigInt64Array, shape: readonly number[]): Tensor {
  return new Tensor("int64", data, shape);
}

/** The numbers of a tensor on the host, without a copy. */
export function numbersOf(tensor: Tensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  throw new KernelError("graph-invalid", `a result of floats came as ${tensor.type}`);
}

/** Every tensor of a flat vector as a view, under the name that `rename` gives it. */
export function viewsOf(
  vector: Float32Array,
  { specs, offsets, lengths }: Layout,
  rename: (name: string) => string = (name) => name,
): Bound {
  return Object.fromEntries(
    specs.map(({ name, shape }, i) => [
      rename(name),
      floats(vector.subarray(offsets[i], offsets[i]! + lengths[i]!), shape),
    ]),
  );
}
