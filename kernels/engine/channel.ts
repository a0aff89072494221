/** @file Calls into a worker thread: numbered requests, typed errors, and a crash that is reported instead of spread. */
import { type MessagePort, Worker } from "node:worker_threads";
import { KernelError, type KernelErrorCode, type KernelErrorDetails, reasonOf } from "../errors.ts";

/**
 * A request to the worker: to answer a method, or to end. `method` and `argument` have the types that the worker's handler takes,
 * because both ends are written against one type; a message channel cannot say so, hence `never`: whatever the handler wants.
 */
type Request =
  | { readonly id: number; readonly method: never; readonly argument: never }
  | { readonly id: number; readonly end: true };

/** An error in a form that crosses threads. */
type Failure = {
  readonly code: KernelErrorCode;
  readonly message: string;
  readonly details: KernelErrorDetails;
  readonly stack: string;
};

/** The worker's answer to the request of the same id; `value` likewise has the type that the caller waits for. */
type Response =
  | { readonly id: number; readonly value: never }
  | { readonly id: number; readonly failure: Failure };

/** What a worker answers: methods of one argument or none. */
type Calls<Method> = Readonly<Record<Method & string, (argument: never) => Promise<unknown>>>;

/** How long a worker may take to free its sessions before it is ended by force. */
const CLOSE_TIMEOUT_MS = 5000;

type Waiting = {
  readonly resolve: (value: never) => void;
  readonly reject: (error: KernelError) => void;
};

/** Main-thread end. Every call settles: with the answer, the worker's error, `worker-crashed` or `closed`. */
export class Channel<C extends Calls<keyof C>> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  /** Resolves when the thread has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The worker's number. */
  readonly threadId: number;
  #nextId = 1;
  #end: KernelError | undefined;

  /** @param script module that calls `serve` */
  constructor(script: URL, workerData: unknown) {
    this.#worker = new Worker(script, { workerData });
    this.threadId = this.#worker.threadId;
    this.#worker.on("message", (response: Response) => this.#settle(response));
    this.#worker.on("error", (cause) => this.#fail("worker-crashed", reasonOf(cause), cause));
    this.exited = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#fail("worker-crashed", `the engine's thread ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Asks the worker; the argument is copied. */
  async call<M extends keyof C & string>(
    method: M,
    ...[argument]: Parameters<C[M]>
  ): Promise<Awaited<ReturnType<C[M]>>> {
    return this.#ask<Awaited<ReturnType<C[M]>>>({ method, argument });
  }

  /** Ends the worker after the calls under way; later calls fail with `closed`. */
  async close(): Promise<void> {
    if (this.#end === undefined) {
      const ending = this.#ask({ end: true }).catch(() => undefined);
      this.#end = new KernelError("closed", "the engine was closed");
      await ending;
    }
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  async #ask<T>(
    request: { readonly method: string; readonly argument: unknown } | { readonly end: true },
  ): Promise<T> {
    if (this.#end) throw this.#end;
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Nothing is transferred: the caller keeps its arrays.
      this.#worker.postMessage({ id, ...request }, []);
    });
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ("value" in response) waiting?.resolve(response.value);
    else waiting?.reject(revive(response.failure));
  }

  #fail(code: KernelErrorCode, reason: string, cause?: unknown): void {
    this.#end ??= new KernelError(code, reason, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
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
  handle: (method: never, argument: never) => Promise<unknown>,
  end: () => Promise<void>,
): void {
  const answer = async (request: Request): Promise<void> => {
    const { id } = request;
    try {
      const value = "end" in request ? await end() : await handle(request.method, request.argument);
      port.postMessage({ id, value }, buffersOf(value));
    } catch (thrown) {
      port.postMessage({ id, failure: failureOf(thrown) } satisfies Response);
    }
    if ("end" in request) port.close();
  };
  let queue = Promise.resolve();
  port.on("message", (request: Request) => {
    queue = queue.then(async () => answer(request));
  });
}
