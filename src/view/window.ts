/** @file A window that is over, in one line of the page. */
import type { WindowView } from "../api/page.ts";
import type { WindowRecord } from "../protocol/record.ts";
import type { MinerRow } from "./miner.ts";
import { meanOf } from "./numbers.ts";

/** A line without what its record does not hold. */
export type WindowLine = Omit<WindowView, "record" | "recordedBy" | "seconds">;

const known = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);

/** @param rows those of this very record */
export function windowLine(record: WindowRecord, rows: readonly MinerRow[]): WindowLine {
  const applied = rows.filter(({ accepted }) => accepted);
  const verdicts: Record<string, number> = {};
  for (const { verdict } of rows) verdicts[verdict.code] = (verdicts[verdict.code] ?? 0) + 1;
  const sizes = known(rows.map(({ bytes }) => bytes));
  return {
    window: record.window,
    seen: sizes.length,
    accepted: record.accepted,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    own: meanOf(known(applied.map(({ own }) => own))),
    noise: meanOf(known(applied.map(({ noise }) => noise))),
    flags: record.flags,
    verdicts,
  };
}
