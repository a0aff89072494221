/** @file The weights that a validator's records say against those that stood on the chain. */
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { Run } from "../../src/run/run.ts";
import { storedWeights } from "../../src/yuma/weights.ts";
import { type Difference, difference } from "./difference.ts";
import type { RunFacts, StoredWeights } from "./facts.ts";

/** Weights may arrive while the next window is judged already: so many records back they are looked for. */
const LATE_RECORDS = 2;

/** What comparing found: how many vectors were compared, and the first that differs. */
export type WeightCheck = { readonly compared: number; readonly found: Difference | null };

type Row = readonly (readonly [uid: number, weight: number])[];

/** The row that the chain stores of a record's weights. */
function rowOf({ miners }: Pick<WindowRecord, "miners">): Row {
  const earning = miners.filter(({ weight }) => weight > 0);
  const values = storedWeights(earning.map(({ weight }) => weight));
  return earning.map(({ uid }, index) => [uid, values[index] ?? 0] as const);
}

/** The first uid whose weight differs. */
function firstDifference(
  recorded: Row,
  stored: Row,
): { readonly uid: number; readonly recorded: number; readonly derived: number } | null {
  const [said, is] = [new Map(recorded), new Map(stored)];
  const uids = [...new Set([...said.keys(), ...is.keys()])].toSorted((a, b) => a - b);
  const uid = uids.find((one) => (said.get(one) ?? 0) !== (is.get(one) ?? 0));
  return uid === undefined
    ? null
    : { uid, recorded: said.get(uid) ?? 0, derived: is.get(uid) ?? 0 };
}

/** The record that a vector was made of, and whether it is the very one; null before the first. */
export function recordBehind(
  run: Pick<Run, "clock">,
  records: readonly WindowRecord[],
  stored: StoredWeights,
): { readonly record: WindowRecord; readonly matches: boolean } | null {
  const before = records
    .filter(({ window }) => run.clock.lastJudgeBlock(window) < stored.fixedAt)
    .slice(-LATE_RECORDS)
    .toReversed();
  const match = before.find((record) => firstDifference(rowOf(record), stored.row) === null);
  const record = match ?? before[0];
  return record === undefined ? null : { record, matches: match !== undefined };
}

/** Compares each vector that a validator set, or committed and revealed, during the run with its newest record of then. */
export function checkWeights(
  { run, windows }: RunFacts,
  validator: Hex,
  records: readonly WindowRecord[],
): WeightCheck {
  let compared = 0;
  let last = run.clock.startBlock(0);
  for (const { weights } of windows.values()) {
    const stored = weights.get(validator);
    if (stored === undefined || stored.fixedAt <= last) continue;
    last = stored.fixedAt;
    const behind = recordBehind(run, records, stored);
    // Set before its first record.
    if (behind === null) continue;
    compared++;
    if (behind.matches) continue;
    const wrong = firstDifference(rowOf(behind.record), stored.row);
    if (wrong !== null) return { compared, found: weightDifference(behind.record, stored, wrong) };
  }
  return { compared, found: null };
}

function weightDifference(
  { window, validator }: WindowRecord,
  { fixedAt }: StoredWeights,
  wrong: { readonly uid: number; readonly recorded: number; readonly derived: number },
): Difference {
  const field = `weight on the chain, set or committed at block ${fixedAt}`;
  return difference({ part: "weights", window, validator, field, ...wrong });
}
