/** @file Starting and stopping a process: one AbortSignal, one list of closers run in reverse. */

/** Closes something; must not throw for being called once. */
export type Closer = () => Promise<void> | void;

/** One list of what was opened, closed in reverse order; `signal` tells every long call to end. */
export class Lifecycle {
  readonly #stop = new AbortController();
  #failure: Error | null = null;
  readonly #closers: { name: string; close: Closer }[] = [];

  /** Aborted when the process is asked to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Registers what must be closed; later registrations close first. */
  onClose(name: string, close: Closer): void {
    this.#closers.push({ name, close });
  }

  /** Asks every long call to end. */
  stop(reason: string): void {
    if (!this.#stop.signal.aborted) this.#stop.abort(new Error(reason));
  }

  /** Stops because something broke in the background; whoever runs the process throws `failure` at the end. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error("failed", { cause: error });
    this.stop("failed");
  }

  /** What broke in the background, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Stops and closes everything; returns the names of what failed to close, so that nothing is hidden. */
  async close(): Promise<readonly string[]> {
    this.stop("closing");
    const failed: string[] = [];
    for (const { name, close } of this.#closers.splice(0).toReversed()) {
      try {
        await close();
      } catch {
        failed.push(name);
      }
    }
    return failed;
  }

  /** Stops on SIGINT, on SIGTERM, and when the parent that started this process with an IPC channel is gone. */
  stopOnSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const stop = (): void => this.stop(signal);
      process.once(signal, stop);
      this.onClose(signal, () => void process.off(signal, stop));
    }
    if (process.channel !== undefined) {
      process.once("disconnect", () => this.stop("parent gone"));
      process.channel?.unref();
    }
  }
}

/**
 * Runs `body` until it ends or the process is told to stop, then closes everything. Whatever `body` throws because it
 * was stopped is not an error; what broke in the background is.
 */
export async function runUntilStopped(
  lifecycle: Lifecycle,
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!lifecycle.signal.aborted) throw error;
  } finally {
    await lifecycle.close();
  }
  if (lifecycle.failure !== null) throw lifecycle.failure;
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
