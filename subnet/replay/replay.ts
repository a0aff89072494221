/** @file A run's recorded windows under other scoring: who would have earned what beside what they earned. */
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { Run } from "../../src/run/run.ts";
import type { EpochFacts, EpochPay } from "../audit/epochs.ts";
import type { Member } from "../audit/recorded.ts";
import { payAgain } from "./pay.ts";
import { rescored } from "./rescore.ts";

/** What a replay works on. */
export type ReplayParts = {
  readonly run: Run;
  readonly epochs: readonly { readonly facts: EpochFacts; readonly pay: EpochPay }[];
  readonly logs: readonly { readonly validator: Hex; readonly records: readonly WindowRecord[] }[];
  /** Who is who, where the run's record says. */
  readonly members: readonly Member[];
};

/** A hotkey's miner pay, in rao and as a share of all miner pay (0 to 1). */
export type EarnedRow = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly name: string | null;
  readonly isHonest: boolean;
  readonly earnedRao: bigint;
  readonly earnedShare: number;
  readonly triedRao: bigint;
  readonly triedShare: number;
};

/** One trial. `cv`: coefficient of variation of what honest hotkeys are paid; null where nobody is known as honest. */
export type Trial = {
  readonly rows: readonly EarnedRow[];
  readonly earnedCv: number | null;
  readonly triedCv: number | null;
  /** Records whose rejected updates have no losses that the tried mode would ask for. */
  readonly unmeasured: number;
};

const PARTS = 1_000_000_000n;

const shareOf = (part: bigint, all: bigint): number =>
  all === 0n ? 0 : Number((part * PARTS) / all) / Number(PARTS);

/** Miner pay of each hotkey over all epochs, with its last uid. */
function minerPayOf(
  epochs: readonly EpochFacts[],
  pays: readonly EpochPay[],
): ReadonlyMap<Hex, { readonly uid: number; readonly rao: bigint }> {
  const sums = new Map<Hex, { uid: number; rao: bigint }>();
  for (const [index, { hotkeys }] of epochs.entries())
    for (const [uid, hotkey] of hotkeys.entries()) {
      const rao = pays[index]?.miners[uid] ?? 0n;
      sums.set(hotkey, { uid, rao: (sums.get(hotkey)?.rao ?? 0n) + rao });
    }
  return sums;
}

/** Standard deviation over mean; null for fewer than two. */
function variation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  if (mean === 0) return null;
  const square = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
  return Math.sqrt(square) / mean;
}

/** Updates that failed the gate and were not measured on their own pages: mode `credit` wants that, mode `published` does not record it. */
function unmeasuredIn({ logs }: ReplayParts, scoring: ScoringRules): number {
  if (scoring.mode !== "credit") return 0;
  const rows = logs.flatMap(({ records }) => records.flatMap(({ miners }) => miners));
  return rows.filter(({ losses }) => losses !== null && losses.own === null).length;
}

/** What the run would have paid under other rules. */
export function replay(parts: ReplayParts, scoring: ScoringRules): Trial {
  const { run, logs, members } = parts;
  const epochs = parts.epochs.map(({ facts }) => facts);
  const judges = logs.map(({ validator, records }) => ({
    validator,
    records,
    scores: rescored(records, () => scoring),
  }));
  const earned = minerPayOf(
    epochs,
    parts.epochs.map(({ pay }) => pay),
  );
  const tried = minerPayOf(epochs, payAgain(epochs, judges, run));
  const sum = (of: typeof earned): bigint =>
    [...of.values()].reduce((all, { rao }) => all + rao, 0n);
  const [allEarned, allTried] = [sum(earned), sum(tried)];
  const byHotkey = new Map(members.map((member) => [member.hotkey, member]));
  const scored = new Set(
    judges.flatMap(({ records }) =>
      records.flatMap(({ miners }) => miners.map(({ hotkey }) => hotkey)),
    ),
  );
  const rows = [...earned]
    .map(([hotkey, { uid, rao }]): EarnedRow => {
      const member = byHotkey.get(hotkey);
      const triedRao = tried.get(hotkey)?.rao ?? 0n;
      return {
        uid,
        hotkey,
        name: member?.name ?? null,
        isHonest: member?.kind === "honest",
        earnedRao: rao,
        earnedShare: shareOf(rao, allEarned),
        triedRao,
        triedShare: shareOf(triedRao, allTried),
      };
    })
    .filter(({ hotkey, earnedRao, triedRao }) => scored.has(hotkey) || earnedRao + triedRao > 0n)
    .toSorted((a, b) => a.uid - b.uid);
  const honest = rows.filter(({ isHonest }) => isHonest);
  return {
    rows,
    earnedCv: variation(honest.map(({ earnedShare }) => earnedShare)),
    triedCv: variation(honest.map(({ triedShare }) => triedShare)),
    unmeasured: unmeasuredIn(parts, scoring),
  };
}
