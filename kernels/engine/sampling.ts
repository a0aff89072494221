/** @file Draws a token from logits. */
import { type Uint32Stream, uniform } from "../random.ts";

/**
 * A token drawn with probability softmax(logits / temperature); at temperature 0 the likeliest, the lowest id on a tie.
 * Not consensus: Math.exp may differ in its last bits between machines.
 */
export function drawToken(logits: Float32Array, temperature: number, draw: Uint32Stream): number {
  const highest = logits.reduce((best, x) => Math.max(best, x), -Infinity);
  if (temperature === 0) return logits.indexOf(highest);
  const shares = Float64Array.from(logits, (x) => Math.exp((x - highest) / temperature));
  let rest = uniform(draw) * shares.reduce((sum, share) => sum + share, 0);
  for (let id = 0; id < shares.length; id++) {
    rest -= shares[id]!;
    if (rest < 0) return id;
  }
  return logits.indexOf(highest);
}
