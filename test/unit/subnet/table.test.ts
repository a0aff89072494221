/** @file The table of uids: columns that stand straight, cuts that leave a mark. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Row } from "../../../subnet/localnet/frame.ts";
import { unpainted } from "./unpainted.ts";
import { tableLines } from "../../../subnet/localnet/table.ts";
import { clockText, sparkline, tokensText, wrapped } from "../../../base/text.ts";

const row: fc.Arbitrary<Row> = fc.record({
  uid: fc.nat(300),
  name: fc.stringMatching(/^[a-z]{1,9}-[0-9]$/),
  kind: fc.constantFrom("owner", "validator", "honest", "copy", "noise", "replay"),
  score: fc.option(fc.double({ min: -99, max: 99, noNaN: true }), { nil: null }),
  verdict: fc.stringMatching(/^[a-z][a-z ]{0,30}[a-z]$/),
  incentive: fc.double({ min: 0, max: 1, noNaN: true }),
  earnedRao: fc.bigInt({ min: 0n, max: 10n ** 15n }),
});

test("each row is one line; a column starts at the same place in every line", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const lines = tableLines(rows, { width: 200, lines: Infinity }, unpainted);
      assert.equal(lines.length, rows.length + 1);
      const nameAt = lines[0]?.indexOf("name") ?? -1;
      const whyAt = lines[0]?.indexOf("why") ?? -1;
      for (const [index, one] of rows.entries()) {
        assert.equal(lines[index + 1]?.indexOf(one.name, nameAt), nameAt);
        assert.equal(lines[index + 1]?.slice(whyAt), one.verdict);
      }
    }),
  );
});

test("no line is wider than the room, none too many, and what is cut leaves a mark", () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 40 }),
      fc.integer({ min: 3, max: 150 }),
      fc.integer({ min: 2, max: 50 }),
      (rows, width, lines) => {
        const drawn = tableLines(rows, { width, lines }, unpainted);
        assert.ok(drawn.length <= lines, `${drawn.length} lines`);
        for (const line of drawn) assert.ok(line.length <= width, line);
      },
    ),
  );
});

test("a reason that does not fit ends with a mark", () => {
  const [one] = fc.sample(row, { numRuns: 1, seed: 1 });
  assert.ok(one !== undefined);
  const verdict = "untrusted: Your update was applied, but so far it earns nothing.";
  const lines = tableLines([{ ...one, verdict }], { width: 70, lines: 5 }, unpainted);
  assert.match(lines[1] ?? "", /untrusted: Your .*…$/);
});

test("tokens have three digits after the point; times are read like a clock", () => {
  assert.equal(tokensText(0n), "0.000");
  assert.equal(tokensText(1_234_567_890n), "1.235");
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(65.4), "1:05");
  assert.equal(clockText(7420), "2:03:40");
});

test("one bar a loss, the highest for the highest, the newest ones", () => {
  assert.equal(sparkline([], 48), "");
  assert.equal(sparkline([3, 2, 1], 48), "█▅▁");
  assert.equal(sparkline([3, 2, 1], 0), "");
  assert.equal(sparkline([2, 2], 48), "▁▁");
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 48 }),
      (losses, most) => {
        const bars = sparkline(losses, most);
        assert.equal(bars.length, Math.min(most, losses.length));
        const shown = losses.slice(-most);
        const [low, high] = [Math.min(...shown), Math.max(...shown)];
        if (high - low > 1e-6) {
          assert.equal(bars[shown.indexOf(high)], "█");
          assert.equal(bars[shown.indexOf(low)], "▁");
        }
      },
    ),
  );
});

test("wrapped text keeps every word, and no line is longer unless a word is", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 12, max: 60 }), (given, width) => {
      const lines = wrapped(given.join(" "), width);
      assert.equal(lines.join(" "), given.join(" "));
      for (const line of lines) assert.ok(line.length <= width);
    }),
  );
});
