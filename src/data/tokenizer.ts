/** @file Text <-> tokens: bytes, any tokenizer.json of Hugging Face, or bare numbers where a run names no tokenizer. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { fileReason, readWholeFileSync } from "../../base/files.ts";
import { AssayError } from "../errors.ts";
import { Budget, type Step, TooMuch, type Words } from "./tokenizer-budget.ts";
import {
  MAX_TOKENIZER_BYTES,
  MOST_ADDED_TOKENS,
  oversizedJson,
  oversizedParts,
  oversizedSteps,
  TooLong,
  within,
} from "./tokenizer-limits.ts";

/** How text becomes tokens, and tokens text. */
export type Tokenizer = {
  /** Every token is below it. */
  readonly vocabulary: number;
  /** The tokens of a text, no special ones added around it. */
  encode(text: string): Int32Array;
  /** The text of tokens; those that mean nothing are passed over. */
  decode(tokens: ArrayLike<number>): string;
};

/** The tokenizer of a run, as its manifest names it. */
export type TokenizerKind = "bytes" | "huggingface" | "tokens";

/** A token is a byte of UTF-8. */
export const BYTE_TOKENIZER: Tokenizer = {
  vocabulary: 256,
  encode: (text) => Int32Array.from(new TextEncoder().encode(text)),
  // A vocabulary may be larger than bytes: such a token is no text.
  decode: (tokens) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      Uint8Array.from(tokens, (token) => (token < 256 ? token : 0xff)),
    ),
};

/** Tokens without a tokenizer: they read as numbers with spaces between, and are written so. */
export function numberTokenizer(vocabulary: number): Tokenizer {
  return {
    vocabulary,
    encode(text) {
      const tokens = text
        .split(/[\s,]+/)
        .filter((word) => word !== "")
        .map(Number);
      const wrong = tokens.find((token) => !(Number.isInteger(token) && token >= 0));
      if (wrong !== undefined || tokens.some((token) => token >= vocabulary))
        throw new AssayError({
          code: "bad-option",
          detail: `this run names no tokenizer: write tokens as whole numbers below ${vocabulary}, such as "1 2 3"`,
        });
      return Int32Array.from(tokens);
    },
    decode: (tokens) => Array.from(tokens, (token) => `${token} `).join(""),
  };
}

/** A word can be shown again and again. */
const word = z.string().max(4096);
const id = z.number().int().min(0).max(4_194_303);
const contentSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id, content: word }))
    .max(MOST_ADDED_TOKENS)
    .default([]),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  decoder: z.unknown(),
  model: z.looseObject({
    // Old files do not say it.
    type: z.enum(["BPE", "WordPiece", "Unigram"]).optional(),
    vocab: z.union([
      z.record(word, id),
      // Unigram: pieces with their scores, the place being the id.
      z.array(z.tuple([word, z.number()])),
    ]),
  }),
});
type Content = z.output<typeof contentSchema>;

/** Ways of splitting that the library does not follow: it would give other tokens without a word. */
const UNFAITHFUL: ReadonlySet<string> = new Set([
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
]);

/** The first way of splitting in a file that is not followed, or null. */
function unfaithfulStep(step: unknown): string | null {
  if (typeof step !== "object" || step === null) return null;
  if ("behavior" in step && typeof step.behavior === "string" && UNFAITHFUL.has(step.behavior))
    return step.behavior;
  for (const inner of Object.values(step)) {
    const found = unfaithfulStep(inner);
    if (found !== null) return found;
  }
  return null;
}

function vocabularyOf({ model, added_tokens: added }: Content): number {
  const { vocab } = model;
  let most = Array.isArray(vocab) ? vocab.length : 0;
  if (!Array.isArray(vocab)) for (const one of Object.values(vocab)) most = Math.max(most, one + 1);
  for (const one of added) most = Math.max(most, one.id + 1);
  return most;
}

function invalid(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "tokenizer-invalid", path, reason }, { cause });
}

function readContent(bytes: Uint8Array, path: string): Content {
  const tooLarge = oversizedJson(bytes);
  if (tooLarge !== null) throw invalid(path, tooLarge);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(path, "it is no JSON in UTF-8", cause);
  }
  const parsed = contentSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") ?? "";
    throw invalid(path, `it is no tokenizer.json: ${where}: ${issue?.message ?? ""}`);
  }
  const { normalizer, pre_tokenizer: splitting, decoder } = parsed.data;
  const steps = [normalizer, splitting, decoder];
  const tooMuch = oversizedSteps(steps) ?? oversizedParts({ ...parsed.data, steps });
  if (tooMuch !== null) throw invalid(path, tooMuch);
  const step = unfaithfulStep(parsed.data.pre_tokenizer);
  if (step !== null)
    throw invalid(path, `it splits text by "${step}", which this release cannot do as it should`);
  if (vocabularyOf(parsed.data) === 0) throw invalid(path, "its vocabulary is empty");
  return parsed.data;
}

/** A large vocabulary takes seconds. */
const OPEN_MS = 30_000;
/** Of a text, and a second for each hundred thousand characters: several times what a slow one takes on a slow machine. */
const TEXT_MS = 5000;
const CHARACTERS_PER_MS = 100;

