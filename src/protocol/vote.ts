/** @file A validator's vote on chain: three commitment fields (docs/protocol.md#6-on-chain). */
import { concatBytes, equalBytes, u64Bytes } from "./bytes.ts";
import { bytesOf, type Hex, hexOf } from "./digest.ts";

const WINDOW_BYTES = 8;
const DIGEST_BYTES = 32;
const FIRST_FIELD_BYTES = WINDOW_BYTES + 2 * DIGEST_BYTES;

/** Which updates a validator accepts in a window, by which rules, and what it holds theta_w to be (before the window's outer step). */
export type Vote = {
  readonly window: number;
  /** rulesDigest of the rules that the voter derived for the window. */
  readonly rulesDigest: Hex;
  /** recordDigest of the newest record of the voter's own log, which the chain so anchors; NO_RECORD without one. */
  readonly recordDigest: Hex;
  /** Ascending uids, each below the number of neurons. */
  readonly acceptedUids: readonly number[];
  readonly thetaDigest: Hex;
};

/** The bytes of the fields Raw72 (window, both digests), Raw<ceil(neurons/8)> and BlakeTwo256, in this order. */
export type VoteFields = readonly [about: Uint8Array, bitmap: Uint8Array, thetaDigest: Uint8Array];

/** The commitment fields of a vote. `neurons`: N at windowStart - L. @throws RangeError on a uid outside 0..neurons-1. */
export function encodeVote(vote: Vote & { readonly neurons: number }): VoteFields {
  const bitmap = new Uint8Array(bitmapBytes(vote.neurons));
  for (const uid of vote.acceptedUids) {
    if (!Number.isSafeInteger(uid) || uid < 0 || uid >= vote.neurons) {
      throw new RangeError(`uid ${uid} is not one of ${vote.neurons} neurons`);
    }
    const at = uid >>> 3;
    bitmap[at] = (bitmap[at] ?? 0) | (1 << (uid & 7));
  }
  const about = concatBytes([
    u64Bytes(vote.window),
    bytesOf(vote.rulesDigest),
    bytesOf(vote.recordDigest),
  ]);
  return [about, bitmap, bytesOf(vote.thetaDigest)];
}

/**
 * Read a commitment as a vote; null if it is not one (a miner's commitment, another length, a bit beyond the last uid).
 * Anyone may put anything there, so a non-vote is an ordinary event.
 */
export function decodeVote(fields: readonly Uint8Array[], neurons: number): Vote | null {
  const [about, bitmap, digest] = fields;
  const window = votedWindow(fields);
  if (window === null || !about || !bitmap || digest?.length !== DIGEST_BYTES) return null;
  if (bitmap.length !== bitmapBytes(neurons)) return null;
  const vote = {
    window,
    rulesDigest: hexOf(about.subarray(WINDOW_BYTES, WINDOW_BYTES + DIGEST_BYTES)),
    recordDigest: hexOf(about.subarray(WINDOW_BYTES + DIGEST_BYTES)),
    acceptedUids: uidsOf(bitmap, neurons),
    thetaDigest: hexOf(digest),
  };
  // A set bit beyond the last uid would be lost in encoding: only one byte string means this vote.
  return equalBytes(encodeVote({ ...vote, neurons })[1], bitmap) ? vote : null;
}

/** The window that a commitment of a vote's three fields names, whatever its bitmap holds; null if it names none. */
export function votedWindow(fields: readonly Uint8Array[]): number | null {
  const [bytes] = fields;
  if (fields.length !== 3 || bytes?.length !== FIRST_FIELD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const window = Number(view.getBigUint64(0, true));
  return Number.isSafeInteger(window) ? window : null;
}

function uidsOf(bitmap: Uint8Array, neurons: number): number[] {
  const uids: number[] = [];
  for (let uid = 0; uid < neurons; uid += 1) {
    if ((((bitmap[uid >>> 3] ?? 0) >>> (uid & 7)) & 1) === 1) uids.push(uid);
  }
  return uids;
}

function bitmapBytes(neurons: number): number {
  return Math.ceil(neurons / 8);
}
