/**
 * @file What a tokenizer.json may ask of its reader. Joiners get it from strangers: its text is measured before it is parsed, and what
 * its regular expressions do with a text is ended when it takes too long.
 */
import { createContext, Script } from "node:vm";

/** The largest tokenizer.json that is read. */
export const MAX_TOKENIZER_BYTES = 64 << 20;
/** Objects and lists inside one another; sequences of steps have about eight. */
const MOST_DEPTH = 32;
/** Objects and lists, and values, in all: half a million merges as pairs, twice over. */
const MOST_CONTAINERS = 1 << 20;
const MOST_VALUES = 1 << 23;
/** Every added token is a part of one pattern. */
export const MOST_ADDED_TOKENS = 1 << 16;
/** Of normalising, splitting and showing; each can make a text longer. */
const MOST_STEPS = 64;
/** Pattern or text of one step. */
const MOST_STEP_CHARACTERS = 8192;
/** What a step puts in for a part of a text, or a model on a word; real ones put in a character or two. */
const MOST_CONTENT_CHARACTERS = 16;
const CONTENT_FIELDS = ["content", "prepend", "replacement", "str_rep"];
const AFFIX_FIELDS = [
  "continuing_subword_prefix",
  "continuing_subword_suffix",
  "end_of_word_suffix",
];
/** In JavaScript these stand for parts of the text, up to all of it; where the file comes from they are text. */
const REFERENCE = /\$[$&`'<\d]/;
/** All added tokens, and all words of Unigram: each character can be a node of a tree. */
const MOST_ADDED_CHARACTERS = 1 << 21;
const MOST_UNIGRAM_CHARACTERS = 1 << 22;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const OPEN: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSE: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Where a text that begins at `at` ends. */
function textEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1;
  return end;
}

/** Why the bytes of a JSON are too much to be parsed, or null. */
export function oversizedJson(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_TOKENIZER_BYTES)
    return `its ${bytes.length} bytes are more than the ${MAX_TOKENIZER_BYTES} that it may have`;
  let [depth, containers, values] = [0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = textEnd(bytes, at + 1);
    else if (byte === COMMA || byte === COLON) values += 1;
    else if (CLOSE.has(byte)) depth -= 1;
    else if (OPEN.has(byte)) {
      containers += 1;
      if (++depth > MOST_DEPTH) return `it is nested deeper than ${MOST_DEPTH}`;
    }
  }
  if (containers > MOST_CONTAINERS) return `it has more than ${MOST_CONTAINERS} lists and objects`;
  return values > MOST_VALUES ? `it has more than ${MOST_VALUES} values` : null;
}

/** Texts and steps of what a tokenizer does with a text: of normalizer, splitting and decoder. */
function stepsIn(step: unknown): { readonly steps: number; readonly longest: number } {
  if (typeof step === "string") return { steps: 0, longest: step.length };
  if (typeof step !== "object" || step === null) return { steps: 0, longest: 0 };
  let [steps, longest] = ["type" in step ? 1 : 0, 0];
  for (const inner of Object.values(step)) {
    const found = stepsIn(inner);
    steps += found.steps;
    longest = Math.max(longest, found.longest);
  }
  return { steps, longest };
}

/** Why the steps of a tokenizer are too many or too long, or null. Its depth was looked at before. */
export function oversizedSteps(parts: readonly unknown[]): string | null {
  const { steps, longest } = stepsIn(parts);
  if (steps > MOST_STEPS) return `it does more than ${MOST_STEPS} steps with a text`;
  return longest > MOST_STEP_CHARACTERS
    ? `a step of it has a text of ${longest} characters, more than ${MOST_STEP_CHARACTERS}`
    : null;
}

/** Why a field of a step or a model is too long for what is put in again and again, or null. */
function oversizedContent(step: object, fields: readonly string[]): string | null {
  for (const field of fields) {
    const value: unknown = Reflect.get(step, field) ?? null;
    if (value === null) continue;
    if (typeof value !== "string" || value.length > MOST_CONTENT_CHARACTERS)
      return `its "${field}" is no text of at most ${MOST_CONTENT_CHARACTERS} characters`;
    if (REFERENCE.test(value))
      return `its "${field}" has "$" before a sign, which this release cannot put in as it should`;
  }
  return null;
}

/** Why what steps put into a text is too much, or null. Their depth was looked at before. */
function oversizedContents(step: unknown): string | null {
  if (typeof step !== "object" || step === null) return null;
  const own = oversizedContent(step, CONTENT_FIELDS);
  if (own !== null) return own;
  if ("type" in step && step.type === "FixedLength") {
    const length = "length" in step ? step.length : null;
    if (!(Number.isSafeInteger(length) && Number(length) > 0))
      return "it splits text into parts of no length";
  }
  for (const inner of Object.values(step)) {
    const found = oversizedContents(inner);
    if (found !== null) return found;
  }
  return null;
}

/** Why words and added tokens are together too long, or why what is put in is, or null. */
export function oversizedParts(content: {
  readonly steps: readonly unknown[];
  readonly model: { readonly vocab: object };
  readonly added_tokens: readonly { readonly content: string }[];
}): string | null {
  const { model, added_tokens: added } = content;
  let [characters, words] = [0, 0];
  for (const one of added) characters += one.content.length;
  if (characters > MOST_ADDED_CHARACTERS)
    return `its added tokens have ${characters} characters, more than ${MOST_ADDED_CHARACTERS}`;
  if (Array.isArray(model.vocab)) for (const [word] of model.vocab) words += String(word).length;
  if (words > MOST_UNIGRAM_CHARACTERS)
    return `its vocabulary has ${words} characters, more than ${MOST_UNIGRAM_CHARACTERS}`;
  return oversizedContents(content.steps) ?? oversizedContent(model, AFFIX_FIELDS);
}

/** Work that took longer than it may. */
export class TooLong extends Error {}

const context = createContext({ act: null });
const SCRIPT = new Script("act()");

/**
 * Does `act` and ends it after some time, also within a regular expression.
 * @throws TooLong; whatever `act` throws
 */
export function within<T>(limitMs: number, act: () => T): T {
  const done: { value?: { readonly is: T } } = {};
  context["act"] = () => void (done.value = { is: act() });
  try {
    SCRIPT.runInContext(context, { timeout: limitMs });
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TooLong(`it takes longer than ${limitMs / 1000} s`, { cause: error });
  } finally {
    context["act"] = null;
  }
  if (done.value === undefined) throw new TooLong("it did not end");
  return done.value.is;
}
