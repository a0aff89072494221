/** @file The evidence of a window as its record holds it: what every score of a log is recomputed from. */
import { parseHexFloat } from "../protocol/hex-float.ts";
import { type WindowRecord } from "../protocol/record.ts";
import { type MinerEvidence, type WindowEvidence } from "./evidence.ts";
import { gateUpdate } from "./gate.ts";
import { type LossScore, type PairedLosses, scoreLosses } from "./loss-score.ts";
import { isReason, isRejection } from "./verdict.ts";

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

/** The losses of a row as a score; null where own pages were not measured, or a loss is not finite. */
function scoreOfRow({ losses }: Row): LossScore | null {
  if (losses === null || losses.own === null) return null;
  return scoreLosses({ own: paired(losses.own), noise: paired(losses.noise) });
}

function evidenceOfRow(row: Row): MinerEvidence {
  const { uid, hotkey, verdict, losses } = row;
  const score = scoreOfRow(row) ?? undefined;
  if (isReason(verdict) && isRejection(verdict)) {
    const fall = losses === null ? null : gateUpdate(paired(losses.noise)).fall;
    return { kind: "rejected", uid, hotkey, reason: verdict, noise: fall ?? undefined, score };
  }
  if (score === undefined) throw new RangeError(`uid ${uid} is "${verdict}" without losses`);
  return { kind: "evaluated", uid, hotkey, score };
}

/**
 * The evidence of a recorded window. `scoreWindow` over the records of a log, from the first one on and under the rules in
 * force in each, gives every recorded score bit for bit.
 * @throws RangeError if losses do not pair up, or a verdict rests on losses that are not there
 */
export function recordedEvidence({ window, miners, accepted }: WindowRecord): WindowEvidence {
  return { window, miners: miners.map(evidenceOfRow), isNull: accepted.length === 0 };
}
