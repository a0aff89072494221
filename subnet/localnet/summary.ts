/** @file The end of a local network: what was learned, paid and proven, for people and as one JSON object. */
import { isExact, type TokenLedger } from "../audit/emission.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { PaceReport } from "./block-times.ts";
import { isCheater, type Kind } from "./members.ts";
import { type Row, tableText, tokensText } from "./screen.ts";

/** The parameters that a run ended with, kept as a file that can be exported or gone on from. */
export type FinalCheckpoint = {
  readonly runId: Hex;
  readonly window: number;
  readonly thetaDigest: Hex;
  /** Blob address of the checkpoint. */
  readonly checkpoint: Hex;
  readonly path: string;
};

/** Everything the summary says. Losses in nats per byte. */
export type Summary = {
  readonly windows: number;
  readonly stopped: boolean;
  readonly heldOutLoss: { readonly start: number; readonly end: number };
  readonly baselineLoss: number | null;
  readonly aloneLoss: number | null;
  readonly bytesPerUpdate: number;
  readonly denseBytes: number;
  readonly rows: readonly Row[];
  readonly ledger: TokenLedger;
  /** Share of miner emission from the fifth window on that went to cheaters, 0 to 1. */
  readonly cheaterShare: number;
  readonly digestsEqual: boolean;
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly record: string;
  readonly final: FinalCheckpoint;
  readonly pace: PaceReport;
  /** Windows in which an honest miner had no update that could be judged, by name. */
  readonly missed: Readonly<Record<string, number>>;
  readonly sample: string;
};

/** Exit code 0 only if all nodes agreed, the model learned, and the money adds up. */
export function exitCodeOf(summary: Summary): number {
  const { heldOutLoss, digestsEqual, ledger } = summary;
  return digestsEqual && heldOutLoss.end < heldOutLoss.start && isExact(ledger) ? 0 : 1;
}

/** Cheaters' share of what miners were paid between two readings. */
export function cheaterShareOf(rows: readonly { kind: Kind; earnedRao: bigint }[]): number {
  const miners = rows.filter((row) => row.kind === "honest" || isCheater(row.kind));
  const total = miners.reduce((sum, row) => sum + row.earnedRao, 0n);
  const cheated = miners
    .filter((row) => isCheater(row.kind))
    .reduce((sum, row) => sum + row.earnedRao, 0n);
  return total === 0n ? 0 : Number((cheated * 1_000_000n) / total) / 1e6;
}

/** How far `loss` lies from `base`, in words. */
function ratio(loss: number, base: number | null): string {
  if (base === null) return "";
  const percent = (loss / base - 1) * 100;
  return `; the network ended ${Math.abs(percent).toFixed(1)} % ${percent < 0 ? "below" : "above"} it`;
}

const lossText = (value: number): string => value.toFixed(3);

function updateText({ bytesPerUpdate, denseBytes }: Summary): string {
  if (bytesPerUpdate === 0) return "none was accepted";
  const factor = (denseBytes / bytesPerUpdate).toFixed(0);
  return `${bytesPerUpdate.toFixed(0)} bytes instead of ${denseBytes} as float32 (${factor} times less)`;
}

function paceText({ pace, missed }: Summary): string {
  const { medianMs, longestMs, waitedFor } = pace;
  const [most] = waitedFor;
  const waits = most === undefined ? "" : `, mostly waiting for ${most.name}`;
  const late = Object.entries(missed).map(([name, windows]) => `${name} ${windows}`);
  const honest = late.length === 0 ? "no honest update was late" : `MISSED: ${late.join(", ")}`;
  return `a block in ${medianMs.toFixed(0)} ms, longest ${longestMs.toFixed(0)} ms${waits}; ${honest}`;
}

const comparedText = (loss: number | null, how: string): string =>
  loss === null ? "not measured" : `${lossText(loss)} ${how}`;

/** The summary as text. */
export function summaryText(summary: Summary, width: number): string {
  const { heldOutLoss, baselineLoss, aloneLoss, ledger } = summary;
  return [
    "",
    `  ${summary.stopped ? "Stopped" : "Done"} after ${summary.windows} windows and ${summary.seconds.toFixed(0)} s.`,
    "",
    `  held-out loss     ${lossText(heldOutLoss.start)} -> ${lossText(heldOutLoss.end)} nats per byte`,
    `  one node alone    ${comparedText(baselineLoss, "on the same tokens, one big batch, no network")}${ratio(heldOutLoss.end, baselineLoss)}`,
    `  one miner alone   ${comparedText(aloneLoss, "on its own share only")}`,
    `  an update         ${updateText(summary)}`,
    `  parameters        ${summary.digestsEqual ? "bit-identical on all nodes in every window, and re-derived from the chain's record" : "DIFFERED BETWEEN NODES"}`,
    `  cheaters          ${(100 * summary.cheaterShare).toFixed(2)} % of miner emission from the fifth window on`,
    `  tokens issued     ${tokensText(ledger.issuedRao)}, schedule ${tokensText(ledger.scheduledRao)}: ${isExact(ledger) ? "equal to the last rao, and all accounted for" : "DOES NOT ADD UP"}`,
    `  pace              ${paceText(summary)}`,
    `  peak memory       ${(summary.peakRssBytes / 2 ** 30).toFixed(2)} GiB, all processes together`,
    "",
    tableText(summary.rows, width),
    "",
    "  the model writes:",
    ...summary.sample
      .split("\n")
      .slice(0, 8)
      .map((line) => `    | ${line.slice(0, 96)}`),
    "",
    `  record            ${summary.record}`,
    `  final checkpoint  run ${summary.final.runId.slice(0, 18)}, window ${summary.final.window}: ${summary.final.path}`,
    "",
  ].join("\n");
}

/** The same for scripts: one object, token amounts as decimal strings. */
export function summaryJson(summary: Summary): string {
  const { rows, ledger, ...rest } = summary;
  return JSON.stringify({
    ...rest,
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
