/** @file What a validator found out about the hotkeys of a window: the scorer's only input. */
import { type Hex } from "../protocol/digest.ts";
import { type LossScore } from "./loss-score.ts";
import { type Reason, type Rejection, standingOf } from "./verdict.ts";

/** What a validator found out about one registered hotkey in a window. */
export type MinerEvidence =
  | {
      readonly kind: "evaluated";
      readonly uid: number;
      readonly hotkey: Hex;
      readonly score: LossScore;
      /** Part of one credit, where others of the window hold the same work: 1 / their number; 1 without it. */
      readonly share?: number | undefined;
    }
  | {
      readonly kind: "rejected";
      readonly uid: number;
      readonly hotkey: Hex;
      readonly reason: Rejection;
      /** Relative fall of the noise loss when the gate measured one; it only helps to recognise a plateau. */
      readonly noise?: number | undefined;
      /** What an update that failed the gate did to the loss, where that was measured in full; mode `credit` alone asks for it. */
      readonly score?: LossScore | undefined;
    };

/** All evidence of a window: one entry per hotkey that is registered and might mine. */
export type WindowEvidence = {
  readonly window: number;
  readonly miners: readonly MinerEvidence[];
  /** Whether the window is known to have moved no parameters; mode `credit` then moves no score. */
  readonly isNull?: boolean | undefined;
};

/** The reason that evidence stands for. */
export function reasonOf(miner: MinerEvidence): Reason {
  return miner.kind === "evaluated" ? "accepted" : miner.reason;
}

/** The part of one credit that an update is worth. */
export function shareIn(miner: MinerEvidence): number {
  return miner.kind === "evaluated" ? (miner.share ?? 1) : 1;
}

/** Refuses a window that is not after the last one, or in which a uid or hotkey appears twice. @throws RangeError */
export function checkEvidence(lastWindow: number, { window, miners }: WindowEvidence): void {
  if (!Number.isSafeInteger(window) || window <= lastWindow) {
    throw new RangeError(`window ${window} does not follow window ${lastWindow}`);
  }
  const uids = new Set(miners.map(({ uid }) => uid));
  const hotkeys = new Set(miners.map(({ hotkey }) => hotkey));
  if (uids.size !== miners.length || hotkeys.size !== miners.length) {
    throw new RangeError("a uid or hotkey appears twice in the evidence");
  }
}

/** Whether a hotkey without a memory deserves one: it must have sent something. */
export function showsItself(miner: MinerEvidence): boolean {
  return standingOf(reasonOf(miner)) !== "absent";
}
