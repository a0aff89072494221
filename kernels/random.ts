/** @file A small integer generator whose numbers are the same on every machine: no Math.random, no logarithm, no cosine. */

/** A stream of 32-bit unsigned integers. */
export type Uint32Stream = () => number;

const mix = (value: number): number => {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
};

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/**
 * xoshiro128** (Blackman and Vigna), its state drawn from `seed` and `stream` by a 32-bit mixing function.
 * @param seed any integer; only its low 32 bits count
 * @param stream number of an independent stream, such as a tensor's index
 */
export function uint32Stream(seed: number, stream = 0): Uint32Stream {
  let word = mix(mix(seed) + Math.imul(stream, 0x9e3779b9));
  const next = (): number => (word = mix((word + 0x9e3779b9) | 0));
  const state = Int32Array.of(next(), next(), next(), next() | 1);
  return () => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const c2 = c ^ a;
    const d2 = d ^ b;
    state[0] = a ^ d2;
    state[1] = b ^ c2;
    state[2] = c2 ^ (b << 9);
    state[3] = rotate(d2, 11);
    return Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  };
}

/**
 * A nearly normal variable of mean 0 and variance 1: the centred sum of twelve 16-bit uniform integers.
 * Box and Muller would need Math.log and Math.cos, whose last bits differ between engines, and the first
 * checkpoint of a run must have the same bits everywhere. The sum is an integer, so the result is exact.
 */
export function exactNormal(draw: Uint32Stream): number {
  let sum = 0;
  for (let i = 0; i < 6; i++) {
    const word = draw();
    sum += (word & 0xffff) + (word >>> 16);
  }
  return (sum - 6 * 0xffff) / 65536;
}

/** A uniform number in [0, 1) with 32 random bits. */
export function uniform(draw: Uint32Stream): number {
  return draw() / 4294967296;
}
