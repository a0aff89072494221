/** @file Fingerprints of updates that were never made: coordinates drawn from a word. */
import type { Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import {
  inOrder,
  mostSimilar,
  overlapsEarlier,
  pairsOf,
  type SimilarEarlier,
  type SimilarPair,
} from "../../../src/gauntlet/similar.ts";
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

/** The slow reference of src/gauntlet/coordinates.ts: both walked along. */
export function indexOverlap(a: readonly Uint32Array[], b: readonly Uint32Array[]): number {
  let shared = 0;
  let total = 0;
  for (const [tensor, indices] of a.entries()) {
    shared += sharedCount(indices, b[tensor] ?? new Uint32Array());
    total += indices.length;
  }
  return total === 0 ? 0 : shared / total;
}

function sharedCount(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  let at = 0;
  for (const index of a) {
    while (at < b.length && (b[at] ?? 0) < index) at += 1;
    if (at < b.length && b[at] === index) count += 1;
  }
  return count;
}

/** Earlier works that an update resembles, as a validator finds them. */
export function similarEarlier(
  update: Fingerprint,
  earlier: readonly Fingerprint[],
  settings: Parameters<typeof overlapsEarlier>[2],
): readonly SimilarEarlier[] {
  return mostSimilar(overlapsEarlier(update, earlier, settings));
}

/** Every pair of updates of one window that is similar, in order, as a validator finds them one update after the other. */
export function similarPairs(
  updates: readonly Fingerprint[],
  settings: { readonly maximumOverlap: number },
): readonly SimilarPair[] {
  return inOrder(updates.flatMap((update) => pairsOf(update, updates, settings)));
}
