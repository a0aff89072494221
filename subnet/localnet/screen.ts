/** @file What a person sees of a local network: progress steps, a live table in a terminal, plain lines elsewhere. */
import { FullScreen } from "../../src/command/full-screen.ts";
import { Progress, type TellFar } from "../../src/command/progress.ts";
import { fitted } from "../../base/text.ts";
import type { Alert, Frame } from "./frame.ts";
import { headLines, timeText, windowText } from "./head.ts";
import { type Paint, paintFor } from "./paint.ts";
import { tableLines } from "./table.ts";

/** A terminal or a pipe. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Where progress goes. */
export type Screen = {
  step(text: string): void;
  /** How far a long step is. */
  far: TellFar;
  frame(frame: Frame): void;
  /** Ends the live table, so that what follows stands below it. */
  end(): void;
};

const PLAIN_TABLE_EVERY_WINDOWS = 10;
/** Where the output is no terminal, lines may be longer, but not endless. */
export const PLAIN_WIDTH = 200;
/** A terminal that does not know its size. */
const USUAL = { columns: 80, rows: 24 } as const;
/** The empty line below the frame, where the cursor stands. */
const CURSOR_LINES = 1;
const ALERTS = { few: 2, many: 6 } as const;
const TALL_ROWS = 30;

const UP = (lines: number): string => (lines === 0 ? "" : `\u001B[${lines}A`);
const TO_END_OF_LINE = "\u001B[K";
const TO_END_OF_SCREEN = "\u001B[J";
const WHOLE_SCREEN = "\u001B[H\u001B[2J";

/** The whole frame in so many columns and lines: never more of either. */
export function frameLines(
  frame: Frame,
  size: { readonly columns: number; readonly lines: number },
  paint: Paint,
): string[] {
  const { columns, lines } = size;
  const mostAlerts = lines >= TALL_ROWS ? ALERTS.many : ALERTS.few;
  const head = headLines(frame, { width: columns, paint, mostAlerts });
  const left = lines - head.length - 1;
  if (left < 2) return head.slice(0, lines);
  return [...head, "", ...tableLines(frame.rows, { width: columns, lines: left }, paint)];
}

/** A terminal may not know its size, or say 0. */
function sizeOf({ columns = 0, rows = 0 }: Output): { columns: number; rows: number } {
  return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
}

/** A live table that is drawn over itself, and anew where the window changes its size. */
function terminalScreen(output: Output): Screen {
  const paint = paintFor(output);
  const progress = new Progress(output);
  let drawn = 0;
  let newest: Frame | null = null;
  const draw = (frame: Frame, from: string): void => {
    const { columns, rows } = sizeOf(output);
    const lines = frameLines(frame, { columns, lines: rows - CURSOR_LINES }, paint);
    const text = lines.map((line) => `${line}${TO_END_OF_LINE}\n`).join("");
    output.write(`${from}${text}${TO_END_OF_SCREEN}`);
    drawn = lines.length;
  };
  // What was drawn before has been wrapped by the terminal: nobody knows how high it is now.
  const resized = (): void => {
    if (newest !== null) draw(newest, WHOLE_SCREEN);
  };
  const end = (): void => {
    progress.end();
    output.off("resize", resized);
    newest = null;
    drawn = 0;
  };
  return {
    step(text) {
      end();
      output.write(`  ${text}\n`);
    },
    far: progress.at,
    frame(frame) {
      if (newest === null) output.on("resize", resized);
      newest = frame;
      draw(frame, `\r${UP(drawn)}`);
    },
    end,
  };
}

/** The loss, the time and what is wrong, on one line. */
function plainLine(frame: Frame): string {
  const loss = frame.heldOut.at(-1)?.loss.toFixed(3) ?? "-";
  const digests = frame.digestsEqual ? "" : "  PARAMETERS DIFFER BETWEEN NODES";
  return `  ${windowText(frame)}  block ${frame.height}  held-out ${loss}  ${timeText(frame)}${digests}\n`;
}

/** One line a window, the table now and then; what happens to a member when it happens. */
function plainScreen(output: Output): Screen {
  const paint = paintFor(output);
  const progress = new Progress(output);
  let window = -1;
  let before: readonly Alert[] = [];
  const tellAlerts = (alerts: readonly Alert[]): void => {
    const isNew = ({ text }: Alert): boolean => before.every((one) => one.text !== text);
    for (const { text, logPath } of alerts.filter(isNew)) {
      const log = logPath === null ? "" : `; log ${logPath}`;
      output.write(`${paint("warning", `  ! ${text}${log}`)}\n`);
    }
    const isOver = ({ name }: Alert): boolean => alerts.every((one) => one.name !== name);
    for (const name of new Set(before.filter(isOver).map((one) => one.name)))
      output.write(`  ${name} takes part again\n`);
    before = alerts;
  };
  return {
    step: (text) => output.write(`  ${text}\n`),
    far: progress.at,
    frame(frame) {
      tellAlerts(frame.alerts);
      if (frame.window <= window) return;
      ({ window } = frame);
      output.write(plainLine(frame));
      if (window === 0 || window % PLAIN_TABLE_EVERY_WINDOWS !== 0) return;
      const room = { width: PLAIN_WIDTH, lines: Infinity };
      output.write(`\n${tableLines(frame.rows, room, paint).join("\n")}\n\n`);
    },
    end: () => undefined,
  };
}

/** Steps before the first frame, and below every frame as many as there is room for. */
const STEPS_KEPT = 100;
const STEPS_BELOW = 3;
/** Said once, and needed as long as the screen is there. */
const LASTS = /^page: /;

/** The same on a screen of its own; what was said there is said again once that is closed. */
function fullScreen(output: Output): Screen {
  const paint = paintFor(output);
  const screen = new FullScreen(output);
  let steps: readonly string[] = [];
  let far = "";
  let newest: Frame | null = null;
  const below = (columns: number, most: number): readonly string[] => {
    const said = far === "" ? steps : [...steps, far];
    const last = said.slice(-most);
    const lasting = said.slice(0, -most).filter((line) => LASTS.test(line));
    return [...lasting.slice(-1), ...last.slice(lasting.length === 0 ? 0 : 1)].map((line) =>
      paint("quiet", fitted(`  ${line}`, columns)),
    );
  };
  const draw = (): void =>
    screen.show(({ columns, rows }) => {
      if (newest === null) return below(columns, rows);
      const news = below(columns, STEPS_BELOW);
      const lines = rows - news.length - 1;
      return [...frameLines(newest, { columns, lines }, paint), "", ...news];
    });
  // There is a place for it.
  const progress = new Progress({
    write(text) {
      far = text.trim();
      draw();
    },
  });
  // What follows the live table stands below all that was said.
  let after: Screen | null = null;
  return {
    step(text) {
      if (after !== null) return after.step(text);
      far = "";
      steps = [...steps, text].slice(-STEPS_KEPT);
      draw();
    },
    far: (told) => (after ?? { far: progress.at }).far(told),
    frame(frame) {
      if (after !== null) return after.frame(frame);
      newest = frame;
      draw();
    },
    end() {
      if (after !== null) return after.end();
      screen.close();
      after = terminalScreen(output);
      for (const text of steps) after.step(text);
    },
  };
}

/** A full screen where that is asked for, a live table in a terminal, plain lines in a pipe or file. */
export function screenOn(output: Output, full = false): Screen {
  if (output.isTTY !== true) return plainScreen(output);
  return full ? fullScreen(output) : terminalScreen(output);
}
