/** @file The form of requests against a slow reference, and against what is made to deceive it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isModest } from "../../../../chain/embedded/rpc/request-form.ts";

type Form = { readonly depth: number; readonly items: number };

/** How deep a value is, and how many members and lists it has: each comma and each opening counts. */
function formOf(value: unknown): Form {
  if (typeof value !== "object" || value === null) return { depth: 0, items: 0 };
  const parts = Object.values(value).map(formOf);
  return {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    items: 1 + Math.max(0, parts.length - 1) + parts.reduce((sum, { items }) => sum + items, 0),
  };
}

test("a value is modest exactly when it is no deeper and has no more members than the limits", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 6 }),
      fc.nat({ max: 6 }),
      fc.nat({ max: 20 }),
      (value, requestDepth, requestItems) => {
        const { depth, items } = formOf(value);
        const bytes = Buffer.from(JSON.stringify(value));
        assert.equal(
          isModest(bytes, { requestDepth, requestItems }),
          depth <= requestDepth && items <= requestItems,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("texts hide nothing and show nothing; megabytes take milliseconds", () => {
  const limits = { requestDepth: 3, requestItems: 5 };
  const fits = (text: string): boolean => isModest(Buffer.from(text), limits);
  assert.ok(fits('["[[[[[[,,,,,,,"]'));
  assert.ok(fits('["\\"[[[[[[,,,,,,,"]'));
  assert.ok(fits('["\\\\", "[[[[[[,,,,,,,"]'));
  assert.ok(!fits('["\\\\"[[[[[['));
  assert.ok(fits('"never closed [[[[[['));
  assert.ok(!fits("[[[["));
  for (const evil of [
    "[".repeat(8e6),
    '\\"'.repeat(4e6),
    `["${"\\\\".repeat(4e6)}"]`,
    ",".repeat(8e6),
  ]) {
    const start = performance.now();
    isModest(Buffer.from(evil), { requestDepth: 32, requestItems: 50_000 });
    assert.ok(performance.now() - start < 2000, evil.slice(0, 10));
  }
});
