/** @file The one error class of kernels/: a closed list of codes, each with what a person can do about it. */
import { type Explanation, FaultError, inLine, type NextCommand } from "../base/fault.ts";

/**
 * Why something in kernels/ failed.
 * - `bad-config`: a model or engine option is out of range; mend the preset.
 * - `bad-argument`: a call's array has the wrong length or holds a value outside its range.
 * - `shape-mismatch`: two tensors do not fit together while a graph is built.
 * - `graph-invalid`: onnxruntime refused an encoded graph, or a graph was asked for something it does not hold.
 * - `device-refused`: a device could not be used; `details.device` and `details.reason` name it.
 * - `device-lost`: a GPU, or the process that uses it, failed in the middle of a call; the call is lost, the engine is not.
 * - `worker-crashed`: the engine's worker thread ended; the engine is lost, the process is not.
 * - `not-finite`: a loss, gradient or parameter became NaN or infinite.
 * - `closed`: the engine was closed before the call was answered.
 * - `artifact-missing`: a file that belongs to the installation cannot be read.
 */
export type KernelErrorCode =
  | "bad-config"
  | "bad-argument"
  | "shape-mismatch"
  | "graph-invalid"
  | "device-refused"
  | "device-lost"
  | "worker-crashed"
  | "not-finite"
  | "closed"
  | "artifact-missing";

/** Facts that belong to an error: numbers, names, lists of them. */
export type KernelErrorDetails = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[]>
>;

/** A failure of kernels/: every code has the same fields. */
export type KernelFault = {
  readonly code: KernelErrorCode;
  /** What happened, as a clause without a full stop. */
  readonly reason: string;
  readonly details: KernelErrorDetails;
};

const CPU: NextCommand = { again: { device: "cpu" } };
const DEFECT = "This should not happen: please report it with the log.";

/** What to do next, by code. */
const NEXT: Readonly<Record<KernelErrorCode, Pick<Explanation, "next" | "commands">>> = {
  "bad-config": {
    next: "Mend the model or engine options of the run.",
    commands: [{ help: true }],
  },
  "bad-argument": { next: DEFECT },
  "shape-mismatch": { next: DEFECT },
  "graph-invalid": { next: "Try the CPU; if that fails as well, report it.", commands: [CPU] },
  "device-refused": {
    next: "Use the CPU, or auto, which takes the fastest device that computes rightly.",
    commands: [CPU],
  },
  "device-lost": {
    next: "Try again: the device is started anew. If it happens again, try the CPU.",
    commands: [CPU],
  },
  "worker-crashed": {
    next: "Start again: it goes on from the last checkpoint. If it happens again, try the CPU.",
    commands: [CPU],
  },
  "not-finite": { next: "Lower the learning rate of the run." },
  closed: { next: "Start the engine again." },
  "artifact-missing": {
    next: "Install Assay again: a file that belongs to it is gone.",
    commands: [{ system: ["npm", "ci"] }],
  },
};

/** Any failure inside kernels/. `cause` keeps the error underneath. */
export class KernelError extends FaultError<KernelFault> {
  override readonly name = "KernelError";

  constructor(
    code: KernelErrorCode,
    reason: string,
    options: { details?: KernelErrorDetails; cause?: unknown } = {},
  ) {
    const fault: KernelFault = { code, reason, details: options.details ?? {} };
    const explanation = { cause: `${inLine(reason)}.`, ...NEXT[code] };
    super(fault, explanation, options.cause === undefined ? {} : { cause: options.cause });
  }

  /** Facts that belong to it. */
  get details(): KernelErrorDetails {
    return this.fault.details;
  }
}

/** The text of anything that was thrown; of our own errors the reason alone, without code and advice. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof KernelError) return thrown.fault.reason;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
