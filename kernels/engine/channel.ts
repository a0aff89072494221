/** @file Calls into a worker, a thread or a process: numbered requests, typed errors, and a crash that is reported instead of spread. */
import { KernelError, type KernelErrorCode, reasonOf } from "../errors.ts";
import type { Failure, Peer, Port, Request, Response } from "./peer.ts";

/** What a worker answers: methods of one argument or none. */
type Calls<Method> = Readonly<Record<Method & string, (argument: never) => Promise<unknown>>>;

/** How long a worker may take to free its sessions before it is ended by force. */
const CLOSE_TIMEOUT_MS = 5000;

type Waiting = {
  readonly resolve: (value: never) => void;
  readonly reject: (error: KernelError) => void;
};

/** The end that asks. Every call settles: with the answer, the worker's error, `worker-crashed` or `closed`. */
export class Channel<C extends Calls<keyof C>> {
  readonly #peer: Peer;
  readonly #waiting = new Map<number, Waiting>();
  /** Resolves when the worker has ended, for whatever reason. */
  readonly #ended: Promise<void>;
  #nextId = 1;
  #end: KernelError | undefined;

  /** @param peer runs a module that calls `serve` */
  constructor(peer: Peer) {
    this.#peer = peer;
    peer.onMessage((response) => this.#settle(response));
    this.#ended = new Promise((resolve) => {
      peer.onEnd((reason, cause) => {
        this.#fail("worker-crashed", reason, cause);
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

  /**
   * Ends the worker after the calls under way; later calls fail with `closed`.
   * @param mostMs how long those may take
   */
  async close(mostMs: number = 2 ** 31 - 1): Promise<void> {
    if (this.#end === undefined) {
      const ending = this.#ask({ end: true }).catch(() => undefined);
      this.#end = new KernelError("closed", "the engine was closed");
      // Who is stuck in a call, in a driver say, does not hold up the end of all others.
      const stuck = setTimeout(() => this.#peer.kill(), mostMs);
      await ending;
      clearTimeout(stuck);
    }
    const timer = setTimeout(() => this.#peer.kill(), CLOSE_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends the worker by force, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#peer.kill();
    await this.#ended;
  }

  async #ask<T>(
    request: { readonly method: string; readonly argument: unknown } | { readonly end: true },
  ): Promise<T> {
    if (this.#end) throw this.#end;
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#peer.send({ id, ...request });
    });
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ("value" in response) waiting?.resolve(response.value);
    else waiting?.reject(revive(response.failure, this.#peer.name));
  }

  #fail(code: KernelErrorCode, reason: string, cause?: unknown): void {
    this.#end ??= new KernelError(code, reason, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

function revive({ code, message, details, stack }: Failure, where: string): KernelError {
  const error = new KernelError(code, message, { details });
  error.stack = `${error.stack ?? ""}\n    in ${where}: ${stack}`;
  return error;
}

function failureOf(thrown: unknown): Failure {
  const stack = (thrown instanceof Error ? thrown.stack : undefined) ?? "";
  // kernels/exact stands alone, so it refuses arguments with RangeError; memory that ends is one too, and nobody's argument.
  if (!(thrown instanceof KernelError)) {
    const isArgument =
      thrown instanceof RangeError && !thrown.message.includes("allocation failed");
    const code = isArgument ? "bad-argument" : "graph-invalid";
    return { code, message: reasonOf(thrown), details: {}, stack };
  }
  const { code, details, reason } = thrown.fault;
  return { code, details, stack, message: reason };
}

/** Whether an array has its buffer to itself. What came from a process may lie in a pool of Node's, which cannot move. */
function ownsBuffer(value: unknown): value is ArrayBufferView<ArrayBuffer> {
  return (
    ArrayBuffer.isView(value) &&
    value.buffer instanceof ArrayBuffer &&
    value.byteLength === value.buffer.byteLength
  );
}

/** Buffers of the typed arrays that stand directly in a result: they are ours alone, so they move instead of being copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const fields = ArrayBuffer.isView(value) ? [value] : Object.values(value ?? {});
  return fields.filter(ownsBuffer).map(({ buffer }) => buffer);
}

/**
 * Worker end: answers requests one after the other.
 * @param handle must return arrays of its own, never views of memory it keeps
 * @param end frees what the worker holds
 */
export function serve(
  port: Port,
  handle: (method: never, argument: never) => Promise<unknown>,
  end: () => Promise<void>,
): void {
  const answer = async (request: Request): Promise<void> => {
    const { id } = request;
    try {
      const value = "end" in request ? await end() : await handle(request.method, request.argument);
      port.post({ id, value }, buffersOf(value));
    } catch (thrown) {
      port.post({ id, failure: failureOf(thrown) } satisfies Response, []);
    }
    if ("end" in request) port.close();
  };
  let queue = Promise.resolve();
  port.onMessage((request) => {
    queue = queue.then(async () => answer(request));
  });
}
