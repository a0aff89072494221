/** @file `subnet logs`: lines of many files merged by time, filtered, followed; whatever stands in a log, no line is lost or torn. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { openLog } from "../../../src/command/log.ts";
import { cutLog } from "../../../src/command/rotation.ts";
import { isAssayError } from "../../../src/errors.ts";
import { logFilesIn, merged, Tail } from "../../../subnet/logs/files.ts";
import { isWanted, levelOf, lineOf, shown } from "../../../subnet/logs/line.ts";
import { showLogs } from "../../../subnet/logs/logs.ts";
import { logsOptions } from "../../../subnet/logs/options.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "assay-logs-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const json = (time: number, more: object): string =>
  `${JSON.stringify({ level: 30, time, msg: "m", ...more })}\n`;
const at = (name: string): string => join(folder, name);

/** What the command prints of the folder. */
async function lines(more: object = {}): Promise<readonly string[]> {
  const printed: string[] = [];
  await showLogs(logsOptions.parse({ folder, ...more }), (line) => void printed.push(line));
  return printed;
}

/** The messages of what it prints as JSON. */
async function messages(more: object = {}): Promise<readonly unknown[]> {
  return (await lines({ ...more, json: true })).map((line) => {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "msg" in value ? value.msg : null;
  });
}

test("lines of every node stand in the order of time; older pieces of a log come first", async () => {
  writeFileSync(at("miner-1.log"), json(5, { msg: "e" }));
  writeFileSync(at("miner-1.log.1"), json(3, { msg: "c" }));
  writeFileSync(at("miner-1.log.2"), json(1, { msg: "a" }));
  writeFileSync(at("validator-1.log"), json(2, { msg: "b" }) + json(4, { msg: "d" }));
  writeFileSync(at("notes.txt"), json(0, { msg: "no log" }));
  assert.deepEqual(await messages(), ["a", "b", "c", "d", "e"]);
});

test("each filter keeps its lines, and all of them together the lines of all", async () => {
  const place = { run: "0x12345678", window: 7, uid: 3 };
  writeFileSync(
    at("miner-1.log"),
    json(1000, { name: "miner", ...place, msg: "mine" }) +
      json(2000, { name: "miner", ...place, window: 8, level: 40, msg: "warned" }),
  );
  writeFileSync(
    at("validator-1.log"),
    json(1500, { name: "validator", ...place, uid: 1, msg: "judged" }),
  );
  writeFileSync(at("chain.log"), "chain 0xabc\n");
  assert.deepEqual(await messages({ role: "miner" }), ["mine", "warned"]);
  assert.deepEqual(await messages({ role: "validator-1" }), ["judged"]);
  assert.deepEqual(await messages({ window: "7" }), ["mine", "judged"]);
  assert.deepEqual(await messages({ window: "7-8", uid: 3 }), ["mine", "warned"]);
  assert.deepEqual(await messages({ level: "warn" }), ["warned"]);
  assert.deepEqual(await messages({ run: "0x1234", since: new Date(1500).toISOString() }), [
    "judged",
    "warned",
  ]);
  assert.deepEqual(await messages({ run: "0x99" }), []);
  const all = { role: "miner", window: "8", level: "warn", uid: 3, run: "0x12" };
  assert.deepEqual(await messages(all), ["warned"]);
});

test("a line for people has time, level, node, window and fields, and steers no terminal", async () => {
  const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  writeFileSync(
    at("miner-1.log"),
    json(time, { level: 40, window: 12, msg: "late\u001B[2J", peer: "x" }),
  );
  assert.deepEqual(await lines(), ["03:04:05.678 WARN  miner-1 w12   late [2J  peer=x"]);
});

test("what is printed for people stands behind the line before it", async () => {
  writeFileSync(
    at("chain.log"),
    `${json(10, { msg: "one" })}plain words\n{"not": "ours"}\n{"cut off`,
  );
  writeFileSync(at("miner-1.log"), json(11, { msg: "later" }));
  const first = await messages();
  assert.deepEqual(
    new Set(first),
    new Set(["later", "one", "plain words", '{"cut off', '{"not": "ours"}']),
  );
});

const isBad = (error: unknown): boolean => isAssayError(error, "bad-option");

test("what nobody has logged is refused by name", async () => {
  await assert.rejects(lines(), isBad);
  writeFileSync(at("miner-1.log"), "");
  await assert.rejects(lines({ role: "miner-2" }), isBad);
  assert.deepEqual(await lines({ role: "validator" }), []);
  assert.throws(() => logsOptions.parse({ since: "soon" }), /must be a length/);
});

test("what a log of ours writes is read back whole", async () => {
  const log = openLog({
    name: "miner",
    level: "info",
    file: at("miner-1.log"),
    place: () => ({ window: 4, uid: 2 }),
  });
  log.info({ digest: "0xab" }, "settled");
  log.warn({ error: new Error("why") }, "refused");
  assert.deepEqual(await messages({ role: "miner", window: "4", uid: 2 }), ["settled", "refused"]);
  assert.match(
    (await lines({ level: "warn" }))[0] ?? "",
    /WARN {2}miner-1 w4 {4}refused {2}error=.*why/,
  );
});

