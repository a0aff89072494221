/** @file AdamW with decoupled decay over a contiguous range, fused into one pass. */

/**
 * Per element, each operation rounded to float32:
 *   g = g * scale
 *   m = b1 * m + a1 * g
 *   v = b2 * v + a2 * (g * g)
 *   p = p * keep - (m * rate) / (sqrt(v * correction) + epsilon)
 * The gradient in memory is left as it is. Constants are rounded from float64 by the caller:
 * a = 1 - b, keep = 1 - lr * decay, rate = lr / (1 - b1^t), correction = 1 / (1 - b2^t).
 */
export function adamw(
  p: usize, m: usize, v: usize, g: usize, length: u32,
  scale: f32, b1: f32, a1: f32, b2: f32, a2: f32, keep: f32, rate: f32, correction: f32, epsilon: f32,
): void {
  const S = f32x4.splat(scale);
  const B1 = f32x4.splat(b1), A1 = f32x4.splat(a1), B2 = f32x4.splat(b2), A2 = f32x4.splat(a2);
  const K = f32x4.splat(keep), R = f32x4.splat(rate), C = f32x4.splat(correction), E = f32x4.splat(epsilon);
  for (let n = length >> 2; n > 0; n--) {
    const grad = f32x4.mul(v128.load(g), S);
    const first = f32x4.add(f32x4.mul(B1, v128.load(m)), f32x4.mul(A1, grad));
    const second = f32x4.add(f32x4.mul(B2, v128.load(v)), f32x4.mul(A2, f32x4.mul(grad, grad)));
    const move = f32x4.div(f32x4.mul(first, R), f32x4.add(f32x4.sqrt(f32x4.mul(second, C)), E));
    v128.store(m, first);
    v128.store(v, second);
    v128.store(p, f32x4.sub(f32x4.mul(v128.load(p), K), move));
    p += 16; m += 16; v += 16; g += 16;
  }
  for (let n = length & 3; n > 0; n--) {
    const grad: f32 = load<f32>(g) * scale;
    const first: f32 = b1 * load<f32>(m) + a1 * grad;
    const second: f32 = b2 * load<f32>(v) + a2 * (grad * grad);
    const move: f32 = (first * rate) / (sqrt<f32>(second * correction) + epsilon);
    store<f32>(m, first);
    store<f32>(v, second);
    store<f32>(p, load<f32>(p) * keep - move);
    p += 4; m += 4; v += 4; g += 4;
  }
}
