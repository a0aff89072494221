/** @file `subnet restore`: a backup back in its place. Every byte is proven before anything is written; nothing is ever replaced. */
import { chmod, copyFile, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileReason, isDiskFull } from "../../base/files.ts";
import { makeFolder } from "../../base/folders.ts";
import { AssayError } from "../../src/errors.ts";
import { sha256Of } from "./backup.ts";
import { type About, ABOUT_FILE, FILES, parseAbout, parseSums, SUMS_FILE } from "./contents.ts";
import type { RestoreOptions } from "./options.ts";
import { placeAt } from "./place.ts";

const OWNER_ALONE = 0o700;

function damaged(folder: string, reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "backup-damaged", path: folder, reason }, { cause });
}

async function textOf(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (cause) {
    throw damaged(folder, `${name}: ${fileReason(cause)}`, cause);
  }
}

/** What a backup holds, once every byte of it is as it was written. @throws AssayError backup-damaged, format-newer */
async function verified(folder: string): Promise<About> {
  const sums = parseSums(await textOf(folder, SUMS_FILE), folder);
  const about = parseAbout(await textOf(folder, ABOUT_FILE), folder);
  const listed = new Set([ABOUT_FILE, ...about.files.map(({ path }) => `${FILES}/${path}`)]);
  const strange = [...sums.keys()].find((path) => !listed.has(path));
  if (strange !== undefined) throw damaged(folder, `${ABOUT_FILE} does not name ${strange}`);
  for (const path of listed) {
    const found = await sha256Of(join(folder, path)).catch((cause: unknown) => {
      throw damaged(folder, `${path}: ${fileReason(cause)}`, cause);
    });
    if (found !== sums.get(path)) throw damaged(folder, `${path} is not what was kept`);
  }
  return about;
}

/** Copies everything that a backup holds into `to`, with its permissions; proven again, since the copies are what counts. */
async function copyAll(folder: string, about: About, to: string): Promise<void> {
  const sums = parseSums(await textOf(folder, SUMS_FILE), folder);
  makeFolder(to, OWNER_ALONE);
  for (const { path } of about.folders) makeFolder(join(to, path), OWNER_ALONE);
  for (const { path, mode } of about.files) {
    const copy = join(to, path);
    makeFolder(dirname(copy), OWNER_ALONE);
    await copyFile(join(folder, FILES, path), copy);
    if ((await sha256Of(copy)) !== sums.get(`${FILES}/${path}`))
      throw damaged(folder, `${FILES}/${path} changed while it was read`);
    await chmod(copy, mode);
  }
  // Folders last, the innermost first: a mode may forbid to write.
  for (const { path, mode } of about.folders.toReversed()) await chmod(join(to, path), mode);
}

/** Where a backup was put, and what was not in it. */
type Restored = { readonly to: string; readonly about: About };

/** Restores a backup, whole or not at all. @throws AssayError bad-option, backup-damaged, format-newer, disk-full */
export async function restore({
  backup,
  output,
}: Pick<RestoreOptions, "backup" | "output">): Promise<Restored> {
  if (backup === undefined)
    throw new AssayError({
      code: "bad-option",
      detail: "subnet restore needs a folder that subnet backup wrote",
    });
  const folder = resolve(backup);
  const about = await verified(folder);
  const to = resolve(output ?? about.from);
  const { draft, settle } = await placeAt(to);
  try {
    await copyAll(folder, about, draft);
    await settle();
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path: to }, { cause });
    throw cause;
  }
  return { to, about };
}

/** `subnet restore`. */
export async function runRestore(
  options: RestoreOptions,
  print: (line: string) => void,
): Promise<void> {
  const { to, about } = await restore(options);
  const { files, made, leftOut } = about;
  if (options.json) {
    print(JSON.stringify({ to, files: files.length, made, leftOut }));
    return;
  }
  print(`${files.length} files of ${made} restored to ${to}`);
  for (const path of leftOut) print(`not in the backup: ${path}, a key without a password`);
}
