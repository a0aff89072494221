/** @file One evaluation on the desk: who has it, and what came of it. */
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Applied } from "../evaluation/losses.ts";
import type { Task } from "../evaluation/task.ts";
import { keyOf, type KnownWorker } from "./workers.ts";

/** What an entry is made of. */
type EntryParts = {
  readonly id: string;
  readonly text: string;
  readonly task: Task;
  readonly applied: Applied;
  readonly priority: number;
};

/** An evaluation that is wanted, or done. The first answer that is believed counts. */
export class Entry {
  readonly id: string;
  readonly text: string;
  readonly task: Task;
  readonly applied: Applied;
  readonly priority: number;
  /** The validator measures it now. */
  isUnderWay = false;
  /** A worker has answered, and some of it is measured again. */
  isInCheck = false;
  /** It was put into the queue. */
  isQueued = false;
  /** Nobody else can. */
  isOurs = false;
  #by: KnownWorker | null = null;
  #isSettled = false;
  #done = Promise.withResolvers<PairedLosses>();
  readonly #lent = new Map<string, KnownWorker>();
  /** Keys of the workers that gave it up. */
  readonly #gaveUp = new Set<string>();

  constructor({ id, text, task, applied, priority }: EntryParts) {
    this.id = id;
    this.text = text;
    this.task = task;
    this.applied = applied;
    this.priority = priority;
    this.#done.promise.catch(() => undefined);
  }

  /** What was measured, once it was. */
  get losses(): Promise<PairedLosses> {
    return this.#done.promise;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether a worker may still do it. */
  get isWanted(): boolean {
    return !this.#isSettled && !this.isUnderWay && !this.isOurs && !this.isInCheck;
  }

  /** Who measured it; null for the validator itself. */
  get by(): KnownWorker | null {
    return this.#by;
  }

  get isLent(): boolean {
    return this.#lent.size > 0;
  }

  lend(token: string, worker: KnownWorker): void {
    this.#lent.set(token, worker);
  }

  lentTo(token: string): KnownWorker | null {
    return this.#lent.get(token) ?? null;
  }

  returned(token: string): void {
    this.#lent.delete(token);
  }

  /** What two workers cannot, nobody else shall try: what is in the way may be in everybody's. */
  giveUp(worker: KnownWorker): void {
    this.#gaveUp.add(keyOf(worker));
    this.isOurs = this.#gaveUp.size > 1;
  }

  hasGivenUp(worker: KnownWorker): boolean {
    return this.#gaveUp.has(keyOf(worker));
  }

  /** Takes it from certain workers; their tokens. */
  takeFrom(which: (worker: KnownWorker) => boolean): readonly string[] {
    const gone = [...this.#lent].filter(([, worker]) => which(worker)).map(([token]) => token);
    for (const token of gone) this.#lent.delete(token);
    return gone;
  }

  settle(losses: PairedLosses, by: KnownWorker | null): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#by = by;
    this.#done.resolve(losses);
  }

  fail(error: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#done.reject(error);
  }

  /** What was answered does not count: it is wanted again. */
  reopen(): void {
    this.#isSettled = false;
    this.isQueued = false;
    this.#by = null;
    this.#done = Promise.withResolvers<PairedLosses>();
    this.#done.promise.catch(() => undefined);
  }
}
