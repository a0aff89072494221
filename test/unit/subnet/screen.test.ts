/** @file What people see: the table, the bars, and one line a window where there is no terminal. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import type { WriteStream } from "node:tty";
import {
  type Frame,
  type Row,
  screenOn,
  sparkline,
  tableText,
  tokensText,
} from "../../../subnet/localnet/screen.ts";
import { stub } from "../stub.ts";

const ESCAPE = "\u001B";

const row: fc.Arbitrary<Row> = fc.record({
  uid: fc.nat(300),
  name: fc.stringMatching(/^[a-z]{1,9}-[0-9]$/),
  kind: fc.constantFrom("owner", "validator", "honest", "copy", "noise", "replay"),
  score: fc.option(fc.double({ min: -99, max: 99, noNaN: true }), { nil: null }),
  verdict: fc.stringMatching(/^[a-z][a-z ]{0,30}[a-z]$/),
  incentive: fc.double({ min: 0, max: 1, noNaN: true }),
  earnedRao: fc.bigInt({ min: 0n, max: 10n ** 15n }),
});

function frameOf(window: number, change: Partial<Frame> = {}): Frame {
  const base = { height: 100 + window, window, windows: 20, phase: "train", seconds: 3 };
  return { ...base, heldOut: [{ window, loss: 2.5 }], rows: [], digestsEqual: true, ...change };
}

/** A screen that collects what it writes. */
function collected(terminal: Partial<WriteStream>): {
  screen: ReturnType<typeof screenOn>;
  text: () => string;
} {
  let text = "";
  const output = stub<WriteStream>({
    ...terminal,
    write: (chunk: unknown) => ((text += String(chunk)), true),
  });
  return { screen: screenOn(output), text: () => text };
}

test("each row is one line; a column starts at the same place in every line", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
      const lines = tableText(rows, 200).split("\n");
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

test("no line of the table is wider than the terminal, and what is cut leaves a mark", () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 8 }),
      fc.integer({ min: 1, max: 150 }),
      (rows, width) => {
        const whole = tableText(rows, 1000).split("\n");
        for (const [index, line] of tableText(rows, width).split("\n").entries()) {
          assert.ok(line.length <= width);
          if (line !== whole[index]) assert.ok(line.endsWith("…"));
        }
      },
    ),
  );
});

test("tokens have three digits after the point", () => {
  assert.equal(tokensText(0n), "0.000");
  assert.equal(tokensText(1_234_567_890n), "1.235");
});

test("one bar a loss, the highest for the highest, the newest 48", () => {
  assert.equal(sparkline([]), "");
  assert.equal(sparkline([3, 2, 1]), "█▅▁");
  assert.equal(sparkline([2, 2]), "▁▁");
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }),
      (losses) => {
        const bars = sparkline(losses);
        assert.equal(bars.length, Math.min(48, losses.length));
        const shown = losses.slice(-48);
        const [low, high] = [Math.min(...shown), Math.max(...shown)];
        if (high - low > 1e-6) {
          assert.equal(bars[shown.indexOf(high)], "█");
          assert.equal(bars[shown.indexOf(low)], "▁");
        }
      },
    ),
  );
});

test("a pipe gets one line a window, a table now and then, a shout when digests differ", () => {
  const { screen, text } = collected({ isTTY: false });
  screen.step("starting");
  for (const window of [0, 0, 1, 1, 1]) screen.frame(frameOf(window));
  screen.frame(frameOf(2, { digestsEqual: false, heldOut: [] }));
  screen.frame(frameOf(10));
  screen.end();
  const lines = text()
    .split("\n")
    .filter((line) => line.includes("window "));
  assert.equal(lines.length, 4);
  assert.match(lines[2] ?? "", /held-out -.*DIGESTS DIFFER/);
  assert.match(text(), /uid\s+name/);
  assert.ok(!text().includes(ESCAPE));
});

test("a terminal is drawn over itself and never wider than it is", () => {
  const { screen, text } = collected({ isTTY: true, columns: 40 });
  screen.frame(frameOf(0));
  const first = text();
  screen.frame(frameOf(1));
  const height = first.split("\n").length - 1;
  assert.ok(text().slice(first.length).startsWith(`${ESCAPE}[${height}A`));
  for (const line of first.split("\n"))
    assert.ok(stripVTControlCharacters(line).length <= 40, line);
});

test("before the first window and after the last the bar stays inside its frame", () => {
  for (const window of [-3, 0, 20, 25]) {
    const { screen, text } = collected({ isTTY: true, columns: 200 });
    screen.frame(frameOf(window, { heldOut: [] }));
    const bar = /\[([█·]+)\]/.exec(text())?.[1] ?? "";
    assert.equal(bar.length, 30);
  }
});
