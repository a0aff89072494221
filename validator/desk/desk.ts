/** @file The desk: what a validator wants to have measured, who measures it, and what of their answers it believes. */
import { randomInt } from "node:crypto";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { JobQueue } from "../../src/queue/jobs.ts";
import { Bench, type BenchNode, type WindowFacts } from "../evaluation/bench.ts";
import {
  encodeLosses,
  encodeTask,
  parseLosses,
  sentLossesSchema,
  type Task,
  taskId,
} from "../evaluation/task.ts";
import type { Applied } from "../evaluation/losses.ts";
import { faultOf } from "./check.ts";
import { Entry } from "./entry.ts";
import { type KnownWorker, Workers } from "./workers.ts";

/** What is asked of the desk. */
export type Ask = {
  readonly task: Task;
  readonly applied: Applied;
  /** Smaller is measured first; at least 1. */
  readonly priority: number;
};

/** A task for a worker. */
export type Handed = { readonly id: string; readonly token: string; readonly task: string };

/** What a desk is made of. */
export type DeskParts = {
  readonly node: BenchNode & { readonly neuron: { readonly signer: { readonly publicKey: Hex } } };
  readonly queue: Pick<
    JobQueue,
    "add" | "take" | "renew" | "finish" | "giveBack" | "result" | "remove" | "prune"
  >;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** A number below another that nobody can foresee; for tests. */
  readonly draw?: (below: number) => number;
};

/** How often the desk looks whether it has to do something itself. */
const LOOK_MS = 100;
/** How often it tells the queue again what it wants: the queue may have lost it. */
const ADD_AGAIN_MS = 1000;

/** Hands out the evaluations of one window after the other. */
export class Desk {
  readonly #parts: DeskParts;
  readonly workers: Workers;
  readonly #entries = new Map<string, Entry>();
  #bench: Bench | null = null;
  /** Block from which on the validator measures as well, whoever else does. */
  #hurryFrom = Infinity;
  #looking: NodeJS.Timeout | null = null;
  #addedAt = 0;
  #helping = false;
  /** Whether this is the first window of this process: an earlier one may have been answered in it. */
  #isFirst = true;
  #revised = false;
  #isTroubled = false;
  /** Resolved when there may be a task for who waits for one. */
  #news = Promise.withResolvers<void>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.workers = new Workers(parts.node.neuron.signer.publicKey);
    parts.signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** The run whose updates are measured. */
  get runId(): Hex {
    return this.#parts.node.run.runId;
  }

  /** Whether answers of this window were taken back, because who gave them was found to lie. */
  get isRevised(): boolean {
    return this.#revised;
  }

