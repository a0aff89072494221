/** @file Amounts: text to rao and back, without a rao lost, and nothing else taken for an amount. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { raoOf, taoDigits, taoText } from "../../../base/tao.ts";

const MOST = 2n ** 64n - 1n;
const rao = fc.bigInt({ min: 0n, max: MOST });

test("every amount comes back exactly, however it is written", () => {
  fc.assert(
    fc.property(rao, (amount) => {
      assert.equal(raoOf(taoDigits(amount)), amount);
      assert.equal(raoOf(taoText(amount).replace(" TAO", "")), amount);
    }),
  );
});

test("an amount is the sum of its whole and its parts", () => {
  const digits = fc.stringMatching(/^\d{1,9}$/);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 18_000_000_000n }), digits, (whole, places) => {
      const expected = whole * 1_000_000_000n + BigInt(places) * 10n ** BigInt(9 - places.length);
      assert.equal(raoOf(`${whole}.${places}`), expected);
      assert.equal(raoOf(` ${whole} `), whole * 1_000_000_000n);
    }),
  );
});

test("what is no amount is refused, never rounded or cut", () => {
  for (const text of [
    "",
    ".",
    "-1",
    "+1",
    "1e9",
    "1,5",
    "1.",
    "0x10",
    "1 TAO",
    "1.0000000001",
    "18446744073.709551616",
    "99999999999999999999",
    "NaN",
    "1_000",
  ])
    assert.equal(raoOf(text), null, JSON.stringify(text));
  assert.equal(raoOf("18446744073.709551615"), MOST);
  assert.equal(raoOf(".5"), 500_000_000n);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const amount = raoOf(text);
      if (amount !== null) assert.match(text.trim(), /^(\d+)?(\.\d{1,9})?$/);
    }),
  );
});

test("people see nine places and the unit; a loss has its sign", () => {
  assert.equal(taoText(1n), "0.000000001 TAO");
  assert.equal(taoText(-1_500_000_000n, "alpha"), "-1.500000000 alpha");
  assert.equal(taoDigits(-1_500_000_000n), "-1.5");
  assert.equal(taoDigits(12_000_000_000n), "12");
});
