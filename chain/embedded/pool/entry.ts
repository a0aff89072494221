/** @file A waiting extrinsic, whose it is, and what it weighs against others. */
import { type Hex } from "../codec/bytes.ts";

/** A waiting extrinsic. Tags are latin1 text. */
export type PoolEntry = {
  readonly hash: Hex;
  readonly bytes: Uint8Array;
  readonly priority: bigint;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** Last block that may include it. */
  readonly validTill: bigint;
  /** Position of arrival. */
  readonly order: number;
  /** Whose limits it counts against: 32 bytes as latin1, or the hash of an extrinsic without a nonce. */
  readonly account: string;
  readonly nonce: number;
};

const ACCOUNT_BYTES = 32;
/** CheckNonce's tag: the account, then the nonce as u32. */
const NONCE_TAG_BYTES = ACCOUNT_BYTES + 4;

/** Account and nonce by the tag that CheckNonce, the first extension with tags, provides. */
export function ownerOf(
  provides: readonly string[],
  hash: Hex,
): { readonly account: string; readonly nonce: number } {
  const [tag] = provides;
  if (tag?.length !== NONCE_TAG_BYTES) return { account: hash, nonce: 0 };
  const nonce = Buffer.from(tag.slice(ACCOUNT_BYTES), "latin1").readUInt32LE();
  return { account: tag.slice(0, ACCOUNT_BYTES), nonce };
}

/**
 * What an entry weighs as the `depth`-th (from 1) of its account: that part of its priority. So nobody keeps others out
 * by sending much: the first call of anyone weighs more than the second of those who pay the same.
 */
export function weightAt(entry: PoolEntry, depth: number): number {
  return Number(entry.priority) / depth;
}

/** Whether `a` goes before `b`: by weight, then by age. */
export function goesBefore(
  a: { readonly entry: PoolEntry; readonly weight: number },
  b: { readonly entry: PoolEntry; readonly weight: number },
): boolean {
  return a.weight === b.weight ? a.entry.order < b.entry.order : a.weight > b.weight;
}
