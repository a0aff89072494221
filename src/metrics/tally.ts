/**
 * @file What a neuron counts of itself since it started: steps, windows, votes, updates, outages. Metrics, traces, event files and the
 * fields of log lines are made from it; the loops know nothing of them.
 */
import type { ConnectionNews } from "../../chain/client/client.ts";
import type { WindowStep } from "../api/types.ts";
import type { Hex } from "../protocol/digest.ts";
import type { WindowOutcome } from "../run/chain-record.ts";

/** A span of time, in milliseconds since 1970. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** An update that was made: trained, compressed, encoded. */
export type Made = {
  readonly window: number;
  /** Nats per token; null when nothing was trained. */
  readonly trainingLoss: number | null;
  readonly bytes: number;
};

/** What happened, for whoever listens. */
export type TallyEvent =
  | ({ readonly kind: "step"; readonly step: WindowStep; readonly window: number } & Span)
  | ({ readonly kind: "made" } & Made & Span)
  | { readonly kind: "outcome"; readonly window: number };

/** How often something was done, and the seconds from the step before it: in all, and last time. */
export type Taken = { readonly count: number; readonly seconds: number; readonly last: number };

/** Something that should happen in every window: how often it could, how often it did not, and in how many of the last windows in a row. */
export type Kept = { readonly due: number; readonly missed: number; readonly missedInARow: number };

const NEVER: Taken = { count: 0, seconds: 0, last: 0 };
const NOTHING_DUE: Kept = { due: 0, missed: 0, missedInARow: 0 };

function noted(kept: Kept, isMissed: boolean): Kept {
  return {
    due: kept.due + 1,
    missed: kept.missed + Number(isMissed),
    missedInARow: isMissed ? kept.missedInARow + 1 : 0,
  };
}

function lengthened(before: Taken | undefined, { fromMs, toMs }: Span): Taken {
  const { count, seconds } = before ?? NEVER;
  const last = (toMs - fromMs) / 1000;
  return { count: count + 1, seconds: seconds + last, last };
}

/** Counts what one neuron does. */
export class Tally {
  readonly #self: Hex;
  readonly #steps = new Map<WindowStep, Taken>();
  readonly #listeners = new Set<(event: TallyEvent) => void>();
  #lastMs = Date.now();
  #runId: Hex | null = null;
  #window: number | null = null;
  #uid: number | null = null;
  #windows = NOTHING_DUE;
  #votes = NOTHING_DUE;
  #updates = NOTHING_DUE;
  #making = NEVER;
  #made: Made | null = null;
  #outages = 0;
  #isConnected = true;

  /** @param self this neuron's hotkey */
  constructor(self: Hex) {
    this.#self = self;
  }

  /** Hears of everything from now on. A listener must not throw. */
  listen(listener: (event: TallyEvent) => void): void {
    this.#listeners.add(listener);
  }

  #tell(event: TallyEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Where the neuron stands now. */
  stands(at: {
    readonly runId: Hex;
    readonly window: number;
    readonly hotkeys: readonly Hex[];
  }): void {
    this.#runId = at.runId;
    this.#window = at.window;
    const uid = at.hotkeys.indexOf(this.#self);
    this.#uid = uid < 0 ? null : uid;
    this.#lastMs = Date.now();
  }

  /** A step of a window is done: it took from the step before it until now, waiting for blocks included. */
  did(step: WindowStep, window: number): void {
    const span = { fromMs: this.#lastMs, toMs: Date.now() };
    this.#lastMs = span.toMs;
    this.#window = window;
    this.#steps.set(step, lengthened(this.#steps.get(step), span));
    this.#tell({ kind: "step", step, window, ...span });
  }

  /** An update was made since `fromMs`. */
  made(made: Made, fromMs: number): void {
    const span = { fromMs, toMs: Date.now() };
    this.#making = lengthened(this.#making, span);
    this.#made = made;
    this.#tell({ kind: "made", ...made, ...span });
  }

  /** A window that this neuron went through is over. */
  ended({ window, accepted, voters, hotkeys }: WindowOutcome): void {
    const uid = hotkeys.indexOf(this.#self);
    this.#uid = uid < 0 ? null : uid;
    this.#windows = noted(this.#windows, accepted.length === 0);
    const voter = voters.find((one) => hotkeys[one.uid] === this.#self);
    if (voter !== undefined)
      this.#votes = noted(this.#votes, !voter.votes.some((vote) => vote.window === window));
    if (this.#made?.window === window)
      this.#updates = noted(this.#updates, !accepted.some(({ hotkey }) => hotkey === this.#self));
    this.#tell({ kind: "outcome", window });
  }

  /** What happened to the connection to the chain. */
  connection({ kind }: Pick<ConnectionNews, "kind">): void {
    if (kind === "lost") this.#outages += 1;
    // A standby endpoint that fails says nothing of the connection in use.
    if (kind !== "unused") this.#isConnected = kind === "back";
  }

  /** Run, window and uid, as far as known: what every line of the log carries. */
  get place(): { readonly run?: string; readonly window?: number; readonly uid?: number } {
    return {
      ...(this.#runId !== null && { run: this.#runId.slice(0, 10) }),
      ...(this.#window !== null && { window: this.#window }),
      ...(this.#uid !== null && { uid: this.#uid }),
    };
  }

  get runId(): Hex | null {
    return this.#runId;
  }

  get uid(): number | null {
    return this.#uid;
  }

  /** Every step that was done. */
  get steps(): ReadonlyMap<WindowStep, Taken> {
    return this.#steps;
  }

  /** Windows that it went through; missed: null windows. */
  get windows(): Kept {
    return this.#windows;
  }

  /** Windows in which its stake counted; missed: it did not vote. */
  get votes(): Kept {
    return this.#votes;
  }

  /** Windows for which it made an update; missed: the majority did not accept it. */
  get updates(): Kept {
    return this.#updates;
  }

  /** How long updates took to make. */
  get making(): Taken {
    return this.#making;
  }

  /** The newest update; null: none yet. */
  get newest(): Made | null {
    return this.#made;
  }

  /** How often the chain was lost, and whether it is there now. */
  get chain(): { readonly outages: number; readonly isConnected: boolean } {
    return { outages: this.#outages, isConnected: this.#isConnected };
  }
}
