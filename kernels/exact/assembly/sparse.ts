/** @file Sparse updates against dense tensors: `x` is the tensor's first byte, indices are checked by the caller. */

/**
 * 1 if the indices ascend from above `previous` and stay below `end`, and all values are finite, by the exponent bits. Both are read as
 * signed: 0 means that the caller looks more closely.
 */
export function sound(indices: usize, values: usize, length: u32, previous: i32, end: i32): u32 {
  const mask = i32x4.splat(0x7fffffff), limit = i32x4.splat(0x7f7fffff);
  if (length == 0) return 1;
  let bad = i32x4.splat(0);
  const last = indices + (<usize>(length - 1) << 2);
  if (load<i32>(indices) <= previous || load<i32>(last) >= end) return 0;
  while (indices + 16 <= last) {
    bad = v128.or(bad, i32x4.le_s(v128.load(indices, 4), v128.load(indices)));
    bad = v128.or(bad, i32x4.gt_s(v128.and(v128.load(values), mask), limit));
    indices += 16;
    values += 16;
  }
  if (v128.any_true(bad)) return 0;
  for (; indices < last; indices += 4, values += 4) {
    if (load<i32>(indices, 4) <= load<i32>(indices)) return 0;
    if ((load<i32>(values) & 0x7fffffff) > 0x7f7fffff) return 0;
  }
  return u32((load<i32>(values) & 0x7fffffff) <= 0x7f7fffff);
}

/** x[indices[i]] += values[i]. */
export function addAt(x: usize, indices: usize, values: usize, length: u32): void {
  for (let n = length; n > 0; n--) {
    const at = x + (<usize>load<u32>(indices) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(values));
    indices += 4;
    values += 4;
  }
}

/** Entries whose places are loaded before the first of them is changed: their lines fit the second cache. */
const AHEAD: u32 = 1024;

/** Loads the places of two entries, whose indices are read as one word. */
@inline function touchTwo(x: usize, two: u64): void {
  load<f32>(x + (<usize>(<u32>two) << 2));
  load<f32>(x + (<usize>(two >> 32) << 2));
}

/**
 * Loads the places of up to AHEAD entries, in whole eights. They are rarely in a cache, and loads alone wait for memory together, many more of
 * them than where each is followed by arithmetic and a store: the fewer instructions between two of them, the more. A load that may trap is
 * never left out by a compiler.
 */
@inline function touch(x: usize, indices: usize, some: u32): void {
  let at = indices;
  for (let n = some >> 3; n > 0; n--) {
    touchTwo(x, load<u64>(at));
    touchTwo(x, load<u64>(at, 8));
    touchTwo(x, load<u64>(at, 16));
    touchTwo(x, load<u64>(at, 24));
    at += 32;
  }
}

/** x[indices[i]] = f32(x[indices[i]] - f32(factor * values[i])). */
export function stepAt(x: usize, indices: usize, values: usize, length: u32, factor: f32): void {
  const F = f32x4.splat(factor);
  while (length > 0) {
    const some = min<u32>(length, AHEAD);
    touch(x, indices, some);
    for (let n = some >> 2; n > 0; n--) {
      const steps = f32x4.mul(F, v128.load(values));
      const a = x + (<usize>load<u32>(indices) << 2), b = x + (<usize>load<u32>(indices, 4) << 2);
      const c = x + (<usize>load<u32>(indices, 8) << 2), d = x + (<usize>load<u32>(indices, 12) << 2);
      store<f32>(a, load<f32>(a) - f32x4.extract_lane(steps, 0));
      store<f32>(b, load<f32>(b) - f32x4.extract_lane(steps, 1));
      store<f32>(c, load<f32>(c) - f32x4.extract_lane(steps, 2));
      store<f32>(d, load<f32>(d) - f32x4.extract_lane(steps, 3));
      indices += 16;
      values += 16;
    }
    for (let n = some & 3; n > 0; n--) {
      const at = x + (<usize>load<u32>(indices) << 2);
      store<f32>(at, load<f32>(at) - factor * load<f32>(values));
      indices += 4;
      values += 4;
    }
    length -= some;
  }
}
