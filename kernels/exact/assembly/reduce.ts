/** @file Reductions in a fixed order. Squares of float32 values are exact in float64, so only the order matters. */

/**
 * Sum of squares in eight float64 lanes: element i goes to lane i mod 8, ascending; the result is
 * ((l0 + l1) + (l2 + l3)) + ((l4 + l5) + (l6 + l7)).
 */
export function sumOfSquares(x: usize, length: u32): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  for (let n = length >> 3; n > 0; n--) {
    const low = v128.load(x), high = v128.load(x, 16);
    const p = f64x2.promote_low_f32x4(low), q = f64x2.promote_low_f32x4(v128.shuffle<u64>(low, low, 1, 1));
    const r = f64x2.promote_low_f32x4(high), s = f64x2.promote_low_f32x4(v128.shuffle<u64>(high, high, 1, 1));
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
    c = f64x2.add(c, f64x2.mul(r, r));
    d = f64x2.add(d, f64x2.mul(s, s));
    x += 32;
  }
  let l0 = f64x2.extract_lane(a, 0), l1 = f64x2.extract_lane(a, 1), l2 = f64x2.extract_lane(b, 0), l3 = f64x2.extract_lane(b, 1);
  let l4 = f64x2.extract_lane(c, 0), l5 = f64x2.extract_lane(c, 1), l6 = f64x2.extract_lane(d, 0);
  const l7 = f64x2.extract_lane(d, 1), rest = length & 7;
  if (rest > 0) l0 += square(x);
  if (rest > 1) l1 += square(x + 4);
  if (rest > 2) l2 += square(x + 8);
  if (rest > 3) l3 += square(x + 12);
  if (rest > 4) l4 += square(x + 16);
  if (rest > 5) l5 += square(x + 20);
  if (rest > 6) l6 += square(x + 24);
  return ((l0 + l1) + (l2 + l3)) + ((l4 + l5) + (l6 + l7));
}

@inline function square(at: usize): f64 {
  const value = <f64>load<f32>(at);
  return value * value;
}

/** `total` plus the squares, one after another in ascending order: the norm of an update (docs/protocol.md#8-outer-step). */
export function sumOfSquaresInOrder(x: usize, length: u32, total: f64): f64 {
  for (let n = length; n > 0; n--) {
    total += square(x);
    x += 4;
  }
  return total;
}

/** Correctly rounded square root; ECMAScript leaves the last bit of Math.sqrt to the engine. */
export function root(x: f64): f64 {
  return sqrt<f64>(x);
}

/** 1 if no element has magnitude bits above `most`; those of NaN and infinity are above all others. */
export function allWithin(x: usize, length: u32, most: i32): u32 {
  const mask = i32x4.splat(0x7fffffff), limit = i32x4.splat(most);
  let bad = i32x4.splat(0);
  for (let n = length >> 2; n > 0; n--) {
    bad = v128.or(bad, i32x4.gt_s(v128.and(v128.load(x), mask), limit));
    x += 16;
  }
  if (v128.any_true(bad)) return 0;
  for (let n = length & 3; n > 0; n--) {
    if ((load<i32>(x) & 0x7fffffff) > most) return 0;
    x += 4;
  }
  return 1;
}
