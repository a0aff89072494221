/** @file A folder for one process at a time: a lock that the system lets go when the process ends, however it ends. */
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AssayError } from "../errors.ts";

const FILE = "in-use.lock";
/** Names the claiming process, for people; the claim itself rests on the system alone. */
const NAME_FILE = "in-use.pid";
/** SQLite's result code for a file that another process has locked. */
const BUSY = 5;

/** Claims that are held: one that nobody refers to any more would be closed, and so let go, by the garbage collector. */
const held = new Set<DatabaseSync>();

/** The process that says it works in `folder`. */
function holderOf(folder: string): { readonly pid?: number } {
  try {
    const pid = Number(readFileSync(join(folder, NAME_FILE), "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? { pid } : {};
  } catch {
    return {};
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === BUSY;

/** The process that has claimed a folder, as far as it says who it is; null: none has. Nothing is made or changed by looking. */
export function occupantOf(folder: string): { readonly pid?: number } | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; ROLLBACK");
    return null;
  } catch (error) {
    return isBusy(error) ? holderOf(folder) : null;
  } finally {
    database.close();
  }
}

/**
 * Claims a folder for this process; returns what lets it go. A process that is killed leaves the file, but not the claim:
 * SQLite locks it through the system, and nothing is ever written into it.
 * @throws AssayError state-in-use; whatever the system says of a folder that cannot be written
 */
export function claimFolder(folder: string): () => void {
  const path = join(folder, FILE);
  // What is wrong with the folder is said by the system, which has more words for it than SQLite.
  closeSync(openSync(path, "a"));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Without a journal file nothing is written: a full disk must not look like a broken one.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    throw new AssayError({ code: "state-in-use", path: folder, ...holderOf(folder) }, { cause });
  }
  writeFileSync(join(folder, NAME_FILE), String(process.pid));
  held.add(database);
  return () => {
    if (held.delete(database)) database.close();
  };
}
