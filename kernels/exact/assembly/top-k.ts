/**
 * @file Exact top-k by magnitude inside every chunk, indices ascending, the lower index wins a tie.
 *
 * |x| of finite floats orders like its bits as an integer. A chunk is first thinned to candidates whose bits
 * reach a floor guessed from the chunk before it; if fewer than k remain, the floor falls to zero and every
 * value is a candidate, so the guess can cost time but never change the result. The threshold is then found
 * by bisection over the bits of the candidates, which stops early once exactly k of them reach it.
 */

/** The floor lies this many bit patterns under the last threshold: half a power of two, about 5 k candidates. */
const SLACK: i32 = 1 << 22;

/**
 * `x` .. `x + 4 length` holds chunks of `chunk` values, the last may be shorter. Writes `first` + position of every chosen value
 * to `out` and returns how many. `bits` and `where` are scratch of chunk + 4 words.
 */
export function topK(x: usize, length: u32, chunk: u32, k: u32, first: u32, out: usize, bits: usize, where: usize): u32 {
  const begin = out;
  let floor: i32 = 0;
  for (let at: u32 = 0; at < length; at += chunk) {
    const size = min<u32>(chunk, length - at);
    const keep: u32 = (k * size + chunk - 1) / chunk;
    const base = x + (<usize>at << 2);
    let found = collect(base, size, floor, bits, where);
    if (found < keep) {
      floor = 0;
      found = collect(base, size, 0, bits, where);
    }
    const threshold = bisect(bits, found, keep, floor);
    out = emit(bits, where, found, keep, threshold, first + at, out);
    floor = threshold > SLACK ? threshold - SLACK : 0;
  }
  return <u32>((out - begin) >> 2);
}

/** Positions and magnitude bits of all values that reach the floor; pads `bits` to a multiple of four with -1. */
function collect(x: usize, size: u32, floor: i32, bits: usize, where: usize): u32 {
  const mask = i32x4.splat(0x7fffffff), under = i32x4.splat(floor - 1);
  const whole = size & ~3;
  let found: u32 = 0;
  for (let i: u32 = 0; i < whole; i += 4) {
    const value = v128.and(v128.load(x + (<usize>i << 2)), mask);
    let hits = i32x4.bitmask(i32x4.gt_s(value, under));
    while (hits != 0) {
      const position = i + <u32>ctz(hits);
      const slot = <usize>found << 2;
      store<i32>(bits + slot, load<i32>(x + (<usize>position << 2)) & 0x7fffffff);
      store<u32>(where + slot, position);
      hits &= hits - 1;
      found++;
    }
  }
  for (let i = whole; i < size; i++) {
    const value = load<i32>(x + (<usize>i << 2)) & 0x7fffffff;
    if (value >= floor) {
      const slot = <usize>found << 2;
      store<i32>(bits + slot, value);
      store<u32>(where + slot, i);
      found++;
    }
  }
  v128.store(bits + (<usize>found << 2), i32x4.splat(-1));
  return found;
}

/** How many of the candidates reach the threshold. */
function reaching(bits: usize, found: u32, threshold: i32): u32 {
  const under = i32x4.splat(threshold - 1);
  let sums = i32x4.splat(0);
  for (let n = (found + 3) >> 2; n > 0; n--) {
    sums = i32x4.sub(sums, i32x4.gt_s(v128.load(bits), under));
    bits += 16;
  }
  return <u32>(i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3));
}

/** A threshold that exactly `keep` candidates reach, or, with ties, the largest that at least `keep` reach. */
function bisect(bits: usize, found: u32, keep: u32, floor: i32): i32 {
  if (found == keep) return floor;
  let low = floor, high: i32 = 0;
  let top = i32x4.splat(0);
  for (let n: u32 = 0; n < found; n += 4) top = i32x4.max_s(top, v128.load(bits + (<usize>n << 2)));
  high = max<i32>(
    max<i32>(i32x4.extract_lane(top, 0), i32x4.extract_lane(top, 1)),
    max<i32>(i32x4.extract_lane(top, 2), i32x4.extract_lane(top, 3)),
  );
  while (low < high) {
    const middle = low + ((high - low + 1) >> 1);
    const count = reaching(bits, found, middle);
    if (count == keep) return middle;
    if (count > keep) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Writes what lies above the threshold and the first of its equals, in ascending order; returns the new end. Every candidate is
 * stored and the place kept only if it counts: whether it does cannot be predicted.
 */
function emit(bits: usize, where: usize, found: u32, keep: u32, threshold: i32, first: u32, out: usize): usize {
  const end = out + (<usize>keep << 2);
  let equals: i32 = <i32>keep - <i32>reaching(bits, found, threshold + 1);
  for (let i: u32 = 0; i < found && out < end; i++) {
    const value = load<i32>(bits);
    store<u32>(out, first + load<u32>(where));
    const tie = i32(value == threshold) & i32(equals > 0);
    equals -= tie;
    out += <usize>(i32(value > threshold) | tie) << 2;
    bits += 4;
    where += 4;
  }
  return out;
}
