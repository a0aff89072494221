/** @file Logs end: by size and number, in the process that writes them and in one that others write. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  openSync,
  closeSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { openLog } from "../../../src/command/log.ts";
import { cutLog, type LogDestination, RotatingLog } from "../../../src/command/rotation.ts";

const root = mkdtempSync(join(tmpdir(), "assay-rotation-"));
after(() => rmSync(root, { recursive: true }));
let count = 0;
const newFile = (): string => join(mkdtempSync(join(root, "log-")), `${count++}.log`);
const filesOf = (path: string): readonly string[] =>
  readdirSync(join(path, "..")).toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
const linesOf = (path: string): string[] =>
  filesOf(path).flatMap((name) =>
    readFileSync(join(path, "..", name), "utf8")
      .split("\n")
      .slice(0, -1),
  );

/** Writes to whatever lies at a path now. */
const appending = (path: string): LogDestination => ({
  write: (line) => appendFileSync(path, line),
  reopen: () => undefined,
});

test("whatever is written: no file above its size, no more files than are kept, the newest lines in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 4 }),
      (lengths, kept) => {
        const path = newFile();
        const log = new RotatingLog(appending(path), path, { bytes: 100, kept });
        const lines = lengths.map((length, index) => `${index}:${"x".repeat(length)}`);
        for (const line of lines) log.write(`${line}\n`);
        const files = filesOf(path);
        assert.ok(files.length <= kept + 1);
        for (const name of files) assert.ok(statSync(join(path, "..", name)).size <= 100);
        const found = linesOf(path);
        assert.deepEqual(found, lines.slice(lines.length - found.length));
        const total = lines.reduce((sum, line) => sum + line.length + 1, 0);
        if (total <= 100) assert.equal(found.length, lines.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("a process that goes on with a log counts what lies there", () => {
  const path = newFile();
  writeFileSync(path, `${"x".repeat(95)}\n`);
  new RotatingLog(appending(path), path, { bytes: 100, kept: 1 }).write("0123456789\n");
  assert.equal(readFileSync(path, "utf8"), "0123456789\n");
  assert.equal(statSync(`${path}.1`).size, 96);
});

const openFiles = (): number => readdirSync("/proc/self/fd").length;

test("the log of a process rotates by itself, without a file left open", async () => {
  const file = newFile();
  const log = openLog({ name: "miner", level: "info", file, limits: { bytes: 2000, kept: 2 } });
  const before = openFiles();
  for (let line = 0; line < 200; line++) {
    log.info({ line }, "x".repeat(50));
    if (line % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const found = linesOf(file).map((line) => Number(/"line":(\d+)/.exec(line)?.[1]));
  assert.deepEqual(
    found,
    Array.from({ length: found.length }, (_, at) => 200 - found.length + at),
  );
  assert.equal(filesOf(file).length, 3);
  for (const name of filesOf(file)) assert.ok(statSync(join(file, "..", name)).size <= 2000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(openFiles() <= before + 1);
});

test("what is no file is left alone", () => {
  const destination = { write: () => undefined, reopen: () => assert.fail("reopened") };
  const log = new RotatingLog(destination, "/dev/null", { bytes: 10, kept: 1 });
  for (let line = 0; line < 9; line++) log.write("0123456789\n");
});

test("a log that another process holds open is cut under it, and goes on at its beginning", async (t) => {
  const path = newFile();
  const log = openSync(path, "a");
  const script = "let n = 0; setInterval(() => console.log(`line ${n++} ` + 'x'.repeat(500)), 1)";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", log, "inherit"] });
  closeSync(log);
  t.after(() => child.kill("SIGKILL"));
  const limits = { bytes: 20_000, kept: 2 };
  let cuts = 0;
  for (const until = performance.now() + 60_000; cuts < 4 && performance.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (statSync(path).size <= limits.bytes) continue;
    cutLog(path, limits);
    cuts += 1;
  }
  assert.equal(cuts, 4);
  // It has written since.
  while (statSync(path).size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGKILL");
  assert.deepEqual(filesOf(path).length, 3);
  const text = readFileSync(path, "utf8");
  assert.match(text, /^line \d+ x/, "no hole of zero bytes at its beginning");
  const numbers = linesOf(path).map((line) => Number(/^line (\d+)/.exec(line)?.[1]));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});
