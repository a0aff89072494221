/** @file The text of a validator's log as records: cut into lines, its chain verified, the place of a fault named. */
import { type AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import {
  LogVerifier,
  NO_RECORD,
  readRecord,
  type WindowRecord,
} from "../../src/protocol/record.ts";
import { type Difference, difference } from "./difference.ts";
import type { RecordLog } from "./recorded.ts";

/** A log whose chain holds, or the records before the place where it breaks. */
export type ReadLog = {
  readonly records: readonly WindowRecord[];
  /** recordDigest of the last. */
  readonly head: Hex;
  readonly broken: Difference | null;
};

/** How a verifier names a line, and says that it does not continue the one before. */
const LINE = /^line \d+: ([\s\S]*)$/;
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

/** What the first line continues: nothing where the log begins, else a record that its validator has let go. */
function anchorOf(line: string | undefined): Hex {
  return (line === undefined ? null : readRecord(line)?.previous) ?? NO_RECORD;
}

/**
 * Reads a log; never throws for what it says. A log whose beginning is gone is read from where it begins: the vote of that window names
 * what came before.
 */
export function readLog(log: RecordLog): ReadLog {
  const lines = log.text.split("\n");
  const rest = lines.pop() ?? "";
  const verifier = new LogVerifier(log.path, anchorOf(lines[0]));
  const records: WindowRecord[] = [];
  try {
    for (const line of lines) records.push(verifier.take(line));
  } catch (error) {
    if (!isAssayError(error, "record-corrupt")) throw error;
    const [, why = reasonOf(error)] = LINE.exec(reasonOf(error)) ?? [];
    return { records, head: verifier.head, broken: brokenAt(log, { records, why }) };
  }
  const why = "the last line has no end";
  const { head } = verifier;
  return { records, head, broken: rest === "" ? null : brokenAt(log, { records, why }) };
}

function reasonOf({ fault, explanation }: AssayError): string {
  return "reason" in fault ? fault.reason : explanation.cause;
}
