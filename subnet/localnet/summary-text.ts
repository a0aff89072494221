/** @file The summary as people read it: fits the terminal, says plainly what failed, ends with commands that run as printed. */
import type { NextCommand } from "../../base/fault.ts";
import { isExact } from "../audit/emission.ts";
import type { Paint } from "./paint.ts";
import { faultsOf, type Summary } from "./summary.ts";
import { tableLines } from "./table.ts";
import { clockText, fitted, tokensText, wrapped } from "../../base/text.ts";

/** Where and how it is shown. */
export type SummaryView = {
  readonly width: number;
  readonly paint: Paint;
  /** A command as it runs here. */
  readonly line: (command: NextCommand) => string;
  /** Whether wallets and nodes' state stay, so that the run can go on or be served. */
  readonly isKept: boolean;
};

const LABEL = 18;
const MARGIN = "  ";
const WIDTH = { least: 60, most: 120 } as const;
const SAMPLE_LINES = 8;
const MOST_NAMES = 4;

const lossText = (value: number): string => value.toFixed(3);

/** How far `loss` lies from `base`, in words. */
function ratio(loss: number, base: number): string {
  const percent = (loss / base - 1) * 100;
  return `the network ended ${Math.abs(percent).toFixed(1)} % ${percent < 0 ? "below" : "above"} it`;
}

function titleText(summary: Summary): string {
  const { windows, planned, stopped, seconds } = summary;
  const time = clockText(seconds);
  const of = planned === 0 ? "" : ` of ${planned}`;
  const faults = faultsOf(summary);
  if (faults.length > 0)
    return `FAILED after ${windows}${of} windows and ${time}: ${faults.join("; ")}.`;
  return stopped
    ? `Stopped after ${windows}${of} windows and ${time}.`
    : `Done: ${windows} windows in ${time}.`;
}

function updateText({ bytesPerUpdate, denseBytes }: Summary): string {
  if (bytesPerUpdate === 0) return "none was accepted";
  const bytes = `${bytesPerUpdate.toFixed(0)} bytes`;
  if (denseBytes === null) return bytes;
  const factor = (denseBytes / bytesPerUpdate).toFixed(0);
  return `${bytes} instead of ${denseBytes} as float32 (${factor} times less)`;
}

function parametersText({ digestsEqual, windowsCompared, rederived }: Summary): string {
  if (!digestsEqual) return "DIFFERED BETWEEN NODES";
  if (windowsCompared === 0) return "not compared: no window was done";
  const again = rederived ? ", and re-derived from the chain's record" : "";
  return `bit-identical on all nodes in every window${again}`;
}

function missedText({ missed, windows, windowsRecorded }: Summary): string {
  if (windowsRecorded === 0) return "not known: no validator recorded a window";
  const late = Object.entries(missed);
  if (late.length === 0) return "no honest miner missed a window";
  const names = late.slice(0, MOST_NAMES).map(([name, count]) => `${name} ${count}`);
  const more = late.length > MOST_NAMES ? ` and ${late.length - MOST_NAMES} more miners` : "";
  return `MISSED: ${names.join(", ")}${more} of ${windows} windows`;
}

function paceText({ pace }: Summary): string {
  const { medianMs, longestMs, longest, windowMs, waitedFor } = pace;
  const [most] = waitedFor;
  const last = longest === null ? "" : ` (waiting for ${longest.name} in window ${longest.window})`;
  const waits = most === undefined ? "" : `; most often waiting for ${most.name}`;
  return `a window in ${(windowMs / 1000).toFixed(1)} s; a block in ${medianMs.toFixed(0)} ms, longest ${longestMs.toFixed(0)} ms${last}${waits}`;
}

