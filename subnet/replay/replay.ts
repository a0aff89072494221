/** @file A run's recorded windows under other scoring: who would have earned what beside what they earned. */
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { Run } from "../../src/run/run.ts";
import { type EpochFacts, type EpochPay, sumOf } from "../audit/epochs.ts";
import type { Member } from "../audit/recorded.ts";
import { spreadOf } from "../report/spread.ts";
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
  /** The same, epoch by epoch. */
  readonly earnedShares: readonly number[];
  readonly triedShares: readonly number[];
};

/** One trial. `cv`: coefficient of variation of what honest hotkeys are paid; null where nobody is known as honest. */
export type Trial = {
  /** The window in which each epoch fell; -1 before the run. */
  readonly epochWindows: readonly number[];
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

/** Each hotkey's share of all miner pay, epoch by epoch; 0 in an epoch that paid nobody. */
function epochSharesOf(
  epochs: readonly EpochFacts[],
  pays: readonly EpochPay[],
): ReadonlyMap<Hex, readonly number[]> {
  const byHotkey = new Map<Hex, number[]>();
  for (const [index, { hotkeys }] of epochs.entries()) {
    const miners = pays[index]?.miners ?? [];
    const all = sumOf(miners);
    for (const [uid, hotkey] of hotkeys.entries()) {
      const shares = byHotkey.get(hotkey) ?? epochs.map(() => 0);
      shares[index] = shareOf(miners[uid] ?? 0n, all);
      byHotkey.set(hotkey, shares);
    }
  }
  return byHotkey;
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
  const earnedPays = parts.epochs.map(({ pay }) => pay);
  const triedPays = payAgain(epochs, judges, run);
  const earned = minerPayOf(epochs, earnedPays);
  const tried = minerPayOf(epochs, triedPays);
  const earnedOver = epochSharesOf(epochs, earnedPays);
  const triedOver = epochSharesOf(epochs, triedPays);
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
        earnedShares: earnedOver.get(hotkey) ?? [],
        triedShares: triedOver.get(hotkey) ?? [],
      };
    })
    .filter(({ hotkey, earnedRao, triedRao }) => scored.has(hotkey) || earnedRao + triedRao > 0n)
    .toSorted((a, b) => a.uid - b.uid);
  const honest = rows.filter(({ isHonest }) => isHonest);
  return {
    epochWindows: epochs.map(({ block }) => Math.max(-1, run.clock.windowOf(block))),
    rows,
    earnedCv: spreadOf(honest.map(({ earnedShare }) => earnedShare))?.cv ?? null,
    triedCv: spreadOf(honest.map(({ triedShare }) => triedShare))?.cv ?? null,
    unmeasured: unmeasuredIn(parts, scoring),
  };
}
