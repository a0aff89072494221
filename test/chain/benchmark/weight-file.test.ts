/** @file What is written is what is read again, and what is declared covers what was measured with the margin promised. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { type Benchmark } from "../../../chain/benchmark/api.ts";
import { fitLine } from "../../../chain/benchmark/fit.ts";
import { marginsOf, shortIn } from "../../../chain/benchmark/margin.ts";
import { pointsOf, termsOf } from "../../../chain/benchmark/plan.ts";
import {
  declare,
  declaredNs,
  isWeightFile,
  readWeightFile,
  writeWeightFile,
} from "../../../chain/benchmark/weight-file.ts";

const ORIGIN = { machine: "machine", engine: "engine", effort: "effort" };
const EPOCH: Benchmark = {
  pallet: "pallet_subtensor_hooks",
  instance: "Hooks",
  name: "epoch",
  components: [
    { name: "u", low: 16, high: 256 },
    { name: "v", low: 1, high: 64 },
  ],
};
const CALL: Benchmark = {
  pallet: "pallet_any",
  instance: "Any",
  name: "some_call",
  components: [
    { name: "a", low: 0, high: 10 },
    { name: "b", low: 0, high: 1_000_000 },
  ],
};
const coefficients = fc.tuple(
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);

suite("weight files", () => {
  test("a file declares again what was written, ours and the SDK's", () => {
    const both = fc.constantFrom(EPOCH, CALL);
    fc.assert(
      fc.property(both, coefficients, fc.boolean(), (benchmark, line, isOurs) => {
        const declared = declare(benchmark, line);
        const trait = isOurs ? null : "pallet_any::WeightInfo";
        const kept = { benchmark: { ...benchmark, name: "kept" }, kept: "it cannot run here" };
        const functions = isOurs ? [{ benchmark, declared }] : [kept, { benchmark, declared }];
        const text = writeWeightFile({ path: "weights.rs", trait, functions }, ORIGIN);
        assert.ok(isWeightFile(text));
        const found = readWeightFile(text);
        assert.deepEqual([...found.keys()], [benchmark.name]);
        for (const at of pointsOf(benchmark, 4)) {
          const again = found.get(benchmark.name);
          assert.ok(again !== undefined);
          assert.equal(declaredNs(again, at), declaredNs(declared, at));
        }
      }),
    );
  });

  test("a component that costs nothing is named so that the compiler does not complain", () => {
    const text = writeWeightFile(
      {
        path: "weights.rs",
        trait: "pallet_any::WeightInfo",
        functions: [{ benchmark: CALL, declared: declare(CALL, [1, 0, 2]) }],
      },
      ORIGIN,
    );
    assert.match(text, /fn some_call\(_a: u32, b: u32\) -> Weight \{/);
    assert.match(
      text,
      /Weight::from_parts\(1_000_000, 0\)\n {12}\.saturating_add\(Weight::from_parts\(4_000, 0\)/,
    );
    assert.match(text, /impl<T: frame_system::Config> pallet_any::WeightInfo for AssayWeight<T>/);
  });

  test("a call of ours that was never measured has no weight to keep", () => {
    const functions = [{ benchmark: CALL, kept: "trap" }];
    assert.throws(
      () => writeWeightFile({ path: "weights.rs", trait: null, functions }, ORIGIN),
      /pallet_any::some_call was never measured: trap/,
    );
  });

  test("what was measured is declared twice at every point", () => {
    const ns = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(ns, (times) => {
        const measured = pointsOf(EPOCH, 4).map((point, index) => ({
          point,
          ns: times[index] ?? 1,
        }));
        const declared = declare(EPOCH, fitLine(termsOf(EPOCH), measured));
        for (const { point, ns: took } of measured)
          assert.ok(declaredNs(declared, point) >= 2 * took * (1 - 1e-9) - 1);
      }),
    );
  });
});

suite("margins", () => {
  const declared = new Map([[CALL.name, declare(CALL, [1000, 0, 0])]]);
  const outcome = (ns: number) => ({ benchmark: CALL, measured: [{ point: {}, ns }] });

  test("the tightest point counts, and one below 1.5 is short", () => {
    const two = {
      benchmark: CALL,
      measured: [...outcome(1000).measured, ...outcome(500).measured],
    };
    const [margin] = marginsOf(two, declared, () => assert.fail("2 is enough"));
    assert.equal(margin?.ratio, 2);
    assert.deepEqual(shortIn([{ name: "a", declaredNs: 1, measuredNs: 1, ratio: 1.49 }]).length, 1);
  });

  test("what is short is looked at again, and the quicker of both counts", () => {
    let looks = 0;
    const [margin] = marginsOf(outcome(1900), declared, () => {
      looks++;
      return outcome(looks === 2 ? 1200 : 3000);
    });
    assert.equal(looks, 2);
    assert.equal(margin?.measuredNs, 1200);
    assert.equal(shortIn(margin === undefined ? [] : [margin]).length, 0);
  });

  test("a call that costs too much stays short", () => {
    const margins = marginsOf(outcome(1900), declared, () => outcome(1800));
    assert.equal(shortIn(margins).length, 1);
  });

  test("what could not be measured, or keeps another's weight, has no margin", () => {
    assert.deepEqual(
      marginsOf({ benchmark: CALL, reason: "trap" }, declared, () => outcome(1)),
      [],
    );
    assert.deepEqual(
      marginsOf(outcome(1), new Map(), () => outcome(1)),
      [],
    );
  });
});
