/** @file The norms that updates are clipped to before they are judged: which they are, who can move them, how they grow. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { clippedNorm, usualNormsOf, usualRuleOf } from "../../../src/gauntlet/norms.ts";
import { learningRate, warmth } from "../../../src/protocol/learning-rate.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";

const norm = fc.double({ min: 0, max: 1e6, noNaN: true });
const sets = fc.array(fc.tuple(norm, norm), { minLength: 1, maxLength: 24 });

test("without a rule they are the lower medians, of nothing nothing", () => {
  assert.deepEqual(usualNormsOf([]), []);
  fc.assert(
    fc.property(sets, (set) => {
      for (const [tensor, usual] of usualNormsOf(set).entries()) {
        const below = set.filter((norms) => (norms[tensor] ?? 0) < usual).length;
        const upTo = set.filter((norms) => (norms[tensor] ?? 0) <= usual).length;
        assert.ok(2 * below < set.length && 2 * upTo >= set.length);
      }
    }),
  );
});

test("a share is one of the norms or a quarter above the median, and less than half of a set cannot move it far", () => {
  const share = fc.double({ min: 0.5, max: 1, noNaN: true });
  fc.assert(
    fc.property(sets, share, fc.nat(), (set, asked, some) => {
      const [usual = -1] = usualNormsOf(set, { share: asked });
      const [median = -1] = usualNormsOf(set);
      assert.ok(usual >= median && usual <= 1.25 * median);
      const scaled = Math.min(some % set.length, Math.ceil(set.length / 2) - 1);
      const attacked = set.map((norms, at) =>
        at < scaled ? norms.map((one) => 100 * one) : norms,
      );
      const honest = attacked.slice(scaled).map(([one = 0]) => one);
      const [moved = -1] = usualNormsOf(attacked, { share: asked });
      assert.ok(moved <= 1.25 * Math.max(...honest), `${moved} of ${JSON.stringify(attacked)}`);
    }),
  );
});

test("beside as many who do part of the work, all of it is hardly clipped; by the median it is clipped to theirs", () => {
  // Norms of a window of a field of eight, of whom four do 0.1, 0.25, 0.5 and 0.75 of the steps.
  const field = [0.93, 1.47, 2.82, 4.79, 5.27, 5.5, 5.55, 5.07].map((one) => [one]);
  assert.deepEqual(usualNormsOf(field), [4.79]);
  const usual = usualNormsOf(field, { share: 0.8 });
  assert.deepEqual(usual, [5.27]);
  const kept = field.slice(4).map((norms) => clippedNorm(norms, usual) / (norms[0] ?? 0));
  assert.ok(Math.min(...kept) > 0.94);
});

test("they grow as the sum of a window's learning rates does while these warm up, and then no more", () => {
  const steps = fc.integer({ min: 1, max: 40 });
  const windows = fc.tuple(fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(steps, fc.nat(300), windows, fc.boolean(), (own, warmupSteps, [a, b], isOn) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const inner = {
        ...EXAMPLE_MANIFEST.inner,
        steps: own,
        warmupSteps,
        schedule: "flat",
      } as const;
      const evaluation = { ...EXAMPLE_MANIFEST.evaluation, usualShare: 0.8, usualGrowth: isOn };
      const { share, growth = 1 } = usualRuleOf({ inner, evaluation }, from, to);
      assert.equal(share, 0.8);
      const rates = (window: number): number =>
        Array.from({ length: own }, (_, step) => learningRate(inner, window * own + step)).reduce(
          (sum, one) => sum + one,
          0,
        );
      const wanted = isOn ? rates(to) / rates(from) : 1;
      assert.ok(Math.abs(growth / wanted - 1) < 1e-9, `${growth} is not ${wanted}`);
      if (from * own >= warmupSteps) assert.equal(growth, 1);
      assert.ok(Number.isInteger(warmth(inner, to)));
    }),
  );
  assert.deepEqual(usualRuleOf(EXAMPLE_MANIFEST, 0, 5), { share: undefined, growth: 1 });
  assert.deepEqual(usualNormsOf([[2], [4]], { growth: 1.5 }), [3]);
});
