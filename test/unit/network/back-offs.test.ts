/** @file Pauses of axons: they grow with failures in a row, end with an answer, and depend on nobody else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { BackOffs, LEFT_ALONE_MS } from "../../../src/network/back-offs.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(2, "0").repeat(32)}`;
const ONE = hotkeyOf(1);

/** What happens to one of a few axons, some time after what happened before. */
type Happening = {
  readonly who: number;
  readonly what: "answered" | "failed" | "asking";
  readonly afterMs: number;
  readonly costMs: number;
};

const happenings = fc.array(
  fc.record({
    who: fc.nat(4),
    what: fc.constantFrom("answered" as const, "failed" as const, "asking" as const),
    afterMs: fc.nat(20_000),
    costMs: fc.nat(6000),
  }),
  { maxLength: 60 },
);

/** Lets it happen; `only`: to this axon alone, at the same times. Returns the time it is then. */
function happen(backOffs: BackOffs, list: readonly Happening[], only?: number): number {
  let nowMs = 0;
  for (const { who, what, afterMs, costMs } of list) {
    nowMs += afterMs;
    if (only !== undefined && who !== only) continue;
    const hotkey = hotkeyOf(who);
    if (what === "answered") backOffs.answered(hotkey);
    else if (what === "asking") backOffs.asking(hotkey, nowMs + 5000);
    else backOffs.failed(hotkey, costMs, { askedMs: nowMs - costMs, nowMs });
  }
  return nowMs;
}

test("whatever others do, nothing of it weighs on an axon", () => {
  fc.assert(
    fc.property(happenings, fc.nat(4), (list, who) => {
      const [all, alone] = [new BackOffs(), new BackOffs()];
      happen(all, list);
      happen(alone, list, who);
      assert.equal(all.failuresOf(hotkeyOf(who)), alone.failuresOf(hotkeyOf(who)));
      assert.equal(all.dueMs(hotkeyOf(who)), alone.dueMs(hotkeyOf(who)));
    }),
  );
});

test("no pause is longer than the longest, whatever happened; without a failure there is none", () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const backOffs = new BackOffs();
      const nowMs = happen(backOffs, list);
      for (let who = 0; who <= 4; who++) {
        const hotkey = hotkeyOf(who);
        assert.ok(backOffs.dueMs(hotkey) <= nowMs + LEFT_ALONE_MS.most);
        const hasFailed = list.some((one) => one.who === who && one.what === "failed");
        if (hasFailed) continue;
        assert.equal(backOffs.failuresOf(hotkey), 0);
        assert.equal(backOffs.dueMs(hotkey), -Infinity);
      }
    }),
  );
});

test("one that always hangs is asked ever more rarely: of an hour it takes some minutes", () => {
  const backOffs = new BackOffs();
  let [nowMs, asked] = [0, 0];
  const pauses: number[] = [];
  while (nowMs < 3_600_000) {
    asked += 1;
    const askedMs = nowMs;
    nowMs += 5000;
    backOffs.failed(ONE, 5000, { askedMs, nowMs });
    pauses.push(backOffs.dueMs(ONE) - nowMs);
    nowMs = backOffs.dueMs(ONE);
  }
  assert.deepEqual(pauses.slice(0, 6), [5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  assert.ok(asked < 60, `${asked} times`);
});

test("a quick failure costs a quarter of a second at first; an answer ends every pause and halves the weight", () => {
  const backOffs = new BackOffs();
  const fail = (nowMs: number): void => backOffs.failed(ONE, 1, { askedMs: nowMs - 1, nowMs });
  fail(1);
  assert.equal(backOffs.dueMs(ONE), 251);
  for (const nowMs of [1000, 2000, 3000, 4000]) fail(nowMs);
  assert.equal(backOffs.failuresOf(ONE), 5);
  for (const left of [2, 1, 0]) {
    backOffs.answered(ONE);
    assert.deepEqual([backOffs.failuresOf(ONE), backOffs.dueMs(ONE)], [left, -Infinity]);
  }
  assert.equal(backOffs.size, 0);
});

test("requests that were under way together are one failure", () => {
  const backOffs = new BackOffs();
  for (let n = 0; n < 20; n++)
    backOffs.failed(ONE, 5000, { askedMs: n * 10, nowMs: 5000 + n * 10 });
  assert.equal(backOffs.failuresOf(ONE), 1);
  assert.equal(backOffs.dueMs(ONE), 10_190);
});

test("of one that has failed only one question is open; who never failed may be asked many", () => {
  const backOffs = new BackOffs();
  backOffs.asking(ONE, 5000);
  assert.equal(backOffs.dueMs(ONE), -Infinity);
  backOffs.failed(ONE, 1, { askedMs: 0, nowMs: 1 });
  backOffs.asking(ONE, 7000);
  assert.equal(backOffs.dueMs(ONE), 7000);
  backOffs.answered(ONE);
  assert.equal(backOffs.dueMs(ONE), -Infinity);
});

test("it remembers nobody who is no longer on the subnet", () => {
  fc.assert(
    fc.property(happenings, fc.uniqueArray(fc.nat(4)), (list, left) => {
      const backOffs = new BackOffs();
      happen(backOffs, list);
      backOffs.keep(new Set(left.map(hotkeyOf)));
      assert.ok(backOffs.size <= left.length);
      for (let who = 0; who <= 4; who++)
        if (!left.includes(who)) assert.equal(backOffs.failuresOf(hotkeyOf(who)), 0);
    }),
  );
});
