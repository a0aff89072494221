/** @file The queue as the desk uses it: filled in bulk, filled again when it lost something, and done without while it is away. */
import { randomUUID } from "node:crypto";
import type { JobQueue, Lease, Leased } from "../../src/queue/jobs.ts";
import type { Entry } from "./entry.ts";

/** What a line asks of its queue. */
export type LineQueue = Pick<
  JobQueue,
  "add" | "take" | "unfinished" | "renew" | "finish" | "giveBack" | "result" | "remove" | "prune"
>;

/** What a line is made of. */
export type LineParts = {
  readonly queue: LineQueue;
  readonly say: (text: string) => void;
  /** Aborted when the process is to stop: a queue that fails then is no news. */
  readonly signal: AbortSignal;
};

/** Begins the token of what was handed out without the queue. */
const DIRECT = "direct-";

/** Looks in which the queue is believed when it counts as many jobs as are wanted; then all are added again, whatever it counts. */
const LOOKS_BELIEVED = 10;

/** A queue that is full answers some calls and refuses others: it is back when none failed for so long. */
const BACK_MS = 3000;

/** A queue that kept a worker with small tasks waiting is not asked for such tasks for so long. */
const SLOW_MS = 60_000;

const isDirect = ({ token }: Lease): boolean => token.startsWith(DIRECT);

/** Never rejects: what a queue that is away would have answered is null, and people hear of it once. */
export class Line {
  readonly #parts: LineParts;
  readonly #coming = new Map<string, Entry>();
  /** Ids of this window's entries that were put in and not taken out. */
  readonly #added = new Set<string>();
  #slowUntil = 0;
  #adding: Promise<void> | null = null;
  #looks = 0;
  /** When a call failed last; null: none did since people heard that it is back. */
  #failedAt: number | null = null;
  #news = Promise.withResolvers<void>();

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  /** Whether a call failed lately: nobody may get anything from the queue. */
  get isAway(): boolean {
    return this.#failedAt !== null;
  }

  /** Whether it takes longer than small tasks do: then they are better handed out without it. */
  get isSlow(): boolean {
    return performance.now() < this.#slowUntil;
  }

  /** Somebody with small tasks waited for it in vain. */
  wasSlow(): void {
    this.#slowUntil = performance.now() + SLOW_MS;
  }

  /** Begins with another window: nobody asks for what was put in before. */
  begin(): void {
    this.#added.clear();
  }

  /** Resolves when there may be a job that was not there before. */
  news(): Promise<void> {
    return this.#news.promise;
  }

  /** Tells those who wait for news. */
  tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Puts an entry in; those of one turn of the event loop go together. */
  add(entry: Entry): Promise<void> {
    entry.isQueued = true;
    this.#coming.set(entry.id, entry);
    this.#adding ??= Promise.resolve().then(() => this.#addAll());
    return this.#adding;
  }

  async #addAll(): Promise<void> {
    this.#adding = null;
    const entries = [...this.#coming.values()].filter(({ isWanted }) => isWanted);
    this.#coming.clear();
    if (entries.length === 0) return;
    for (const { id } of entries) this.#added.add(id);
    const jobs = entries.map(({ id, task, priority, text }) => ({
      id,
      window: task.window,
      priority,
      body: text,
    }));
    await this.#ask((queue) => queue.add(jobs));
    this.tell();
  }

  /** Adds again what is wanted and was added before, if the queue has fewer jobs than that: it may have been emptied. */
  async refill(entries: readonly Entry[]): Promise<void> {
    const queued = entries.filter(({ isQueued, isWanted }) => isQueued && isWanted);
    if (queued.length === 0) return;
    this.#looks += 1;
    const isBelieved = this.#looks % LOOKS_BELIEVED !== 0;
    const count = isBelieved ? await this.#ask((queue) => queue.unfinished()) : 0;
    if (count !== null && count >= queued.length) return;
    await Promise.all(queued.map((entry) => this.add(entry)));
  }

  take(): Promise<Leased | null> {
    return this.#ask((queue) => queue.take());
  }

  /** A token for what is handed out while the queue is busy: it has never heard of it, and loses the job once it is done. */
  directToken(): string {
    return `${DIRECT}${randomUUID()}`;
  }

  async renew(leases: readonly Lease[]): Promise<void> {
    const known = leases.filter((lease) => !isDirect(lease));
    if (known.length > 0) await this.#ask((queue) => queue.renew(known));
  }

  /** Notes that a job is done. */
  async finish(lease: Lease, result: string): Promise<void> {
    if (isDirect(lease)) await this.remove(lease.id);
    else await this.#ask((queue) => queue.finish(lease, result));
  }

  /** Gives a job to whoever asks next. */
  async giveBack(lease: Lease): Promise<void> {
    if (!isDirect(lease)) await this.#ask((queue) => queue.giveBack(lease));
    this.tell();
  }

  /** Puts back what is not for who took it; it tells nobody, so that nobody takes it in circles. */
  async putBack(lease: Lease): Promise<void> {
    await this.#ask((queue) => queue.giveBack(lease));
  }

  /** The result of a job that is done, perhaps by an earlier process; null for any other. */
  async result(id: string): Promise<string | null> {
    const found = await this.#ask((queue) => queue.result(id));
    if (found !== null) this.#added.add(id);
    return found;
  }

  /** Takes a job out; one that was never put in costs nothing. */
  async remove(id: string): Promise<void> {
    this.#coming.delete(id);
    if (this.#added.delete(id)) await this.#ask((queue) => queue.remove(id));
  }

  /** Forgets the jobs of other windows. */
  async prune(window: number): Promise<void> {
    await this.#ask((queue) => queue.prune(window));
  }

  async #ask<T>(call: (queue: LineQueue) => Promise<T>): Promise<T | null> {
    const { queue, say, signal } = this.#parts;
    try {
      const answer = await call(queue);
      if (this.#failedAt !== null && performance.now() - this.#failedAt > BACK_MS) {
        say("the queue of evaluations is back");
        this.#failedAt = null;
      }
      return answer;
    } catch (error) {
      if (signal.aborted) return null;
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#failedAt === null)
        say(
          `the queue of evaluations does not answer (${reason}); what nobody else measures is measured here`,
        );
      this.#failedAt = performance.now();
      return null;
    }
  }
}
