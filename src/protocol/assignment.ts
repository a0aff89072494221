/** @file Which pages a uid trains on, and on which all are compared: a keyed permutation of all pages, of which every uid takes its own slice; noise is drawn from the rest (docs/protocol.md#3-assignment). */
import { concatBytes, u32Bytes } from "./bytes.ts";
import { chooseSequences } from "./batches.ts";
import { blake2b256Bytes, bytesOf, type Hex } from "./digest.ts";
import type { Draws } from "./draws.ts";

const ROUNDS = 8;

/**
 * perm(x): entry x of the permutation of [0, pages) under a key: an 8-round Feistel network with cycle walking, so a node
 * computes only the entries it needs.
 * @throws RangeError unless 0 <= x < pages and pages <= 2^32.
 */
export function permute(key: Hex, pages: number, x: number): number {
  return permutationOf(key, pages)(x);
}

/** A permutation of [0, pages): entry x. @throws RangeError unless 0 <= x < pages */
export type Permutation = (x: number) => number;

/** Halves of more bits are hardly ever asked twice; of as many, all answers are 128 KiB. */
const MOST_KEPT_BITS = 12;

/**
 * permute for many entries of one key. The Feistel network of few pages asks the same few hashes again and again; what was asked once is kept,
 * so that who draws the pages of all uids of a window, as a validator and its workers do, hashes each only once.
 * @throws RangeError unless 1 <= pages <= 2^32
 */
export function permutationOf(key: Hex, pages: number): Permutation {
  if (!Number.isSafeInteger(pages) || pages < 1 || pages > 2 ** 32) {
    throw new RangeError(`cannot permute ${pages} pages`);
  }
  const bits = Math.max(2, bitLength(pages - 1));
  const half = (bits + (bits % 2)) / 2;
  const mask = 2 ** half - 1;
  const keyBytes = bytesOf(key);
  // One more than the answer; 0 where it was not asked yet.
  let kept: Uint32Array | null = null;

  function hashed(index: number, right: number): number {
    const input = concatBytes([keyBytes, Uint8Array.of(index), u32Bytes(right)]);
    const digest = blake2b256Bytes(input);
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0, true) & mask;
  }

  function round(index: number, right: number): number {
    if (half > MOST_KEPT_BITS) return hashed(index, right);
    kept ??= new Uint32Array(ROUNDS * 2 ** half);
    const at = index * 2 ** half + right;
    const known = kept[at] ?? 0;
    if (known > 0) return known - 1;
    const answer = hashed(index, right);
    kept[at] = answer + 1;
    return answer;
  }

  function shuffleOnce(x: number): number {
    let left = Math.floor(x / 2 ** half);
    let right = x % 2 ** half;
    for (let index = 0; index < ROUNDS; index += 1) {
      [left, right] = [right, (left ^ round(index, right)) >>> 0];
    }
    return left * 2 ** half + right;
  }

  return (x) => {
    if (!Number.isSafeInteger(x) || x < 0 || x >= pages) {
      throw new RangeError(`${x} is not one of ${pages} pages`);
    }
    let y = shuffleOnce(x);
    while (y >= pages) y = shuffleOnce(y);
    return y;
  };
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

/** Pages that there have to be for each noise page: so those that nobody is assigned hold four times as many as are drawn. */
export const PAGES_A_NOISE_PAGE = 16;

/**
 * n_w: how many pages each uid is assigned in a window with `neurons` uids. All of them together never hold more than three
 * quarters of the pages, so that there is something left to draw noise pages from. 0: there are too few for so many uids.
 */
export function pagesPerUid(options: {
  readonly pages: number;
  readonly neurons: number;
  /** n of the manifest. */
  readonly most: number;
}): number {
  const { pages, neurons, most } = options;
  return Math.min(most, Math.floor((3 * pages) / (4 * neurons)));
}

/** The fewest pages of a run in which each of `neurons` uids is assigned `perUid`, and `noise` are drawn from the rest. */
export function leastPages(options: {
  readonly neurons: number;
  readonly perUid: number;
  readonly noise: number;
}): number {
  const { neurons, perUid, noise } = options;
  return Math.max(PAGES_A_NOISE_PAGE * noise, Math.ceil((4 * neurons * perUid) / 3));
}

/**
 * The pages of a uid in the order in which its sequences are numbered: perm(uid * perUid + j), j = 0..perUid-1.
 * `key` is assignKey(w), `perUid` is pagesPerUid, `perm` is permutationOf of key and pages where the caller has it.
 * @throws RangeError if there are not so many pages
 */
export function assignedPages(options: {
  readonly key: Hex;
  readonly pages: number;
  readonly uid: number;
  readonly perUid: number;
  readonly perm?: Permutation;
}): number[] {
  const { key, pages, uid, perUid, perm = permutationOf(key, pages) } = options;
  return Array.from({ length: perUid }, (_, j) => perm(uid * perUid + j));
}

/**
 * The noise pages: `count` of those that nobody was assigned, each at most once and each as likely as any other. `draws` is
 * the stream of noiseKey(w), which nobody knows before the deadline; the noise batch goes on with it.
 */
export function noisePages(
  draws: Draws,
  options: {
    /** assignKey(w) */
    readonly key: Hex;
    readonly pages: number;
    /** Pages that are assigned to somebody: the first entries of the permutation. */
    readonly assigned: number;
    readonly count: number;
    /** permutationOf of key and pages, where the caller has it. */
    readonly perm?: Permutation;
  },
): number[] {
  const { key, pages, assigned, count, perm = permutationOf(key, pages) } = options;
  return chooseSequences(draws, pages - assigned, count).map((entry) => perm(assigned + entry));
}
