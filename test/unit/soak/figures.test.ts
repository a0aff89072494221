/** @file What a soak compares: medians of the beginning and of the end, each process by itself. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { brokenIn, changesOf, median, type Sample } from "../../soak/figures.ts";

const sample = (window: number, rssBytes: number, records = 5): Sample => ({
  window,
  seconds: window,
  processes: {
    chain: { rssBytes, descriptors: 20 },
    "miner-1": { rssBytes: 100, descriptors: 10 },
  },
  disk: { blobs: 95, records },
});
const SPANS = { from: 10, to: 40, width: 5 };
const run = (bytes: (window: number) => number, records?: number): Sample[] =>
  Array.from({ length: 41 }, (_, window) =>
    sample(window, bytes(window), window > 30 ? records : 5),
  );

test("the median is the middle of what was measured", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      const below = values.filter((one) => one < middle).length;
      const above = values.filter((one) => one > middle).length;
      assert.ok(below <= values.length / 2 && above <= values.length / 2);
    }),
  );
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("a process that grows is named, one that stays is not", () => {
  const changes = changesOf(
    run((window) => 1000 + 10 * window),
    SPANS,
  );
  const broken = brokenIn(changes, 0.1);
  assert.equal(broken.length, 2);
  assert.match(broken[0] ?? "", /^memory of all: from 1220 to 1470, 20\.5 %/);
  assert.match(broken[1] ?? "", /^memory of chain: from 1120 to 1370, 22\.3 %/);
  assert.deepEqual(
    brokenIn(
      changesOf(
        run(() => 1000),
        SPANS,
      ),
      0.1,
    ),
    [],
  );
});

test("single windows that stand out change nothing", () => {
  assert.deepEqual(
    brokenIn(
      changesOf(
        run((window) => (window % 5 === 0 ? 9000 : 1000)),
        SPANS,
      ),
      0.1,
    ),
    [],
  );
});

test("of the disk the sum has to stay; its parts are told", () => {
  const changes = changesOf(
    run(() => 1000, 10),
    SPANS,
  );
  assert.equal(changes.find(({ what }) => what === "disk: records")?.change, 1);
  assert.deepEqual(brokenIn(changes, 0.1), []);
  assert.equal(
    brokenIn(
      changesOf(
        run(() => 1000, 60),
        SPANS,
      ),
      0.1,
    ).length,
    1,
  );
});

test("a soak that ended early proves nothing", () => {
  assert.throws(() => changesOf(run(() => 1).slice(0, 12), SPANS), RangeError);
});

test("what is compared with itself is no verdict: both spans are windows of their own", () => {
  const grown = run((window) => 1000 + 10 * window);
  for (const spans of [
    { from: 10, to: 40, width: 16 },
    { from: 10, to: 40, width: 0 },
    { from: 10, to: 40, width: Number.NaN },
    // The end would even lie before the beginning.
    { from: 30, to: 40, width: 30 },
  ])
    assert.throws(() => changesOf(grown, spans), RangeError);
  assert.ok(changesOf(grown, { from: 10, to: 40, width: 15 }).length > 0);
});
