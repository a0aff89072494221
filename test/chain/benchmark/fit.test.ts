/** @file The line through measurements: never below one of them, exact where they lie on a line, the same for any order. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { fitLine, median, termAt } from "../../../chain/benchmark/fit.ts";
import { pointsOf, type Term, termsOf } from "../../../chain/benchmark/plan.ts";

const TERMS: readonly Term[] = [[], ["u"], ["u", "v"]];
const coefficient = fc.integer({ min: 0, max: 1_000_000 });
const point = fc.record({
  u: fc.integer({ min: 0, max: 300 }),
  v: fc.integer({ min: 0, max: 64 }),
});

function lineAt(line: readonly number[], at: Readonly<Record<string, number>>): number {
  return TERMS.reduce((sum, term, index) => sum + (line[index] ?? 0) * termAt(term, at), 0);
}

const GRID = [16, 100, 256].flatMap((u) => [1, 20, 64].map((v) => ({ u, v })));

suite("fitLine", () => {
  test("finds the line that measurements lie on", () => {
    fc.assert(
      fc.property(fc.tuple(coefficient, coefficient, coefficient), (truth) => {
        const measured = GRID.map((at) => ({ point: at, ns: lineAt(truth, at) }));
        const found = fitLine(TERMS, measured);
        for (const { point: at, ns } of measured) {
          assert.ok(
            Math.abs(lineAt(found, at) - ns) <= 1e-6 * (1 + ns),
            `${found.join()} for ${truth.join()}`,
          );
        }
      }),
    );
  });

  test("is never negative and never below a measurement", () => {
    const measurement = fc.record({ point, ns: fc.integer({ min: 0, max: 1_000_000_000 }) });
    fc.assert(
      fc.property(fc.array(measurement, { minLength: 1, maxLength: 20 }), (measured) => {
        const line = fitLine(TERMS, measured);
        assert.ok(line.every((value) => value >= 0 && Number.isFinite(value)));
        for (const { point: at, ns } of measured) {
          assert.ok(lineAt(line, at) >= ns * (1 - 1e-9) - 1e-3, `${lineAt(line, at)} < ${ns}`);
        }
      }),
    );
  });

  test("refuses to make a line of nothing", () => {
    assert.throws(() => fitLine(TERMS, []), RangeError);
    assert.throws(() => median([]), RangeError);
  });
});

test("a median stands between as many on both sides", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      assert.ok(values.includes(middle));
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      assert.ok(below <= values.length / 2 && above <= values.length / 2);
    }),
  );
});

suite("points", () => {
  const components = [
    { name: "u", low: 16, high: 256 },
    { name: "v", low: 1, high: 64 },
  ];
  const ordinary = { pallet: "pallet_any", instance: "Any", name: "call", components };
  const product = { ...ordinary, pallet: "pallet_subtensor_hooks", name: "epoch" };

  test("one component moves at a time, the others stay highest; both ends are among them", () => {
    const points = pointsOf(ordinary, 6);
    assert.equal(points.length, 11);
    assert.ok(points.every(({ u, v }) => u === 256 || v === 64));
    assert.deepEqual(termsOf(ordinary), [[], ["u"], ["v"]]);
  });

  test("an epoch is measured at all combinations, for its cost is a product", () => {
    assert.equal(pointsOf(product, 4).length, 16);
    assert.deepEqual(termsOf(product), [[], ["u"], ["u", "v"]]);
  });

  test("few values are all taken, and no components are one point", () => {
    const short = { ...ordinary, components: [{ name: "u", low: 0, high: 2 }] };
    assert.deepEqual(pointsOf(short, 6), [{ u: 0 }, { u: 1 }, { u: 2 }]);
    assert.deepEqual(pointsOf({ ...ordinary, components: [] }, 6), [{}]);
    const single = { ...ordinary, components: [{ name: "u", low: 7, high: 7 }] };
    assert.deepEqual(pointsOf(single, 6), [{ u: 7 }]);
  });
});
