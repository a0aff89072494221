/**
 * @file The magnitudes of a chunk as bytes (docs/protocol.md#magnitudes). Byte 0 is zero, byte b is
 * (8 + b mod 8) * 2^(floor(b / 8) - 27): four significant bits over 32 octaves, so each of them is a float32 number.
 */

/** The largest magnitude that can be sent. It keeps a forged update from overflowing float32 sums. */
export const MAXIMUM_MAGNITUDE = 240;

/** How many magnitudes a chunk has: one where few of its coordinates are kept, for those are much alike; else two. */
export function magnitudesOf({ k, chunk }: { readonly k: number; readonly chunk: number }): 1 | 2 {
  return 32 * k > chunk ? 2 : 1;
}
