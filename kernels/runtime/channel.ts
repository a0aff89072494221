/** @file Calls into a worker thread: numbered requests, typed errors, and a crash that is reported instead of spread. */
import { type MessagePort, Worker } from "node:worker_threads";
import { KernelError, type KernelErrorCode, type KernelErrorDetails, reasonOf } from "../errors.ts";

/**
 * A request to the worker. The empty method asks it to end. `argument` has the type that the method takes, because both
 * ends are written against one interface; a message channel cannot say so, hence `never`: whatever the method wants.
 */
export interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: never;
}

/** The worker's answer to the request of the same id; `value` likewise has the type that the caller waits for. */
export type Response =
  | { readonly id: number; readonly value: never }
  | { readonly id: number; readonly failure: Failure };

/** An error in a form that crosses threads. */
export interface Failure {
  readonly code: KernelErrorCode;
  readonly message: string;
  readonly details: KernelErrorDetails;
  readonly stack: string;
}

const END = "";
/** How long a worker may take to free its sessions before it is ended by force. */
const CLOSE_TIMEOUT_MS = 5000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: KernelError) => void;
}

/** Main-thread end. Every call settles: with the answer, the worker's error, `worker-crashed` or `closed`. */
export class Channel {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  /** Resolves when the thread has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The worker's number. */
  readonly threadId: number;
  private nextId = 1;
  private end: KernelError | undefined;

  /** @param script module that calls `serve` */
  constructor(script: URL, workerData: unknown) {
    this.worker = new Worker(script, { workerData });
    this.threadId = this.worker.threadId;
    this.worker.on("message", (response: Response) => this.settle(response));
    this.worker.on("error", (cause) => this.fail("worker-crashed", reasonOf(cause), cause));
    this.exited = new Promise((resolve) => {
      this.worker.once("exit", (code) => {
        this.fail("worker-crashed", `the engine's thread ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Asks the worker; transferred buffers are empty here afterwards. */
  async call<T>(
    method: string,
    argument?: unknown,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<T> {
    if (this.end) throw this.end;
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, argument }, transfer);
    });
  }

  /** Ends the worker after the calls under way; later calls fail with `closed`. */
  async close(): Promise<void> {
    if (this.end === undefined) {
      const ending = this.call(END).catch(() => undefined);
      this.end = new KernelError("closed", "the engine was closed");
      await ending;
    }
    const timer = setTimeout(() => void this.worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  private settle(response: Response): void {
    const waiting = this.waiting.get(response.id);
    this.waiting.delete(response.id);
    if ("value" in response) waiting?.resolve(response.value);
    else waiting?.reject(revive(response.failure));
  }

  private fail(code: KernelErrorCode, reason: string, cause?: unknown): void {
    this.end ??= new KernelError(code, reason, { cause });
    for (const { reject } of this.waiting.values()) reject(this.end);
    this.waiting.clear();
  }
}

function revive({ code, message, details, stack }: Failure): KernelError {
  const error = new KernelError(code, message, { details });
  error.stack = `${error.stack ?? ""}\n    in the engine's thread: ${stack}`;
  return error;
}

function failureOf(thrown: unknown): Failure {
  const stack = (thrown instanceof Error ? thrown.stack : undefined) ?? "";
  // kernels/exact stands alone, so it refuses arguments with RangeError.
  if (!(thrown instanceof KernelError)) {
    const code = thrown instanceof RangeError ? "bad-argument" : "graph-invalid";
    return { code, message: reasonOf(thrown), details: {}, stack };
  }
  const { code, details, reason } = thrown.fault;
  return { code, details, stack, message: reason };
}

/** Buffers of the typed arrays that stand directly in a result: they are ours alone, so they move instead of being copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const fields = ArrayBuffer.isView(value) ? [value] : Object.values(value ?? {});
  return fields.flatMap((field) =>
    ArrayBuffer.isView(field) && field.buffer instanceof ArrayBuffer ? [field.buffer] : [],
  );
}

/**
 * Worker end: answers requests one after the other.
 * @param handle must return arrays of its own, never views of memory it keeps
 * @param end frees what the worker holds
 */
export function serve(
  port: MessagePort,
  handle: (method: string, argument: never) => Promise<unknown>,
  end: () => Promise<void>,
): void {
  const answer = async ({ id, method, argument }: Request): Promise<void> => {
    try {
      if (method === END) await end();
      const value = method === END ? undefined : await handle(method, argument);
      port.postMessage({ id, value }, buffersOf(value));
    } catch (thrown) {
      port.postMessage({ id, failure: failureOf(thrown) } satisfies Response);
    }
    if (method === END) port.close();
  };
  let queue = Promise.resolve();
  port.on("message", (request: Request) => {
    queue = queue.then(async () => answer(request));
  });
}