function lossLines(summary: Summary): [string, string][] {
  const { heldOutLoss, measured, baselineLoss, aloneLoss } = summary;
  if (heldOutLoss === null) {
    const last =
      measured === null ? "" : `; ${lossText(measured.loss)} in window ${measured.window}`;
    return [["held-out loss", `not measured at the end${last}`]];
  }
  const { start, end } = heldOutLoss;
  const one =
    baselineLoss === null
      ? "not measured"
      : `${lossText(baselineLoss)} on the same tokens in one big batch; ${ratio(end, baselineLoss)}`;
  const alone =
    aloneLoss === null ? "not measured" : `${lossText(aloneLoss)} on its own share only`;
  return [
    ["held-out loss", `${lossText(start)} -> ${lossText(end)} nats per token`],
    ["one node alone", one],
    ["one miner alone", alone],
  ];
}

function cheatersText({ cheaterShare }: Summary): string {
  if (cheaterShare === null) return "not measured: no miner was paid from window 5 on";
  return `${(100 * cheaterShare).toFixed(2)} % of miner emission from window 5 on`;
}

function factLines(summary: Summary): [string, string][] {
  const { ledger, skipped } = summary;
  const exact = isExact(ledger) ? "equal to the last rao, all accounted for" : "DOES NOT ADD UP";
  return [
    ...lossLines(summary),
    ["an update", updateText(summary)],
    ["parameters", parametersText(summary)],
    ["cheaters", cheatersText(summary)],
    ["honest miners", missedText(summary)],
    [
      "tokens issued",
      `${tokensText(ledger.issuedRao)}, schedule ${tokensText(ledger.scheduledRao)}: ${exact}`,
    ],
    ["pace", paceText(summary)],
    ["peak memory", `${(summary.peakRssBytes / 2 ** 30).toFixed(2)} GiB, all processes together`],
    ...(skipped.length === 0 ? [] : [["left out", skipped.join(", ")] as [string, string]]),
  ];
}

/** What can be done with the run now. Commands stand on lines of their own, never wrapped: they are copied. */
function nextLines(summary: Summary, { line, isKept }: SummaryView): string[] {
  const { record: run, final, stopped } = summary;
  const prompt = summary.prompt ?? "The ";
  const lines = [`record            ${run}`];
  if (final !== null) {
    lines.push(
      `final checkpoint  run ${final.runId.slice(0, 18)}, window ${final.window}:`,
      `                  ${final.path}`,
      "write on with it  ".concat(line({ ours: "subnet generate", set: { run, prompt } })),
      "for transformers  ".concat(line({ ours: "subnet export", set: { run, output: "model" } })),
    );
  }
  if (isKept) {
    const label = stopped ? "go on             " : "serve it again    ";
    lines.push(label + line({ ours: "subnet localnet resume", args: [run] }));
  }
  return lines.map((text) => MARGIN + text);
}

/** The summary as text. */
export function summaryText(summary: Summary, view: SummaryView): string {
  const { paint } = view;
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, view.width)) - MARGIN.length;
  const isGood = faultsOf(summary).length === 0;
  const facts = factLines(summary).flatMap(([label, text]) =>
    wrapped(text, width - LABEL).map(
      (part, index) => MARGIN + paint("quiet", (index === 0 ? label : "").padEnd(LABEL)) + part,
    ),
  );
  const sample = summary.sample.split("\n").slice(0, SAMPLE_LINES);
  return [
    "",
    ...wrapped(titleText(summary), width).map(
      (text) => MARGIN + paint(isGood ? "good" : "bad", text),
    ),
    "",
    ...facts,
    "",
    ...tableLines(summary.rows, { width: view.width, lines: Infinity }, paint),
    fitted(
      `${MARGIN}earned: tokens paid by the chain since its first block; stake is none of it`,
      view.width,
    ),
    ...(summary.sample === ""
      ? []
      : [
          "",
          `${MARGIN}the model writes:`,
          ...sample.map((text) => `${MARGIN}  | ${fitted(text, width - 4)}`),
        ]),
    "",
    ...nextLines(summary, view),
    "",
    "",
  ].join("\n");
}
