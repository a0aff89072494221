/** @file The one error class of kernels/: every failure has a code, and its message names the cause and what to do. */

/**
 * Why something in kernels/ failed.
 * - `bad-config`: a model or engine option is out of range; mend the preset.
 * - `bad-argument`: a call's array has the wrong length or holds a value outside its range.
 * - `shape-mismatch`: two tensors do not fit together while a graph is built.
 * - `graph-invalid`: onnxruntime refused an encoded graph, or a graph was asked for something it does not hold.
 * - `device-refused`: a device could not be used; `details.device` and `details.reason` name it.
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
  | "worker-crashed"
  | "not-finite"
  | "closed"
  | "artifact-missing";

/** Facts that belong to an error: numbers, names, lists of them. */
export type KernelErrorDetails = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[]>
>;

/** Any failure inside kernels/. `cause` keeps the error underneath. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly code: KernelErrorCode;
  readonly details: KernelErrorDetails;

  constructor(
    code: KernelErrorCode,
    message: string,
    options: { details?: KernelErrorDetails; cause?: unknown } = {},
  ) {
    super(`${code}: ${message}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The text of anything that was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
