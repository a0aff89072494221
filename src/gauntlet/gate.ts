/** @file The quick loss gate before a vote: this validator does not vote for an update that does not lower the loss. */
import { type PairedLosses } from "./loss-score.ts";

/** Mark of the gate; `fall` is the relative fall of the mean noise loss (null if a loss is not finite). */
export type GateOutcome = {
  readonly reason: "accepted" | "loss-not-lowered" | "not-finite";
  readonly fall: number | null;
};

/**
 * Gate an update by its losses on noise data: their mean must fall. Any sign flip, random or poisoned update that raises
 * the loss on text nobody trained on in this window stops here, before one parameter moves.
 */
export function gateUpdate({ before, after }: PairedLosses): GateOutcome {
  if (before.length !== after.length)
    throw new RangeError("losses before and after do not pair up");
  if (before.length === 0 || ![...before, ...after].every(Number.isFinite)) {
    return { reason: "not-finite", fall: null };
  }
  const base = sum(before);
  const fall = base <= 0 ? 0 : (base - sum(after)) / base;
  return { reason: fall > 0 ? "accepted" : "loss-not-lowered", fall };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
