/** @file What a person sees of a local network: progress steps, a live table in a terminal, plain lines elsewhere. */
import type { Kind } from "./members.ts";

/** One uid as a line of the table. */
export type Row = {
  readonly uid: number;
  readonly name: string;
  readonly kind: Kind;
  /** Final score of the newest scored window, or null before there is one. */
  readonly score: number | null;
  /** Why it got that score, in words. */
  readonly verdict: string;
  /** Share of miner incentive on chain, 0 to 1. */
  readonly incentive: number;
  readonly earnedRao: bigint;
};

/** One moment of the run. */
export type Frame = {
  readonly height: number;
  readonly window: number;
  readonly windows: number;
  readonly phase: string;
  readonly heldOut: readonly { readonly window: number; readonly loss: number }[];
  readonly rows: readonly Row[];
  readonly digestsEqual: boolean;
  readonly seconds: number;
};

/** Where progress goes. */
export type Screen = {
  step(text: string): void;
  frame(frame: Frame): void;
  /** Ends the live table, so that what follows stands below it. */
  end(): void;
};

const RAO_PER_TOKEN = 1_000_000_000;
const BAR_WIDTH = 30;
const SPARKS = "▁▂▃▄▅▆▇█";
const PLAIN_TABLE_EVERY_WINDOWS = 10;
/** Where the output is no terminal, lines may be longer, but not endless. */
export const PLAIN_WIDTH = 200;

/** Tokens with three digits after the point. */
export function tokensText(rao: bigint): string {
  return (Number(rao) / RAO_PER_TOKEN).toFixed(3);
}

/** A line that fits; what is cut away leaves a mark. */
function fitted(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** The table of uids, no line longer than `width` characters. */
export function tableText(rows: readonly Row[], width: number): string {
  const head = ["uid", "name", "kind", "score", "incentive", "earned", "why"];
  const cells = rows.map((row) => [
    String(row.uid),
    row.name,
    row.kind,
    row.score === null ? "-" : row.score.toFixed(3),
    `${(100 * row.incentive).toFixed(1)} %`,
    tokensText(row.earnedRao),
    row.verdict,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => (line[column] ?? "").length)),
  );
  const line = (texts: readonly string[]): string =>
    `  ${texts
      .map((text, column) =>
        [0, 3, 4, 5].includes(column)
          ? text.padStart(widths[column] ?? 0)
          : text.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd()}`;
  return [line(head), ...cells.map(line)].map((text) => fitted(text, width)).join("\n");
}

/** Falling bars of the held-out loss, newest at the right. */
export function sparkline(losses: readonly number[]): string {
  const shown = losses.slice(-48);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  return shown
    .map(
      (loss) =>
        SPARKS[Math.round(((loss - low) / Math.max(high - low, 1e-9)) * (SPARKS.length - 1))] ?? "",
    )
    .join("");
}

function headText(frame: Frame): string {
  const done = Math.max(0, Math.min(1, frame.window / frame.windows));
  const filled = Math.round(done * BAR_WIDTH);
  const newest = frame.heldOut.at(-1);
  const loss =
    newest === undefined ? "not measured yet" : `${newest.loss.toFixed(3)} nats per byte`;
  const digests = frame.digestsEqual ? "equal on all nodes" : "DIFFER BETWEEN NODES";
  return [
    `  [${"█".repeat(filled)}${"·".repeat(BAR_WIDTH - filled)}] window ${Math.max(0, frame.window)} of ${frame.windows}, ${frame.phase}; block ${frame.height}; ${frame.seconds.toFixed(0)} s`,
    `  held-out loss ${loss}  ${sparkline(frame.heldOut.map((one) => one.loss))}`,
    `  parameters: ${digests}`,
  ].join("\n");
}

/** A live table that is drawn over itself. */
function terminalScreen(output: NodeJS.WriteStream): Screen {
  let drawnLines = 0;
  return {
    step: (text) => output.write(`  ${text}\n`),
    frame(frame) {
      const text = `${headText(frame)}\n\n${tableText(frame.rows, output.columns)}\n`;
      const lines = text.split("\n").map((line) => line.slice(0, output.columns));
      const up = drawnLines === 0 ? "" : `\u001B[${drawnLines}A`;
      output.write(`${up}${lines.map((line) => `${line}\u001B[K`).join("\n")}`);
      drawnLines = lines.length - 1;
    },
    end() {
      drawnLines = 0;
      output.write("\n");
    },
  };
}

/** One line a window, the table now and then. */
function plainScreen(output: NodeJS.WriteStream): Screen {
  let window = -1;
  return {
    step: (text) => output.write(`  ${text}\n`),
    frame(frame) {
      if (frame.window <= window) return;
      window = frame.window;
      const loss = frame.heldOut.at(-1)?.loss.toFixed(3) ?? "-";
      const digests = frame.digestsEqual ? "" : "  DIGESTS DIFFER";
      output.write(
        `  window ${window} of ${frame.windows}  block ${frame.height}  held-out ${loss}  ${frame.seconds.toFixed(0)} s${digests}\n`,
      );
      if (window > 0 && window % PLAIN_TABLE_EVERY_WINDOWS === 0)
        output.write(`\n${tableText(frame.rows, PLAIN_WIDTH)}\n\n`);
    },
    end: () => undefined,
  };
}

/** A live table in a terminal, plain lines in a pipe or file. */
export function screenOn(output: NodeJS.WriteStream): Screen {
  return output.isTTY ? terminalScreen(output) : plainScreen(output);
}
