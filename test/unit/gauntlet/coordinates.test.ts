/** @file Shared coordinates by sets of bits: the very number of the slow reference, whatever was chosen. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { overlapsOf } from "../../../src/gauntlet/coordinates.ts";
import { indexOverlap } from "./fingerprints.ts";

const tensor = fc
  .uniqueArray(fc.oneof(fc.nat(70), fc.nat(100_000)), { maxLength: 60 })
  .map((indices) => Uint32Array.from(indices.toSorted((a, b) => a - b)));
const update = fc.array(tensor, { maxLength: 3 });

test("one set held against many others gives what walking along both gives", () => {
  fc.assert(
    fc.property(update, fc.array(update, { maxLength: 4 }), (one, others) => {
      const overlapWith = overlapsOf(one);
      for (const other of [...others, one])
        assert.equal(overlapWith(other), indexOverlap(one, other));
    }),
  );
});

test("the ends of words, and tensors that one of them has not", () => {
  const one = [Uint32Array.of(0, 31, 32, 63, 64), Uint32Array.of(7)];
  assert.equal(overlapsOf(one)([Uint32Array.of(31, 32, 33, 64, 65, 4_000_000)]), 3 / 6);
  assert.equal(overlapsOf(one)([]), 0);
  assert.equal(overlapsOf([])(one), 0);
  assert.equal(overlapsOf([new Uint32Array()])(one), 0);
});
