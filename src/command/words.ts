/** @file One key, three spellings (flag, variable, TOML), and the nearest valid word for a mistyped one. */
import { taoDigits } from "../../base/tao.ts";

/** `camelCase` as the words of a flag: `camel-case`. */
export function flagOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The environment variable of a key: `ASSAY_CAMEL_CASE`. */
export function variableOf(key: string): string {
  return `ASSAY_${flagOf(key).replaceAll("-", "_").toUpperCase()}`;
}

/** A parsed value as JSON, amounts (the only integers beyond numbers) as people write them. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(typeof value === "bigint" ? taoDigits(value) : value);
}

/** Distance in single-letter edits. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word of `words` closest to `given`; undefined when more than `share` of its letters would have to change. */
export function nearest(given: string, words: readonly string[], share = 0.5): string | undefined {
  const [best] = words
    .map((word) => ({ word, distance: editDistance(given, word) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  const length = Math.max(given.length, best.word.length);
  return best.distance <= share * length ? best.word : undefined;
}

/** `; nearest ...: x`, or nothing when no valid word is near. */
export function nearestHint(given: string, words: readonly string[], what: string): string {
  const word = nearest(given, words);
  return word === undefined ? "" : `; nearest ${what}: ${word}`;
}
