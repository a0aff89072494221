/**
 * @file What the steps of a tokenizer may make of one text, and of its added tokens. Time alone does not bound it: a step that makes 4,000
 * characters of one ends a process by its memory in a second.
 */

/** Units for each character of a text, and beside them: what real tokenizers make of any text is several times less. */
const UNITS_PER_CHARACTER = 96;
const LEAST_UNITS = 1 << 20;
/** Of all added tokens, which are kept as their steps make them. */
const ADDED_UNITS = 1 << 23;
/** A character of a text that is made, a piece beside its characters, a word of the vocabulary that begins at a place. */
const CHARACTER_UNITS = 4;
const PIECE_UNITS = 8;
const PLACE_UNITS = 4;

/** The library's steps, as far as they are measured here. */
export type Step = {
  normalize?(text: string): string;
  pre_tokenize_text?(text: string, options?: object): string[];
  decode_chain?(tokens: string[]): string[];
  readonly normalizers?: readonly (Step | null)[];
  readonly tokenizers?: readonly (Step | null)[];
  readonly decoders?: readonly (Step | null)[];
};

/** The library's search for words of Unigram. */
export type Words = {
  common_prefix_search(chars: readonly string[], start?: number): Iterable<string>;
};

/** Steps that made too much. */
export class TooMuch extends Error {}

/** What is left for one text. Steps that are `measured` take from it, and throw TooMuch when nothing is left. */
export class Budget {
  #left = ADDED_UNITS;
  #what = "its added tokens";

  /** For a text of so many characters. */
  begin(characters: number): void {
    this.#left = LEAST_UNITS + UNITS_PER_CHARACTER * characters;
    this.#what = `a text of ${characters} characters`;
  }

  #spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0)
      throw new TooMuch(`its steps make more of ${this.#what} than memory is given for`);
  }

  #pieces(pieces: string[]): string[] {
    for (const { length } of pieces) this.#spend(PIECE_UNITS + length);
    return pieces;
  }

  /** Measures a step and all within it. */
  measure(step: Step | null): void {
    if (step === null) return;
    const { normalizers = [], tokenizers = [], decoders = [] } = step;
    for (const inner of [...normalizers, ...tokenizers, ...decoders]) this.measure(inner);
    const normalize = step.normalize?.bind(step);
    const split = step.pre_tokenize_text?.bind(step);
    const show = step.decode_chain?.bind(step);
    if (normalize !== undefined)
      step.normalize = (text) => {
        const made = normalize(text);
        this.#spend(CHARACTER_UNITS * made.length);
        return made;
      };
    if (split !== undefined)
      step.pre_tokenize_text = (text, options) => this.#pieces(split(text, options));
    if (show !== undefined) step.decode_chain = (tokens) => this.#pieces(show(tokens));
  }

  /** Measures how many words are found. */
  measureWords(words: Words): void {
    const search = words.common_prefix_search.bind(words);
    const spend = (): void => this.#spend(PLACE_UNITS);
    words.common_prefix_search = function* counted(chars, start) {
      for (const word of search(chars, start)) {
        spend();
        yield word;
      }
    };
  }
}
