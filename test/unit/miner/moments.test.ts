/** @file The optimizer's state on disk: bit for bit, and only for the run and size it was made for. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { MomentState } from "../../../kernels/engine/calls.ts";
import { decodeMoments, encodeMoments } from "../../../miner/moments.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const RUN: Hex = `0x${"01".repeat(32)}`;
const vectorOf = (total: number): fc.Arbitrary<Float32Array> =>
  fc
    .uint8Array({ minLength: 4 * total, maxLength: 4 * total })
    .map((bytes) => new Float32Array(new Uint8Array(bytes).buffer));
const state = fc.nat(20).chain((total) =>
  fc.record({
    total: fc.constant(total),
    moments: fc.record({
      step: fc.nat(),
      m: vectorOf(total),
      v: vectorOf(total),
      e: vectorOf(total),
    }),
  }),
);
const bits = (moments: MomentState | null): readonly unknown[] => [
  moments?.step,
  ...[moments?.m, moments?.v, moments?.e].map((one) =>
    one === undefined
      ? null
      : Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString("hex"),
  ),
];

test("any state comes back bit for bit, also out of a Buffer", () => {
  fc.assert(
    fc.property(state, fc.boolean(), ({ total, moments }, asBuffer) => {
      const bytes = encodeMoments(RUN, moments, total);
      const back = decodeMoments(RUN, asBuffer ? Buffer.from(bytes) : bytes, total);
      assert.deepEqual(bits(back), bits(moments));
    }),
  );
});

test("another run, another size and an impossible step are null", () => {
  fc.assert(
    fc.property(state, fc.integer({ min: -12, max: 12 }), ({ total, moments }, difference) => {
      const bytes = encodeMoments(RUN, moments, total);
      assert.equal(decodeMoments(`0x${"02".repeat(32)}`, bytes, total), null);
      const resized = new Uint8Array(bytes.length + difference);
      resized.set(bytes.subarray(0, resized.length));
      if (difference !== 0) assert.equal(decodeMoments(RUN, resized, total), null);
      for (const step of [-1, 0.5, Number.NaN, Infinity]) {
        const bad = bytes.slice();
        new DataView(bad.buffer).setFloat64(32, step, true);
        assert.equal(decodeMoments(RUN, bad, total), null);
      }
    }),
  );
});
