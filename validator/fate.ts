/** @file The fate of one committed update: what is known of it so far. Each step of a window adds its part. */
import type { Fingerprint } from "../src/gauntlet/fast-checks.ts";
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import type { Other } from "../src/gauntlet/similar.ts";
import type { Rejection } from "../src/gauntlet/verdict.ts";
import type { SparseUpdate } from "../src/protocol/codec.ts";
import type { Commit } from "../src/run/chain-record.ts";
import type { WindowKeys } from "../src/run/run.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { IncentiveRules } from "../src/protocol/rules.ts";
import type { UsualNorms } from "./known-work.ts";

/** A payload that decoded and is bound to this run, window and hotkey. */
export type Payload = {
  readonly fingerprint: Fingerprint;
  /** Each tensor clipped to its usual norm: as it is judged. */
  readonly update: SparseUpdate;
  readonly bytes: number;
};

/** What the quick gate measured: `factor` is the share of the update that was applied, `fall` null if a loss is not finite. */
export type GateResult = {
  readonly factor: number;
  readonly noise: PairedLosses;
  readonly fall: number | null;
};

/** Why an update does not count, and what exactly was found. */
export type Refusal = { readonly reason: Rejection; readonly detail: string };

/** One committed update. What a step has not reached, or what a refusal made needless, is null. */
export type Fate = {
  readonly commit: Commit;
  readonly payload: Payload | null;
  /** The first reason why it does not count; no later step looks at it. */
  readonly refusal: Refusal | null;
  readonly gate: GateResult | null;
  /** Losses on the pages that it was assigned. */
  readonly own: PairedLosses | null;
  /** Uids whose updates of this window hold the same work, its own among them; ascending. Left out without any other. */
  readonly group?: readonly number[] | undefined;
};

/** An update tried on the own pages of another that it resembles. */
export type MeasuredComparison = {
  readonly uid: number;
  readonly other: Other;
  readonly overlap: number;
  readonly losses: PairedLosses;
};

/** A window while it is judged: one fate per commitment, ascending by uid. */
export type Judgement = {
  readonly window: number;
  /** uid -> hotkey. */
  readonly hotkeys: readonly Hex[];
  /** The rules in force in this window. */
  readonly rules: IncentiveRules;
  readonly keys: WindowKeys;
  /** What updates are clipped to before they are judged. */
  readonly usual: UsualNorms;
  readonly fates: readonly Fate[];
  /** Comparisons of similar updates, in the order in which they were made. */
  readonly comparisons: readonly MeasuredComparison[];
};

/** A fate whose update is still in: fetched, decoded, not refused. */
export type LiveFate = Fate & { readonly payload: Payload; readonly refusal: null };

/** Whether nothing speaks against an update so far. */
export function isLive(fate: Fate): fate is LiveFate {
  return fate.refusal === null && fate.payload !== null;
}
