/**
 * @file Whose request is worked on next: of those who wait, always one of the client that has had least of the thread's time. So
 * somebody who asks little waits for one request of others at most, however much they ask.
 */
import { Allowance } from "../pool/allowance.ts";
import { type RpcLimits } from "./limits.ts";

/** A piece of work. What it does until it first waits for something counts as its time. */
export type Work = () => Promise<void> | void;

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
  /** Counts work that was done for it elsewhere, or that what it gets will be. */
  charge(ms: number): void;
  /** Forgets what waits. */
  close(): void;
};

type Limits = Pick<
  RpcLimits,
  "pendingRequests" | "workMsPerSecond" | "mostWorkMs" | "workMsPerSecondInAll"
>;

/** What a line is asked before it gets a turn. */
type Readiness = () => boolean;

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
  pending = 0;
  spentMs = 0;
  /** The time it has had, as turns count it. */
  hadMs = 0;

  constructor(turns: {
    readonly limits: Limits;
    readonly clockMs: () => number;
    readonly wake: (line: WaitingLine) => void;
    readonly isReady: Readiness;
    readonly onSpent: (ms: number) => void;
  }) {
    const { workMsPerSecond: msPerSecond, mostWorkMs: mostMs } = turns.limits;
    this.#limits = turns.limits;
    this.#allowance = new Allowance({ msPerSecond, mostMs }, turns.clockMs);
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
  readonly #clockMs: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #allowance: Allowance;
  readonly #active = new Set<WaitingLine>();
  #hadMs = 0;
  #isPlanned = false;

  constructor(limits: Limits, clockMs: () => number, onError: (error: unknown) => void) {
    this.#limits = limits;
    this.#clockMs = clockMs;
    this.#onError = onError;
    const share = limits.workMsPerSecondInAll;
    this.#allowance = new Allowance({ msPerSecond: share, mostMs: share }, clockMs);
  }

  /** A line of its own for somebody who asks; it gets no turn while `isReady` says no. */
  line(isReady: Readiness = () => true): Line {
    return new WaitingLine({
      limits: this.#limits,
      clockMs: this.#clockMs,
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
    const start = this.#clockMs();
    for (;;) {
      const line = this.#allowance.isSpent ? null : this.#next();
      const work = line?.shift();
      if (line === null || work === undefined) {
        if (this.#active.size > 0) this.#plan(PAUSE_MS);
        return;
      }
      this.#hadMs = Math.max(this.#hadMs, line.hadMs);
      this.#begin(line, work);
      if (this.#clockMs() - start >= SLICE_MS) {
        this.#plan(0);
        return;
      }
    }
  }

  #begin(line: WaitingLine, work: Work): void {
    const start = this.#clockMs();
    try {
      const rest = work();
      if (rest !== undefined) void this.#await(line, rest);
    } catch (error) {
      this.#onError(error);
    }
    line.charge(this.#clockMs() - start);
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
