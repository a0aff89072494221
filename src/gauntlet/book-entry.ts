/** @file What the scorer remembers of one hotkey. */
import { type Hex } from "../protocol/digest.ts";
import { type MinerEvidence } from "./evidence.ts";
import { type Mark, type Penalty } from "./penalties.ts";
import { NEW_RATING, type Rating } from "./rating.ts";

/** Windows after which a hotkey that is no longer registered is forgotten. */
export const FORGET_AFTER_WINDOWS = 10_000;

/** What is remembered of a hotkey. Nothing here belongs to a uid. */
export type BookEntry = {
  readonly hotkey: Hex;
  readonly rating: Rating;
  /** Moving average of the indicator, in [-1, 1]. */
  readonly trust: number;
  /** Windows in which something was learned about the hotkey: its own warm-up. */
  readonly windows: number;
  readonly lastWindow: number;
  readonly history: readonly Mark[];
  readonly penalties: readonly Penalty[];
};

/** What is known of a hotkey that sends something for the first time. */
export function newEntry(hotkey: Hex): BookEntry {
  return {
    hotkey,
    rating: NEW_RATING,
    trust: 0,
    windows: 0,
    lastWindow: -1,
    history: [],
    penalties: [],
  };
}

/** A piece of evidence with the memory it meets. */
export type Meeting = { readonly miner: MinerEvidence; readonly entry: BookEntry };
