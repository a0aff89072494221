/** @file A folder for one process at a time: a lock that the system lets go when the process ends, however it ends. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AssayError } from "../errors.ts";

const FILE = "in-use.lock";
/** SQLite's result code for a file that another process has locked. */
const BUSY = 5;

/**
 * Claims a folder for this process; returns what lets it go. A process that is killed leaves the file, but not the claim:
 * SQLite locks it through the system, and nothing is ever written into it.
 * @throws AssayError state-in-use
 */
export function claimFolder(folder: string): () => void {
  const database = new DatabaseSync(join(folder, FILE), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    const isBusy = cause instanceof Error && "errcode" in cause && cause.errcode === BUSY;
    throw isBusy ? new AssayError({ code: "state-in-use", path: folder }, { cause }) : cause;
  }
  return () => database.close();
}
