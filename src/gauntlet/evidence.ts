/** @file What a validator found out about the hotkeys of a window: the scorer's only input. */
import { type Hex } from "../protocol/digest.ts";
import { type LossScore } from "./loss-score.ts";
import { type Reason, type Rejection } from "./verdict.ts";

/** What a validator found out about one registered hotkey in a window. */
export type MinerEvidence =
  | {
      readonly kind: "evaluated";
      readonly uid: number;
      readonly hotkey: Hex;
      readonly score: LossScore;
    }
  | {
      readonly kind: "rejected";
      readonly uid: number;
      readonly hotkey: Hex;
      readonly reason: Rejection;
      /** Relative fall of the noise loss when the gate measured one; it only helps to recognise a plateau. */
      readonly noise?: number | undefined;
    };

/** All evidence of a window: one entry per hotkey that is registered and might mine. */
export type WindowEvidence = { readonly window: number; readonly miners: readonly MinerEvidence[] };

/** The reason that evidence stands for. */
export function reasonOf(miner: MinerEvidence): Reason {
  return miner.kind === "evaluated" ? "accepted" : miner.reason;
}
