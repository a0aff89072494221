/** @file The lines above the table: how far the run is, the clock of the window, the loss, and what needs a person's eye. */
import { basename } from "node:path";
import type { PhaseView } from "../../src/api/page.ts";
import type { Alert, Frame } from "./frame.ts";
import type { Paint } from "./paint.ts";
import { clockText, fitted, sparkline } from "../../base/text.ts";

const BAR = { least: 8, most: 40 } as const;
/** Longer phases are drawn smaller. */
const PHASE_CELLS = 8;
const MARGIN = "  ";
/** Waits as short as this belong to every window. */
const SHORT_WAIT_SECONDS = 1;
const MOST_SPARKS = 48;

/** Pieces of one line, each with its tone, cut to `width`. */
type Pieces = readonly (readonly [tone: Parameters<Paint>[0], text: string])[];

function painted(pieces: Pieces, width: number, paint: Paint): string {
  let left = width;
  return pieces
    .map(([tone, text]) => {
      const shown = fitted(text, left);
      left -= shown.length;
      return paint(tone, shown);
    })
    .join("");
}

/** "window 3 of 60", "before window 0", "all 60 windows over". */
export function windowText({ window, windows }: Pick<Frame, "window" | "windows">): string {
  const of = windows === 0 ? "" : ` of ${windows}`;
  if (window < 0) return "before window 0";
  return windows > 0 && window >= windows ? `all ${windows} windows over` : `window ${window}${of}`;
}

/** "1:02 gone, about 2:10 left". */
export function timeText({ seconds, secondsLeft }: Pick<Frame, "seconds" | "secondsLeft">): string {
  const left = secondsLeft === null ? "" : `, about ${clockText(secondsLeft)} left`;
  return `${clockText(seconds)} gone${left}`;
}

function progressLine(frame: Frame, width: number, paint: Paint): string {
  const window = windowText(frame);
  const time = timeText(frame);
  const room = width - MARGIN.length - window.length - time.length - 4;
  if (frame.windows === 0 || room < BAR.least)
    return painted(
      [
        ["title", `${MARGIN}${window}`],
        ["plain", `  ${time}`],
      ],
      width,
      paint,
    );
  const bar = Math.min(BAR.most, room);
  const filled = Math.round(bar * Math.max(0, Math.min(1, frame.window / frame.windows)));
  return painted(
    [
      ["title", `${MARGIN}${window}  `],
      ["bar", "█".repeat(filled)],
      ["quiet", "░".repeat(bar - filled)],
      ["plain", `  ${time}`],
    ],
    width,
    paint,
  );
}

function phasePieces({ name, done, blocks }: PhaseView): Pieces {
  const cells = Math.min(PHASE_CELLS, blocks);
  const filled = Math.floor((done / blocks) * cells);
  const isNow = done > 0 && done < blocks;
  return [
    [isNow ? "title" : "quiet", `${name} `],
    ["bar", "█".repeat(filled)],
    ["quiet", `${"░".repeat(cells - filled)}  `],
  ];
}

function waitText({ waiting }: Frame): string {
  if (waiting === null || waiting.seconds < SHORT_WAIT_SECONDS) return "";
  const [first = "", ...others] = waiting.names;
  const more = others.length === 0 ? "" : ` +${others.length}`;
  return `waits for ${first}${more} (${waiting.seconds.toFixed(0)} s)`;
}

function clockLine(frame: Frame, width: number, paint: Paint): string {
  const wait = waitText(frame);
  const pieces: Pieces = [
    ["plain", MARGIN],
    ...frame.phases.flatMap(phasePieces),
    wait === "" ? ["quiet", `block ${frame.height}`] : ["warning", wait],
  ];
  return painted(pieces, width, paint);
}

function lossLine(frame: Frame, width: number, paint: Paint): string {
  const newest = frame.heldOut.at(-1)?.loss;
  const loss = newest === undefined ? "not measured yet" : `${newest.toFixed(3)} nats per token`;
  const text = `${MARGIN}held-out loss ${loss}  `;
  const same = frame.digestsEqual ? "parameters equal" : "PARAMETERS DIFFER BETWEEN NODES";
  const sparks = sparkline(
    frame.heldOut.map((one) => one.loss),
    Math.min(MOST_SPARKS, width - text.length - same.length - 2),
  );
  const pieces: Pieces = [
    ["plain", text],
    ["bar", sparks],
    [frame.digestsEqual ? "good" : "bad", `${sparks === "" ? "" : "  "}${same}`],
  ];
  return painted(pieces, width, paint);
}

/** An alert with its log: where there is no room for the path, the file's name; it lies in the run's folder. */
function alertText({ text, logPath }: Alert, width: number): string {
  if (logPath === null) return text;
  const whole = `${text}; log ${logPath}`;
  return whole.length <= width ? whole : `${text}; log ${basename(logPath)}`;
}

/** At most `most` lines about members that need a person's eye. */
function alertLines(
  { alerts }: Frame,
  most: number,
  at: { width: number; paint: Paint },
): string[] {
  const shown = alerts.length <= most ? alerts : alerts.slice(0, Math.max(0, most - 1));
  const lines = shown.map((alert) => `${MARGIN}! ${alertText(alert, at.width - 4)}`);
  const hidden = alerts.length - shown.length;
  if (hidden > 0) lines.push(`${MARGIN}! … and ${hidden} more members that do not take part`);
  return lines.map((line) => at.paint("warning", fitted(line, at.width)));
}

/** The lines above the table. */
export function headLines(
  frame: Frame,
  at: { readonly width: number; readonly paint: Paint; readonly mostAlerts: number },
): string[] {
  const { width, paint, mostAlerts } = at;
  return [
    progressLine(frame, width, paint),
    clockLine(frame, width, paint),
    lossLine(frame, width, paint),
    ...alertLines(frame, mostAlerts, at),
  ];
}
