/** @file One moment of a local network as data: what every kind of screen shows. */
import type { PhaseView } from "../../src/api/page.ts";
import type { Kind } from "./members.ts";
import type { Waiting } from "./pace.ts";

/** One uid as a line of the table. */
export type Row = {
  readonly uid: number;
  readonly name: string;
  readonly kind: Kind;
  /** Final score of the newest scored window, or null before there is one. */
  readonly score: number | null;
  /** Why it got that score, in words. */
  readonly verdict: string;
  /** Share of miner incentive on chain, 0 to 1. */
  readonly incentive: number;
  /** What the chain has paid it since the run's first block; stake is none of it. */
  readonly earnedRao: bigint;
};

/** Something that a person should know about one member: it has ended, does not answer, commits nothing. */
export type Alert = {
  readonly name: string;
  /** One sentence that stays the same while nothing changes. */
  readonly text: string;
  /** Where its log lies, or null. */
  readonly logPath: string | null;
};

/** One moment of the run. */
export type Frame = {
  readonly height: number;
  /** The window that runs, or the number of windows once the run is over. */
  readonly window: number;
  /** 0: endless. */
  readonly windows: number;
  readonly phases: readonly PhaseView[];
  readonly waiting: Waiting | null;
  readonly heldOut: readonly { readonly window: number; readonly loss: number }[];
  readonly rows: readonly Row[];
  readonly alerts: readonly Alert[];
  readonly digestsEqual: boolean;
  readonly seconds: number;
  /** Until the last window is over; null: not known yet, or endless. */
  readonly secondsLeft: number | null;
};
