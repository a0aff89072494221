/** @file The desk: what a validator wants to have measured, who measures it, and what of their answers it believes. */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { Lease } from "../../src/queue/jobs.ts";
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
import { Line, type LineParts } from "./line.ts";
import { keyOf, type KnownWorker, Workers } from "./workers.ts";

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
export type DeskParts = LineParts & {
  readonly node: BenchNode & { readonly neuron: { readonly signer: { readonly publicKey: Hex } } };
  /** A number below another that nobody can foresee; for tests. */
  readonly draw?: (below: number) => number;
};

/** A request for tasks waits so long for the queue; what it has not given by then is handed out without it. */
const QUEUE_MS = 30;
/** Who has room for so many tasks does each in a quarter of a second or less: a slow queue would take longer than they do. */
const MANY = 8;
/** How often the desk looks whether it has to do something itself. */
const LOOK_MS = 100;
/** How often it looks whether the queue lost something. */
const REFILL_MS = 1000;
/** A worker that gave up so many tasks of a window without an answer between them gets none of it any more. */
const MOST_GIVEN_UP = 3;

/** Hands out the evaluations of one window after the other. */
export class Desk {
  readonly #parts: DeskParts;
  readonly #line: Line;
  readonly workers: Workers;
  readonly #entries = new Map<string, Entry>();
  /** By worker: tasks that it gave up since it answered last, or since the window began. */
  readonly #givenUp = new Map<string, number>();
  #bench: Bench | null = null;
  /** Block from which on the validator measures as well, whoever else does. */
  #hurryFrom = Infinity;
  #looking: NodeJS.Timeout | null = null;
  #refilledAt = 0;
  #helping = false;
  /** Whether this is the first window of this process: an earlier one may have been answered in it. */
  #isFirst = true;
  #revision = 0;
  /** Whether jobs of other windows may still lie in the queue. */
  #isToPrune = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#line = new Line(parts);
    this.workers = new Workers(parts.node.neuron.signer.publicKey);
    parts.signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** The run whose updates are measured. */
  get runId(): Hex {
    return this.#parts.node.run.runId;
  }

  /** How often answers of this window were taken back, because who gave them was found to lie. */
  get revision(): number {
    return this.#revision;
  }

