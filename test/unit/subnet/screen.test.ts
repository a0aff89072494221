/** @file What people see: frames that never scroll, colours that never move anything, one line a window without a terminal. */
import { strict as assert } from "node:assert";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import type { Frame, Row } from "../../../subnet/localnet/frame.ts";
import { paintFor } from "../../../subnet/localnet/paint.ts";
import { Terminal } from "../../support/terminal.ts";
import { unpainted } from "./unpainted.ts";
import { frameLines, type Output, type Screen, screenOn } from "../../../subnet/localnet/screen.ts";
import { ALL_REASONS, explainReason } from "../../../src/gauntlet/verdict.ts";

const ESCAPE = "\u001B";

/** A network of so many uids, each with another verdict, as the watch writes them. */
function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, uid): Row => {
    const reason = ALL_REASONS[uid % ALL_REASONS.length] ?? "accepted";
    const isMiner = uid > 2;
    return {
      uid,
      name: uid === 0 ? "owner" : isMiner ? `miner-${uid - 2}` : `validator-${uid}`,
      kind: uid === 0 ? "owner" : isMiner ? "honest" : "validator",
      score: isMiner ? uid / 7 : null,
      verdict: isMiner ? `${reason}: ${explainReason(reason)}` : "scores and votes",
      incentive: uid / 100,
      earnedRao: BigInt(uid) * 10n ** 10n,
    };
  });
}

function frameOf(window: number, change: Partial<Frame> = {}): Frame {
  return {
    height: 100 + window,
    window,
    windows: 20,
    phases: [
      { name: "train", done: 4, blocks: 4 },
      { name: "commit", done: 1, blocks: 2 },
      { name: "reveal", done: 0, blocks: 2 },
      { name: "judge", done: 0, blocks: 4 },
    ],
    waiting: null,
    heldOut: [{ window, loss: 2.5 }],
    rows: rowsOf(10),
    alerts: [],
    digestsEqual: true,
    seconds: 62,
    secondsLeft: 190,
    ...change,
  };
}

type Fake = Output & { columns: number; rows: number; emit(event: string): boolean };

/** A stream that says of itself what a terminal would. */
function outputOf(about: {
  isTTY: boolean;
  columns?: number;
  rows?: number;
  depth?: number;
}): Fake {
  const { isTTY, columns = 80, rows = 24, depth = 1 } = about;
  return Object.assign(new PassThrough(), { isTTY, columns, rows, getColorDepth: () => depth });
}

/** A screen that collects what it writes. */
function collected(output: Fake, full = false): { screen: Screen; text: () => string } {
  let text = "";
  output.write = (chunk: unknown): boolean => ((text += String(chunk)), true);
  return { screen: screenOn(output, full), text: () => text };
}

test("a full screen keeps the page's address among the newest of what was said, as long as it is there", () => {
  const terminal = new Terminal(80, 24);
  const { screen, text } = collected(outputOf({ isTTY: true }), true);
  for (const step of ["page: http://127.0.0.1:1/", "one", "two", "three", "four"])
    screen.step(step);
  screen.frame(frameOf(3));
  terminal.write(text());
  const said = terminal.lines.filter((line) => line !== "").slice(-3);
  assert.deepEqual(
    said.map((line) => line.trim()),
    ["page: http://127.0.0.1:1/", "three", "four"],
  );
  screen.end();
});

test("a frame is never higher or wider than its terminal, whatever it has to show", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 45 }),
      fc.integer({ min: 24, max: 200 }),
      fc.integer({ min: 5, max: 60 }),
      fc.integer({ min: 0, max: 9 }),
      (uids, columns, lines, alerts) => {
        const frame = frameOf(3, {
          rows: rowsOf(uids),
          alerts: Array.from({ length: alerts }, (_, index) => ({
            name: `miner-${index}`,
            text: `miner-${index} was killed by SIGKILL in window 3`,
            logPath: "/a/long/path/miner.log",
          })),
          waiting: { names: ["miner-1", "miner-2"], seconds: 12 },
        });
        const drawn = frameLines(frame, { columns, lines }, unpainted);
        assert.ok(drawn.length <= lines, `${drawn.length} lines`);
        for (const line of drawn) assert.ok(line.length <= columns, line);
      },
    ),
  );
});

test("32 uids stand in 80 x 24 with uid, name and score whole, two members in trouble included", () => {
  const rows = rowsOf(32);
  const alerts = ["miner-1", "miner-2"].map((name) => ({
    name,
    text: `${name} was killed`,
    logPath: `/runs/${name}.log`,
  }));
  const drawn = frameLines(frameOf(3, { rows, alerts }), { columns: 80, lines: 23 }, unpainted);
  const text = drawn.join("\n");
  for (const { uid, name, score } of rows) {
    const shown = score === null ? "-" : score.toFixed(3);
    assert.match(text, new RegExp(String.raw`(?<!\d)${uid} ${name} +${shown}(?!\d)`), name);
  }
  assert.match(text, /miner-1 was killed; log .*miner-1\.log/);
});

test("where not all uids fit, a line counts the hidden ones by verdict; miners stay", () => {
  const drawn = frameLines(frameOf(3, { rows: rowsOf(45) }), { columns: 80, lines: 15 }, unpainted);
  assert.match(drawn.at(-1) ?? "", /… and \d+ more: .*3 scores and votes/);
  assert.match(drawn.join("\n"), /miner-42/);
});

