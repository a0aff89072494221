/**
 * @file Other codes for the kept coordinates of chunks, to compare with the product's: the Golomb-Rice code of protocol 2 by its size, and
 * enumeration, as exact as it can be, by an integer range coder (each position is kept with chance kept left / positions left).
 */
import type { SparseUpdate } from "../../src/protocol/codec.ts";

/** Bits that protocol 2 took for the indices: unary quotients and p low bits, 2^p <= ln 2 times the mean gap. */
export function riceBits(update: SparseUpdate, chunk: number): number {
  let bits = 0;
  for (const { indices } of update) {
    let previous = -1;
    for (const index of indices) {
      if (Math.floor(index / chunk) !== Math.floor(previous / chunk))
        previous = index - (index % chunk) - 1;
      bits += 1 + RICE_PARAMETER + ((index - previous - 1) >> RICE_PARAMETER);
      previous = index;
    }
  }
  return bits;
}

/** For 64 of 4,096. */
const RICE_PARAMETER = 5;

const TOP = 2 ** 24;

/** Range coder with a carry, as LZMA has it; numbers stay below 2^53. */
export function rangeEncode(
  update: SparseUpdate,
  lengths: readonly number[],
  chunk: number,
): Uint8Array {
  const out: number[] = [];
  let low = 0;
  let range = 2 ** 32 - 1;
  let cache = 0;
  let pending = 0;
  let started = false;
  const shift = (): void => {
    if (low < 0xff00_0000 || low >= 2 ** 32) {
      const carry = low >= 2 ** 32 ? 1 : 0;
      if (started) out.push((cache + carry) & 255);
      for (; pending > 0; pending -= 1) out.push((255 + carry) & 255);
      cache = Math.floor(low / TOP) & 255;
      started = true;
    } else pending += 1;
    low = (low % TOP) * 256;
  };
  const encode = (kept: boolean, chance: number, of: number): void => {
    const bound = Math.floor(range / of) * chance;
    if (kept) range = bound;
    else {
      low += bound;
      range -= bound;
    }
    for (; range < TOP; range *= 256) shift();
  };
  eachPosition(update, lengths, chunk, encode);
  for (let flushed = 0; flushed < 5; flushed += 1) shift();
  return Uint8Array.from(out);
}

function eachPosition(
  update: SparseUpdate,
  lengths: readonly number[],
  chunk: number,
  visit: (kept: boolean, chance: number, of: number) => void,
): void {
  for (const [tensor, { indices }] of update.entries()) {
    const length = lengths[tensor] ?? 0;
    let at = 0;
    for (let start = 0; start < length; start += chunk) {
      const end = Math.min(length, start + chunk);
      let left = 0;
      while ((indices[at + left] ?? Infinity) < end) left += 1;
      for (let position = start; position < end && left > 0; position += 1) {
        const kept = indices[at] === position;
        visit(kept, left, end - position);
        if (kept) {
          at += 1;
          left -= 1;
        }
      }
    }
  }
}

/** Reads what `rangeEncode` wrote. `counts`: kept coordinates of a chunk of that length. */
export function rangeDecode(
  bytes: Uint8Array,
  lengths: readonly number[],
  chunk: number,
  keptOf: (length: number) => number,
): Uint32Array[] {
  let next = 0;
  let range = 2 ** 32 - 1;
  let code = 0;
  const byte = (): number => bytes[next++] ?? 0;
  for (let i = 0; i < 4; i += 1) code = code * 256 + byte();
  return lengths.map((length) => {
    const indices: number[] = [];
    for (let start = 0; start < length; start += chunk) {
      const end = Math.min(length, start + chunk);
      let left = keptOf(end - start);
      for (let position = start; position < end && left > 0; position += 1) {
        const bound = Math.floor(range / (end - position)) * left;
        if (code < bound) {
          range = bound;
          indices.push(position);
          left -= 1;
        } else {
          code -= bound;
          range -= bound;
        }
        for (; range < TOP; range *= 256) code = code * 256 + byte();
      }
    }
    return Uint32Array.from(indices);
  });
}
