/** @file Known cheats, to test a subnet with. They follow the protocol in everything but the work. */
import { decodeBody, type SparseTensor, type SparseUpdate } from "../src/protocol/codec.ts";
import { drawsOf } from "../src/protocol/draws.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import { UPDATE_HEADER_BYTES } from "../src/protocol/update.ts";
import type { Joined } from "../src/neuron/neuron.ts";
import type { Strategy } from "./strategy.ts";
import { encodeWork, honest } from "./train.ts";

const MAX_PAYLOAD_BYTES = 16 << 20;

/** The newest update of a peer that can be seen: payloads of the running window are not public before its deadline. */
async function peerUpdate(node: Joined, window: number): Promise<SparseUpdate | null> {
  const { ledger, finder, signer, run, signal } = node;
  if (window === 0) return null;
  const { accepted } = await ledger.outcome(window - 1);
  const victim = accepted.find((commit) => commit.hotkey !== signer.publicKey);
  if (victim === undefined) return null;
  const bytes = await finder.tryFind(victim.digest, {
    limitBytes: MAX_PAYLOAD_BYTES,
    signal,
    owner: victim.hotkey,
  });
  if (bytes === null) return null;
  const layout = { lengths: run.layout.lengths, ...run.manifest.codec };
  return decodeBody(bytes.subarray(UPDATE_HEADER_BYTES), layout);
}

/** Relabels the newest update it can see of a peer. */
export function copy(node: Joined): Strategy {
  return {
    name: "copy",
    async produce(window) {
      const stolen = await peerUpdate(node, window);
      return stolen === null ? null : encodeWork(node, window, stolen, null);
    },
  };
}

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
    const codes = new Uint8Array(indices.length);
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
        codes[at] = draws.below(4);
        indices[at++] = one;
      }
    }
    return { indices, codes, low: tensor.low, high: tensor.high };
  });
}

/** Sends noise of honest size: same counts, same magnitudes, random places and signs. */
export function noise(node: Joined): Strategy {
  return {
    name: "noise",
    async produce(window) {
      const seen = await peerUpdate(node, window);
      if (seen === null) return null;
      const { layout, manifest } = node.run;
      const key = blake2b256(Buffer.from(`${node.signer.publicKey}/${window}`));
      return encodeWork(
        node,
        window,
        scramble(seen, layout.lengths, manifest.codec.chunk, key),
        null,
      );
    },
  };
}

/** Works honestly once, then sends that same update again in every window, with a header that fits. */
export function replay(node: Joined): Strategy {
  const once = honest(node);
  let old: SparseUpdate | null = null;
  return {
    name: "replay",
    async produce(window) {
      if (old !== null) return encodeWork(node, window, old, null);
      const work = await once.produce(window);
      old = work?.update ?? null;
      return work;
    },
  };
}
