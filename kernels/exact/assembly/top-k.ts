/**
 * @file Exact top-k by magnitude inside every chunk, indices ascending, the lower index wins a tie; and what is sent of them.
 *
 * |x| of finite floats orders like its bits as an integer. A chunk is first thinned to candidates whose bits
 * reach a floor guessed from the chunk before it; where fewer than k remain, a lower floor is tried, at last zero, and every
 * value is a candidate: the guess can cost time but never change the result. The threshold is then found
 * by bisection over the bits of the candidates, which stops early once exactly k of them reach it.
 *
 * Four values are compared at once, and those that count are moved together by a shuffle that a table has for each of the 16 answers:
 * which they are cannot be predicted, so no branch may depend on it.
 */
import { bitsOf, levels, threshold as largeAbove } from "./levels";

/** Scratch of a call, and the table of workspace.ts. */
let bits: usize = 0;
let where: usize = 0;
let shuffles: usize = 0;
/** An eighth of a power of two, a half, four. */
const LEAST_SLACK: i32 = 1 << 20;
const FIRST_SLACK: i32 = 1 << 22;
const MOST_SLACK: i32 = 1 << 25;

/**
 * The floor of the next chunk, and how far it lies under the last threshold, in bit patterns: a power of two has 2^23. They outlive a call:
 * a model has many small tensors.
 */
let floor: i32 = 0;
let slack: i32 = FIRST_SLACK;

@inline function keptOf(size: u32, chunk: u32, k: u32): u32 {
  return (k * size + chunk - 1) / chunk;
}

/**
 * `x` .. `x + 4 length` holds chunks of `chunk` values, the last may be shorter. Writes `first` + position of every chosen value
 * to `out`, and up to 3 numbers behind them, and what is sent of them to `values`: their signs, with one magnitude for each chunk or with
 * two. `take`: it leaves x. `bits` and `where`: scratch of chunk + 4 words. Returns how many were chosen.
 */
export function cut(
  x: usize, length: u32, chunk: u32, k: u32, first: u32, out: usize, values: usize, take: u32,
  bitsAt: usize, whereAt: usize, shufflesAt: usize,
): u32 {
  const from = out, each: u32 = k << 5 > chunk ? 2 : 1;
  bits = bitsAt; where = whereAt; shuffles = shufflesAt;
  for (let at: u32 = 0; at < length; at += chunk) {
    const size = min<u32>(chunk, length - at), keep = keptOf(size, chunk, k);
    const tensor = x - (<usize>first << 2);
    choose(x + (<usize>at << 2), size, keep, first + at, out);
    send(tensor, out, keep, each, values, take);
    out += <usize>keep << 2;
    values += <usize>keep << 2;
  }
  return <u32>((out - from) >> 2);
}

/** The numbers of x at `count` indices as they are sent, and taken out of x. */
function send(x: usize, indices: usize, count: u32, each: u32, values: usize, take: u32): void {
  const bytes = <usize>count << 2;
  for (let at: usize = 0; at < bytes; at += 4) store<f32>(values + at, load<f32>(x + (<usize>load<u32>(indices + at) << 2)));
  const both = levels(values, count, each), limit = largeAbove();
  const low = bitsOf(both & 255), high = bitsOf(both >> 8);
  for (let at: usize = 0; at < bytes; at += 4) {
    const value = load<f32>(values + at);
    const magnitude = select<u32>(high, low, <f64>abs<f32>(value) > limit);
    // Zero has no sign.
    const minus = u32(value < 0) & u32(magnitude != 0);
    const sent = reinterpret<f32>(magnitude | minus << 31);
    store<f32>(values + at, sent);
    if (take) {
      const place = x + (<usize>load<u32>(indices + at) << 2);
      store<f32>(place, value - sent);
    }
  }
}

