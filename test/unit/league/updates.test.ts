/** @file What cheats make of updates is an update that encodes: otherwise the league would try nothing but bad bytes. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import * as updates from "../../../league/tools/updates.ts";
import { flippedTensor, normOf, withNorm } from "../../../miner/strategies/values.ts";
import { decodeBody, encodeBody, keptOf, type SparseUpdate } from "../../../src/protocol/codec.ts";
import { blake2b256, bytesOf } from "../../../src/protocol/digest.ts";
import { type Draws, drawsOf } from "../../../src/protocol/draws.ts";

const layout = { lengths: [64, 700, 40], k: 16, chunk: 256 };

/** An honest update's form: as many coordinates of each chunk as are kept. */
function updateOf(draws: Draws): SparseUpdate {
  return layout.lengths.map((length) => {
    const indices: number[] = [];
    for (let start = 0; start < length; start += layout.chunk) {
      const size = Math.min(layout.chunk, length - start);
      const chosen = new Set<number>();
      while (chosen.size < keptOf(size, layout.k, layout.chunk))
        chosen.add(start + draws.below(size));
      indices.push(...[...chosen].toSorted((a, b) => a - b));
    }
    const values = Float32Array.from(indices, () => (1 - 2 * draws.below(2)) * 0.25);
    return { indices: Uint32Array.from(indices), values };
  });
}

const seeds = fc.integer({ min: 0, max: 1e6 });
const drawsFor = (seed: number): Draws =>
  drawsOf(blake2b256(bytesOf(`0x${seed.toString(16).padStart(8, "0")}`)));

test("every bent update encodes, and reads back as it was", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, hands) => {
      const draws = drawsFor(seed);
      const [a, b] = [updateOf(draws), updateOf(draws)];
      const bent: SparseUpdate[] = [
        updates.scaled(a, 1e9),
        updates.scaled(a, 0),
        a.map(flippedTensor),
        updates.touched(a, draws, 3),
        updates.randomised(a, layout, draws),
        updates.averaged([a, b], layout),
        updates.mixed(a, b, 0.4, { layout, draws }),
        ...updates.dealt(
          Array.from({ length: hands }, () => updateOf(draws)),
          layout,
        ),
      ];
      for (const one of bent) {
        const bytes = encodeBody(one, layout);
        assert.deepEqual(encodeBody(decodeBody(bytes, layout), layout), bytes);
      }
    }),
  );
});

test("a deal hands out each coordinate once, the large ones evenly", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const draws = drawsFor(seed);
      const whole = [updateOf(draws), updateOf(draws), updateOf(draws)];
      const hands = updates.dealt(whole, layout);
      for (const tensor of layout.lengths.keys()) {
        const all = hands.flatMap((hand) => [...(hand[tensor]?.indices ?? [])]);
        assert.equal(new Set(all).size, all.length);
      }
      const norms = hands.map(normOf);
      assert.ok(Math.max(...norms) < 1.5 * Math.min(...norms));
    }),
  );
});

test("a norm is what was asked for", () => {
  const update = updateOf(drawsFor(7));
  assert.ok(Math.abs(normOf(withNorm(update, 3)) - 3) < 1e-5);
});
