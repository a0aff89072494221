/** @file Brings what a node has stored into its bucket, one after the other in the background: a store that is away holds nobody up. */
import { setTimeout as sleep } from "node:timers/promises";
import { AssayError, isAssayError } from "../errors.ts";

/** What people are told of it. */
export type MovingNews = {
  /** The store takes nothing now; it is tried again. */
  onFailed(error: AssayError): void;
  /** It takes everything again. */
  onBack(): void;
};

/** Between two tries of what a store does not take. */
const AGAIN_MS = 5000;

/** Moves, in the order in which they were asked for; each is tried until it is done. */
export class Moving {
  readonly #news: MovingNews;
  readonly #againMs: number;
  readonly #moves = new Map<string, () => Promise<void>>();
  #work: Promise<void> | null = null;
  #failed = false;

  constructor(news: MovingNews, againMs = AGAIN_MS) {
    this.#news = news;
    this.#againMs = againMs;
  }

  /** Adds a move; one of the same name that has not begun is the same. */
  add(name: string, move: () => Promise<void>): void {
    this.#moves.set(name, move);
    this.#work ??= this.#run();
  }

  /** Waits until nothing is left to move. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #run(): Promise<void> {
    try {
      // What is added while this runs, for the name of one that runs, too, comes after it.
      for (let next = this.#next(); next !== null; next = this.#next()) await this.#try(next);
    } finally {
      // At once: what is added from now on begins anew.
      this.#work = null;
    }
  }

  async #try([name, move]: readonly [string, () => Promise<void>]): Promise<void> {
    this.#moves.delete(name);
    try {
      await move();
      if (this.#failed) this.#news.onBack();
      this.#failed = false;
    } catch (error) {
      if (!this.#moves.has(name)) this.#moves.set(name, move);
      if (!this.#failed) this.#news.onFailed(failureOf(error));
      this.#failed = true;
      await sleep(this.#againMs, undefined, { ref: false });
    }
  }

  #next(): [string, () => Promise<void>] | null {
    for (const entry of this.#moves) return entry;
    return null;
  }
}

function failureOf(error: unknown): AssayError {
  if (isAssayError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new AssayError({ code: "store-failed", place: "the store", reason }, { cause: error });
}
