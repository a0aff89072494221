/** @file Windows in which the usual reading of the evidence would be unfair: a plateau, and an outage. */
import { type Meeting } from "./book-entry.ts";
import { type MinerEvidence } from "./evidence.ts";
import { lowerMedian } from "./statistics.ts";
import { standingOf } from "./verdict.ts";

/**
 * How a window is read. `plateau`: most honest updates no longer lower the loss, so who ranks where is noise: ratings are
 * held. `outage`: most known miners are absent at once, so it is the network's fault and not theirs.
 */
export type Regime = { readonly plateau: boolean; readonly outage: boolean };

/**
 * Whether the lower median of the measured noise scores is at or below zero. Only measured scores count, never a stand-in
 * for the absent; and only those of hotkeys with trust once there are any, so that cheaters cannot declare a plateau.
 */
export function isPlateau(meetings: readonly Meeting[]): boolean {
  const measured = meetings.flatMap(({ miner, entry }) => {
    const noise = noiseOf(miner);
    return noise === null ? [] : [{ noise, trusted: entry.trust > 0 }];
  });
  const trusted = measured.filter((score) => score.trusted);
  const honest = trusted.length > 0 ? trusted : measured;
  return honest.length > 0 && lowerMedian(honest.map(({ noise }) => noise)) <= 0;
}

function noiseOf(miner: MinerEvidence): number | null {
  if (miner.kind === "evaluated") return miner.score.noise;
  return miner.reason === "loss-not-lowered" ? (miner.noise ?? null) : null;
}

/** Whether more than half of the hotkeys that were ever seen mining are absent in this window. */
export function isOutage(meetings: readonly Meeting[]): boolean {
  const known = meetings.filter(({ entry }) => entry.windows > 0);
  const absent = known.filter(
    ({ miner }) => miner.kind === "rejected" && standingOf(miner.reason) === "absent",
  );
  return 2 * absent.length > known.length;
}
