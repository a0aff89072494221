/** @file Progress on a terminal and in a pipe: when it speaks, what it says of the time left, and that it leaves nothing behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { farText, Progress } from "../../../src/command/progress.ts";

/** An output that remembers, and a clock that is set. */
function paper(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const clock = { now: 0 };
  const output = { isTTY, columns, write: (text: string) => void written.push(text) };
  return { written, clock, progress: new Progress(output, () => clock.now) };
}

test("what takes less than two seconds says nothing", () => {
  for (const isTTY of [true, false]) {
    const { written, clock, progress } = paper(isTTY);
    for (clock.now = 0; clock.now < 2000; clock.now += 100)
      progress.at({ what: "reading", done: clock.now, of: 2000 });
    progress.end();
    assert.deepEqual(written, []);
  }
});

test("a pipe gets a line every ten seconds, with the time left", () => {
  const { written, clock, progress } = paper(false);
  for (clock.now = 0; clock.now <= 30_000; clock.now += 500)
    progress.at({ what: "parameters", done: clock.now / 500, of: 120, unit: "windows" });
  progress.end();
  assert.deepEqual(written, [
    "  parameters: 4 of 120 windows (3 %), about 0:58 left\n",
    "  parameters: 24 of 120 windows (20 %), about 0:48 left\n",
    "  parameters: 44 of 120 windows (36 %), about 0:38 left\n",
  ]);
});

test("a terminal gets one line that is rewritten, never wider than it, and gone at the end", () => {
  const { written, clock, progress } = paper(true, 30);
  for (clock.now = 0; clock.now <= 4000; clock.now += 50)
    progress.at({ what: "a rather long name of a step", done: clock.now, of: 4000 });
  assert.ok(written.length >= 10 && written.length <= 11, String(written.length));
  for (const text of written) {
    assert.ok(text.startsWith("\r\u001B[K") && !text.includes("\n"));
    assert.ok(text.length - "\r\u001B[K".length < 30);
  }
  const before = written.length;
  progress.step("something happened");
  assert.deepEqual(written.slice(before, before + 2), ["\r\u001B[K", "something happened\n"]);
  assert.equal(written.at(-1), "  a rather long name of a ste");
  progress.end();
  assert.equal(written.at(-1), "\r\u001B[K");
});

test("another step begins anew", () => {
  const { written, clock, progress } = paper(false);
  progress.at({ what: "one", done: 0, of: 10 });
  clock.now = 5000;
  progress.at({ what: "one", done: 5, of: 10 });
  progress.at({ what: "two", done: 0, of: 10 });
  clock.now = 6000;
  progress.at({ what: "two", done: 5, of: 10 });
  assert.deepEqual(written, ["  one: 5 of 10 (50 %), about 0:05 left\n"]);
});

test("the time left is exact at a steady pace, and never said of what nobody can know", () => {
  const cases = fc.record({
    of: fc.integer({ min: 1, max: 1_000_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    perUnitMs: fc.integer({ min: 1, max: 1000 }),
    first: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(cases, ({ of, share, perUnitMs, first }) => {
      const done = first + Math.floor(share * of);
      const text = farText({ what: "x", done, of: first + of }, (done - first) * perUnitMs, first);
      const left = / about (?:(\d+):)?(\d+):(\d\d) left$/.exec(text);
      const isKnown = done > first && (done - first) * 50 >= of && done < first + of;
      assert.equal(left !== null, isKnown, text);
      if (left === null) return;
      const [hours = 0, minutes = 0, seconds = 0] = left.slice(1).map((one) => Number(one ?? 0));
      const told = hours * 3600 + minutes * 60 + seconds;
      assert.equal(told, Math.round((perUnitMs * (first + of - done)) / 1000), text);
    }),
  );
  assert.equal(
    farText({ what: "x", done: 1234, of: null, unit: "files" }, 65_000),
    "x: 1,234 files, 1:05 gone",
  );
});
