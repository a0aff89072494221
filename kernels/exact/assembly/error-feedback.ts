/** @file Error feedback: e = f32(f32(beta * e) + f32(start - end)). */

/** `e` += the change start -> end, after the old residual is damped by beta. */
export function accumulateError(e: usize, start: usize, end: usize, length: u32, beta: f32): void {
  const B = f32x4.splat(beta);
  for (let n = length >> 2; n > 0; n--) {
    const delta = f32x4.sub(v128.load(start), v128.load(end));
    v128.store(e, f32x4.add(f32x4.mul(B, v128.load(e)), delta));
    e += 16; start += 16; end += 16;
  }
  for (let n = length & 3; n > 0; n--) {
    const delta: f32 = load<f32>(start) - load<f32>(end);
    store<f32>(e, beta * load<f32>(e) + delta);
    e += 4; start += 4; end += 4;
  }
}

/** 1 if no number that accumulateError would leave has magnitude bits above `most`; nothing is written. */
export function accumulates(e: usize, start: usize, end: usize, length: u32, beta: f32, most: i32): u32 {
  const B = f32x4.splat(beta), mask = i32x4.splat(0x7fffffff), limit = i32x4.splat(most);
  let bad = i32x4.splat(0);
  for (let n = length >> 2; n > 0; n--) {
    const sum = f32x4.add(f32x4.mul(B, v128.load(e)), f32x4.sub(v128.load(start), v128.load(end)));
    bad = v128.or(bad, i32x4.gt_s(v128.and(sum, mask), limit));
    e += 16; start += 16; end += 16;
  }
  if (v128.any_true(bad)) return 0;
  for (let n = length & 3; n > 0; n--) {
    const delta: f32 = load<f32>(start) - load<f32>(end);
    const sum: f32 = beta * load<f32>(e) + delta;
    if ((reinterpret<i32>(sum) & 0x7fffffff) > most) return 0;
    e += 4; start += 4; end += 4;
  }
  return 1;
}
