/** @file A folder for one process at a time: a lock that the system lets go when the process ends, however it ends. */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AssayError } from "../errors.ts";
import { bringUpToDate, type FolderFormat } from "./folder-format.ts";

const FILE = "in-use.lock";
/** Names the claiming process, for people; the claim itself rests on the system alone. */
const NAME_FILE = "in-use.pid";
/** How `writeAtomically` names what it has not finished. */
const DRAFT = /\.[0-9a-f]{8}\.tmp$/;
/** A claim waits so long for a look at the folder to be over, which takes a moment. */
const LOOK_MS = 200;
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

/**
 * Removes what `writeAtomically` of a killed process left: nobody else writes here now. Folders of such a name are of others (an
 * export or a backup that may still be under way). What cannot be removed costs its room and not the claim.
 */
function removeDrafts(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isFile() && DRAFT.test(entry.name)) rmSync(join(folder, entry.name));
  } catch {
    // The next claim tries again.
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === BUSY;

/**
 * The process that has claimed a folder, as far as it says who it is; null: none has, or it cannot be seen. Nothing is made or changed
 * by looking, and those who look at once do not see each other: they read.
 */
export function occupantOf(folder: string): { readonly pid?: number } | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: 0, readOnly: true });
    database.exec("SELECT 1 FROM sqlite_schema");
    return null;
  } catch (error) {
    return isBusy(error) ? holderOf(folder) : null;
  } finally {
    database?.close();
  }
}

/**
 * Claims a folder for this process, brings it to the newest format and clears it of drafts; returns what lets it go. A process that is
 * killed leaves the file, but not the claim: SQLite locks it through the system, and nothing is ever written into it.
 * @throws AssayError state-in-use, format-newer, state-corrupt; whatever the system says of a folder that cannot be written
 */
export function claimFolder(folder: string, format: FolderFormat): () => void {
  const letGo = lock(folder);
  try {
    bringUpToDate(folder, format);
    removeDrafts(folder);
  } catch (error) {
    letGo();
    throw error;
  }
  return letGo;
}

/** The lock alone. */
function lock(folder: string): () => void {
  const path = join(folder, FILE);
  // What is wrong with the folder is said by the system, which has more words for it than SQLite.
  closeSync(openSync(path, "a"));
  const database = new DatabaseSync(path, { timeout: LOOK_MS });
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
