/** @file What a strategy of the league is: how it mines, and what it may earn at most. */
import type { Strategy } from "../../miner/strategies/strategy.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { Crew } from "./crew.ts";

/** What one uid of a strategy knows of the league. */
export type Member = {
  /** Which of its strategy's uids it is, from 0. */
  readonly index: number;
  /** All uids of its strategy: one worker. */
  readonly crew: Crew;
  readonly validators: readonly Hex[];
  /** Hotkeys of honest miners: public, as everything about them. */
  readonly victims: readonly Hex[];
};

/**
 * What a strategy may earn at most: `nothing`: 1 % of all; `compute`: what honest compute earns; `one`: as much as one
 * honest miner, however many uids it has. `honest`: no bound, it is what others are measured against.
 */
export type Bound = "nothing" | "compute" | "one" | "honest";

/** A way to mine. A file of league/strategies exports some as `strategies`. */
export type LeagueStrategy = {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly about: string;
  readonly bound: Bound;
  /** Uids that it needs; 1. */
  readonly uids?: number;
  readonly mine: (miner: Participant, member: Member) => Strategy;
  /** Whether a uid hands a blob to a hotkey; without it, always. */
  readonly serves?: (member: Member, to: Hex) => boolean;
  /** Only a full league tries it. */
  readonly rare?: true;
  /** Comes with a new hotkey every so many windows. */
  readonly lifeWindows?: number;
};
