/** @file What a client said: the JSON in its output, or the first thing that went wrong. */
import type { Outcome } from "./program.ts";

/** Of an error that is told on. */
const MOST_CHARACTERS = 300;
/** Terminals' colours. */
const COLOURS = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, "g");
/** Lines that say that something is wrong, as Python, both btcli and @polkadot/api write them. */
const WRONG =
  /^(?:[\w.]*(?:Error|Exception|NotFound|Timeout|Failed)\b|error\b|Error:|❌|:cross_mark:|Failed|No such|Missing|Invalid|Got unexpected)/i;

/** Of a client that printed no line. */
export const SILENCE = "it said nothing";

/** Why an act did not pass. */
export class ActFailure extends Error {}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** The last JSON value of a text that may say other things before it; undefined: there is none. */
export function jsonIn(text: string): unknown {
  const clean = text.replaceAll(COLOURS, "").trim();
  const whole = parsed(clean);
  if (whole !== null) return whole.value;
  const lines = clean.split("\n");
  for (let first = lines.length - 1; first >= 0; first--) {
    const line = lines[first] ?? "";
    if (!/^\s*[{[]/.test(line)) continue;
    const found = parsed(lines.slice(first).join("\n"));
    if (found !== null) return found.value;
  }
  return undefined;
}

/** One line, of a length for a table. */
export function shortened(text: string): string {
  const line = text.replaceAll(COLOURS, "").replaceAll(/\s+/g, " ").trim();
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The words of a refusal, which clients write as text or as an object with a message or a name. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!isRecord(value)) return JSON.stringify(value) ?? "";
  const words = [value["name"], value["code"], value["message"] ?? value["error"]];
  return words.filter((word) => typeof word === "string" && word !== "").join(": ");
}

/** What a JSON answer says that went wrong; null: nothing. */
export function refusalIn(answer: unknown): string | null {
  if (!isRecord(answer)) return null;
  const { error, success, message } = answer;
  if (error !== undefined && error !== null && error !== "" && error !== false)
    return wordsOf(error) || JSON.stringify(error);
  if (success === false)
    return typeof message === "string" && message !== "" ? message : "success: false";
  return null;
}

/** What a command that failed says in JSON; null: nothing. */
function messageIn(answer: unknown): string | null {
  const refusal = refusalIn(answer);
  if (refusal !== null || !isRecord(answer)) return refusal;
  return typeof answer["message"] === "string" ? wordsOf(answer) : null;
}

/** The first line that says what is wrong, else the last line of all. */
function complaintIn(text: string): string {
  const lines = text
    .replaceAll(COLOURS, "")
    .split("\n")
    .map((line) => line.replaceAll(/[│╭╰─╮╯]/g, "").trim())
    // The title of a box says nothing.
    .filter((line) => line !== "" && line !== "Error");
  return lines.find((line) => WRONG.test(line)) ?? lines.at(-1) ?? SILENCE;
}

/**
 * The JSON answer of a client that succeeded.
 * @throws ActFailure with its first error: no answer in time, what it refused, what it complained of, or no JSON
 */
export function answerOf({ code, out, err, isLate }: Outcome, limitMs: number): unknown {
  if (isLate) throw new ActFailure(`no answer in ${Math.round(limitMs / 1000)} s`);
  const answer = jsonIn(out);
  // btcli writes its refusals to the other stream.
  const refusal = refusalIn(answer) ?? (code === 0 ? null : messageIn(jsonIn(err)));
  if (refusal !== null) throw new ActFailure(shortened(refusal));
  if (code !== 0) throw new ActFailure(shortened(complaintIn(`${err}\n${out}`)));
  if (answer === undefined)
    throw new ActFailure(shortened(`no JSON: ${complaintIn(`${out}\n${err}`)}`));
  return answer;
}

/** The text of a client that succeeded and knows no JSON. @throws ActFailure with its first error */
export function textOf({ code, out, err, isLate }: Outcome, limitMs: number): string {
  if (isLate) throw new ActFailure(`no answer in ${Math.round(limitMs / 1000)} s`);
  const text = `${err}\n${out}`;
  if (code !== 0 || WRONG.test(complaintIn(text)))
    throw new ActFailure(shortened(complaintIn(text)));
  return out;
}
