/** @file The one error under all of Assay's: a typed fault, explained once, in a line for logs or on a screen for people. */

import { hidden } from "./hidden.ts";

/** A fault is data: a stable code and the fields that belong to it. */
export type AnyFault = { readonly code: string };

/** The fault of a union with this code. */
export type FaultOf<F extends AnyFault, C extends F["code"]> = Extract<F, { readonly code: C }>;

/** Values of options by key, as a command line takes them; `true` and `false` are a switch on and off. */
export type OptionValues = Readonly<Record<string, string | number | boolean>>;

/** A command to run next. Data, so that the screen can add what the person had typed, and write it as it runs here. */
export type NextCommand =
  /** One of ours, e.g. `miner register`, with arguments, the person's own values of the options in `keep`, and `set`. */
  | {
      readonly ours: string;
      readonly args?: readonly string[];
      readonly keep?: readonly string[];
      readonly set?: OptionValues;
    }
  /** The command that failed, as it was typed but for these options. */
  | { readonly again: OptionValues }
  /** The help of the command that failed. */
  | { readonly help: true }
  /** A program of the system, word by word. */
  | { readonly system: readonly string[] };

/** What went wrong, what to do next, and the commands (joined by `&&`) that do it. Sentences of one line. */
export type Explanation = {
  readonly cause: string;
  readonly next: string;
  readonly commands?: readonly NextCommand[];
};

/** Words for every code of a union: the compiler requires that none is forgotten. */
export type Texts<F extends AnyFault> = {
  readonly [C in F["code"]]: (fault: FaultOf<F, C>) => Explanation;
};

/** Generic over the code, so that the entry of `texts` and the fault are known to belong together. */
export function explain<F extends AnyFault, C extends F["code"]>(
  texts: Texts<F>,
  code: C,
  fault: FaultOf<F, C>,
): Explanation {
  return texts[code](fault);
}

/** Text of the system, a chain or a library on one line, without the full stop that the sentence around it sets. */
export function inLine(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
}

/** `: text`, or nothing when there is no text. */
export function after(text: string): string {
  return text === "" ? "" : `: ${inLine(text)}`;
}

/** The text of anything that was thrown; of a fault its cause alone, without code, advice and full stop. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof FaultError) return inLine(thrown.explanation.cause);
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's code of a failed call (`ENOENT`), or the empty string. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Base of every error that Assay throws. `fault` is typed, `explanation` is for people, `cause` keeps what lies under it. */
export class FaultError<F extends AnyFault = AnyFault> extends Error {
  override readonly name: string = "FaultError";
  readonly fault: F;
  readonly explanation: Explanation;

  constructor(fault: F, explanation: Explanation, options?: ErrorOptions) {
    const shown = {
      ...explanation,
      cause: hidden(explanation.cause),
      next: hidden(explanation.next),
    };
    super(`${fault.code}: ${shown.cause} ${shown.next}`, options);
    this.fault = fault;
    this.explanation = shown;
  }

  /** The stable code of the fault. */
  get code(): F["code"] {
    return this.fault.code;
  }

  /** Code and cause on one line: what a log or a status keeps. */
  get summary(): string {
    return `${this.fault.code}: ${this.explanation.cause}`;
  }
}
