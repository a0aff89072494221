/** @file Copies files that a running process writes, as they were at one moment; nobody is asked to wait. */
import { copyFile, lstat, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../../base/fault.ts";
import { makeFolder } from "../../base/folders.ts";
import { AssayError } from "../../src/errors.ts";

const OWNER_ALONE = 0o700;
const ATTEMPTS = 100;
const PAUSE_MS = 20;
/** Of a write-ahead log: it begins anew, with other salts, when its pages have gone to the database. */
const WAL_HEADER_BYTES = 32;
/** Beside each other these are one database. */
const WAL = "-wal";

/** What changes when a file is written or replaced; null: there is none. */
async function stateOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await lstat(path, { bigint: true });
    return [ino, size, mtimeNs].join();
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Copies a file; whether it was still there. */
export async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Copies until it was done within a moment in which nothing changed. @throws AssayError backup-busy */
async function undisturbed(place: string, copy: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (await copy()) return;
    await sleep(PAUSE_MS);
  }
  throw new AssayError({ code: "backup-busy", path: place });
}

/**
 * Copies files of one folder that belong together. Each is replaced whole or appended to, so that what did not change while all were copied
 * is how they stood at one moment, as a kill would have left them; what did change is copied again.
 * @param list names of files below `from`, asked for at every look: some come meanwhile; those that are gone are left out
 * @returns the names that were copied
 * @throws AssayError backup-busy
 */
export async function copyTogether(
  from: string,
  to: string,
  list: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  /** In which state each was when its copy began; null: it was gone. */
  const copied = new Map<string, string | null>();
  const stale = async (): Promise<readonly string[]> => {
    const names = [...new Set([...(await list()), ...copied.keys()])];
    const states = await Promise.all(names.map((name) => stateOf(join(from, name))));
    return names.filter((name, index) => states[index] !== (copied.get(name) ?? null));
  };
  let wanted = await stale();
  await undisturbed(from, async () => {
    for (const name of wanted) {
      const state = await stateOf(join(from, name));
      if (state !== null) makeFolder(to, OWNER_ALONE);
      const isThere = state !== null && (await copyIfThere(join(from, name), join(to, name)));
      if (!isThere) await rm(join(to, name), { force: true });
      copied.set(name, isThere ? state : null);
    }
    wanted = await stale();
    return wanted.length === 0;
  });
  return [...copied].flatMap(([name, state]) => (state === null ? [] : [name]));
}

/** The beginning of a file; empty for none. */
async function headOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(WAL_HEADER_BYTES));
      return buffer.toString("hex", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return "";
    throw error;
  }
}

/** Whether a database holds together; its log is taken into it. */
function isWhole(path: string): boolean {
  try {
    const database = new DatabaseSync(path);
    try {
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return database.prepare("PRAGMA quick_check").get()?.["quick_check"] === "ok";
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

/**
 * Copies a database that another process may write. What was committed last lies in its log, which only grows until its pages go to the
 * database: so as long as that does not happen, the database and a beginning of its log are a state that was once committed, as after a
 * loss of power. The copy is opened and checked.
 * @returns whether there is one
 * @throws AssayError backup-busy
 */
export async function copyDatabase(from: string, to: string): Promise<boolean> {
  let isThere = true;
  await undisturbed(dirname(from), async () => {
    for (const ending of ["", WAL]) await rm(`${to}${ending}`, { force: true });
    const seen = async (): Promise<string> =>
      `${await stateOf(from)} ${await headOf(`${from}${WAL}`)}`;
    const before = await seen();
    isThere = await copyIfThere(from, to);
    if (!isThere) return true;
    await copyIfThere(`${from}${WAL}`, `${to}${WAL}`);
    return (await seen()) === before && isWhole(to);
  });
  return isThere;
}

/** Names of the files that lie in `folder` itself; of one that is gone, none. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Every file and folder below `folder`, with `/` between; links and sockets are none of ours. */
export async function treeOf(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const [files, folders]: [string[], string[]] = [[], []];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      if (!entry.isDirectory()) continue;
      folders.push(path);
      // What a run removes meanwhile was not kept.
      await walk(path).catch((error: unknown) => {
        if (systemCodeOf(error) !== "ENOENT") throw error;
      });
    }
  };
  await walk("");
  return { files: files.toSorted(), folders: folders.toSorted() };
}
