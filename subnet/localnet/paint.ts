/** @file Colour where the terminal has it. NO_COLOR and FORCE_COLOR are heard (node:util). */
import { styleText } from "node:util";
import { isCheater, isMiner, type Kind } from "./members.ts";

/** What a piece of text is, not how it looks. */
export type Tone = "plain" | "quiet" | "good" | "bad" | "warning" | "title" | "bar" | "suspect";

/** Gives text the looks of its tone; the length of what is seen never changes. */
export type Paint = (tone: Tone, text: string) => string;

const STYLES = {
  plain: "reset",
  quiet: "dim",
  good: "green",
  bad: "red",
  warning: "yellow",
  title: "bold",
  bar: "cyan",
  suspect: "magenta",
} as const satisfies Readonly<Record<Tone, string>>;

/** Colours as far as `stream` shows them. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (tone, text) =>
    tone === "plain" || text === ""
      ? text
      : styleText(STYLES[tone], text, { stream, validateStream: true });
}

/** The tone of a verdict by its code. */
export function verdictTone(verdict: string): Tone {
  const [code = ""] = verdict.split(":", 1);
  if (code === "accepted") return "good";
  if (["untrusted", "no-commitment", "payload-missing", "not-accepted-by-majority"].includes(code))
    return "warning";
  return ["not judged yet", "scores and votes"].includes(code) || !verdict.includes(":")
    ? "quiet"
    : "bad";
}

/** The tone of a member's name. */
export function kindTone(kind: Kind): Tone {
  if (isCheater(kind)) return "suspect";
  return isMiner(kind) ? "plain" : "bar";
}
