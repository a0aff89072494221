/** @file What each epoch would have paid under other weights: the chain's own arithmetic over the stakes that there were. */
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { Run } from "../../src/run/run.ts";
import { storedWeights } from "../../src/yuma/weights.ts";
import { type EpochFacts, type EpochPay, payEpoch } from "../audit/epochs.ts";
import { recordBehind } from "../audit/weight-check.ts";
import type { Rescored } from "./rescore.ts";

/** A validator whose log was scored again. */
export type Judge = {
  readonly validator: Hex;
  readonly records: readonly WindowRecord[];
  readonly scores: Rescored;
};

type Row = EpochFacts["input"]["weights"][number];

/** The row that the chain would store of a window's scores. */
function rowOf(scores: Rescored, window: number): Row {
  const earning = (scores.get(window) ?? []).filter(({ weight }) => weight > 0);
  const values = storedWeights(earning.map(({ weight }) => weight));
  return earning.map(({ uid }, index) => [uid, values[index] ?? 0] as const);
}

/** The newest weights up to a window: who would have had none to set keeps those of before. */
function standingRow({ records, scores }: Judge, window: number): Row {
  const before = records.filter((record) => record.window <= window).toReversed();
  for (const record of before) {
    const row = rowOf(scores, record.window);
    if (row.length > 0) return row;
  }
  return [];
}

/** The weights of an epoch with those of the judges in their place. */
function weightsWith(
  { input, hotkeys, fixedAt }: EpochFacts,
  judges: ReadonlyMap<Hex, Judge>,
  run: Pick<Run, "clock">,
): readonly Row[] {
  return input.weights.map((row, uid) => {
    const hotkey = hotkeys[uid];
    const judge = hotkey === undefined ? undefined : judges.get(hotkey);
    if (judge === undefined) return row;
    const stored = { fixedAt: fixedAt[uid] ?? 0, row };
    const behind = recordBehind(run, judge.records, stored);
    return behind === null ? row : standingRow(judge, behind.record.window);
  });
}

/**
 * Runs all epochs again. Bonds and what is carried follow from the new weights; stakes, permits and registrations stay as
 * they were, so what pay would have done to stake is left out.
 */
export function payAgain(
  epochs: readonly EpochFacts[],
  judges: readonly Judge[],
  run: Pick<Run, "clock">,
): readonly EpochPay[] {
  const byHotkey = new Map(judges.map((judge) => [judge.validator, judge]));
  const pays: EpochPay[] = [];
  for (const facts of epochs) {
    const last = pays.at(-1);
    const weights = weightsWith(facts, byHotkey, run);
    const bonds = facts.input.bonds.map((row, uid) => last?.bonds[uid] ?? row);
    const carriedRao = last?.carriedRao ?? facts.carriedRao;
    pays.push(payEpoch({ ...facts, carriedRao, input: { ...facts.input, weights, bonds } }));
  }
  return pays;
}