test("the reason is cut last: share and pay go first, and a wide terminal shows all", () => {
  const frame = frameOf(3, { rows: rowsOf(5) });
  const head = (columns: number): string =>
    frameLines(frame, { columns, lines: 40 }, unpainted).find((line) => /uid/.test(line)) ?? "";
  assert.match(head(200), /uid +name +kind +score +share +earned +why/);
  assert.match(head(80), /uid +name +score +share +earned +why/);
  assert.match(head(60), /uid +name +score +earned +why/);
  assert.match(head(40), /uid +name +score +why/);
  assert.match(head(26), /uid +name +score$/);
});

test("the head says how far, how long, whom the chain waits for, and shouts about digests", () => {
  const frame = frameOf(3, {
    waiting: { names: ["miner-2", "miner-3"], seconds: 12.3 },
    digestsEqual: false,
  });
  const text = frameLines(frame, { columns: 100, lines: 24 }, unpainted).join("\n");
  assert.match(text, /window 3 of 20/);
  assert.match(text, /1:02 gone, about 3:10 left/);
  assert.match(text, /train ████ {2}commit █░ {2}reveal ░░ {2}judge ░░░░/);
  assert.match(text, /waits for miner-2 \+1 \(12 s\)/);
  assert.match(text, /PARAMETERS DIFFER/);
  const ends = [-2, 20].map(
    (window) => frameLines(frameOf(window), { columns: 80, lines: 24 }, unpainted)[0],
  );
  assert.match(ends[0] ?? "", /before window 0 {2}░+ {2}/);
  assert.match(ends[1] ?? "", /all 20 windows over {2}█+ {2}/);
  assert.match(
    frameLines(
      frameOf(7, { windows: 0, secondsLeft: null }),
      { columns: 80, lines: 24 },
      unpainted,
    )[0] ?? "",
    /^ {2}window 7 {2}1:02 gone$/,
  );
});

test("colours move nothing, and a terminal without colours gets none", () => {
  const colourful = outputOf({ isTTY: true, depth: 8 });
  const dull = outputOf({ isTTY: true });
  const before = { ...process.env };
  delete process.env["FORCE_COLOR"];
  delete process.env["NO_COLOR"];
  try {
    const size = { columns: 100, lines: 24 };
    const plain = frameLines(frameOf(3), size, unpainted);
    const painted = frameLines(frameOf(3), size, paintFor(colourful));
    assert.deepEqual(painted.map(stripVTControlCharacters), plain);
    assert.ok(painted.join("").includes(`${ESCAPE}[`));
    assert.deepEqual(frameLines(frameOf(3), size, paintFor(dull)), plain);
  } finally {
    process.env = before;
  }
});

test("a terminal is drawn over itself, and anew where it changes its size", () => {
  const output = outputOf({ isTTY: true });
  const { screen, text } = collected(output);
  screen.frame(frameOf(0));
  const first = text();
  screen.frame(frameOf(1));
  const height = first.split("\n").length - 1;
  assert.ok(text().slice(first.length).startsWith(`\r${ESCAPE}[${height}A`));
  const before = text().length;
  Object.assign(output, { columns: 60, rows: 10 });
  output.emit("resize");
  const redrawn = text().slice(before);
  assert.ok(redrawn.startsWith(`${ESCAPE}[H${ESCAPE}[2J`));
  const lines = stripVTControlCharacters(redrawn).split("\n");
  assert.ok(lines.length <= 10);
  for (const line of lines) assert.ok(line.length <= 60, line);
  screen.step("over");
  const after = text();
  output.emit("resize");
  assert.equal(text(), after, "what stands there now is not drawn again");
});

test("a terminal that does not know its size gets 80 x 24", () => {
  const { screen, text } = collected(outputOf({ isTTY: true, columns: 0, rows: 0 }));
  screen.frame(frameOf(0, { rows: rowsOf(40) }));
  const lines = stripVTControlCharacters(text()).split("\n");
  assert.ok(lines.length > 10 && lines.length <= 24);
});

test("a pipe gets one line a window, a table now and then, and what happens to members once", () => {
  const { screen, text } = collected(outputOf({ isTTY: false }));
  screen.step("starting");
  const logPath = "/runs/1/miner-1.log";
  const dead = { name: "miner-1", text: "miner-1 was killed by SIGKILL in window 1", logPath };
  for (const window of [0, 0, 1]) screen.frame(frameOf(window));
  for (const window of [1, 1, 2])
    screen.frame(frameOf(window, { alerts: [dead], digestsEqual: false, heldOut: [] }));
  screen.frame(frameOf(10));
  screen.end();
  const lines = text().split("\n");
  const windows = lines.filter((line) => /^ {2}window/.test(line));
  assert.equal(windows.length, 4);
  assert.match(windows[0] ?? "", /window 0 of 20 .* held-out 2\.500 .*1:02 gone, about 3:10 left/);
  assert.match(windows[2] ?? "", /held-out -.*PARAMETERS DIFFER/);
  assert.equal(lines.filter((line) => line.includes("killed") && line.includes(logPath)).length, 1);
  assert.equal(lines.filter((line) => line.includes("miner-1 takes part again")).length, 1);
  assert.match(text(), /uid +name/);
  assert.ok(!text().includes(ESCAPE));
});
