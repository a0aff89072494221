/** @file Which pages a uid trains on: a keyed permutation of all pages, of which every uid takes its own slice (docs/protocol.md#3-assignment). */
import { concatBytes, u32Bytes } from "./bytes.ts";
import { blake2b256Bytes, bytesOf, type Hex } from "./digest.ts";

const ROUNDS = 8;

/**
 * perm(x): entry x of the permutation of [0, pages) under a key: an 8-round Feistel network with cycle walking, so a node
 * computes only the entries it needs.
 * @throws RangeError unless 0 <= x < pages and pages <= 2^32.
 */
export function permute(key: Hex, pages: number, x: number): number {
  return permutation(key, pages)(x);
}

function permutation(key: Hex, pages: number): (x: number) => number {
  if (!Number.isSafeInteger(pages) || pages < 1 || pages > 2 ** 32) {
    throw new RangeError(`cannot permute ${pages} pages`);
  }
  const bits = Math.max(2, bitLength(pages - 1));
  const half = (bits + (bits % 2)) / 2;
  const mask = 2 ** half - 1;
  const keyBytes = bytesOf(key);

  function round(index: number, right: number): number {
    const input = concatBytes([keyBytes, Uint8Array.of(index), u32Bytes(right)]);
    const digest = blake2b256Bytes(input);
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0, true) & mask;
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

/**
 * The pages of a uid in the order in which it consumes them: perm((uid * perUid + j) mod pages), j = 0..perUid-1.
 * `key` is assignKey(w).
 */
export function assignedPages(options: {
  readonly key: Hex;
  readonly pages: number;
  readonly uid: number;
  readonly perUid: number;
}): number[] {
  const { key, pages, uid, perUid } = options;
  return slice(key, pages, uid * perUid, perUid);
}

/** The pages that nobody was assigned in the window: perm((neurons * perUid + j) mod pages), j = 0..count-1. */
export function noisePages(options: {
  readonly key: Hex;
  readonly pages: number;
  readonly neurons: number;
  readonly perUid: number;
  readonly count: number;
}): number[] {
  const { key, pages, neurons, perUid, count } = options;
  return slice(key, pages, neurons * perUid, count);
}

function slice(key: Hex, pages: number, from: number, count: number): number[] {
  const perm = permutation(key, pages);
  return Array.from({ length: count }, (_, j) => perm((from + j) % pages));
}

/** Whether slices wrap around and share pages, which the window's record must flag. `noise`: number of noise pages. */
export function overlaps(options: {
  readonly pages: number;
  readonly neurons: number;
  readonly perUid: number;
  readonly noise: number;
}): boolean {
  return options.neurons * options.perUid + options.noise > options.pages;
}
