/** @file Two Ctrl-C: the first ends a run in order and within a limit, the second ends it at once. */

/** What the signals of a terminal ask for. */
export class Stop {
  readonly #first = new AbortController();
  #at: number | null = null;
  /** What a first Ctrl-C does now, for people. */
  effect = "nothing has been trained yet";

  /** Aborted by the first Ctrl-C. */
  get signal(): AbortSignal {
    return this.#first.signal;
  }

  /** Whether somebody wants the run to end. */
  get isAsked(): boolean {
    return this.signal.aborted;
  }

  /** Milliseconds since the first Ctrl-C; 0 before it. */
  get sinceMs(): number {
    return this.#at === null ? 0 : performance.now() - this.#at;
  }

  /** Counts one Ctrl-C; whether it was the first. */
  ask(): boolean {
    if (this.isAsked) return false;
    this.#at = performance.now();
    this.#first.abort(new Error("stopped"));
    return true;
  }

  /** Hears SIGINT and SIGTERM until the returned function is called. */
  listen(heard: { first(): void; second(): void }): () => void {
    const onSignal = (): void => (this.ask() ? heard.first() : heard.second());
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    return () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }

  /**
   * A signal for work that may go on for so long after the first Ctrl-C.
   * @returns the signal, and what must be called once the work is done
   */
  limit(milliseconds: number): { readonly signal: AbortSignal; done(): void } {
    const cut = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      const left = Math.max(0, milliseconds - this.sinceMs);
      timer = setTimeout(() => cut.abort(new Error("cut short")), left);
    };
    if (this.isAsked) start();
    else this.signal.addEventListener("abort", start, { once: true });
    return {
      signal: cut.signal,
      done: () => {
        clearTimeout(timer);
        this.signal.removeEventListener("abort", start);
      },
    };
  }
}