  /** Begins with a window, unless it has begun; what was wanted of another is forgotten. */
  begin(facts: WindowFacts): void {
    if (this.#bench?.window === facts.window) return;
    this.#isFirst = this.#bench === null;
    this.#forget();
    this.#bench = new Bench(this.#parts.node, facts);
    this.#revision = 0;
    this.#hurryFrom = Infinity;
    this.#line.begin();
    // A gate hurries, and a slow store takes longer to forget a window than workers take for it: it is done once all is measured. Who
    // never gets so far does it now.
    if (this.#isFirst || this.#isToPrune) void this.#line.prune(facts.window);
    this.#isToPrune = !this.#isFirst;
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
    if (this.workers.ready(task.theta).length > 0) {
      if (!this.#line.isSlow) void this.#line.add(entry);
      this.#line.tell();
    }
    return entry.losses;
  }

  /** What an earlier process of this validator was answered, if it still agrees. */
  async #stored(entry: Entry): Promise<PairedLosses | null> {
    const text = await this.#line.result(entry.id);
    if (text === null) return null;
    const losses = storedLosses(text);
    if (losses !== null && (await this.#faultOf(entry, losses)) === null) return losses;
    await this.#line.remove(entry.id);
    return null;
  }

  /** Resolves when there may be a task. */
  news(): Promise<void> {
    return this.#line.news();
  }

  /** At most `most` tasks for a worker that holds `theta`; none where there are none now. */
  async take(worker: KnownWorker, theta: Hex, most = 1): Promise<readonly Handed[]> {
    worker.theta = theta;
    const handed: Handed[] = [];
    if (most >= MANY && this.#line.isSlow) this.#handDirectly(worker, handed, most);
    else await this.#takeFromLine(worker, handed, most);
    return handed;
  }

  async #takeFromLine(worker: KnownWorker, handed: Handed[], most: number): Promise<void> {
    const { theta } = worker;
    const others: Lease[] = [];
    const over = sleep(QUEUE_MS, null);
    while (this.#owes(worker, handed.length, most) > 0) {
      const lease = await this.#lease(worker, over, most);
      if (lease === null) break;
      const entry = this.#entries.get(lease.id);
      // Measured meanwhile, or of another window.
      if (entry === undefined || !entry.isWanted || entry.task.theta !== theta)
        void this.#line.finish(lease, "");
      else if (this.#mayHave(worker, entry) && !entry.isLent) {
        entry.lend(lease.token, worker);
        handed.push({ id: lease.id, token: lease.token, task: entry.text });
      } else others.push(lease);
    }
    const isSlow = (await Promise.race([over, Promise.resolve(undefined)])) === null;
    if (isSlow) this.#handDirectly(worker, handed, most);
    await Promise.all(others.map((lease) => this.#line.putBack(lease)));
  }

  /** What a worker may have now. */
  #wantedBy(worker: KnownWorker): readonly Entry[] {
    return this.#wanted.filter(
      (one) => one.task.theta === worker.theta && this.#mayHave(worker, one),
    );
  }

  /** How many tasks a worker that was handed so many gets besides. */
  #owes(worker: KnownWorker, handed: number, most: number): number {
    const wanted = this.#wantedBy(worker);
    const free = wanted.filter(({ isLent }) => !isLent).length;
    const ready = (worker.theta && this.workers.ready(worker.theta).length) || 1;
    // The others shall not wait at the end for one who took too much.
    const share = Math.ceil((free + handed) / (2 * ready));
    return wanted.length === 0 ? 0 : Math.min(most, Math.max(1, share)) - handed;
  }

  /** A job from the queue; null where there is none, or it is slow: what comes then goes back. */
  async #lease(worker: KnownWorker, over: Promise<null>, most: number): Promise<Lease | null> {
    const adding = this.#wantedBy(worker).filter((one) => !one.isQueued);
    const adds = Promise.all(adding.map((one) => this.#line.add(one)));
    const added = this.#timed(adds, most).then(() => true);
    if ((await Promise.race([added, over])) === null) return null;
    const taking = this.#timed(this.#line.take(), most);
    const taken = await Promise.race([taking.then((lease) => ({ lease })), over]);
    if (taken === null)
      void taking.then((lease) => (lease === null ? undefined : this.#line.putBack(lease)));
    return taken?.lease ?? null;
  }

  /** A call to the queue; one that alone takes longer than a worker with small tasks waits makes it count as slow. */
  async #timed<T>(call: Promise<T>, most: number): Promise<T> {
    if (most < MANY) return call;
    const timer = setTimeout(() => this.#line.wasSlow(), QUEUE_MS);
    try {
      return await call;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Hands out what nobody has, the most urgent first, without the queue: with many small tasks a slow one would take longer than they do. */
  #handDirectly(worker: KnownWorker, handed: Handed[], most: number): void {
    const free = this.#wantedBy(worker)
      .filter(({ isLent }) => !isLent)
      .toSorted((a, b) => a.priority - b.priority);
    for (const entry of free.slice(0, Math.max(0, this.#owes(worker, handed.length, most)))) {
      const token = this.#line.directToken();
      entry.lend(token, worker);
      handed.push({ id: entry.id, token, task: entry.text });
    }
  }

  /** Whether a worker gets an entry: not what it gave up, and nothing after it gave up too much. */
  #mayHave(worker: KnownWorker, entry: Entry): boolean {
    const givenUp = this.#givenUp.get(keyOf(worker)) ?? 0;
    return givenUp < MOST_GIVEN_UP && !entry.hasGivenUp(worker);
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
    await this.#line.renew(held);
  }

  /**
   * What a worker measured. A late answer, or a second one, changes nothing.
   * @returns why the worker is refused from now on; null if it is not
   */
  async answer(
    worker: KnownWorker,
    lease: Lease,
    losses: PairedLosses | null,
  ): Promise<string | null> {
    const entry = this.#entries.get(lease.id);
    entry?.returned(lease.token);
    if (entry === undefined || entry.isSettled || entry.isInCheck) return null;
    const fault =
      losses === null
        ? "it answers without losses"
        : await this.#checked(entry, { worker, lease, losses });
    if (fault === null) return null;
    this.#refuse(worker, `uid ${entry.task.uid}, ${entry.task.pages.kind} pages, ${fault}`);
    this.#again(entry);
    return fault;
  }

  /** Settles an entry by an answer, unless something is wrong with it. */
  async #checked(
    entry: Entry,
    {
      worker,
      lease,
      losses,
    }: { readonly worker: KnownWorker; readonly lease: Lease; readonly losses: PairedLosses },
  ): Promise<string | null> {
    entry.isInCheck = true;
    // Done for the queue: nobody else shall begin with it. What is found wrong is taken out again.
    void this.#line.finish(lease, JSON.stringify(encodeLosses(losses)));
    try {
      const fault = await this.#faultOf(entry, losses);
      if (fault !== null) return fault;
      const refusal = this.workers.refusal(worker.hotkey, worker.name);
      if (refusal !== null) return refusal;
      worker.answers += 1;
      this.#givenUp.delete(keyOf(worker));
      entry.settle(losses, worker);
    } catch (error) {
      // As when the validator measures it itself.
      entry.fail(error);
    } finally {
      entry.isInCheck = false;
    }
    return null;
  }

  /** A worker that cannot do a task: another one tries, then the validator does it, since what is in the way may be in everybody's. */
  giveUp(worker: KnownWorker, lease: Lease, why: string): void {
    const entry = this.#entries.get(lease.id);
    if (entry === undefined || entry.lentTo(lease.token) !== worker) return;
    entry.returned(lease.token);
    entry.giveUp(worker);
    this.#givenUp.set(keyOf(worker), (this.#givenUp.get(keyOf(worker)) ?? 0) + 1);
    if (entry.isWanted) void this.#line.giveBack(lease);
    else void this.#line.finish(lease, "");
    this.#parts.say(`worker ${worker.name} cannot measure uid ${entry.task.uid}: ${why}`);
    this.#look();
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
    // By what is refused, never by the object: a worker that says hello again, or under a second name, is another object.
    const isRefused = ({ hotkey, name }: KnownWorker): boolean =>
      this.workers.refusal(hotkey, name) !== null;
    for (const entry of this.#entries.values()) {
      this.#takeBack(entry, isRefused);
      if (entry.by === null || !isRefused(entry.by)) continue;
      this.#revision += 1;
      entry.reopen();
      this.#again(entry);
    }
  }

  /** What the queue has as done counts for nothing: others shall do it. */
  #again(entry: Entry): void {
    entry.isQueued = false;
    void this.#line.remove(entry.id).then(() => this.#line.add(entry));
    this.#look();
  }

  /** Gives what certain workers have to others. */
  #takeBack(entry: Entry, which: (worker: KnownWorker) => boolean): void {
    for (const token of entry.takeFrom(which)) void this.#line.giveBack({ id: entry.id, token });
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
      if (this.#isToPrune && this.#bench !== null) void this.#line.prune(this.#bench.window);
      this.#isToPrune = false;
      return;
    }
    for (const entry of wanted) this.#takeBack(entry, (worker) => !this.workers.isAlive(worker));
    if (performance.now() - this.#refilledAt > REFILL_MS) {
      this.#refilledAt = performance.now();
      void this.#line.refill(wanted);
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
    if (entry.isQueued) void this.#line.remove(entry.id);
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
      .filter((one) => !one.isSettled && !one.isUnderWay && !one.isInCheck)
      .toSorted((a, b) => a.priority - b.priority);
    const isLate = this.#parts.node.subnet.blocks.current.number >= this.#hurryFrom;
    const due = isLate ? open : open.filter((one) => one.isOurs || this.#isAlone(one));
    return due.find(({ isOurs }) => isOurs) ?? due.find(({ isLent }) => !isLent) ?? due[0] ?? null;
  }

  /** Whether no worker is there for an entry, or none can get it now. */
  #isAlone(entry: Entry): boolean {
    if (this.#line.isAway && !entry.isLent) return true;
    const ready = this.workers.ready(entry.task.theta);
    // Who has it may be one that gets nothing else.
    return ready.length === 0 || (!entry.isLent && !ready.some((one) => this.#mayHave(one, entry)));
  }

  #forget(): void {
    this.#entries.clear();
    this.#givenUp.clear();
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
  }

  #stop(): void {
    for (const entry of this.#entries.values()) entry.fail(this.#parts.signal.reason);
    this.#forget();
    this.#line.tell();
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
