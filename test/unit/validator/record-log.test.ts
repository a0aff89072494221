/** @file The log of records: read line by line, cut at its head by whole windows, and verifiable wherever a process was killed. */
import { strict as assert } from "node:assert";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { chainRecord } from "../../../src/protocol/record.ts";
import { RecordLog } from "../../../validator/record-log.ts";
import { quietWindow } from "./quiet-window.ts";

const root = mkdtempSync(join(tmpdir(), "assay-records-"));
after(() => rmSync(root, { recursive: true }));
let logs = 0;
const newPath = (): string => join(root, `records-${logs++}.jsonl`);
const anchorsOf = (path: string): string => path.replace(".jsonl", ".anchors");

const isCorrupt = (error: unknown): boolean => isAssayError(error, "record-corrupt");
const append = (log: RecordLog, window: number): Promise<void> =>
  log.append(chainRecord(log.head, quietWindow(window)));

/** The log at `path` as a new process finds it. */
async function restored(path: string, kept: number): Promise<RecordLog> {
  const log = new RecordLog(path, kept);
  await log.restore(async () => undefined);
  return log;
}

test("without a limit nothing is cut", async () => {
  const path = newPath();
  const log = new RecordLog(path, 0);
  for (let window = 0; window < 40; window++) await append(log, window);
  assert.equal((await restored(path, 0)).size, 40);
});

test("the head is cut by whole windows; the chain goes on from the anchor, over restarts", async () => {
  const path = newPath();
  let log = new RecordLog(path, 16);
  for (let window = 0; window < 100; window++) {
    await append(log, window);
    if (window % 7 === 0) log = await restored(path, 16);
    const { windows } = log;
    assert.ok(windows.length >= Math.min(16, window + 1), "what is to be kept is there");
    assert.ok(windows.length <= 20, `${windows.length} windows are there`);
    assert.equal(windows.at(-1), window);
    for (const one of windows) assert.equal(log.get(one)?.record.window, one);
    assert.equal(log.get((windows[0] ?? 0) - 1), undefined);
  }
  const first = readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
  const anchors = readFileSync(anchorsOf(path), "utf8");
  assert.ok(anchors.includes(/"previous":"(0x[0-9a-f]{64})"/.exec(first)?.[1] ?? "?"));
  assert.ok(statSync(anchorsOf(path)).size < 4000);
});

test("a head that somebody else cut off does not verify, nor does a changed line", async () => {
  const path = newPath();
  const log = new RecordLog(path, 16);
  for (let window = 0; window < 30; window++) await append(log, window);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(text.indexOf("\n") + 1));
  await assert.rejects(restored(path, 16), isCorrupt);
  writeFileSync(path, text.replace('"netuid":3', '"netuid":4'));
  await assert.rejects(restored(path, 16), isCorrupt);
  writeFileSync(path, text);
  rmSync(anchorsOf(path));
  await assert.rejects(restored(path, 16), isCorrupt);
});

test("killed between the anchor and the cut, or in the middle of either: the log is whole", async () => {
  const path = newPath();
  const log = new RecordLog(path, 16);
  // The next record makes the head go.
  for (let window = 0; window < 20; window++) await append(log, window);
  const before = newPath();
  copyFileSync(path, before);
  await append(log, 20);
  const [uncut, anchor] = [readFileSync(before), readFileSync(anchorsOf(path))];
  const whole = Buffer.concat([
    uncut,
    Buffer.from(`${chainRecord((await restored(before, 0)).head, quietWindow(20)).line}\n`),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length + anchor.length }), async (at) => {
      const [lines, noted] = [
        whole.subarray(0, Math.max(uncut.length, at)),
        anchor.subarray(0, Math.max(0, at - whole.length)),
      ];
      const killed = newPath();
      writeFileSync(killed, lines);
      writeFileSync(anchorsOf(killed), noted);
      const next = await restored(killed, 16);
      assert.ok(next.size >= 20);
      const newest = next.windows.at(-1) ?? -1;
      for (let window = newest + 1; window < 60; window++) await append(next, window);
      const last = await restored(killed, 16);
      assert.equal(last.head, next.head);
      assert.ok(last.size >= 16 && last.size <= 20);
    }),
    { numRuns: 20 },
  );
});
