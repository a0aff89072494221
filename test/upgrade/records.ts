/** @file The record logs that a local network left: whole, one line a window. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { verifyRecords } from "../../src/protocol/record.ts";

/** Looks through the logs of all validators; how many there are. @throws AssertionError, AssayError record-corrupt */
export function checkRecords(folder: string, windows: number): number {
  const logs = readdirSync(join(folder, "nodes"), { recursive: true, encoding: "utf8" }).filter(
    (path) => /records-.*\.jsonl$/.test(path),
  );
  for (const path of logs) {
    const text = readFileSync(join(folder, "nodes", path), "utf8").trim();
    const { records } = verifyRecords(text.split("\n"), path);
    assert.deepEqual(
      records.map(({ window }) => window),
      Array.from({ length: windows }, (_, window) => window),
      path,
    );
  }
  return logs.length;
}
