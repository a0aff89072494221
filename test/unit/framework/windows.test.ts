/** @file Windows of a subnet of one's own: the same for whoever counts them, none made up for. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { windowsOf } from "../../../framework/windows.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const hashOf = (block: number): Hex => `0x${block.toString(16).padStart(64, "0")}`;

/** Blocks that are there as soon as somebody waits for them. */
class Blocks {
  #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  get current(): { readonly number: number; readonly hash: Hex; readonly parentHash: Hex } {
    return {
      number: this.#number,
      hash: hashOf(this.#number),
      parentHash: hashOf(this.#number - 1),
    };
  }

  async reached(block: number, signal: AbortSignal): Promise<Blocks["current"]> {
    signal.throwIfAborted();
    this.#number = Math.max(this.#number, block);
    return this.current;
  }

  async hashOf(block: number): Promise<Hex> {
    return hashOf(block);
  }

  pass(blocks: number): void {
    this.#number += blocks;
  }
}

test("two nodes that start at different blocks count the same windows with the same seeds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat({ max: 300 }), { minLength: 2, maxLength: 2 }),
      async (length, starts) => {
        const seen = await Promise.all(
          starts.map(async (start) => {
            const { signal } = new AbortController();
            const found = new Map<number, string>();
            for await (const { index, startBlock, endBlock, seed } of windowsOf(new Blocks(start), {
              length,
              signal,
            })) {
              assert.ok(startBlock > start);
              found.set(index, `${startBlock} ${endBlock} ${seed}`);
              if (startBlock > 400) return found;
            }
            throw new Error("windows never end by themselves");
          }),
        );
        const [one, two] = seen;
        for (const [index, text] of one ?? []) assert.equal(two?.get(index) ?? text, text);
      },
    ),
    { numRuns: 100 },
  );
});

test("who is slower than a window goes on with the next whole one", async () => {
  const blocks = new Blocks(0);
  const { signal } = new AbortController();
  const indexes: number[] = [];
  for await (const { index } of windowsOf(blocks, { length: 10, signal })) {
    indexes.push(index);
    if (indexes.length === 3) break;
    blocks.pass(25);
  }
  assert.deepEqual(indexes, [1, 4, 7]);
});

test("a stop ends them without an error, and a length must be one", async () => {
  const stop = new AbortController();
  const windows = windowsOf(new Blocks(0), { length: 5, signal: stop.signal });
  assert.equal((await windows.next()).done, false);
  stop.abort(new Error("stopped"));
  assert.equal((await windows.next()).done, true);
  for (const length of [0, 1.5, Number.NaN])
    await assert.rejects(
      windowsOf(new Blocks(0), { length, signal: stop.signal }).next(),
      RangeError,
    );
});