/** Does something with a tokenizer that nobody knows, in bounded time. @throws AssayError tokenizer-invalid */
function bounded<T>(path: string, limitMs: number, act: () => T): T {
  try {
    return within(limitMs, act);
  } catch (cause) {
    if (cause instanceof TooMuch) throw invalid(path, cause.message, cause);
    // The engine's own end of a text.
    if (cause instanceof RangeError) throw invalid(path, `of one text: ${cause.message}`, cause);
    if (!(cause instanceof TooLong)) throw cause;
    throw invalid(path, `${cause.message} over one text`, cause);
  }
}

/** The library's search for words, which is of Unigram alone. */
function hasWords(model: object | null): model is { readonly trie: Words } {
  return model !== null && "trie" in model;
}

/**
 * The library's tokenizer, measured by the budget. Nothing is put around tokens here, so what the file puts around them is left out.
 * @throws TooMuch where the steps make too much of its added tokens
 */
function madeOf(content: Content, budget: Budget): HuggingFaceTokenizer {
  const bare = { ...content, post_processor: null };
  const model = { type: "BPE", vocab: {}, merges: [] };
  const steps = new HuggingFaceTokenizer({ ...bare, model, added_tokens: [] }, {});
  budget.measure(steps.normalizer);
  // The library normalises them when it is made, where nothing is measured.
  for (const one of content.added_tokens)
    if (one["normalized"] ?? !one["special"]) steps.normalizer?.normalize(one.content);
  const made = new HuggingFaceTokenizer(bare, {});
  const parts: readonly (Step | null)[] = [made.normalizer, made.pre_tokenizer, made.decoder];
  for (const one of parts) budget.measure(one);
  if (hasWords(made.model)) budget.measureWords(made.model.trie);
  return made;
}

/**
 * The tokenizer of a tokenizer.json.
 * @param path what to call it when it cannot be used
 * @throws AssayError tokenizer-invalid; so do its `encode` and `decode` where a text takes it too long
 */
export function openTokenizer(bytes: Uint8Array, path: string): Tokenizer {
  const content = readContent(bytes, path);
  const budget = new Budget();
  let library: HuggingFaceTokenizer;
  try {
    library = within(OPEN_MS, () => {
      const opened = madeOf(content, budget);
      budget.begin(3);
      opened.encode("a b", { add_special_tokens: false });
      return opened;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof TooLong) throw invalid(path, `${reason} to be made`, cause);
    if (cause instanceof TooMuch) throw invalid(path, reason, cause);
    throw invalid(path, `a part of it is not known here: ${reason}`, cause);
  }
  const timed = <T>(length: number, act: () => T): T => {
    budget.begin(length);
    return bounded(path, TEXT_MS + Math.ceil(length / CHARACTERS_PER_MS), act);
  };
  return {
    vocabulary: vocabularyOf(content),
    encode: (text) =>
      text === ""
        ? new Int32Array()
        : timed(text.length, () =>
            Int32Array.from(library.encode(text, { add_special_tokens: false }).ids),
          ),
    decode(tokens) {
      const known: number[] = [];
      let characters = 0;
      for (const token of Array.from(tokens)) {
        const text = library.id_to_token(token);
        if (text === undefined) continue;
        known.push(token);
        characters += text.length;
      }
      if (known.length === 0) return "";
      const how = { skip_special_tokens: false, clean_up_tokenization_spaces: false };
      return timed(characters, () => library.decode(known, how));
    },
  };
}

/** The bytes of a tokenizer.json on this machine. @throws AssayError tokenizer-invalid */
export function readTokenizerFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readWholeFileSync(path, MAX_TOKENIZER_BYTES));
  } catch (cause) {
    throw invalid(path, fileReason(cause), cause);
  }
}

/** How many tokens the tokenizer.json at `path` tells apart: what a model's vocabulary must hold. @throws AssayError tokenizer-invalid */
export function vocabularyOfFile(path: string): number {
  return vocabularyOf(readContent(readTokenizerFile(path), path));
}

/**
 * The tokenizer that a run's manifest names.
 * @param run.file the bytes of its tokenizer.json where it has one
 * @throws AssayError tokenizer-invalid; bad-option when the file is not at hand
 */
export function tokenizerOf(run: {
  readonly kind: TokenizerKind;
  readonly vocabulary: number;
  readonly file: Uint8Array | null;
}): Tokenizer {
  if (run.kind === "bytes") return BYTE_TOKENIZER;
  if (run.kind === "tokens") return numberTokenizer(run.vocabulary);
  if (run.file === null)
    throw new AssayError({
      code: "bad-option",
      detail: "the run's tokenizer.json is not at hand: name it with --tokenizer",
    });
  return openTokenizer(run.file, "the run's tokenizer.json");
}

/** Turns tokens into text as they come; a character may lie in several calls. */
export class TokenStream {
  readonly #tokenizer: Tokenizer;
  #tokens: number[] = [];
  /** How many of the tokens have become text. */
  #told = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The text that is complete with these tokens. */
  push(tokens: ArrayLike<number>): string {
    this.#tokens = this.#tokens.concat(Array.from(tokens));
    const before = this.#tokenizer.decode(this.#tokens.slice(0, this.#told));
    const all = this.#tokenizer.decode(this.#tokens);
    if (all.length <= before.length || all.endsWith("\uFFFD")) return "";
    // What a decoder does at the beginning of a text must not happen again: the last tokens told stay in front.
    this.#tokens = this.#tokens.slice(this.#told);
    this.#told = this.#tokens.length;
    return all.slice(before.length);
  }

  /** What is left at the end. */
  end(): string {
    const before = this.#tokenizer.decode(this.#tokens.slice(0, this.#told));
    return this.#tokenizer.decode(this.#tokens).slice(before.length);
  }
}
