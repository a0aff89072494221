/** @file A window's updates as its record holds them, with what their losses come to. */
import type { MinerWindowView } from "../api/page.ts";
import type { LossScore } from "../gauntlet/loss-score.ts";
import { recordedEvidence } from "../gauntlet/recorded-evidence.ts";
import type { WindowRecord } from "../protocol/record.ts";
import type { ScoringMode } from "../protocol/scoring.ts";
import { finite, partOf } from "./numbers.ts";
import { verdictView } from "./verdict.ts";

type Row = WindowRecord["miners"][number];

/** A row of the page without its links, which change with the addresses of axons. */
export type MinerRow = Omit<MinerWindowView, "record" | "payload"> & {
  readonly uid: number;
  readonly hotkey: Row["hotkey"];
  readonly payloadDigest: Row["payloadDigest"];
};

/** What was measured of each update, by uid; nothing of a record whose losses do not pair up. */
function measuredIn(record: WindowRecord): ReadonlyMap<number, LossScore> {
  try {
    const { miners } = recordedEvidence(record);
    return new Map(miners.flatMap(({ uid, score }) => (score ? [[uid, score] as const] : [])));
  } catch (error) {
    if (error instanceof RangeError) return new Map();
    throw error;
  }
}

/** All rows of a record, ascending by uid. */
export function minerRows(record: WindowRecord, mode: ScoringMode): readonly MinerRow[] {
  const measured = measuredIn(record);
  const all = record.miners.reduce((sum, { weight }) => sum + weight, 0);
  const accepted = new Set(record.accepted);
  return record.miners.map((row) => {
    const { uid, hotkey, payloadDigest, payloadBytes, verdict, detail, credit, weight } = row;
    const score = measured.get(uid);
    return {
      uid,
      hotkey,
      payloadDigest,
      window: record.window,
      verdict: verdictView(verdict, mode),
      detail,
      accepted: accepted.has(uid),
      bytes: payloadBytes,
      own: score?.own ?? null,
      noise: score?.noise ?? null,
      margin: score?.margin ?? null,
      credit: finite(credit?.average),
      attendance: finite(credit?.attendance),
      trust: finite(row.trust) ?? 0,
      score: finite(row.final) ?? 0,
      weight,
      share: partOf(weight, all),
    };
  });
}
