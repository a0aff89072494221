/**
 * @file Whose request is worked on next: of those who wait, always one of the client that has had least of the thread's time. So
 * somebody who asks little waits for one request of others at most, however much they ask.
 */
import { Allowance, countedMs } from "../pool/allowance.ts";
import { type RpcLimits } from "./limits.ts";

/** A piece of work. What it does until it first waits for something counts as its time. */
export type Work = () => Promise<void> | void;

/** Times in milliseconds. */
export type TurnsClock = {
  readonly nowMs: () => number;
  /** What this thread has worked: it stands still while the machine does something else. */
  readonly workMs: () => number;
};

/** One who asks. */
export type Line = {
  /** Puts work behind what waits. */
  push(work: Work): void;
  /** Puts work before what waits: the rest of what was begun. */
  unshift(work: Work): void;
  /** Pieces that wait. */
  readonly waiting: number;
  /** Pieces that were begun and wait for something. */
  readonly pending: number;
  /** Time that it has had. */
  readonly spentMs: number;
  /** Counts work that what it gets will be. */
  charge(ms: number): void;
  /** Works for it out of turn, and counts what that took of the thread. */
  spend<Result>(work: () => Result): Result;
  /** Forgets what waits. */
  close(): void;
};

type Limits = Pick<
  RpcLimits,
  "pendingRequests" | "workMsPerSecond" | "mostWorkMs" | "workMsPerSecondInAll"
>;

/** What a line is asked before it gets a turn. */
type Readiness = () => boolean;

/**
 * The most that is owed. What a piece of work took of the thread is owed whole, so that a dear one costs as much as many cheap
 * ones; beyond this nobody is kept from the next answer.
 */
const MOST_OWED_MS = 10_000;
/** After so long other events of the thread have their turn. */
const SLICE_MS = 2;
/** Nobody who waits may be served now: it is looked again so soon. */
const PAUSE_MS = 5;
/** A turn costs at least so much, whatever the clock says. */
const LEAST_MS = 0.01;

class WaitingLine implements Line {
  readonly #works: Work[] = [];
  readonly #wake: (line: WaitingLine) => void;
  readonly #isReady: Readiness;
  readonly #onSpent: (ms: number) => void;
  readonly #limits: Limits;
  readonly #allowance: Allowance;
  readonly #clock: TurnsClock;
  pending = 0;
  spentMs = 0;
  /** The time it has had, as turns count it. */
  hadMs = 0;

  constructor(turns: {
    readonly limits: Limits;
    readonly clock: TurnsClock;
    readonly wake: (line: WaitingLine) => void;
    readonly isReady: Readiness;
    readonly onSpent: (ms: number) => void;
  }) {
    const { workMsPerSecond: msPerSecond, mostWorkMs: mostMs } = turns.limits;
    const share = { msPerSecond, mostMs, mostOwedMs: MOST_OWED_MS };
    this.#limits = turns.limits;
    this.#clock = turns.clock;
    this.#allowance = new Allowance(share, turns.clock.nowMs);
    this.#wake = turns.wake;
    this.#isReady = turns.isReady;
    this.#onSpent = turns.onSpent;
  }

  get waiting(): number {
    return this.#works.length;
  }

  push(work: Work): void {
    this.#works.push(work);
    this.#wake(this);
  }

  unshift(work: Work): void {
    this.#works.unshift(work);
    this.#wake(this);
  }

  shift(): Work | undefined {
    return this.#works.shift();
  }

  charge(ms: number): void {
    this.hadMs += Math.max(ms, LEAST_MS);
    this.spentMs += ms;
    this.#allowance.take(ms);
    this.#onSpent(ms);
  }

  spend<Result>(work: () => Result): Result {
    const { nowMs, workMs } = this.#clock;
    const [start, workedBefore] = [nowMs(), workMs()];
    try {
      return work();
    } finally {
      this.charge(countedMs(nowMs() - start, workMs() - workedBefore));
    }
  }

  get isReady(): boolean {
    return (
      this.pending < this.#limits.pendingRequests && !this.#allowance.isSpent && this.#isReady()
    );
  }

  close(): void {
    this.#works.length = 0;
  }
}

/** The order of work of one thread. */
export class Turns {
  readonly #limits: Limits;
  readonly #clock: TurnsClock;
  readonly #onError: (error: unknown) => void;
  readonly #allowance: Allowance;
  readonly #active = new Set<WaitingLine>();
  #hadMs = 0;
  #isPlanned = false;

  constructor(limits: Limits, clock: TurnsClock, onError: (error: unknown) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onError = onError;
    const { workMsPerSecondInAll: msPerSecond } = limits;
    const share = { msPerSecond, mostMs: msPerSecond, mostOwedMs: MOST_OWED_MS };
    this.#allowance = new Allowance(share, clock.nowMs);
  }

  /** A line of its own for somebody who asks; it gets no turn while `isReady` says no. */
  line(isReady: Readiness = () => true): Line {
    return new WaitingLine({
      limits: this.#limits,
      clock: this.#clock,
      isReady,
      wake: (line) => {
        this.#wake(line);
      },
      onSpent: (ms) => {
        this.#allowance.take(ms);
      },
    });
  }

  #wake(line: WaitingLine): void {
    if (!this.#active.has(line)) {
      this.#active.add(line);
      // Who had nothing to ask has saved up no claim.
      line.hadMs = Math.max(line.hadMs, this.#hadMs);
    }
    this.#plan(0);
  }

  #plan(pauseMs: number): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const run = (): void => {
      this.#isPlanned = false;
      this.#run();
    };
    if (pauseMs === 0) setImmediate(run);
    else setTimeout(run, pauseMs).unref();
  }

  /** The line that has had least, of those that may have a turn. */
  #next(): WaitingLine | null {
    let least: WaitingLine | null = null;
    for (const line of this.#active) {
      if (line.waiting === 0) this.#active.delete(line);
      else if ((least === null || line.hadMs < least.hadMs) && line.isReady) least = line;
    }
    return least;
  }

  #run(): void {
    const start = this.#clock.nowMs();
    for (;;) {
      const line = this.#allowance.isSpent ? null : this.#next();
      const work = line?.shift();
      if (line === null || work === undefined) {
        if (this.#active.size > 0) this.#plan(PAUSE_MS);
        return;
      }
      this.#hadMs = Math.max(this.#hadMs, line.hadMs);
      this.#begin(line, work);
      if (this.#clock.nowMs() - start >= SLICE_MS) {
        this.#plan(0);
        return;
      }
    }
  }

  #begin(line: WaitingLine, work: Work): void {
    try {
      const rest = line.spend(work);
      if (rest !== undefined) void this.#await(line, rest);
    } catch (error) {
      this.#onError(error);
    }
  }

  async #await(line: WaitingLine, rest: Promise<void>): Promise<void> {
    line.pending++;
    try {
      await rest;
    } catch (error) {
      this.#onError(error);
    }
    line.pending--;
    if (line.waiting > 0) this.#wake(line);
  }
}
