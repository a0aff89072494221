/** @file Sums of gradients: x = f32(f32(x + y) * factor). */

/** Adds `y` to `x`; the factor of the last part makes a mean of the sum. */
export function accumulate(x: usize, y: usize, length: u32, factor: f32): void {
  const F = f32x4.splat(factor);
  for (let n = length >> 2; n > 0; n--) {
    v128.store(x, f32x4.mul(f32x4.add(v128.load(x), v128.load(y)), F));
    x += 16; y += 16;
  }
  for (let n = length & 3; n > 0; n--) {
    const sum: f32 = load<f32>(x) + load<f32>(y);
    store<f32>(x, sum * factor);
    x += 4; y += 4;
  }
}
