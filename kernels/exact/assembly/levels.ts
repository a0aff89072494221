/**
 * @file The magnitudes of a chunk (docs/protocol.md#magnitudes): byte 0 is zero, byte b is (8 + b mod 8) * 2^(floor(b / 8) - 27), which
 * are the exponent and the first three bits of the mantissa of a float.
 */

/** Rounds of Lloyd's method after the first split at the mean magnitude. */
const ROUNDS: i32 = 4;
const BYTES: i64 = 256;
/** The exponent and three bits of a float64 number, less this, are its byte: 8 * (1023 - 24). */
const FIRST: i64 = 7992;
/** Half of the smallest magnitude, 9 * 2^-28. */
const LEAST: f64 = 3.3527612686157227e-8;

/** What `split` found: means of the magnitudes up to the threshold and above it, the threshold itself. */
let meanLow: f64 = 0;
let meanHigh: f64 = 0;

/** The low byte, and eight bits higher the high one. */
let lastThreshold: f64 = 0;

/** The byte whose magnitude is nearest to a mean, the larger one at a tie: half of the last kept bit is added, what lies below it cut off. */
export function byteOf(mean: f64): u32 {
  if (mean < LEAST) return 0;
  const byte = <i64>((reinterpret<u64>(mean) + (<u64>1 << 48)) >> 49) - FIRST;
  return <u32>max<i64>(1, min<i64>(BYTES - 1, byte));
}

/** The bits of the float32 number that a byte stands for. */
export function bitsOf(byte: u32): u32 {
  return byte == 0 ? 0 : ((byte >> 3) + 103) << 23 | (byte & 7) << 20;
}

/** What magnitudes above it are called large; infinite where none is. After `levels`. */
export function threshold(): f64 {
  return lastThreshold;
}

/** Means of the magnitudes up to and above `at`; a side without values takes the other's. Float64 sums, ascending. */
function split(values: usize, count: u32, at: f64): void {
  let low: f64 = 0, high: f64 = 0;
  let above: u32 = 0;
  const end = values + (<usize>count << 2);
  for (; values < end; values += 4) {
    const magnitude = <f64>abs<f32>(load<f32>(values));
    const large = magnitude > at;
    high += select<f64>(magnitude, 0, large);
    low += select<f64>(0, magnitude, large);
    above += u32(large);
  }
  const below = count - above;
  if (above == 0 || below == 0) {
    meanLow = (above == 0 ? low : high) / <f64>count;
    meanHigh = meanLow;
  } else {
    meanLow = low / <f64>below;
    meanHigh = high / <f64>above;
  }
}

/** The bytes of `count` values, low | high << 8, and the threshold between them; `each`: magnitudes of a chunk, 1 or 2. */
export function levels(values: usize, count: u32, each: u32): u32 {
  const end = values + (<usize>count << 2);
  let sum: f64 = 0;
  for (let at = values; at < end; at += 4) sum += <f64>abs<f32>(load<f32>(at));
  const mean = sum / <f64>count;
  lastThreshold = Infinity;
  if (each == 1) {
    const byte = byteOf(mean);
    return byte | byte << 8;
  }
  let at = mean;
  split(values, count, at);
  for (let round = 0; round < ROUNDS && meanHigh > meanLow; round++) {
    at = (meanLow + meanHigh) / 2;
    split(values, count, at);
  }
  const low = byteOf(meanLow), high = byteOf(meanHigh);
  if (low != high) lastThreshold = at;
  return low | high << 8;
}
