/** @file The evidence of a window as its record holds it: what every verdict and score of a log is made again from. */
import { parseHexFloat } from "../protocol/hex-float.ts";
import { type WindowRecord } from "../protocol/record.ts";
import { type MinerEvidence, type WindowEvidence } from "./evidence.ts";
import { gateUpdate } from "./gate.ts";
import { type LossScore, type PairedLosses, scoreLosses } from "./loss-score.ts";
import { type Comparison, type Findings, judgeComparisons, shareOf } from "./pairs.ts";
import { isReason, isRejection, type Rejection } from "./verdict.ts";

type Row = WindowRecord["miners"][number];
type RecordedLosses = {
  readonly before: readonly string[];
  readonly after: readonly string[];
};

function numbers(texts: readonly string[]): readonly number[] {
  return texts.map((text) => parseHexFloat(text) ?? Number.NaN);
}

function paired({ before, after }: RecordedLosses): PairedLosses {
  return { before: numbers(before), after: numbers(after) };
}

/** The losses of a row as a score; null for losses that are not finite, undefined where own pages were not measured. */
function scoreOfRow({ losses }: Row): LossScore | null | undefined {
  if (losses === null || losses.own === null) return undefined;
  return scoreLosses({ own: paired(losses.own), noise: paired(losses.noise) });
}

/** What the comparisons of a recorded window prove. */
function findingsOf({ window, miners, comparisons = [] }: WindowRecord): Findings {
  const rows = new Map(miners.map((row) => [row.uid, row]));
  const own = new Map(miners.map((row) => [row.uid, scoreOfRow(row)?.margin ?? null]));
  const measured = comparisons.map(({ uid, other, overlap, losses }): Comparison => {
    const noise = rows.get(uid)?.losses?.noise;
    if (noise === undefined) throw new RangeError(`uid ${uid} was compared without losses`);
    const margin = scoreLosses({ own: paired(losses), noise: paired(noise) })?.margin ?? null;
    return { uid, other, overlap: parseHexFloat(overlap) ?? Number.NaN, margin };
  });
  return judgeComparisons(window, own, measured);
}

/** Why an update does not count, from what was measured of it; null if it does. */
function refusalOf(row: Row, noise: PairedLosses, { copied }: Findings): Rejection | null {
  const { reason } = gateUpdate(noise);
  if (reason !== "accepted") return reason;
  if (copied.has(row.uid)) return "copied";
  return scoreOfRow(row) === null ? "not-finite" : null;
}

/** What was refused before anything was measured rests on the payload or its absence, not on losses: it stands as recorded. */
function evidenceOfRow(row: Row, findings: Findings): MinerEvidence {
  const { uid, hotkey, verdict, losses } = row;
  if (losses === null) {
    const rests = verdict === "loss-not-lowered" || verdict === "not-finite";
    if (rests || !isReason(verdict) || !isRejection(verdict))
      throw new RangeError(`uid ${uid} is "${verdict}" without losses`);
    return { kind: "rejected", uid, hotkey, reason: verdict };
  }
  const noise = paired(losses.noise);
  const score = scoreOfRow(row) ?? undefined;
  const reason = refusalOf(row, noise, findings);
  const fall = gateUpdate(noise).fall ?? undefined;
  if (reason !== null) return { kind: "rejected", uid, hotkey, reason, noise: fall, score };
  if (score === undefined) throw new RangeError(`uid ${uid} is "${verdict}" without own losses`);
  return { kind: "evaluated", uid, hotkey, score, share: shareOf(uid, findings) };
}

/**
 * The evidence of a recorded window: every verdict that rests on losses is made from them, whatever the record says. `scoreWindow`
 * over the records of a log, from the first one on and under the rules in force in each, gives every recorded score bit for bit.
 * @throws RangeError if losses do not pair up, or a verdict rests on losses that are not there
 */
export function recordedEvidence(record: WindowRecord): WindowEvidence {
  const { window, miners, accepted } = record;
  const findings = findingsOf(record);
  return {
    window,
    miners: miners.map((row) => evidenceOfRow(row, findings)),
    isNull: accepted.length === 0,
  };
}
