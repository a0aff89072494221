/** @file What a model writes, made fit for a terminal. */

/** Control characters but line ends and tabs, and those that turn the direction of text around. */
const HARMFUL = /[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu;

/** Text without anything that acts on a terminal; each such character becomes a space. */
export function printable(text: string): string {
  return text.replaceAll(HARMFUL, " ");
}
