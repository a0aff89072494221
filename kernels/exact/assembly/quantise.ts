/** @file Two-bit quantiser: pieces of Lloyd's method on magnitudes, sums in float64 in ascending order. */

/** `total` plus the magnitudes, one after another. */
export function magnitudeSum(values: usize, length: u32, total: f64): f64 {
  for (let n = length; n > 0; n--) {
    total += <f64>abs<f32>(load<f32>(values));
    values += 4;
  }
  return total;
}

/** Adds to sums = { f64 low, f64 high, f64 number of high } the magnitudes up to and above the threshold. */
export function splitSums(values: usize, length: u32, threshold: f64, sums: usize): void {
  let low = load<f64>(sums), high = load<f64>(sums, 8), count = load<f64>(sums, 16);
  for (let n = length; n > 0; n--) {
    const magnitude = <f64>abs<f32>(load<f32>(values));
    if (magnitude > threshold) {
      high += magnitude;
      count += 1;
    } else {
      low += magnitude;
    }
    values += 4;
  }
  store<f64>(sums, low);
  store<f64>(sums, high, 8);
  store<f64>(sums, count, 16);
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
