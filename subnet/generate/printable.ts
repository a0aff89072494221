/** @file What a model writes, made fit for a terminal. */

/** Control characters but line ends and tabs, and those that turn the direction of text around. */
const HARMFUL = /[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu;

/** Text without anything that acts on a terminal; each such character becomes a space. */
export function printable(text: string): string {
  return text.replaceAll(HARMFUL, " ");
}

/** Turns token ids into printable text as they come; a character may lie in several calls. */
export class TextStream {
  readonly #decoder = new TextDecoder();

  /** The text that is complete with these tokens. A vocabulary may be larger than bytes: such a token is no text. */
  push(tokens: Int32Array): string {
    const bytes = Uint8Array.from(tokens, (token) => (token < 256 ? token : 0xff));
    return printable(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What is left at the end: a replacement character for a part of one. */
  end(): string {
    return printable(this.#decoder.decode());
  }
}
