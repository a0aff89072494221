/**
 * @file From the body of an update to coordinates and values (docs/protocol.md#body). What it reads strangers wrote: every loop ends by the
 * counts of the layout or at the end of a plane, and whatever stands in the bytes, only `indices` and `values` are written.
 */
import { bitsOf } from "./levels";

/** Bytes of a run in the table: chunks, count, length, base, pair bits, first coordinate. */
export const RUN: usize = 24;

/** Answers: the gaps, or the values, of a run are no encoding of any; the number of the run stands in the bits above. */
const BAD_GAPS: i32 = 1;
const BAD_VALUES: i32 = 2;

/** Where the quotients go on. */
let word: u64 = 0;
let next: usize = 0;
let end: usize = 0;
let last: i64 = -1;

/**
 * Reads `number` runs of chunks. Planes begin at any bit of their first byte, and may be read 8 bytes beyond their end; there the quotients are
 * zero, of which `quotientBytes` count. Writes entry after entry, and up to 3 behind the last one.
 * @returns the bit behind the last quotient; or what is wrong, as -(4 * run + 1) or -(4 * run + 2)
 */
export function decodeRuns(
  runs: usize, number: u32, each: u32, magnitudes: usize, signs: usize, signBit: u32, large: usize, remainders: usize,
  remainderBit: u32, quotients: usize, quotientBit: u32, indices: usize, values: usize, quotientBytes: u32,
): i32 {
  end = quotients + <usize>quotientBytes;
  word = quotientBytes == 0 ? 0 : load<u64>(quotients) >> quotientBit << quotientBit;
  next = quotients + 8;
  last = <i64>quotientBit - 1;
  for (let run: u32 = 0; run < number; run++) {
    const chunks = load<u32>(runs), count = load<u32>(runs, 4), length = load<u32>(runs, 8);
    const base = load<u32>(runs, 12), pairBits = load<u32>(runs, 16);
    let start = load<u32>(runs, 20);
    const bytes = <usize>count << 2;
    for (let chunk: u32 = 0; chunk < chunks; chunk++) {
      if (count == length) all(indices, count, start);
      else {
        if (!gaps(remainders, remainderBit, count, base, pairBits, indices, start, length, quotients)) return -(<i32>run * 4 + BAD_GAPS);
        remainderBit += (count >> 1) * pairBits + (count & 1) * ((pairBits + 1) >> 1);
      }
      const good = each == 1
        ? oneMagnitude(load<u8>(magnitudes), signs, signBit, count, values)
        : twoMagnitudes(load<u8>(magnitudes), load<u8>(magnitudes, 1), signs, large, signBit, count, values);
      if (!good) return -(<i32>run * 4 + BAD_VALUES);
      magnitudes += each;
      signBit += count;
      start += length;
      indices += bytes;
      values += bytes;
    }
    runs += RUN;
  }
  return <i32>(last + 1);
}

/** All coordinates of a chunk. */
function all(indices: usize, count: u32, start: u32): void {
  for (let at: u32 = 0; at < count; at++) store<u32>(indices + (<usize>at << 2), start + at);
}

/** Bits of a plane from a bit on, 57 of them. */
@inline function peek(plane: usize, bit: u32): u64 {
  return load<u64>(plane + (bit >> 3)) >> <u64>(bit & 7);
}

/**
 * The coordinates of a chunk. That of entry n, from 1 on, is start - 1 + n + base * (bit of its one - bit of the last one before - n) + the
 * remainders so far, so that none waits for the multiplication of the one before. Gaps are not negative: the last coordinate tells whether all
 * lie in the chunk. In 64 bits no sum overflows, for a plane has fewer than 2^35 bits and a base is at most 2^20.
 */
