/** @file The question before anything is spent or given away: asked at a terminal only, and never when `--yes` is given. */
import { createInterface } from "node:readline/promises";
import { AssayError } from "../errors.ts";

/** Where a person can be asked. */
export type Terminal = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Whether there is a person; a script's input is none. */
  readonly interactive: boolean;
};

/** The process's own terminal; questions go to standard error, so that the output can be piped. */
export function terminalOf({ stdin, stderr }: typeof process): Terminal {
  return { input: stdin, output: stderr, interactive: stdin.isTTY && stderr.isTTY };
}

/**
 * Asks for a yes. Without a person, or with `yes`, nothing is asked: whoever wrote the script wrote the command.
 * @throws AssayError declined when the person does not say yes
 */
export async function confirm(
  question: string,
  { yes, terminal }: { readonly yes: boolean; readonly terminal: Terminal },
): Promise<void> {
  if (yes || !terminal.interactive) return;
  const { input, output } = terminal;
  const reader = createInterface({ input, output, terminal: false });
  try {
    // An input that ends is a no.
    const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
    const answer = await Promise.race([reader.question(`${question} [y/N] `), ended]);
    if (/^(y|yes)$/i.test(answer.trim())) return;
  } finally {
    reader.close();
  }
  throw new AssayError({ code: "declined" });
}
