/** @file Where a restore goes: a place that is free, or a folder that is there and empty. Nothing is ever replaced. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCodeOf } from "../../base/fault.ts";
import { fileReason } from "../../base/files.ts";
import { syncFolder } from "../../src/disk/atomic-file.ts";
import { occupantOf } from "../../src/disk/folder-claim.ts";
import { AssayError } from "../../src/errors.ts";
import { treeOf } from "./snapshot.ts";

const MODES = 0o7777;
const draftName = (name: string): string => `${name}.${randomBytes(4).toString("hex")}.tmp`;

/** A folder that a process works in; `pid` as far as it says who it is. */
type Worked = { readonly path: string; readonly pid?: number };

/** Who works in a folder or in one below it; null: nobody. */
async function workedIn(folder: string): Promise<Worked | null> {
  for (const below of ["", ...(await treeOf(folder)).folders]) {
    const path = join(folder, below);
    const occupant = occupantOf(path);
    if (occupant !== null) return { path, ...occupant };
  }
  return null;
}

/** A name beside `path` that nothing has. */
function nameBeside(path: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${path}.before` : `${path}.before-${count}`;
    if (!existsSync(name)) return name;
  }
}

/** What to do about a place that is taken. */
async function taken(to: string): Promise<AssayError> {
  const code = "bad-option";
  let worked: Worked | null = null;
  try {
    worked = (await stat(to)).isDirectory() ? await workedIn(to) : null;
  } catch (cause) {
    // Who works there cannot be told: it may be somebody.
    const detail = `${to} is there already, and what is in it cannot be seen: ${fileReason(cause)}`;
    const next = "Name another folder with --output.";
    return new AssayError({ code, detail, next }, { cause });
  }
  if (worked !== null) {
    const who = worked.pid === undefined ? "another process" : `process ${worked.pid}`;
    return new AssayError({
      code,
      detail: `${to} is there already, and ${who} works in ${worked.path}`,
      // Its lock would go along with a folder that is moved, and a second node would sign with the same hotkey.
      next: "Leave it where it is: stop that process first, or name another folder with --output. Never run a node and its restored copy at once.",
    });
  }
  return new AssayError({
    code,
    detail: `${to} is there already, and a backup replaces nothing`,
    next: "Move it away, or name another folder with --output.",
    run: { system: ["mv", to, nameBeside(to)] },
  });
}

/** Whether another folder can take the place of an empty one: not of one that a disk is mounted on, or whose surroundings are read only. */
async function isReplaceable(to: string): Promise<boolean> {
  const probe = draftName(to);
  try {
    const { mode } = await lstat(to);
    await mkdir(probe);
    await chmod(probe, mode & MODES);
    await rename(probe, to);
    return true;
  } catch {
    await rmdir(probe).catch(() => undefined);
    return false;
  }
}

/** Moves everything that lies in `draft` up into the folder around it: all or nothing. */
async function moveUp(draft: string, folder: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const name of await readdir(draft)) {
      await rename(join(draft, name), join(folder, name));
      moved.push(name);
    }
    await rmdir(draft);
  } catch (cause) {
    for (const name of moved) await rm(join(folder, name), { recursive: true, force: true });
    throw cause;
  }
}

/** A place for a restored folder: `draft` is filled first, then `settle` puts it where it belongs. */
type Place = { readonly draft: string; readonly settle: () => Promise<void> };

/** What lies in a folder; null: there is none. @throws AssayError bad-option: something that is no folder, or cannot be looked into */
async function contentOf(to: string): Promise<readonly string[] | null> {
  try {
    return await readdir(to);
  } catch (cause) {
    const system = systemCodeOf(cause);
    // A link that leads nowhere is there, too.
    if (system === "ENOENT" && !(await isThere(to))) return null;
    if (["ENOENT", "ENOTDIR"].includes(system)) throw await taken(to);
    const detail = `Nothing can be restored to ${to}: ${fileReason(cause)}`;
    const next = "Name another folder with --output.";
    throw new AssayError({ code: "bad-option", detail, next }, { cause });
  }
}

/** Whether anything has this name. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Finds the place for what is restored to `to`; a folder that is there stays, whatever comes of it. @throws AssayError bad-option */
export async function placeAt(to: string): Promise<Place> {
  const content = await contentOf(to);
  if (content !== null && content.length > 0) throw await taken(to);
  if (content !== null && !(await isReplaceable(to))) {
    const draft = join(to, draftName("restore"));
    return {
      draft,
      settle: async () => {
        await moveUp(draft, to);
        await syncFolder(to);
      },
    };
  }
  const draft = draftName(to);
  return {
    draft,
    settle: async () => {
      await rename(draft, to);
      await syncFolder(dirname(to));
    },
  };
}
