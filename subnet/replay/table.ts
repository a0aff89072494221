/** @file A replay for people and for scripts. */
import type { EarnedRow, Trial } from "./replay.ts";
import type { TriedRules } from "./tried-rules.ts";

/** One row of a sweep: the setting, and what it gave. */
export type SweepRow = { readonly setting: string; readonly trial: Trial };

const RAO = 1_000_000_000n;

const alpha = (rao: bigint): string => (Number((rao * 100n) / RAO) / 100).toFixed(2);
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const variationText = (cv: number | null): string => (cv === null ? "-" : percent(cv));

/** Who a row is, for people. */
export function nameOf({ name, hotkey }: Pick<EarnedRow, "name" | "hotkey">): string {
  return name ?? `${hotkey.slice(0, 10)}...`;
}

/** Columns side by side; the first one to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[], left: number): readonly string[] {
  const widths =
    rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at < left ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function notes({ unmeasured }: Trial): readonly string[] {
  const stays = "Votes and parameters stay as they were; so do stakes.";
  if (unmeasured === 0) return ["", stays];
  return [
    "",
    stays,
    `${unmeasured} updates that failed the gate were never measured on their own pages: here they count as credit 0.`,
  ];
}

/** A replay as lines. */
export function replayLines(tried: TriedRules, trial: Trial): readonly string[] {
  const changes = tried.changed.map(({ key, was, is }) => `  ${key}  ${was} -> ${is}`);
  const head = ["uid", "who", "earned", "share", "would earn", "share"];
  const body = trial.rows.map((row) => [
    String(row.uid),
    nameOf(row),
    alpha(row.earnedRao),
    percent(row.earnedShare),
    alpha(row.triedRao),
    percent(row.triedShare),
  ]);
  return [
    changes.length === 0 ? "under the run's own rules" : "with",
    ...changes,
    "",
    ...aligned([head, ...body], 2),
    "",
    `variation of honest pay  ${variationText(trial.earnedCv)} -> ${variationText(trial.triedCv)}`,
    ...notes(trial),
  ];
}

/** A sweep as lines: one row a value, shares by hotkey, then the variation of honest pay. */
export function sweepLines(rows: readonly SweepRow[]): readonly string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const head = ["value", ...first.trial.rows.map(nameOf), "variation"];
  const body = rows.map(({ setting, trial }) => [
    setting,
    ...trial.rows.map(({ triedShare }) => percent(triedShare)),
    variationText(trial.triedCv),
  ]);
  return [...aligned([head, ...body], 1), ...notes(first.trial)];
}

function rowJson({ earnedRao, triedRao, ...row }: EarnedRow): Record<string, unknown> {
  return { ...row, earnedRao: String(earnedRao), triedRao: String(triedRao) };
}

const trialJson = ({ rows, ...trial }: Trial): unknown => ({ ...trial, rows: rows.map(rowJson) });

/** A replay as one JSON object; amounts in rao as decimal strings. */
export function replayJson(
  runId: string,
  tried: TriedRules,
  trials: { readonly trial: Trial; readonly sweep: readonly SweepRow[] },
): string {
  const sweep = trials.sweep.map(({ setting, trial }) => ({ setting, trial: trialJson(trial) }));
  return JSON.stringify({ runId, changed: tried.changed, trial: trialJson(trials.trial), sweep });
}
