/** @file A node's full screen: what stands on it, that it fits every size, and that a terminal is given back however the process ends. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { FullScreen } from "../../../src/command/full-screen.ts";
import { nodeLines } from "../../../src/view/screen.ts";
import { Terminal } from "../../support/terminal.ts";
import { momentOf } from "./moment.ts";

const plain = (_tone: string, words: string): string => words;
const whole = (columns: number, rows: number, uids = 6): readonly string[] =>
  nodeLines(
    {
      role: "miner",
      ss58: "5Hotkey4",
      ...momentOf(uids),
      seconds: 65,
      said: ["joined run 0x03", "window 11: accepted"],
    },
    { columns, rows },
    plain,
  );

test("shows clock, loss, own pay with the reason in words, participants, and what happened last", () => {
  const shown = whole(120, 30).join("\n");
  for (const part of [
    "Assay miner  on cpu  1:05 gone",
    '"demo"  window 12 of 60  block 321',
    "train ██████  commit █░  reveal ░░  judge ░░",
    "held-out loss 3.300 nats per token in window 3  █▄▂▁",
    "uid 4  paid 6.000 alpha since block 1  incentive 12.5 %",
    "window 11: score 1.000, 12.5 % of the weights; accepted: the update was accepted and applied",
    "▸   4  node-4",
    "validator        -   50.0 %        1.500",
    "window 11: accepted",
  ])
    assert.ok(shown.includes(part), `${part} is not in\n${shown}`);
});

test("fits every size, with any number of participants", () => {
  const sizes = fc.record({
    columns: fc.integer({ min: 1, max: 220 }),
    rows: fc.integer({ min: 1, max: 70 }),
    uids: fc.integer({ min: 0, max: 64 }),
  });
  fc.assert(
    fc.property(sizes, ({ columns, rows, uids }) => {
      const lines = whole(columns, rows, uids);
      assert.ok(lines.length <= rows);
      for (const line of lines)
        assert.ok(line.length <= columns, `${line.length} > ${columns}: ${line}`);
    }),
    { numRuns: 40 },
  );
});

test("takes the terminal once, draws anew where its size changes, and gives it back once", () => {
  const terminal = new Terminal(40, 10);
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 40, rows: 10 });
  const taken = (): void => terminal.write(String(output.read() ?? ""));
  terminal.write("before\r\n");
  const screen = new FullScreen(output);
  screen.show(({ columns, rows }) => [
    `${columns} x ${rows}`,
    ...Array.from({ length: 50 }, () => "line"),
  ]);
  taken();
  assert.equal(terminal.isOther, true);
  assert.equal(terminal.hasCursor, false);
  assert.equal(terminal.lines[0], "40 x 10");
  assert.equal(terminal.lines.length, 10);
  Object.assign(output, { columns: 30, rows: 5 });
  output.emit("resize");
  taken();
  assert.deepEqual(terminal.lines, ["30 x 5", "line", "line", "line", "line"]);
  screen.close();
  screen.close();
  taken();
  assert.equal(terminal.isOther, false);
  assert.equal(terminal.hasCursor && terminal.wraps, true);
  assert.deepEqual(terminal.lines, ["before", ""]);
  assert.equal(output.listenerCount("resize"), 0);
});

/** What a real terminal gets, if `script` of util-linux can make one here. */
async function onTerminal(how: string): Promise<string | null> {
  const demo = fileURLToPath(new URL("../../support/screen-demo.ts", import.meta.url));
  const command = `stty cols 100 rows 30; exec "${process.execPath}" "${demo}" ${how}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: "1", TERM: "xterm" },
  });
  const lacking = new Promise<null>((resolve) => child.once("error", () => resolve(null)));
  return Promise.race([lacking, text(child.stdout)]);
}

test("on a real terminal: drawn, drawn anew after a change of size, and given back after an end, a signal and a crash", async (context) => {
  const ways = ["end", "signal", "crash"];
  const outs = await Promise.all(ways.map(onTerminal));
  for (const [at, how] of ways.entries()) {
    const out = outs[at] ?? null;
    if (out === null) return context.skip("no script of util-linux here");
    const [first = "", ...rest] = out.split("\u001B[H").slice(1);
    assert.ok(first !== "", out);
    const resized = rest.find((frame) => frame.includes("uid 4  paid"));
    assert.ok(resized !== undefined, out);
    const terminal = new Terminal(100, 30);
    // What the shell's own terminal says of a crash stands below.
    const [shown = "", after = ""] = out.split("\u001B[?1049l");
    terminal.write(shown);
    assert.match(terminal.lines.join("\n"), /window 12 of 60/);
    assert.ok(terminal.lines.length <= 18, "as high as the terminal became");
    for (const line of terminal.lines) assert.ok(line.length <= 70, line);
    terminal.write("\u001B[?1049l");
    assert.equal(terminal.hasCursor && terminal.wraps && !terminal.isOther, true);
    const said = stripVTControlCharacters(after);
    if (how === "crash") assert.match(said, /Error: planted/);
    else assert.match(said, /window 3: accepted/);
  }
});

/** What a real terminal gets where a shell with job control runs the demo and a key is pressed as soon as it is drawn. */
async function keyed(key: string, then: string): Promise<string | null> {
  const demo = fileURLToPath(new URL("../../support/screen-demo.ts", import.meta.url));
  const command = `stty cols 100 rows 30; ulimit -c 0; set -m; "${process.execPath}" "${demo}" key; echo back; ${then}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: "1", TERM: "xterm", SHELL: "/bin/sh" },
  });
  let out = "";
  const ended = new Promise<void>((resolve) => child.stdout.once("end", () => resolve()));
  child.stdout.on("data", (part: unknown) => {
    const before = out.includes("uid 4  paid");
    out += String(part);
    // Once it has looked at its page, it has been up for a while.
    if (!before && out.includes("uid 4  paid")) child.stdin.write(key);
  });
  const lacking = new Promise<null>((resolve) => child.once("error", () => resolve(null)));
  return Promise.race([lacking, ended.then(() => out)]);
}

const isGiven = ({ hasCursor, wraps, isOther }: Terminal): boolean =>
  hasCursor && wraps && !isOther;

test("on a real terminal: given back by Ctrl-Z until it goes on, and by Ctrl-\\ for good", async (context) => {
  const [stopped, quit] = await Promise.all([keyed("\u001A", "fg"), keyed("\u001C", "true")]);
  if (stopped === null || quit === null) return context.skip("no script of util-linux here");
  const ended = new Terminal(100, 30);
  ended.write(quit.split("back\r\n")[0] ?? "");
  assert.equal(isGiven(ended), true, quit);
  const terminal = new Terminal(100, 30);
  const [first = "", after = ""] = stopped.split("back\r\n");
  terminal.write(first);
  assert.equal(isGiven(terminal), true, stopped);
  const [again = "", said = "", ...more] = after.split("\u001B[?1049l");
  assert.deepEqual(more, [], "taken and given back once more");
  terminal.write(again);
  assert.equal(terminal.isOther, true);
  assert.match(terminal.lines.join("\n"), /uid 4 {2}paid/);
  terminal.write("\u001B[?1049l");
  assert.equal(isGiven(terminal), true);
  assert.match(stripVTControlCharacters(said), /window 3: accepted/);
});
