/** @file Epochs are found where they were, whatever was announced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Hex } from "../../../src/protocol/digest.ts";
import { type EpochSource, firstEpochAfter } from "../../../src/run/epochs.ts";

const hashOf = (block: number): Hex => `0x${block.toString(16)}`;

/** A chain with these epochs that announces at each block what `announced` says. */
function source(
  epochs: readonly number[],
  announced: (block: number) => number | null,
): EpochSource {
  return {
    netuid: 1,
    blocks: { hashOf: async (block) => hashOf(block) },
    chain: {
      nextEpoch: async (_netuid, at) => announced(Number(at)),
      lastEpoch: async (_netuid, at) => epochs.findLast((block) => block <= Number(at)) ?? 0,
    },
  };
}

test("every epoch is found once, in order, also where the chain announced another block", async () => {
  const blocks = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
  const wrong = fc.array(fc.option(fc.integer({ min: -3, max: 40 })), {
    minLength: 70,
    maxLength: 70,
  });
  await fc.assert(
    fc.asyncProperty(blocks, wrong, async (chosen, delays) => {
      const epochs = chosen.toSorted((a, b) => a - b);
      const chain = source(epochs, (block) => {
        const delay = delays[block] ?? null;
        return delay === null ? null : block + delay;
      });
      const found: number[] = [];
      for (let block = await firstEpochAfter(chain, 0, 60); block !== null;) {
        found.push(block);
        block = await firstEpochAfter(chain, block, 60);
      }
      assert.deepEqual(found, epochs);
    }),
  );
});
