/**
 * @file Dense arithmetic of the optimisers beside AdamW (Nesterov, Muon, the cosine transform). Rows and columns are counted in floats,
 * a matrix is row-major with `stride` floats from row to row. SIMD runs across columns only, so every sum is in ascending order.
 */

/** out = f32(f32(a * x) + f32(b * y)); `out` may be x or y. */
export function combine(out: usize, x: usize, y: usize, length: u32, a: f32, b: f32): void {
  const A = f32x4.splat(a), B = f32x4.splat(b);
  for (let n = length >> 2; n > 0; n--) {
    v128.store(out, f32x4.add(f32x4.mul(A, v128.load(x)), f32x4.mul(B, v128.load(y))));
    out += 16; x += 16; y += 16;
  }
  for (let n = length & 3; n > 0; n--) {
    const left: f32 = a * load<f32>(x);
    store<f32>(out, left + b * load<f32>(y));
    out += 4; x += 4; y += 4;
  }
}

/**
 * out[r][c] = sum over i ascending of a[r][i] * b[i][c], each product and each sum rounded to float32, the first term as it is.
 * `out` overlaps neither a nor b; `inner` is at least 1. `pack`: room for 8 * inner floats, where eight columns of b lie together while they
 * are used, or 0: rows of b far apart would push each other out of the cache.
 */
export function multiply(
  a: usize, aStride: u32, b: usize, bStride: u32, out: usize, outStride: u32,
  rows: u32, inner: u32, columns: u32, pack: usize,
): void {
  const left = <usize>aStride << 2, right = <usize>bStride << 2, down = <usize>outStride << 2;
  const full = rows & ~3;
  let c: u32 = 0;
  for (; c + 8 <= columns; c += 8) {
    const across = <usize>c << 2;
    let from = b + across, step = right;
    if (pack) {
      gatherColumns(from, right, pack, inner);
      from = pack; step = 32;
    }
    for (let r: u32 = 0; r < full; r += 4)
      tile(a + r * left, left, from, step, out + r * down + across, down, inner);
  }
  for (let r: u32 = 0; r < full; r++) row(a + r * left, b, right, out + r * down, inner, c, columns);
  for (let r = full; r < rows; r++) row(a + r * left, b, right, out + r * down, inner, 0, columns);
}

@inline function gatherColumns(b: usize, right: usize, pack: usize, inner: u32): void {
  for (let i = inner; i > 0; i--) {
    v128.store(pack, v128.load(b));
    v128.store(pack, v128.load(b, 16), 16);
    b += right; pack += 32;
  }
}

/** Four rows of eight columns in registers. */
@inline function tile(a: usize, left: usize, b: usize, right: usize, out: usize, down: usize, inner: u32): void {
  const a1 = a + left, a2 = a1 + left, a3 = a2 + left;
  let low = v128.load(b), high = v128.load(b, 16);
  let x = v128.load32_splat(a), y = v128.load32_splat(a1), z = v128.load32_splat(a2), w = v128.load32_splat(a3);
  let x0 = f32x4.mul(x, low), x1 = f32x4.mul(x, high), y0 = f32x4.mul(y, low), y1 = f32x4.mul(y, high);
  let z0 = f32x4.mul(z, low), z1 = f32x4.mul(z, high), w0 = f32x4.mul(w, low), w1 = f32x4.mul(w, high);
  for (let i: usize = 4; i < <usize>inner << 2; i += 4) {
    b += right;
    low = v128.load(b); high = v128.load(b, 16);
    x = v128.load32_splat(a + i); y = v128.load32_splat(a1 + i); z = v128.load32_splat(a2 + i); w = v128.load32_splat(a3 + i);
    x0 = f32x4.add(x0, f32x4.mul(x, low)); x1 = f32x4.add(x1, f32x4.mul(x, high));
    y0 = f32x4.add(y0, f32x4.mul(y, low)); y1 = f32x4.add(y1, f32x4.mul(y, high));
    z0 = f32x4.add(z0, f32x4.mul(z, low)); z1 = f32x4.add(z1, f32x4.mul(z, high));
    w0 = f32x4.add(w0, f32x4.mul(w, low)); w1 = f32x4.add(w1, f32x4.mul(w, high));
  }
  v128.store(out, x0); v128.store(out, x1, 16); out += down;
  v128.store(out, y0); v128.store(out, y1, 16); out += down;
  v128.store(out, z0); v128.store(out, z1, 16); out += down;
  v128.store(out, w0); v128.store(out, w1, 16);
}

/** Columns `from` up to `columns` of one row. */
@inline function row(a: usize, b: usize, right: usize, out: usize, inner: u32, from: u32, columns: u32): void {
  let c = from;
  for (; c + 4 <= columns; c += 4) {
    let at = b + (<usize>c << 2);
    let sum = f32x4.mul(v128.load32_splat(a), v128.load(at));
    for (let i: usize = 4; i < <usize>inner << 2; i += 4) {
      at += right;
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a + i), v128.load(at)));
    }
    v128.store(out + (<usize>c << 2), sum);
  }
  for (; c < columns; c++) {
    let at = b + (<usize>c << 2);
    let sum: f32 = load<f32>(a) * load<f32>(at);
    for (let i: usize = 4; i < <usize>inner << 2; i += 4) {
      at += right;
      const product: f32 = load<f32>(a + i) * load<f32>(at);
      sum = sum + product;
    }
    store<f32>(out + (<usize>c << 2), sum);
  }
}

/** out[c][r] = x[r][c]; both without gaps. */
export function transpose(x: usize, rows: u32, columns: u32, out: usize): void {
  for (let r: u32 = 0; r < rows; r++) {
    let to = out + (<usize>r << 2);
    for (let c: u32 = 0; c < columns; c++) {
      store<f32>(to, load<f32>(x));
      x += 4; to += <usize>rows << 2;
    }
  }
}

/** x = +0. */
export function clear(x: usize, length: u32): void {
  memory.fill(x, 0, <usize>length << 2);
}
