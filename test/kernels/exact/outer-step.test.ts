/** @file The outer step equals docs/protocol.md#8-outer-step: independent vector, slow twin. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { compressUpdate } from "../../../kernels/compress/compress.ts";
import { outerStepTwin } from "../../../kernels/reference/exact-sparse.ts";
import { freshExact, load, sameBits, steadyNumbers, worlds } from "./support.ts";

type Fixture = {
  readonly alpha: string;
  readonly theta: string;
  readonly peers: readonly {
    readonly uid: number;
    readonly indices: number[];
    readonly values: string;
  }[];
  readonly norms: Readonly<Record<string, string>>;
  readonly lowerMedian: string;
  readonly result: Readonly<Record<"choosers" | "all", string>>;
};

const fixture: Fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/outer-step.json", import.meta.url), "utf8"),
);

const floats = (hex: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_unused, i) =>
    view.getFloat32(4 * i, true),
  );
};

for (const mean of ["choosers", "all"] as const) {
  test(`the protocol's vector, mean over ${mean}`, () => {
    const exact = freshExact();
    const theta = load(exact, floats(fixture.theta), 1);
    const layout = { offsets: [0], lengths: [theta.length] };
    const updates = fixture.peers.map(({ indices, values }) => [
      { indices: Uint32Array.from(indices), values: floats(values) },
    ]);
    const report = exact.outerStep(theta, layout, updates, {
      alpha: floats(fixture.alpha)[0] ?? 0,
      mean,
    });
    for (const [peer, { uid }] of fixture.peers.entries())
      assert.equal(String(report.norms[peer]?.[0]), fixture.norms[uid]);
    assert.equal(String(report.medians[0]), fixture.lowerMedian);
    sameBits(theta.view, floats(fixture.result[mean]), mean);
  });
}

test("outer step equals its twin; untouched coordinates keep their bits, -0 too", () => {
  const options = fc.record({
    alpha: fc.constantFrom(0.7, 1, -0.5, 0),
    mean: fc.constantFrom("choosers" as const, "all" as const),
  });
  fc.assert(
    fc.property(
      worlds,
      options,
      fc.integer({ min: 0, max: 3 }),
      ({ layout, theta, updates }, choice, off) => {
        const exact = freshExact(2000);
        const vector = load(exact, theta, off);
        exact.outerStep(vector, layout, updates, choice);
        const twin = theta.slice();
        outerStepTwin(twin, layout, updates, choice);
        sameBits(vector.view, twin);
      },
    ),
    { numRuns: 400 },
  );
});

test("no peers, null window: theta stays", () => {
  const exact = freshExact();
  const theta = load(exact, [1, -0, 3]);
  exact.outerStep(theta, { offsets: [0], lengths: [3] }, [], { alpha: 1, mean: "all" });
  sameBits(theta.view, Float32Array.of(1, -0, 3));
});

test("several blocks: the twin's result, and norms summed in ascending order", () => {
  const layout = { offsets: [0, 33_001, 49_385, 49_386], lengths: [33_001, 16_384, 1, 4_097] };
  const total = 53_483;
  const exact = freshExact(8 * total);
  const updates = [1, 2, 3].map((seed) => {
    const error = load(exact, steadyNumbers(total, seed));
    return compressUpdate(exact, error, layout, { k: 64 * seed, chunk: 4096 });
  });
  const options = { alpha: 0.7, mean: "choosers" } as const;
  const twin = steadyNumbers(total, 4);
  const theta = load(exact, twin);
  outerStepTwin(twin, layout, updates, options);
  const report = exact.outerStep(theta, layout, updates, options);
  sameBits(theta.view, twin);
  for (const [peer, update] of updates.entries()) {
    const norms = update.map(({ values }) =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)),
    );
    assert.deepEqual(Float64Array.from(norms), report.norms[peer]);
  }
});
