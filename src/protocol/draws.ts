/** @file Random draws and the three keys of a window (docs/protocol.md#2-random-draws): the same numbers on every node. */
import { concatBytes, u16Bytes, u64Bytes } from "./bytes.ts";
import { blake2b256, blake2b256Bytes, bytesOf, type Hex } from "./digest.ts";

const WORDS_PER_BLOCK = 4;
const RANGE = 2n ** 64n;

/** An endless stream of draws from a key. Stateful: each call goes on. */
export type Draws = {
  /** The next u64. */
  readonly next: () => bigint;
  /** A uniform integer in [0, n), without modulo bias. @throws RangeError unless 1 <= n <= 2^53 - 1. */
  readonly below: (n: number) => number;
};

/** draws(key): block i is `B2(key || u64 i)`, read as four little-endian u64. */
export function drawsOf(key: Hex): Draws {
  const keyBytes = bytesOf(key);
  let block: DataView = new DataView(new ArrayBuffer(0));
  let drawn = 0;

  function next(): bigint {
    const word = drawn % WORDS_PER_BLOCK;
    if (word === 0) {
      const index = u64Bytes(drawn / WORDS_PER_BLOCK);
      const bytes = blake2b256Bytes(concatBytes([keyBytes, index]));
      block = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    drawn += 1;
    return block.getBigUint64(word * 8, true);
  }

  function below(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`cannot draw below ${n}`);
    const modulus = BigInt(n);
    const limit = RANGE - (RANGE % modulus);
    let value = next();
    while (value >= limit) value = next();
    return Number(value % modulus);
  }

  return { next, below };
}

/**
 * What a window's keys are made of. `hash`: for assignKey the hash of window w (block windowStart - L), for the other two
 * the hash of the first block after the deadline.
 */
export type WindowKeyInput = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly netuid: number;
  readonly window: number;
  readonly hash: Hex;
};

/** assignKey(w): which pages each uid trains on. */
export function assignKey(input: WindowKeyInput): Hex {
  return blake2b256(keyBytesOf("assay/assign/1", input));
}

/** evalKey(w, hotkey): which of its assigned sequences a miner is judged on. */
export function evalKey(input: WindowKeyInput & { readonly hotkey: Hex }): Hex {
  return blake2b256(concatBytes([keyBytesOf("assay/eval/1", input), bytesOf(input.hotkey)]));
}

/** noiseKey(w): which unassigned pages, and which of their sequences, all miners of the window are judged on. */
export function noiseKey(input: WindowKeyInput): Hex {
  return blake2b256(keyBytesOf("assay/noise/1", input));
}

function keyBytesOf(label: string, input: WindowKeyInput): Uint8Array {
  return concatBytes([
    new TextEncoder().encode(label),
    bytesOf(input.genesis),
    bytesOf(input.runId),
    u16Bytes(input.netuid),
    u64Bytes(input.window),
    bytesOf(input.hash),
  ]);
}
