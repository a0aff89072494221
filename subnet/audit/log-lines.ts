/** @file The text of a validator's log as records: cut into lines, its chain verified, the place of a fault named. */
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { NO_RECORD, verifyRecords, type WindowRecord } from "../../src/protocol/record.ts";
import { type Difference, difference } from "./difference.ts";
import type { RecordLog } from "./recorded.ts";

/** A log whose chain holds, or where it breaks. */
export type ReadLog = {
  readonly records: readonly WindowRecord[];
  /** recordDigest of the last. */
  readonly head: Hex;
  readonly broken: Difference | null;
};

const LINE = /^line (\d+): ([\s\S]*)$/;

/** The window of a line by what it says, else by the line before it. */
function windowAt(lines: readonly string[], at: number): number | null {
  for (const [line, later] of [[lines[at], 0] as const, [lines[at - 1], 1] as const]) {
    const found = /"window":(\d{1,15}),/.exec(line?.slice(line.lastIndexOf('"voters"')) ?? "")?.[1];
    const last = [...(line?.matchAll(/"window":(\d{1,15})\}/g) ?? [])].at(-1)?.[1] ?? found;
    if (last !== undefined) return Number(last) + later;
  }
  return null;
}

function brokenAt(log: RecordLog, lines: readonly string[], error: AssayError): Difference {
  const reason = "reason" in error.fault ? error.fault.reason : error.explanation.cause;
  const [, line = "1", why = reason] = LINE.exec(reason) ?? [];
  const at = Number(line) - 1;
  const { path, validator } = log;
  return difference({
    part: "records",
    window: windowAt(lines, at),
    validator,
    field: `line ${line}`,
    recorded: why,
    derived: "a record that continues the one before it",
    path,
  });
}

/** Reads a log; never throws for what it says. */
export function readLog(log: RecordLog): ReadLog {
  const lines = log.text.split("\n");
  const rest = lines.pop() ?? "";
  try {
    const { records, head } = verifyRecords(lines, log.path);
    if (rest === "") return { records, head, broken: null };
    const cut = new AssayError({
      code: "record-corrupt",
      path: log.path,
      reason: `line ${lines.length + 1}: the last line has no end`,
    });
    return { records, head, broken: brokenAt(log, [...lines, rest], cut) };
  } catch (error) {
    if (!isAssayError(error, "record-corrupt")) throw error;
    return { records: [], head: NO_RECORD, broken: brokenAt(log, lines, error) };
  }
}
