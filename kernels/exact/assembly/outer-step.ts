/**
 * @file Outer step (docs/protocol.md#8-outer-step) over one block of coordinates. The caller clears `sums` and `counts`, scatters the peers
 * in ascending uid and settles. SIMD runs across coordinates only, so the order inside a coordinate is the protocol's.
 */

/** sums[i] = f32(sums[i] + f32(factor * value)), counts[i] += 1, for i = index - base. */
export function scatter(
  indices: usize, values: usize, length: u32, base: u32, factor: f32, sums: usize, counts: usize,
): void {
  for (let n = length; n > 0; n--) {
    const at = <usize>(load<u32>(indices) - base) << 2;
    store<f32>(sums + at, load<f32>(sums + at) + factor * load<f32>(values));
    store<f32>(counts + at, load<f32>(counts + at) + 1);
    indices += 4;
    values += 4;
  }
}

/**
 * theta = f32(theta - f32(alpha * f32(sum / c))) where a peer chose the coordinate; elsewhere theta keeps its bits.
 * c = `all` if positive, else the number of peers that chose it (exact in float32 up to 2^24 peers).
 * `sums` and `counts` are cleared on the way, ready for the next block.
 */
export function settle(theta: usize, sums: usize, counts: usize, length: u32, alpha: f32, all: f32): void {
  const A = f32x4.splat(alpha), N = f32x4.splat(all), zero = f32x4.splat(0);
  for (let n = length >> 2; n > 0; n--) {
    const count = v128.load(counts);
    if (v128.any_true(count)) {
      const chosen = f32x4.gt(count, zero);
      const old = v128.load(theta);
      const mean = f32x4.div(v128.load(sums), all > 0 ? N : count);
      v128.store(theta, v128.bitselect(f32x4.sub(old, f32x4.mul(A, mean)), old, chosen));
      v128.store(sums, zero);
      v128.store(counts, zero);
    }
    theta += 16; sums += 16; counts += 16;
  }
  for (let n = length & 3; n > 0; n--) {
    const count = load<f32>(counts);
    if (count > 0) {
      const mean: f32 = load<f32>(sums) / (all > 0 ? all : count);
      store<f32>(theta, load<f32>(theta) - alpha * mean);
      store<f32>(sums, 0);
      store<f32>(counts, 0);
    }
    theta += 4; sums += 4; counts += 4;
  }
}

/**
 * sums = f32(sum / c) where a peer chose the coordinate, +0 elsewhere; c as in `settle`. `counts` is cleared on the way, `sums` is
 * left for the caller to read and to clear.
 */
export function average(sums: usize, counts: usize, length: u32, all: f32): void {
  for (let n = length; n > 0; n--) {
    const count = load<f32>(counts);
    if (count > 0) {
      const mean: f32 = load<f32>(sums) / (all > 0 ? all : count);
      store<f32>(sums, mean);
      store<f32>(counts, 0);
    }
    sums += 4; counts += 4;
  }
}

/** theta = f32(theta - alpha) where x > 0, f32(theta + alpha) where x < 0; theta keeps its bits where x is 0. */
export function signStep(theta: usize, x: usize, length: u32, alpha: f32): void {
  for (let n = length; n > 0; n--) {
    const value = load<f32>(x);
    if (value > 0) store<f32>(theta, load<f32>(theta) - alpha);
    else if (value < 0) store<f32>(theta, load<f32>(theta) + alpha);
    theta += 4; x += 4;
  }
}
