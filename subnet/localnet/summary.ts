/** @file The end of a local network: what was learned, paid and proven, whether it counts as a success, and one JSON object. */
import type { Hex } from "../../src/protocol/digest.ts";
import { isExact, type TokenLedger } from "../audit/emission.ts";
import type { PaceReport } from "./block-times.ts";
import type { Row } from "./frame.ts";
import { isCheater, isMiner, type Kind } from "./members.ts";

/** The parameters that a run ended with, kept as a file that can be exported or gone on from. */
export type FinalCheckpoint = {
  readonly runId: Hex;
  readonly window: number;
  readonly thetaDigest: Hex;
  /** Blob address of the checkpoint. */
  readonly checkpoint: Hex;
  readonly path: string;
};

/** Held-out losses in nats per token of the first and the last parameters, and what the last ones write. */
export type Learned = {
  readonly start: number;
  readonly end: number;
  readonly prompt: string;
  readonly sample: string;
};

/** Everything the summary says. Losses in nats per token; null: not measured. */
export type Summary = {
  /** Windows that are done. */
  readonly windows: number;
  /** Windows of the manifest; 0: endless. */
  readonly planned: number;
  /** Whether the run ended before its last window. */
  readonly stopped: boolean;
  /** What was left out: to stop in time, or because its payloads are not kept. */
  readonly skipped: readonly string[];
  /** Windows that some validator recorded. */
  readonly windowsRecorded: number;
  /** Windows of before this process began whose records it did not look at. */
  readonly windowsUnseen: number;
  /** recordDigest of the last record of each validator that was read, by hotkey. */
  readonly recordHeads: Readonly<Record<Hex, Hex>>;
  /** Windows in which at least one update was accepted. */
  readonly windowsWithUpdates: number;
  readonly heldOutLoss: { readonly start: number; readonly end: number } | null;
  /** The newest loss that a validator measured on a part of the held-out text. */
  readonly measured: { readonly window: number; readonly loss: number } | null;
  readonly baselineLoss: number | null;
  readonly aloneLoss: number | null;
  readonly bytesPerUpdate: number;
  readonly denseBytes: number | null;
  readonly rows: readonly Row[];
  readonly ledger: TokenLedger;
  /** Share of miner emission from window 5 on that went to cheaters, 0 to 1. */
  readonly cheaterShare: number | null;
  readonly digestsEqual: boolean;
  /** Windows whose parameters at least two parties had. */
  readonly windowsCompared: number;
  /** Whether every window was re-derived from theta_0. */
  readonly rederived: boolean;
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly record: string;
  readonly final: FinalCheckpoint | null;
  readonly pace: PaceReport;
  /** Windows in which an honest miner had no update that could be judged, by name. */
  readonly missed: Readonly<Record<string, number>>;
  readonly prompt: string | null;
  readonly sample: string;
};

/** Fewer windows of a run that somebody stopped prove nothing. */
const FEW_WINDOWS = 4;

/** What a run is judged by: each a sentence, and whether it is so. */
function complaints(summary: Summary): readonly (readonly [isSo: boolean, sentence: string])[] {
  const { windowsWithUpdates, stopped, heldOutLoss, ledger } = summary;
  const isShort = stopped && summary.windows < FEW_WINDOWS;
  const windows = summary.windows - summary.windowsUnseen;
  const without = windows - windowsWithUpdates;
  return [
    [
      !isShort && windowsWithUpdates * 2 < windows,
      `no update was accepted in ${without} of ${windows} windows: the network did not work`,
    ],
    [!summary.digestsEqual, "nodes held different parameters"],
    [
      !isShort && summary.windowsCompared === 0,
      "no window was computed by two nodes, so nothing could be compared",
    ],
    [
      !isShort && heldOutLoss !== null && !(heldOutLoss.end < heldOutLoss.start),
      "the model learned nothing",
    ],
    [
      !stopped && !summary.rederived && summary.skipped.length === 0,
      "the record could not be derived again: payloads are missing",
    ],
    [!isExact(ledger), "the tokens do not add up"],
  ];
}

/** What went wrong, in plain words; nothing: the run is a success. */
export function faultsOf(summary: Summary): string[] {
  return complaints(summary).flatMap(([isSo, sentence]) => (isSo ? [sentence] : []));
}

/** Exit code 0 only if nothing went wrong: all nodes agreed, the model learned, the money adds up. */
export function exitCodeOf(summary: Summary): number {
  return faultsOf(summary).length === 0 ? 0 : 1;
}

/** Cheaters' share of what miners were paid between two readings; null when they were paid nothing. */
export function cheaterShareOf(rows: readonly { kind: Kind; earnedRao: bigint }[]): number | null {
  const miners = rows.filter((row) => isMiner(row.kind));
  const total = miners.reduce((sum, row) => sum + row.earnedRao, 0n);
  const cheated = miners
    .filter((row) => isCheater(row.kind))
    .reduce((sum, row) => sum + row.earnedRao, 0n);
  return total === 0n ? null : Number((cheated * 1_000_000n) / total) / 1e6;
}

/** The summary for scripts: one object, token amounts as decimal strings. */
export function summaryJson(summary: Summary): string {
  const { rows, ledger, final, ...rest } = summary;
  return JSON.stringify({
    ...rest,
    ...(final !== null && { final }),
    faults: faultsOf(summary),
    uids: rows.map((row) => ({
      uid: row.uid,
      name: row.name,
      role: row.kind === "owner" || row.kind === "validator" ? row.kind : "miner",
      kind: row.kind,
      emission: String(row.earnedRao),
      score: row.score,
      verdict: row.verdict,
    })),
    issued: String(ledger.issuedRao),
    scheduled: String(ledger.scheduledRao),
    ledger: Object.fromEntries(
      Object.entries(ledger).map(([name, amount]) => [name, String(amount)]),
    ),
  });
}
