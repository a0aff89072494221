/** @file From recorded windows to the model of losses. Pure: logs in, findings out. */
import { typicalFall } from "../../src/gauntlet/credit.ts";
import type { MinerEvidence } from "../../src/gauntlet/evidence.ts";
import type { LossScore } from "../../src/gauntlet/loss-score.ts";
import { recordedEvidence } from "../../src/gauntlet/recorded-evidence.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { IDLE } from "./loss-draws.ts";
import type { Finding, LossModel, StrategyModel } from "./loss-model.ts";

/** A cast that was played and recorded: who had which uid, and the log of one validator. */
export type RecordedCast = {
  readonly regime: LossModel["regime"];
  readonly name: string;
  readonly seed: number;
  readonly windows: number;
  readonly rows: readonly {
    readonly strategy: string;
    readonly uid: number;
    /** Share of the compute of all. */
    readonly compute: number;
  }[];
  readonly records: readonly WindowRecord[];
};

/** Name of the strategy whose falls are the unit. */
const HONEST = "honest";
const DIGITS = 4;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** The losses of an update that decide about it; null where a verdict stands by itself. */
function scoreOf(found: MinerEvidence): LossScore | null {
  if (found.kind === "evaluated") return found.score;
  return found.reason === "loss-not-lowered" ? (found.score ?? null) : null;
}

function findingOf(window: number, found: MinerEvidence | undefined, unit: number): Finding {
  if (found === undefined) return [window, "no-commitment"];
  const score = scoreOf(found);
  if (score === null) return [window, found.kind === "rejected" ? found.reason : "no-commitment"];
  const share = found.kind === "evaluated" ? (found.share ?? 1) : 1;
  const { own, noise, margin } = score;
  return [window, rounded(own / unit), rounded(noise / unit), rounded(margin), share];
}

/** What each strategy showed in a window, in units of what honest work did; null where that did nothing. */
function windowOf(
  { rows }: RecordedCast,
  record: WindowRecord,
): { readonly level: number; readonly found: readonly (readonly [string, Finding])[] } | null {
  const byUid = new Map(recordedEvidence(record).miners.map((one) => [one.uid, one]));
  const falls = rows.flatMap(({ strategy, uid }) => {
    const found = byUid.get(uid);
    const score = strategy === HONEST && found !== undefined ? scoreOf(found) : null;
    return score === null ? [] : [(score.own + score.noise) / 2];
  });
  const level = typicalFall(falls);
  if (level <= 0) return null;
  const found = rows.map(
    ({ strategy, uid }) => [strategy, findingOf(record.window, byUid.get(uid), level)] as const,
  );
  return { level, found };
}

/** Compute of each strategy's uids in that of an honest miner of the same cast, mean over casts. */
function computeOf(casts: readonly RecordedCast[], name: string): number {
  const ratios = casts.flatMap(({ rows }) => {
    const mean = (strategy: string): number => {
      const own = rows.filter((row) => row.strategy === strategy);
      return own.reduce((sum, { compute }) => sum + compute, 0) / own.length;
    };
    const ratio = mean(name) / mean(HONEST);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  return rounded(ratios.reduce((sum, one) => sum + one, 0) / Math.max(1, ratios.length));
}

/**
 * Fits the model of one regime to recorded casts.
 * @throws RangeError without casts, for casts of several regimes or lengths, and where a window has no honest fall in any of them
 */
export function fitOf(casts: readonly RecordedCast[]): LossModel {
  const [first] = casts;
  if (first === undefined) throw new RangeError("there is no recorded cast");
  const { regime, windows } = first;
  if (casts.some((one) => one.regime !== regime || one.windows !== windows))
    throw new RangeError("recorded casts are of one regime and one length");
  const levels: number[][] = Array.from({ length: windows }, () => []);
  const found = new Map<string, Finding[]>();
  for (const cast of casts)
    for (const record of cast.records) {
      const seen = windowOf(cast, record);
      if (seen === null) continue;
      levels[record.window]?.push(rounded(seen.level));
      for (const [strategy, finding] of seen.found)
        found.set(strategy, [...(found.get(strategy) ?? []), finding]);
    }
  const bare = levels.findIndex((own) => own.length === 0);
  if (bare !== -1) throw new RangeError(`no honest update lowered the loss in window ${bare}`);
  found.delete(IDLE);
  const strategies = [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([strategy, findings]): [string, StrategyModel] => [
      strategy,
      {
        strategy,
        compute: computeOf(casts, strategy),
        findings: findings.toSorted(([a], [b]) => a - b),
      },
    ]);
  return {
    regime,
    windows,
    casts: casts.map(({ name, seed }) => `${name}, seed ${seed}`),
    levels,
    strategies: new Map(strategies),
  };
}