/** Writes `first` + position of the `keep` largest of a chunk to `out`. */
function choose(x: usize, size: u32, keep: u32, first: u32, out: usize): void {
  let found = collect(x, size), step = slack;
  while (found < keep) {
    slack = min<i32>(MOST_SLACK, slack << 1);
    floor = floor > step ? floor - step : 0;
    step <<= 1;
    found = collect(x, size);
  }
  // Two and a half candidates for each that is kept: a smaller guess fails too often, a larger one costs more to search.
  if (2 * found > 5 * keep) slack = max<i32>(LEAST_SLACK, slack - (slack >> 3));
  else slack = min<i32>(MOST_SLACK, slack + (slack >> 3));
  gatherBits(x, found);
  const threshold = bisect(found, keep);
  emit(found, keep, threshold, first, out);
  floor = threshold > slack ? threshold - slack : 0;
}

/** Positions of all values that reach the floor. */
function collect(x: usize, size: u32): u32 {
  const mask = i32x4.splat(0x7fffffff), under = i32x4.splat(floor - 1), four = i32x4.splat(4);
  const whole = x + (<usize>(size & ~3) << 2);
  let positions = i32x4(0, 1, 2, 3), out = where;
  while (x < whole) {
    const hits = <u32>i32x4.bitmask(i32x4.gt_s(v128.and(v128.load(x), mask), under));
    v128.store(out, v128.swizzle(positions, v128.load(shuffles + (hits << 4))));
    out += popcnt(hits) << 2;
    positions = i32x4.add(positions, four);
    x += 16;
  }
  for (let i = size & ~3; i < size; i++) {
    store<u32>(out, i);
    out += <usize>((load<i32>(x) & 0x7fffffff) >= floor) << 2;
    x += 4;
  }
  return <u32>((out - where) >> 2);
}

/** Bits of the candidates' magnitudes, padded to a multiple of four with -1. */
function gatherBits(x: usize, found: u32): void {
  const end = <usize>found << 2;
  for (let at: usize = 0; at < end; at += 4)
    store<i32>(bits + at, load<i32>(x + (<usize>load<u32>(where + at) << 2)) & 0x7fffffff);
  v128.store(bits + end, i32x4.splat(-1));
}

/** How many of the candidates reach the threshold. */
function reaching(found: u32, threshold: i32): u32 {
  const under = i32x4.splat(threshold - 1);
  let sums = i32x4.splat(0), at = bits;
  for (let n = (found + 3) >> 2; n > 0; n--) {
    sums = i32x4.sub(sums, i32x4.gt_s(v128.load(at), under));
    at += 16;
  }
  return <u32>(i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3));
}

/** A threshold that exactly `keep` candidates reach, or, with ties, the largest that at least `keep` reach. */
function bisect(found: u32, keep: u32): i32 {
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
    const count = reaching(found, middle);
    if (count == keep) return middle;
    if (count > keep) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Writes what lies above the threshold and the first of its equals, in ascending order. */
function emit(found: u32, keep: u32, threshold: i32, first: u32, out: usize): void {
  const end = out + (<usize>keep << 2);
  let candidate = bits, place = where;
  if (reaching(found, threshold) == keep) {
    const under = i32x4.splat(threshold - 1), start = i32x4.splat(<i32>first);
    while (out < end) {
      const hits = <u32>i32x4.bitmask(i32x4.gt_s(v128.load(candidate), under));
      v128.store(out, i32x4.add(start, v128.swizzle(v128.load(place), v128.load(shuffles + (hits << 4)))));
      out += popcnt(hits) << 2;
      candidate += 16; place += 16;
    }
    return;
  }
  let equals = keep - reaching(found, threshold + 1);
  for (; out < end; candidate += 4, place += 4) {
    const value = load<i32>(candidate);
    store<u32>(out, first + load<u32>(place));
    const tie = u32(value == threshold) & u32(equals > 0);
    equals -= tie;
    out += <usize>(u32(value > threshold) | tie) << 2;
  }
}
