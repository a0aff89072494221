/** @file From coordinates and values to the body of an update (docs/protocol.md#body). */
import { RUN } from "./body-decode";
import { levels, threshold } from "./levels";

/** Answers: coordinates of a run do not ascend in their chunk; a value is not finite. */
const BAD_ORDER: i32 = 1;
const BAD_VALUE: i32 = 2;

/** The bit behind the last quotient written. */
let quotientEnd: u32 = 0;

/**
 * Writes `number` runs of chunks to planes that are zero from their first bit on, which may be any of their first byte. May write 8 bytes
 * beyond their end, zeros.
 * @returns the bit behind the last quotient; or what is wrong, as -(4 * run + 1) or -(4 * run + 2)
 */
export function encodeRuns(
  runs: usize, number: u32, each: u32, magnitudes: usize, signs: usize, signBit: u32, large: usize, remainders: usize,
  remainderBit: u32, quotients: usize, quotientBit: u32, indices: usize, values: usize,
): i32 {
  quotientEnd = quotientBit;
  for (let run: u32 = 0; run < number; run++) {
    const chunks = load<u32>(runs), count = load<u32>(runs, 4), length = load<u32>(runs, 8);
    const base = load<u32>(runs, 12), pairBits = load<u32>(runs, 16);
    let start = load<u32>(runs, 20);
    for (let chunk: u32 = 0; chunk < chunks; chunk++) {
      if (!isFinite(values, count)) return -(<i32>run * 4 + BAD_VALUE);
      const bytes = levels(values, count, each);
      store<u8>(magnitudes, bytes);
      if (each == 2) store<u8>(magnitudes, bytes >> 8, 1);
      writeValues(values, count, bytes, signs, each == 2 ? large : 0, signBit);
      if (!ascends(indices, count, start, length)) return -(<i32>run * 4 + BAD_ORDER);
      if (count < length) {
        writeGaps(indices, count, base, pairBits, start, remainders, remainderBit, quotients);
        remainderBit += (count >> 1) * pairBits + (count & 1) * ((pairBits + 1) >> 1);
      }
      magnitudes += each;
      signBit += count;
      start += length;
      indices += <usize>count << 2;
      values += <usize>count << 2;
    }
    runs += RUN;
  }
  return <i32>quotientEnd;
}

function isFinite(values: usize, count: u32): bool {
  let worst: u32 = 0;
  for (let at: u32 = 0; at < count; at++) worst = max<u32>(worst, load<u32>(values + (<usize>at << 2)) & 0x7fffffff);
  return worst < 0x7f800000;
}

function ascends(indices: usize, count: u32, start: u32, length: u32): bool {
  let previous = <i64>start - 1;
  let bad: u32 = 0;
  for (let at: u32 = 0; at < count; at++) {
    const index = <i64>load<u32>(indices + (<usize>at << 2));
    bad |= u32(index <= previous);
    previous = index;
  }
  return !bad && previous < <i64>start + <i64>length;
}

/** Bits to a plane from a bit on, where zeros follow: 57 at most. */
@inline function put(plane: usize, bit: u32, bits: u64): void {
  const at = plane + (bit >> 3);
  store<u64>(at, <u64>load<u8>(at) | bits << <u64>(bit & 7));
}

/** Signs, and which values are large; without `large` none is asked for. Reads up to 3 values behind the last one. */
function writeValues(values: usize, count: u32, bytes: u32, signs: usize, large: usize, bit: u32): void {
  // What is zero has no sign.
  const lows: u32 = (bytes & 255) != 0 ? -1 : 0, highs: u32 = bytes >> 8 != 0 ? -1 : 0;
  const limit = threshold(), zero = f32x4.splat(0);
  for (let left = <i32>count; left > 0; left -= 4) {
    const mask: u32 = left < 4 ? (1 << left) - 1 : 15;
    const some = v128.load(values);
    let bigs: u32 = 0;
    if (large) {
      const sizes = f32x4.abs(some), limits = f64x2.splat(limit);
      const upper = f64x2.promote_low_f32x4(v128.shuffle<u64>(sizes, sizes, 1, 1));
      bigs = i64x2.bitmask(f64x2.gt(f64x2.promote_low_f32x4(sizes), limits)) | i64x2.bitmask(f64x2.gt(upper, limits)) << 2;
      bigs &= mask;
      put(large, bit, bigs);
    }
    const minuses = i32x4.bitmask(f32x4.lt(some, zero)) & mask;
    put(signs, bit, minuses & ((bigs & highs) | (~bigs & lows)));
    bit += 4;
    values += 16;
  }
}

/** `ascends` holds. */
function writeGaps(
  indices: usize, count: u32, base: u32, pairBits: u32, start: u32, remainders: usize, bit: u32, quotients: usize,
): void {
  let previous = start - 1, end = quotientEnd;
  const pairs = indices + (<usize>(count & ~1) << 2);
  while (indices < pairs) {
    const index = load<u32>(indices), second = load<u32>(indices, 4);
    const gap = index - previous - 1, between = second - index - 1;
    const quotient = gap / base, further = between / base;
    put(remainders, bit, <u64>(gap - quotient * base) + <u64>base * <u64>(between - further * base));
    end = one(quotients, end + quotient);
    end = one(quotients, end + further);
    previous = second;
    bit += pairBits;
    indices += 8;
  }
  if (count & 1) {
    const gap = load<u32>(indices) - previous - 1, quotient = gap / base;
    put(remainders, bit, <u64>(gap - quotient * base));
    end = one(quotients, end + quotient);
  }
  quotientEnd = end;
}

/** A one-bit; returns the bit behind it. */
@inline function one(plane: usize, bit: u32): u32 {
  const at = plane + (bit >> 3);
  store<u8>(at, <u32>load<u8>(at) | 1 << (bit & 7));
  return bit + 1;
}