  /** Begins with a window, unless it has begun; what was wanted of another is forgotten. */
  begin(facts: WindowFacts): void {
    if (this.#bench?.window === facts.window) return;
    this.#isFirst = this.#bench === null;
    this.#forget();
    this.#bench = new Bench(this.#parts.node, facts);
    this.#revised = false;
    this.#hurryFrom = Infinity;
    void this.#queued(() => this.#parts.queue.prune(facts.window));
  }

  /** What is not measured when half of the blocks until `deadline` are over, the validator measures as well. */
  until(deadline: number): void {
    const now = this.#parts.node.subnet.blocks.current.number;
    this.#hurryFrom = now + Math.floor(Math.max(0, deadline - now) / 2);
  }

  /** The losses of an update, by whoever measures them; asked again, the same. */
  async measure({ task, applied, priority }: Ask): Promise<PairedLosses> {
    this.#parts.signal.throwIfAborted();
    const text = encodeTask(task);
    const id = taskId(this.runId, text);
    const known = this.#entries.get(id);
    if (known !== undefined) return known.losses;
    const entry = new Entry({ id, text, task, applied, priority });
    this.#entries.set(id, entry);
    const before = this.#isFirst ? await this.#stored(entry) : null;
    if (before !== null) entry.settle(before, null);
    this.#look();
    // Without workers there is no use in it, and whoever comes first has it done.
    if (this.workers.ready(task.theta).length > 0) await this.#add(entry);
    return entry.losses;
  }

  /** What an earlier process of this validator was answered, if it still agrees. */
  async #stored(entry: Entry): Promise<PairedLosses | null> {
    const text = await this.#queued(() => this.#parts.queue.result(entry.id));
    if (typeof text !== "string") return null;
    const losses = storedLosses(text);
    if (losses !== null && (await this.#faultOf(entry, losses)) === null) return losses;
    await this.#queued(() => this.#parts.queue.remove(entry.id));
    return null;
  }

  async #add(entry: Entry): Promise<void> {
    const { id, text, task, priority } = entry;
    if (!entry.isWanted) return;
    const job = { id, window: task.window, priority, body: text };
    entry.isQueued = true;
    await this.#queued(() => this.#parts.queue.add(job));
    this.#tell();
  }

  /** What the queue answers; null, and a word to people, where it is away: the validator knows what it wants without it. */
  async #queued<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await call();
      if (this.#isTroubled) this.#parts.say("the queue of evaluations is back");
      this.#isTroubled = false;
      return answer;
    } catch (error) {
      if (this.#parts.signal.aborted) return null;
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#isTroubled)
        this.#parts.say(
          `the queue of evaluations does not answer (${reason}); what nobody else measures is measured here`,
        );
      this.#isTroubled = true;
      return null;
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** Resolves when there may be a task. */
  news(): Promise<void> {
    return this.#news.promise;
  }

  /** A task for a worker that holds `theta`; null where there is none now. */
  async take(worker: KnownWorker, theta: Hex): Promise<Handed | null> {
    worker.theta = theta;
    for (;;) {
      const wanted = this.#wanted.filter((one) => one.task.theta === theta);
      if (wanted.length === 0) return null;
      await Promise.all(wanted.filter((one) => !one.isQueued).map((one) => this.#add(one)));
      const lease = await this.#queued(() => this.#parts.queue.take());
      if (lease === null) return null;
      const entry = this.#entries.get(lease.id);
      if (entry !== undefined && entry.isWanted && entry.task.theta === theta) {
        entry.lend(lease.token, worker);
        return { id: lease.id, token: lease.token, task: entry.text };
      }
      // Measured meanwhile, or of another window.
      await this.#queued(() => this.#parts.queue.finish(lease, ""));
    }
  }

  /** What a worker may still do. */
  get #wanted(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ isWanted }) => isWanted);
  }

  /** Keeps the tasks that a worker says it has. */
  async keep(worker: KnownWorker, tokens: readonly string[]): Promise<void> {
    const held = [...this.#entries.values()].flatMap((entry) =>
      tokens
        .filter((token) => entry.lentTo(token) === worker)
        .map((token) => ({ id: entry.id, token })),
    );
    if (held.length > 0) await this.#queued(() => this.#parts.queue.renew(held));
  }

  /**
   * What a worker measured. A late answer, or a second one, changes nothing.
   * @returns why the worker is refused from now on; null if it is not
   */
  async answer(
    worker: KnownWorker,
    lease: { readonly id: string; readonly token: string },
    losses: PairedLosses | null,
  ): Promise<string | null> {
    const entry = this.#entries.get(lease.id);
    entry?.returned(lease.token);
    if (entry === undefined || entry.isSettled) return null;
    const fault =
      losses === null ? "it answers without losses" : await this.#faultOf(entry, losses);
    if (losses === null || fault !== null) {
      void this.#queued(() => this.#parts.queue.giveBack(lease)).then(() => this.#tell());
      this.#refuse(worker, `uid ${entry.task.uid}, ${entry.task.pages.kind} pages, ${fault}`);
      return fault;
    }
    if (this.workers.refusal(worker.hotkey, worker.name) !== null) return "it was refused";
    worker.answers += 1;
    entry.settle(losses, worker);
    const result = JSON.stringify(encodeLosses(losses));
    await this.#queued(() => this.#parts.queue.finish(lease, result));
    return null;
  }

  /** A worker that cannot do a task: the validator does it, since what is in the way may be in everybody's. */
  giveUp(
    worker: KnownWorker,
    lease: { readonly id: string; readonly token: string },
    why: string,
  ): void {
    const entry = this.#entries.get(lease.id);
    if (entry === undefined || entry.lentTo(lease.token) !== worker) return;
    entry.returned(lease.token);
    entry.isOurs = true;
    void this.#queued(() => this.#parts.queue.finish(lease, ""));
    this.#parts.say(`worker ${worker.name} cannot measure uid ${entry.task.uid}: ${why}`);
  }

  async #faultOf({ task, applied }: Entry, losses: PairedLosses): Promise<string | null> {
    const { draw = randomInt } = this.#parts;
    // Of a window that is over by now: nobody reads it any more.
    if (this.#bench === null || this.#bench.window !== task.window) return null;
    return faultOf(losses, { applied, pages: task.pages }, { bench: this.#bench, draw });
  }

  /** Refuses a worker, and takes back what it answered in this window. */
  #refuse(worker: KnownWorker, fault: string): void {
    if (this.workers.refusal(worker.hotkey, worker.name) !== null) return;
    this.workers.refuse(worker, fault);
    this.#parts.say(
      `worker ${worker.name} (hotkey ${worker.hotkey}, at ${worker.remote}) gives wrong losses and is refused: ${fault}`,
    );
    for (const entry of this.#entries.values()) {
      this.#takeBack(entry, (other) => other === worker);
      if (entry.by !== worker) continue;
      this.#revised = true;
      entry.reopen();
      // The job is done for the queue, with a result that does not count.
      void this.#queued(() => this.#parts.queue.remove(entry.id)).then(() => this.#add(entry));
    }
    this.#look();
  }

  /** Gives what certain workers have to others. */
  #takeBack(entry: Entry, which: (worker: KnownWorker) => boolean): void {
    for (const token of entry.takeFrom(which))
      void this.#queued(() => this.#parts.queue.giveBack({ id: entry.id, token })).then(() =>
        this.#tell(),
      );
  }

  /** Looks from time to time, as long as something is wanted. */
  #look(): void {
    this.#looking ??= setInterval(() => this.#attend(), LOOK_MS);
    void this.#help();
  }