test("following tells every line once, in pieces, from new files and of files that begin anew", async () => {
  writeFileSync(at("a.log"), json(1, { msg: "before" }));
  const tail = await Tail.from(folder);
  const read = [];
  for await (const line of merged(await logFilesIn(folder), tail.ends)) read.push(line.msg);
  const whole = json(3, { msg: "two" });
  appendFileSync(at("a.log"), json(2, { msg: "one" }) + whole.slice(0, 9));
  read.push(...(await tail.look()).map(({ msg }) => msg));
  appendFileSync(at("a.log"), whole.slice(9));
  writeFileSync(at("b.log"), json(4, { msg: "new" }));
  read.push(...(await tail.look()).map(({ msg }) => msg));
  renameSync(at("a.log"), at("a.log.1"));
  writeFileSync(at("a.log"), json(5, { msg: "z" }));
  read.push(...(await tail.look()).map(({ msg }) => msg));
  read.push(...(await tail.look()).map(({ msg }) => msg));
  assert.deepEqual(read, ["before", "one", "two", "new", "z"]);
});

/** What looks tell of `n.log` after each step. */
async function followed(steps: readonly (() => void)[]): Promise<readonly string[]> {
  const tail = await Tail.from(folder);
  const told: string[] = [];
  for (const step of steps) {
    step();
    told.push(...(await tail.look()).map(({ msg }) => msg));
  }
  return told;
}
const add = (time: number, msg: string): void => appendFileSync(at("n.log"), json(time, { msg }));

const aside = (): void => {
  if (existsSync(at("n.log.1"))) renameSync(at("n.log.1"), at("n.log.2"));
  renameSync(at("n.log"), at("n.log.1"));
};

test("following loses no line where logs are put aside between two looks, also more than once", async () => {
  add(1, "before");
  const told = await followed([
    () => add(2, "a"),
    () => (add(3, "b"), aside(), add(4, "c")),
    () => (add(5, "d"), aside(), add(6, "e"), aside(), add(7, "f")),
    () => (add(8, "g"), aside()),
    () => add(9, "h"),
    () => add(10, "i"),
  ]);
  assert.deepEqual(told, ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
});

test("following a log that another process cuts loses nothing before the cut, and tells nothing twice", async () => {
  add(1, "before");
  const limits = { bytes: 1, kept: 2 };
  const told = await followed([
    () => add(2, "a"),
    () => (add(3, "b"), cutLog(at("n.log"), limits)),
    () => add(4, "c"),
    () => (add(5, "d"), cutLog(at("n.log"), limits), add(6, "e")),
    // By hand, without a copy: what was put aside long ago is no news.
    () => writeFileSync(at("n.log"), ""),
    () => add(7, "f"),
  ]);
  assert.deepEqual(told, ["a", "b", "c", "d", "e", "f"]);
});

test("a character that is written in two halves is told whole", async () => {
  add(1, "before");
  const bytes = Buffer.from(json(2, { msg: "zwölf" }));
  const half = bytes.indexOf(0xc3) + 1;
  const told = await followed([
    () => appendFileSync(at("n.log"), bytes.subarray(0, half)),
    () => appendFileSync(at("n.log"), bytes.subarray(half)),
  ]);
  assert.deepEqual(told, ["zwölf"]);
});

test("any bytes are lines, and merging any logs gives every line of each in its order", async () => {
  const line = fc.oneof(
    fc
      .record({ time: fc.integer({ min: 1, max: 1000 }), msg: fc.string() })
      .map(({ time, msg }) => json(time, { msg })),
    fc.string().map((text) => `${text.replaceAll(/[\r\n]/g, "")}\n`),
  );
  const logs = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(logs, async (written) => {
      const place = mkdtempSync(join(folder, "any-"));
      for (const [node, some] of written.entries())
        writeFileSync(join(place, `n${node}.log`), some.join(""));
      const tail = await Tail.from(place);
      const found = new Map<string, number>();
      for await (const { node, msg } of merged(await logFilesIn(place), tail.ends)) {
        assert.equal(typeof msg, "string");
        found.set(node, (found.get(node) ?? 0) + 1);
      }
      for (const [node, some] of written.entries()) {
        const wanted = some.filter((one) => one.trim() !== "").length;
        assert.equal(found.get(`n${node}`) ?? 0, wanted);
      }
    }),
    { numRuns: 40 },
  );
  await sleep(0);
});

test("levels have their names", () => {
  assert.deepEqual(["debug", "info", "warn", "error"].map(levelOf), [20, 30, 40, 50]);
  const found = lineOf("text", "n", 7);
  assert.ok(found !== null && shown(found, 1).includes("INFO"));
  const wanted = { role: null, fromMs: 8, leastLevel: 0, uid: null, windows: null, run: null };
  assert.equal(isWanted(found, wanted), false);
});
