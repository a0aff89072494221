/** @file Copies files that a running process writes, as they were at one moment; nobody is asked to wait. */
import { copyFile, lstat, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../../base/fault.ts";
import { AssayError } from "../../src/errors.ts";

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
 * is how they stood at one moment, as a kill would have left them.
 * @param names of files below `from`; those that are gone are left out
 * @returns the names that were copied
 * @throws AssayError backup-busy
 */
export async function copyTogether(
  from: string,
  to: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const statesOf = (): Promise<readonly (string | null)[]> =>
    Promise.all(names.map((name) => stateOf(join(from, name))));
  let copied: string[] = [];
  await undisturbed(from, async () => {
    const before = await statesOf();
    copied = [];
    for (const name of names)
      if (await copyIfThere(join(from, name), join(to, name))) copied.push(name);
      else await rm(join(to, name), { force: true });
    return (await statesOf()).join(";") === before.join(";");
  });
  return copied;
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
