/** @file SCALE of the benchmark API: what a runtime would answer is read as it was meant; bytes that end early are refused. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  type Benchmark,
  decodeAnswer,
  decodeBenchmarks,
  encodeConfig,
} from "../../../chain/benchmark/api.ts";
import { concat } from "../../../chain/embedded/codec/bytes.ts";
import { ScaleReader, compact, textVector, u32, u64 } from "../../../chain/embedded/codec/scale.ts";

const LETTERS = Array.from("abcdefghijklmnopqrstuvwxyz");
const word = fc.stringMatching(/^[a-z_]{1,12}$/);
const number32 = fc.integer({ min: 0, max: 0xffff_ffff });
const plain = { noNullPrototype: true };
const component = fc.record(
  { name: fc.constantFrom(...LETTERS), low: number32, high: number32 },
  plain,
);
const components = fc.uniqueArray(component, { selector: ({ name }) => name, maxLength: 4 });
const benchmark = fc.record({ name: word, components }, plain);
const list = fc.record({
  pallet: word,
  instance: word,
  items: fc.array(benchmark, { maxLength: 3 }),
});

function vector(items: readonly Uint8Array[]): Uint8Array {
  return concat(compact(items.length), ...items);
}

const letter = (name: string): Uint8Array => Uint8Array.of(LETTERS.indexOf(name));

function encodeBenchmark({ name, components: all }: Pick<Benchmark, "name" | "components">) {
  const modes = vector([concat(textVector("Pallet::Item"), textVector("Measured"))]);
  const shape = all.map((one) => concat(letter(one.name), u32(one.low), u32(one.high)));
  return concat(textVector(name), vector(shape), modes);
}

const u128 = (value: number): Uint8Array => concat(u64(value), u64(0));

function encodeRun(run: { point: Record<string, number>; callNs: number; rootNs: number }) {
  return concat(
    vector(Object.entries(run.point).map(([name, value]) => concat(letter(name), u32(value)))),
    u128(run.callNs),
    u128(run.rootNs),
    ...Array.from({ length: 5 }, () => u32(7)),
    vector([concat(textVector("key"), u32(1), u32(2), Uint8Array.of(1))]),
  );
}

suite("benchmark API", () => {
  test("the list is read as it is written", () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
        const parts = lists.map(({ pallet, instance, items }) =>
          concat(textVector(pallet), textVector(instance), vector(items.map(encodeBenchmark))),
        );
        // Items of storage follow; nobody here reads them.
        const found = decodeBenchmarks(concat(vector(parts), Uint8Array.of(1, 2, 3)));
        const meant = lists.flatMap(({ pallet, instance, items }) =>
          items.map((item) => ({ pallet, instance, ...item })),
        );
        assert.deepEqual(found, meant);
      }),
    );
  });

  test("a result is read as it is written, and never beyond its end", () => {
    const run = fc.record({
      point: fc.dictionary(fc.constantFrom(...LETTERS), number32, {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      callNs: fc.maxSafeNat(),
      rootNs: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 5 }), fc.nat(), (runs, cut) => {
        const batch = concat(...["p", "i", "b"].map(textVector), vector(runs.map(encodeRun)));
        const bytes = concat(Uint8Array.of(0), vector([batch]));
        const answer = decodeAnswer(bytes);
        assert.ok(answer.ok);
        assert.deepEqual(
          answer.runs,
          runs.map(({ point, callNs, rootNs }) => ({ components: point, callNs, rootNs })),
        );
        assert.throws(() => decodeAnswer(bytes.subarray(0, cut % bytes.length)), RangeError);
      }),
    );
  });

  test("a refusal and a benchmark that is skipped have a reason", () => {
    const refused = decodeAnswer(concat(Uint8Array.of(1), textVector("Bad origin")));
    assert.deepEqual(refused, { ok: false, reason: "Bad origin" });
    assert.equal(decodeAnswer(Uint8Array.of(0, 0)).ok, false);
  });

  test("a run names each component once, at its highest where the point says nothing", () => {
    const one: Benchmark = {
      pallet: "pallet_any",
      instance: "Any",
      name: "call",
      components: [
        { name: "n", low: 1, high: 9 },
        { name: "x", low: 0, high: 5 },
      ],
    };
    const reader = new ScaleReader(encodeConfig(one, { n: 4 }, 26));
    assert.deepEqual([reader.text(), reader.text(), reader.text()], ["pallet_any", "Any", "call"]);
    const chosen = reader.list((item) => [LETTERS[item.u8()], item.u32()]);
    assert.deepEqual(chosen, [
      ["n", 4],
      ["x", 5],
    ]);
    assert.deepEqual([reader.u8(), reader.u32(), reader.left], [0, 26, 0]);
  });
});
