/** @file The text of a validator's log as records: cut into lines, its chain verified, the place of a fault named. */
import { type AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { NO_RECORD, verifyRecords, type WindowRecord } from "../../src/protocol/record.ts";
import { type Difference, difference } from "./difference.ts";
import type { RecordLog } from "./recorded.ts";

/** A log whose chain holds, or the records before the place where it breaks. */
export type ReadLog = {
  readonly records: readonly WindowRecord[];
  /** recordDigest of the last. */
  readonly head: Hex;
  readonly broken: Difference | null;
};

/** How verifyRecords names a line, and says that it does not continue the one before. */
const LINE = /^line (\d+): ([\s\S]*)$/;
const CONTINUES =
  /^it continues (0x[0-9a-f]{64}), but the line before it hashes to (0x[0-9a-f]{64})$/;

/** Where a log breaks. A line that the next one does not continue is itself the one that was changed, or the next one is. */
function brokenAt(
  { path, validator }: RecordLog,
  { records, why }: { readonly records: readonly WindowRecord[]; readonly why: string },
): Difference {
  const last = records.at(-1);
  const about = { part: "log" as const, validator, path };
  const [, recorded, derived] = CONTINUES.exec(why) ?? [];
  if (last !== undefined && derived !== undefined) {
    const field = `line ${records.length}, as line ${records.length + 1} continues it`;
    return difference({ ...about, window: last.window, field, recorded, derived });
  }
  return difference({
    ...about,
    window: last === undefined ? 0 : last.window + 1,
    field: `line ${records.length + 1}`,
    recorded: why,
    derived: "a record that continues the one before it",
  });
}

/** Reads a log; never throws for what it says. */
export function readLog(log: RecordLog): ReadLog {
  const lines = log.text.split("\n");
  const rest = lines.pop() ?? "";
  try {
    const { records, head } = verifyRecords(lines, log.path);
    const why = "the last line has no end";
    return { records, head, broken: rest === "" ? null : brokenAt(log, { records, why }) };
  } catch (error) {
    if (!isAssayError(error, "record-corrupt")) throw error;
    const [, line = "1", why = reasonOf(error)] = LINE.exec(reasonOf(error)) ?? [];
    // The lines before it were verified already.
    const { records } = verifyRecords(lines.slice(0, Number(line) - 1), log.path);
    return { records, head: NO_RECORD, broken: brokenAt(log, { records, why }) };
  }
}

function reasonOf({ fault, explanation }: AssayError): string {
  return "reason" in fault ? fault.reason : explanation.cause;
}
