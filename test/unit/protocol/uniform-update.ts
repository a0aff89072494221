/** @file Updates whose coordinates, signs and magnitudes are drawn: the worst that a code for real ones can meet. */
import { chooseSequences } from "../../../src/protocol/batches.ts";
import {
  keptOf,
  type SparseTensor,
  type SparseUpdate,
  type UpdateLayout,
} from "../../../src/protocol/codec.ts";
import { magnitudesOf } from "../../../src/protocol/codec-magnitudes.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { drawsOf } from "../../../src/protocol/draws.ts";
import { MAGNITUDES } from "../../support/codec-twin-levels.ts";

/** An update in canonical form; the seed, below 65,536, fixes it. */
export function uniformUpdate(layout: UpdateLayout, seed: number): SparseUpdate {
  const draws = drawsOf(blake2b256(Uint8Array.of(seed & 255, (seed >>> 8) & 255)));
  const { k, chunk } = layout;
  return layout.lengths.map((length): SparseTensor => {
    const indices: number[] = [];
    const values: number[] = [];
    for (let start = 0; start < length; start += chunk) {
      const size = Math.min(chunk, length - start);
      const chosen = chooseSequences(draws, size, keptOf(size, k, chunk));
      indices.push(...chosen.toSorted((a, b) => a - b).map((index) => start + index));
      const pair = [draws.below(256), draws.below(256)].map((byte) => MAGNITUDES[byte] ?? 0);
      const signed = (): number => {
        const magnitude = pair[magnitudesOf(layout) === 2 ? draws.below(2) : 0] ?? 0;
        return magnitude > 0 && draws.below(2) === 1 ? -magnitude : magnitude;
      };
      values.push(...chosen.map(signed));
    }
    return { indices: Uint32Array.from(indices), values: Float32Array.from(values) };
  });
}
