/** @file Two-bit quantiser: pieces of Lloyd's method on magnitudes, sums in float64 in ascending order. */

/** `total` plus the magnitudes, one after another. */
export function magnitudeSum(values: usize, length: u32, total: f64): f64 {
  for (let n = length; n > 0; n--) {
    total += <f64>abs<f32>(load<f32>(values));
    values += 4;
  }
  return total;
}

/**
 * Adds to sums = { f64 low, f64 high, f64 number of high } the magnitudes up to and above the threshold. Both sums take every turn,
 * one of them +0, which changes no bit of a sum that is not -0: the branch could not be predicted.
 */
export function splitSums(values: usize, length: u32, threshold: f64, sums: usize): void {
  let low = load<f64>(sums), high = load<f64>(sums, 8);
  let count: u32 = 0;
  for (let n = length; n > 0; n--) {
    const magnitude = <f64>abs<f32>(load<f32>(values));
    const above = magnitude > threshold;
    high += select<f64>(magnitude, 0, above);
    low += select<f64>(0, magnitude, above);
    count += u32(above);
    values += 4;
  }
  store<f64>(sums, low);
  store<f64>(sums, high, 8);
  store<f64>(sums, load<f64>(sums, 16) + <f64>count, 16);
}

/** codes[i]: bit 0 = below zero, bit 1 = magnitude above the threshold. */
export function encode(values: usize, length: u32, threshold: f64, codes: usize): void {
  for (let n = length; n > 0; n--) {
    const value = load<f32>(values);
    store<u8>(codes, u8(value < 0) | (u8(<f64>abs<f32>(value) > threshold) << 1));
    values += 4;
    codes += 1;
  }
}
