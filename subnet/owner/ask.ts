/** @file Asks the person at the terminal before something is paid for or written on a chain. */
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { AssayError } from "../../src/errors.ts";

/** Where a question is asked. */
export type Terminal = {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether somebody can answer. */
  readonly interactive: boolean;
};

/** The terminal of this process; questions go to standard error, so that standard output holds results alone. */
export function processTerminal(): Terminal {
  const { stdin: input, stderr: output } = process;
  return { input, output, interactive: input.isTTY && output.isTTY };
}

/** The answer to a question, or null when the terminal was closed instead. */
async function answerTo(question: string, { input, output }: Terminal): Promise<string | null> {
  const reader = createInterface({ input, output });
  const ended = new AbortController();
  reader.once("close", () => ended.abort());
  try {
    return await reader.question(question, { signal: ended.signal });
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    return null;
  } finally {
    reader.close();
  }
}

/**
 * Whether the person agrees; `--yes` agrees beforehand.
 * @throws AssayError bad-option where nobody can be asked
 */
export async function agreed(
  question: string,
  parts: { readonly yes: boolean; readonly terminal: Terminal },
): Promise<boolean> {
  const { yes, terminal } = parts;
  if (yes) return true;
  if (!terminal.interactive)
    throw new AssayError({
      code: "bad-option",
      detail: "This asks before it goes on, but there is no terminal to ask at",
      next: "Agree beforehand.",
      run: { again: { yes: true } },
    });
  const answer = await answerTo(`${question} [y/N] `, terminal);
  return answer !== null && /^y(es)?$/i.test(answer.trim());
}
