/** @file Fingerprints of updates that were never made: coordinates drawn from a word. */
import type { Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import { chooseSequences } from "../../../src/protocol/batches.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { drawsOf } from "../../../src/protocol/draws.ts";

/** A digest that a word names. */
export function digestOf(text: string): Hex {
  return blake2b256(new TextEncoder().encode(text));
}

/** 256 of 4,096 coordinates: those that a word draws. */
export function indicesOf(word: string): Uint32Array[] {
  const chosen = chooseSequences(drawsOf(digestOf(word)), 4096, 256);
  return [Uint32Array.from(chosen.toSorted((a, b) => a - b))];
}

/** An update of window 10 with the coordinates of a word. */
export function fingerprint(
  uid: number,
  word: string,
  change: Partial<Fingerprint> = {},
): Fingerprint {
  return {
    uid,
    hotkey: digestOf(`hotkey ${uid}`),
    window: 10,
    bodyDigest: digestOf(`body ${word} ${uid}`),
    indices: indicesOf(word),
    norms: [1],
    ...change,
  };
}

/** The coordinates of one word, of which `share` are replaced by those of another. */
export function mixed(word: string, other: string, share: number): Uint32Array[] {
  const [a = new Uint32Array()] = indicesOf(word);
  const [b = new Uint32Array()] = indicesOf(other);
  const kept = Math.round(a.length * (1 - share));
  const all = new Set([...a.subarray(0, kept), ...b]);
  return [Uint32Array.from([...all].slice(0, a.length)).toSorted()];
}