function gaps(
  plane: usize, bit: u32, count: u32, base: u32, pairBits: u32, indices: usize, start: u32, length: u32, quotients: usize,
): bool {
  // Rounded up, the inverse is exact for pairs of these lengths: 2^23 * 2,896 < 2^40, and a power of two loses nothing.
  const wide = <u64>base, inverse = ((<u64>1 << 40) + wide - 1) / wide, mask = (<u64>1 << pairBits) - 1;
  const step = 1 - <i64>base, wordStep = <i64>base << 6;
  // Globals would be written to memory at every turn.
  let bits = word, from = next;
  let sum = <i64>start - 1 + <i64>base * (wordBit(from, quotients) - last);
  let index: i64 = 0, one: i64 = 0;
  let bad: u32 = 0;
  for (let pairs = count >> 1; pairs > 0; pairs--) {
    const pair = peek(plane, bit) & mask;
    const second = (pair * inverse) >> 40;
    bit += pairBits;
    bad |= u32(second >= wide);
    while (bits == 0) {
      if (from >= end) return false;
      bits = load<u64>(from);
      from += 8;
      sum += wordStep;
    }
    sum += step + <i64>(pair - second * wide);
    store<u32>(indices, <u32>(sum + <i64>base * <i64>ctz(bits)));
    bits &= bits - 1;
    while (bits == 0) {
      if (from >= end) return false;
      bits = load<u64>(from);
      from += 8;
      sum += wordStep;
    }
    sum += step + <i64>second;
    one = <i64>ctz(bits);
    index = sum + <i64>base * one;
    store<u32>(indices, <u32>index, 4);
    bits &= bits - 1;
    indices += 8;
  }
  if (count & 1) {
    const remainder = peek(plane, bit) & ((<u64>1 << ((pairBits + 1) >> 1)) - 1);
    while (bits == 0) {
      if (from >= end) return false;
      bits = load<u64>(from);
      from += 8;
      sum += wordStep;
    }
    bad |= u32(remainder >= wide);
    one = <i64>ctz(bits);
    index = sum + step + <i64>remainder + <i64>base * one;
    store<u32>(indices, <u32>index);
    bits &= bits - 1;
  }
  word = bits; next = from; last = wordBit(from, quotients) + one;
  return !bad && index < <i64>start + <i64>length;
}

/** First bit of the word before a place. */
@inline function wordBit(from: usize, quotients: usize): i64 {
  return (<i64>(from - quotients) << 3) - 64;
}

/** Lanes that are all ones where the lane's own of four bits is one. */
@inline function lanes(bits: u32): v128 {
  const own = i32x4(1, 2, 4, 8);
  return i32x4.eq(v128.and(i32x4.splat(bits), own), own);
}

/** Four signs from bit `first` on, which becomes the upper one of each lane, over a magnitude. */
@inline function signed(signs: i32, first: i32, magnitude: v128): v128 {
  const upper = i32x4(1 << 31, 1 << 30, 1 << 29, 1 << 28);
  const moved = i32x4.mul(i32x4.splat(signs >>> first), upper);
  return v128.or(magnitude, v128.and(moved, i32x4.splat(1 << 31)));
}

/** The values of a chunk; false if one is a negative zero. */
function oneMagnitude(byte: u32, signs: usize, bit: u32, count: u32, values: usize): bool {
  const magnitude = i32x4.splat(bitsOf(byte));
  let negative: u32 = 0, left = <i32>count;
  for (; left >= 16; left -= 16) {
    const bits = load<u32>(signs + (bit >> 3)) >> (bit & 7);
    negative |= bits & 0xffff;
    v128.store(values, signed(bits, 0, magnitude));
    v128.store(values, signed(bits, 4, magnitude), 16);
    v128.store(values, signed(bits, 8, magnitude), 32);
    v128.store(values, signed(bits, 12, magnitude), 48);
    bit += 16;
    values += 64;
  }
  for (; left > 0; left -= 4) {
    const bits = load<u32>(signs + (bit >> 3)) >> (bit & 7);
    negative |= left < 4 ? bits & ((1 << left) - 1) : bits & 15;
    v128.store(values, signed(bits, 0, magnitude));
    bit += 4;
    values += 16;
  }
  return byte > 0 || negative == 0;
}

/** The same where there are two; false also if they do not ascend, or are equal and told apart, or one is not used. */
function twoMagnitudes(low: u32, high: u32, signs: usize, large: usize, bit: u32, count: u32, values: usize): bool {
  const small = i32x4.splat(bitsOf(low)), big = i32x4.splat(bitsOf(high)), minus = i32x4.splat(0x80000000);
  let negativeLow: u32 = 0, negativeHigh: u32 = 0, larges: u32 = 0;
  for (let left = <i32>count; left > 0; left -= 4) {
    const mask: u32 = left < 4 ? (1 << left) - 1 : 15;
    const minuses = load<u32>(signs + (bit >> 3)) >> (bit & 7) & mask;
    const bigs = load<u32>(large + (bit >> 3)) >> (bit & 7) & mask;
    negativeLow |= minuses & ~bigs;
    negativeHigh |= minuses & bigs;
    larges += popcnt(bigs);
    v128.store(values, v128.or(v128.bitselect(big, small, lanes(bigs)), v128.and(lanes(minuses), minus)));
    bit += 4;
    values += 16;
  }
  if ((low == 0 && negativeLow != 0) || (high == 0 && negativeHigh != 0)) return false;
  return low < high ? larges > 0 && larges < count : low == high && larges == 0;
}
