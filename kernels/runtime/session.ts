/** @file The only user of onnxruntime-node: sessions, and tensors over memory that we own. */
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { KernelError, reasonOf } from "../errors.ts";
import { type Lowered } from "../graph/lower.ts";
import { type Layout } from "../nn/model.ts";
import { type DeviceName } from "./types.ts";

/** Inputs or preallocated outputs by name. */
export type Bound = Readonly<Record<string, Tensor>>;

/** Fatal only: a refused device is reported as a KernelError, onnxruntime's own lines on stderr would repeat it. */
const LOG_FATAL = 4;
env.logLevel = "fatal";

/** A loaded model. Calls must not overlap: two GPU sessions that run at once crash (microsoft/onnxruntime#32561). */
export class Session {
  private readonly inner: InferenceSession;

  private constructor(inner: InferenceSession) {
    this.inner = inner;
  }

  /**
   * Loads a model for exactly one execution provider; onnxruntime has no fallback between them, and we want none.
   * @throws {KernelError} `graph-invalid`
   */
  static async open(model: Lowered, device: DeviceName, threads: number): Promise<Session> {
    try {
      const inner = await InferenceSession.create(model.bytes, {
        executionProviders: [device],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        // The emitter writes what should run; onnxruntime's rewriting gains nothing and costs 60 ms a session.
        graphOptimizationLevel: "disabled",
        logSeverityLevel: LOG_FATAL,
      });
      return new Session(inner);
    } catch (cause) {
      throw new KernelError(
        "graph-invalid",
        `${device} did not load the graph: ${reasonOf(cause)}`,
        {
          cause,
        },
      );
    }
  }

  /** Runs once; every output is written into the tensor that `outputs` holds for it. Blocks this thread. */
  async run(inputs: readonly Bound[], outputs: Bound): Promise<void> {
    await this.inner.run(Object.assign({}, ...inputs), outputs);
  }

  /** Frees the model. */
  async close(): Promise<void> {
    await this.inner.release();
  }
}

/** A float32 tensor over `data`, without a copy. */
export function floats(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor("float32", data, shape);
}

/** An int32 tensor over `data`, without a copy. */
export function integers(data: Int32Array): Tensor {
  return new Tensor("int32", data, [data.length]);
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
