/** @file Which checkpoints are tried: newest first, own before others', few of a window; of strangers none of a window in which nobody writes one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { mostOffered, worthTrying } from "../../../src/run/offered-checkpoints.ts";
import { smallMaterial } from "../simulation/small-world.ts";

const LAST = 23;
const run = smallMaterial(LAST, (manifest) => ({ ...manifest, checkpointEveryWindows: 5 })).on(
  `0x${"00".repeat(32)}`,
);
/** A block after the run. */
const LATE = run.clock.startBlock(LAST + 1);
const address = (index: number) => `0x${index.toString(16).padStart(64, "0")}` as const;

const offers = fc
  .array(fc.record({ window: fc.nat(LAST), index: fc.nat(9) }), { maxLength: 60 })
  .map((all) => all.map(({ window, index }) => ({ window, address: address(index) })));

test("newest first, three of each window in their order", () => {
  fc.assert(
    fc.property(offers, (known) => {
      const windows = [...new Set(known.map(({ window }) => window))].toSorted((a, b) => b - a);
      const expected = windows.flatMap((window) =>
        known.filter((one) => one.window === window).slice(0, 3),
      );
      assert.deepEqual(worthTrying(known, run, LATE), expected);
    }),
  );
});

test("one of the running window comes last, and not at all when theta_0 is as near", () => {
  const known = [20, 5, 15, 10].map((window) => ({ window, address: address(window) }));
  const windowsIn = (running: number): number[] =>
    worthTrying(known, run, run.clock.startBlock(running)).map(({ window }) => window);
  assert.deepEqual(windowsIn(21), [20, 15, 10, 5]);
  assert.deepEqual(windowsIn(20), [15, 10, 5, 20]);
  assert.deepEqual(windowsIn(5), [20, 15, 10]);
});

test("of what is offered, each once, only of windows that write one, the most offered first", () => {
  fc.assert(
    fc.property(offers, (offered) => {
      const count = ({ window, address: at }: { window: number; address: string }): number =>
        offered.filter((one) => one.window === window && one.address === at).length;
      const found = mostOffered(run, offered);
      for (const [index, one] of found.entries()) {
        assert.ok([5, 10, 15, 20, LAST].includes(one.window));
        assert.ok(index === 0 || count(found[index - 1] ?? one) >= count(one));
      }
      const due = offered.filter(({ window }) => [5, 10, 15, 20, LAST].includes(window));
      assert.equal(found.length, new Set(due.map((one) => `${one.window} ${one.address}`)).size);
    }),
  );
});

test("a flood of false ones of any window leaves own and most offered ones first", () => {
  const own = { window: 10, address: address(1) };
  const usual = { window: 20, address: address(2) };
  const lies = Array.from({ length: 200 }, (_, index) => ({
    window: index % (LAST + 1),
    address: address(100 + index),
  }));
  const tried = worthTrying([own, ...mostOffered(run, [...lies, usual, usual])], run, LATE);
  assert.ok(tried.length <= 15);
  assert.deepEqual(
    tried.find(({ window }) => window === 20),
    usual,
  );
  assert.deepEqual(
    tried.find(({ window }) => window === 10),
    own,
  );
});
