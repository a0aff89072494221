/**
 * @file How far a long step is and how long it still takes: one line that is rewritten on a terminal, a line every ten seconds
 * elsewhere. What takes less than two seconds says nothing. Standard output holds results alone.
 */
import { clockText } from "../../base/text.ts";

/** Where progress is shown: standard error, in all but tests. */
type ProgressOutput = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
};

/** How far something is. */
export type Far = {
  /** What is done, as words that stay the same: "parameters". */
  readonly what: string;
  readonly done: number;
  /** How much there is to do; null where nobody knows. */
  readonly of: number | null;
  /** Of what: "windows". */
  readonly unit?: string;
};

/** Told how far something is. */
export type TellFar = (far: Far) => void;

/** What is faster needs no words. */
const QUIET_MS = 2000;
const REWRITTEN_MS = 200;
const LINE_MS = 10_000;
/** A terminal that does not know its width. */
const USUAL_COLUMNS = 80;
const ERASE = "\r\u001B[K";

/** A step under way. */
type Step = {
  readonly what: string;
  readonly beganMs: number;
  toldMs: number;
  readonly first: number;
};

const count = (value: number): string => value.toLocaleString("en");

/**
 * How far it is, and how long the rest takes at the pace so far; no guess before a fiftieth is done.
 * @param first what was done when it was first told of: work of before says nothing of the pace
 */
export function farText({ what, done, of, unit = "" }: Far, elapsedMs: number, first = 0): string {
  const behind = unit === "" ? "" : ` ${unit}`;
  if (of === null) return `${what}: ${count(done)}${behind}, ${clockText(elapsedMs / 1000)} gone`;
  const share = of === 0 ? 1 : Math.min(1, done / of);
  const [worked, whole] = [done - first, of - first];
  const left =
    worked > 0 && worked * 50 >= whole && done < of
      ? `, about ${clockText(((elapsedMs / worked) * (of - done)) / 1000)} left`
      : "";
  return `${what}: ${count(done)} of ${count(of)}${behind} (${Math.floor(100 * share)} %)${left}`;
}

/** Shows one step at a time. */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #step: Step | null = null;
  #shown = "";

  constructor(
    output: ProgressOutput = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#output = output;
    this.#now = now;
  }

  /** The step named `far.what` is so far; another name begins another step. */
  readonly at: TellFar = (far) => {
    const now = this.#now();
    if (this.#step?.what !== far.what) {
      this.#clear();
      this.#step = { what: far.what, beganMs: now, toldMs: -Infinity, first: far.done };
    }
    const step = this.#step;
    const gone = now - step.beganMs;
    const every = this.#output.isTTY === true ? REWRITTEN_MS : LINE_MS;
    if (gone < QUIET_MS || now - step.toldMs < every) return;
    step.toldMs = now;
    const text = `  ${farText(far, gone, step.first)}`;
    if (this.#output.isTTY !== true) {
      this.#output.write(`${text}\n`);
      return;
    }
    const columns = this.#output.columns ?? USUAL_COLUMNS;
    this.#shown = text.slice(0, Math.max(1, columns - 1));
    this.#output.write(`${ERASE}${this.#shown}`);
  };

  /** A line of its own, above the one that is rewritten. */
  readonly step = (line: string): void => {
    const shown = this.#shown;
    this.#clear();
    this.#output.write(`${line}\n`);
    if (shown === "") return;
    this.#shown = shown;
    this.#output.write(shown);
  };

  /** The step is over: its line goes. */
  readonly end = (): void => {
    this.#clear();
    this.#step = null;
  };

  #clear(): void {
    if (this.#shown !== "") this.#output.write(ERASE);
    this.#shown = "";
  }
}
