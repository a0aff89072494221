/** @file A cheat: noise of honest size, the same counts and magnitudes at random places with random signs. */
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseTensor, SparseUpdate } from "../../src/protocol/codec.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import { drawsOf } from "../../src/protocol/draws.ts";
import { newestPeerUpdate } from "./peer-update.ts";
import { encodeWork, type Strategy } from "./strategy.ts";

/** Random coordinates and signs in the shape of `honestUpdate`, at its magnitudes. */
function scramble(
  honestUpdate: SparseUpdate,
  lengths: readonly number[],
  chunk: number,
  key: Hex,
): SparseUpdate {
  const draws = drawsOf(key);
  return honestUpdate.map((tensor, index): SparseTensor => {
    const length = lengths[index] ?? 0;
    const indices = new Uint32Array(tensor.indices.length);
    const values = new Float32Array(indices.length);
    let at = 0;
    for (let start = 0; start < length; start += chunk) {
      const size = Math.min(chunk, length - start);
      const wanted = tensor.indices.reduce(
        (n, one) => n + (one >= start && one < start + size ? 1 : 0),
        0,
      );
      const chosen = new Set<number>();
      while (chosen.size < wanted) chosen.add(start + draws.below(size));
      for (const one of [...chosen].toSorted((a, b) => a - b)) {
        // At each place the chunk has the magnitude that it had in the update.
        values[at] = (1 - 2 * draws.below(2)) * Math.abs(tensor.values[at] ?? 0);
        indices[at++] = one;
      }
    }
    return { indices, values };
  });
}

/** Sends noise that looks like work. */
export function noise(miner: Participant): Strategy {
  const { neuron, run } = miner;
  return async (window) => {
    const seen = await newestPeerUpdate(miner, window);
    if (seen === null) return null;
    const key = blake2b256(Buffer.from(`${neuron.signer.publicKey}/${window}`));
    const update = scramble(seen, run.layout.lengths, run.manifest.codec.chunk, key);
    return encodeWork(miner, window, update, null);
  };
}
