/** @file The recorded run of test/fixtures, for what is made of records. */
import { readFileSync } from "node:fs";
import { parseManifest } from "../../../src/protocol/manifest-file.ts";
import { verifyRecords, type WindowRecord } from "../../../src/protocol/record.ts";

const FOLDER = new URL("../../fixtures/recorded-run/", import.meta.url);

export const { manifest, runId } = parseManifest(readFileSync(new URL("manifest.json", FOLDER)));
/** Lines as the validator serves them. */
export const lines: readonly string[] = readFileSync(new URL("records.jsonl", FOLDER), "utf8")
  .trimEnd()
  .split("\n");
export const { records } = verifyRecords(lines, "records.jsonl");

/** A record of the run. */
export function recordOf(window: number): WindowRecord {
  const record = records[window];
  if (record === undefined) throw new Error(`no record of window ${window}`);
  return record;
}
