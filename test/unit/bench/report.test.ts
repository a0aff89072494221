/** @file Rows of attacks against their bounds: a figure above one fails the whole, one that does not apply does not. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { BOUNDS, type Row, rounded, tableOf, verdictOf } from "../../../bench/attacks/report.ts";

const ROW: Row = {
  attack: "never-read",
  target: "miner",
  seconds: 60,
  windows: 20,
  secondsPerWindow: 3,
  windowsMissed: 0,
  missed: { nullWindows: 0, updates: 0, votes: 0 },
  fetches: 900,
  failures: 0,
  p50Ms: 10,
  p99Ms: 200.04,
  p99Ratio: 1.5,
  rssGrowthMB: 20,
  cutWithinSeconds: 4.8,
  connections: 1000,
  heldAfterSeconds: null,
  answersPerSecond: null,
  commitments: null,
  notRefused: null,
  machineLostSeconds: 0.1,
};

test("each bound alone fails the whole above its value, and holds at it", () => {
  for (const [name, bound] of Object.entries(BOUNDS)) {
    const [at, above] = [bound, bound + 0.1].map((value) =>
      verdictOf([ROW, { ...ROW, [name]: value }]),
    );
    assert.equal(at?.passed, true, name);
    assert.equal(above?.passed, false, name);
    assert.deepEqual(above?.rows[1]?.broken, [name]);
    assert.deepEqual(above?.rows[0]?.broken, []);
  }
});

test("what never ends breaks its bound, also when it is rounded", () => {
  const never = rounded({ ...ROW, heldAfterSeconds: Infinity });
  assert.deepEqual(verdictOf([never]).rows[0]?.broken, ["heldAfterSeconds"]);
  assert.equal(rounded(ROW).p99Ms, 200);
});

test("an attack that did not come about proves nothing", () => {
  const absent = { ...ROW, connections: 0 };
  assert.deepEqual(verdictOf([absent]).rows[0]?.broken, ["nothing attacked"]);
  assert.equal(verdictOf([{ ...absent, commitments: 8, notRefused: 0 }]).passed, true);
});

test("nothing is held against the row without attack", () => {
  const calm = { ...ROW, attack: "none", p99Ms: 9000, windowsMissed: 5 };
  assert.equal(verdictOf([calm]).passed, true);
});

test("the table has a line for each row, with columns below their headings", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 9 }), (times) => {
      const lines = tableOf(times.map((p99Ms) => ({ ...ROW, p99Ms }))).split("\n");
      assert.equal(lines.length, times.length + 1);
      const end = (lines[0]?.indexOf("p99 ms") ?? 0) + "p99 ms".length;
      for (const [index, time] of times.entries())
        assert.ok(lines[index + 1]?.slice(0, end).endsWith(` ${time}`), lines[index + 1]);
    }),
  );
});
