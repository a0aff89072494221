/**
 * @file Moments in eight bits: blocks of 256 numbers share their largest magnitude, each number is a code on a scale of eight steps an
 * octave below it. `length` is a multiple of four everywhere.
 */
import { adamw } from "./adamw";

const BLOCK: u32 = 256;

/**
 * min(floor(-8 log2(x) + offset), most) of four x in [0, 1]. log2 of the significand 1 + t is t + t (1 - t) q(t), exact at both ends of the
 * octave and within 3e-5 between them, which is 0.0003 of a step.
 */
@inline function stepsBelow(x: v128, offset: v128, most: i32): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.sub(v128.or(v128.and(x, i32x4.splat(0x7fffff)), one), one);
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127)));
  let q = f32x4.add(f32x4.mul(f32x4.splat(-0.04064132), t), f32x4.splat(0.14144116));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(-0.26396016));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(0.44149751));
  const bend = f32x4.mul(f32x4.mul(t, f32x4.sub(one, t)), q);
  const log = f32x4.add(exponent, f32x4.add(t, bend));
  const steps = f32x4.floor(f32x4.add(f32x4.mul(log, f32x4.splat(-8)), offset));
  return i32x4.min_s(i32x4.trunc_sat_f32x4_s(steps), i32x4.splat(most));
}

/** Four numbers in [0, 1), as good as random: mixed from a seed and the places `at` .. `at + 3`. */
@inline function drawn(seed: i32, at: u32): v128 {
  let x = i32x4.add(i32x4.splat(at), i32x4(0, 1, 2, 3));
  x = i32x4.add(i32x4.mul(x, i32x4.splat(0x9e3779b1)), i32x4.splat(seed * 0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x2c1b3c6d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 12)), i32x4.splat(0x297a2d39));
  x = i32x4.shr_u(v128.xor(x, i32x4.shr_u(x, 15)), 8);
  return f32x4.mul(f32x4.convert_i32x4_s(x), f32x4.splat(1.0 / 16777216.0));
}

/**
 * Codes and scales of `x`. Signed: bit 7 is the sign, the other bits 0 .. 126 are steps below the block's scale, 127 stands for
 * zero. Unsigned: all bits are steps, so nothing becomes zero. Seed 0 rounds to the nearest step; any other one rounds up or down
 * with the odds that keep the mean of the logarithm, drawn by seed and place from `place` on.
 */
export function packMoments(
  x: usize, length: u32, codes: usize, scales: usize, isSigned: u32, seed: i32, place: u32,
): void {
  const mask = i32x4.splat(0x7fffffff), signs = i32x4.splat(isSigned ? 0x80 : 0);
  const most: i32 = isSigned ? 127 : 255;
  for (let from: u32 = 0; from < length; from += BLOCK) {
    const size = min<u32>(BLOCK, length - from);
    let top = f32x4.splat(0);
    for (let i: u32 = 0; i < size; i += 4) top = f32x4.max(top, v128.and(v128.load(x + (<usize>i << 2)), mask));
    const scale = max<f32>(
      max<f32>(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
      max<f32>(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
    );
    store<f32>(scales, scale);
    const D = f32x4.splat(scale > 0 ? scale : 1);
    for (let i: u32 = 0; i < size; i += 4) {
      const value = v128.load(x + (<usize>i << 2));
      const offset = seed ? drawn(seed, place + from + i) : f32x4.splat(0.5);
      const steps = stepsBelow(f32x4.div(v128.and(value, mask), D), offset, most);
      const words = v128.or(steps, v128.and(i32x4.shr_u(value, 24), signs));
      const halves = i16x8.narrow_i32x4_u(words, words);
      store<i32>(codes + i, i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0));
    }
    x += <usize>size << 2;
    codes += size;
    scales += 4;
  }
}

/** x[i] = f32(table[codes[i]] * scale of its block). */
export function unpackMoments(codes: usize, scales: usize, length: u32, table: usize, x: usize): void {
  for (let from: u32 = 0; from < length; from += BLOCK) {
    const scale = load<f32>(scales);
    for (let n = min<u32>(BLOCK, length - from); n > 0; n--) {
      store<f32>(x, load<f32>(table + (<usize>load<u8>(codes) << 2)) * scale);
      codes += 1;
      x += 4;
    }
    scales += 4;
  }
}

/**
 * AdamW (adamw.ts) with packed moments: each block is unpacked into `scratch` (two times 256 floats), moved, and packed again, so the
 * parameters move by moments that are not rounded yet. Tables: 256 floats of signed codes, then of unsigned ones. `seed` is not 0.
 */
export function adamwPacked(
  p: usize, m: usize, mScales: usize, v: usize, vScales: usize, g: usize, length: u32,
  scale: f32, b1: f32, a1: f32, b2: f32, a2: f32, keep: f32, rate: f32, correction: f32, epsilon: f32,
  tables: usize, scratch: usize, seed: i32,
): void {
  const second = scratch + (<usize>BLOCK << 2);
  for (let from: u32 = 0; from < length; from += BLOCK) {
    const size = min<u32>(BLOCK, length - from);
    unpackMoments(m, mScales, size, tables, scratch);
    unpackMoments(v, vScales, size, tables + 1024, second);
    adamw(p, scratch, second, g, size, scale, b1, a1, b2, a2, keep, rate, correction, epsilon);
    packMoments(scratch, size, m, mScales, 1, seed, from);
    packMoments(second, size, v, vScales, 0, -seed, from);
    p += <usize>size << 2;
    g += <usize>size << 2;
    m += size;
    v += size;
    mScales += 4;
    vScales += 4;
  }
}