  #attend(): void {
    const wanted = [...this.#entries.values()].filter(({ isSettled }) => !isSettled);
    if (wanted.length === 0) {
      if (this.#looking !== null) clearInterval(this.#looking);
      this.#looking = null;
      return;
    }
    for (const entry of wanted) this.#takeBack(entry, (worker) => !this.workers.isAlive(worker));
    if (performance.now() - this.#addedAt > ADD_AGAIN_MS) {
      this.#addedAt = performance.now();
      for (const entry of wanted) if (entry.isQueued) void this.#add(entry);
    }
    void this.#help();
  }

  /** Measures here what nobody else will in time. */
  async #help(): Promise<void> {
    if (this.#helping) return;
    this.#helping = true;
    try {
      for (let next = this.#next(); next !== null; next = this.#next())
        await this.#measureHere(next);
    } finally {
      this.#helping = false;
    }
  }

  async #measureHere(entry: Entry): Promise<void> {
    const bench = this.#bench;
    if (bench === null || bench.window !== entry.task.window) return;
    entry.isUnderWay = true;
    void this.#queued(() => this.#parts.queue.remove(entry.id));
    try {
      entry.settle(await bench.losses(entry.applied, entry.task.pages), null);
    } catch (error) {
      entry.fail(error);
    } finally {
      entry.isUnderWay = false;
    }
  }

  /** What the validator measures next itself; null while others are at it and there is time. */
  #next(): Entry | null {
    if (this.#parts.signal.aborted) return null;
    const open = [...this.#entries.values()]
      .filter((one) => !one.isSettled && !one.isUnderWay)
      .toSorted((a, b) => a.priority - b.priority);
    const ours = open.find(({ isOurs }) => isOurs);
    if (ours !== undefined) return ours;
    const [first] = open;
    if (first === undefined) return null;
    const isAlone = this.workers.ready(first.task.theta).length === 0;
    const isLate = this.#parts.node.subnet.blocks.current.number >= this.#hurryFrom;
    if (!isAlone && !isLate) return null;
    return open.find(({ isLent }) => !isLent) ?? first;
  }

  #forget(): void {
    this.#entries.clear();
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
  }

  #stop(): void {
    for (const entry of this.#entries.values()) entry.fail(this.#parts.signal.reason);
    this.#forget();
    this.#tell();
  }
}

/** Losses as they lie in the queue; null for anything else. */
function storedLosses(text: string): PairedLosses | null {
  try {
    const json: unknown = JSON.parse(text);
    return parseLosses(sentLossesSchema.parse(json));
  } catch {
    return null;
  }
}
