/** @file Files that survive a crash: written whole or not at all, and absent told apart from unreadable. */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { systemCodeOf } from "../../base/fault.ts";
import { isDiskFull } from "../../base/files.ts";
import { AssayError } from "../errors.ts";

/** Writes `bytes` to `path` so that a crash leaves the old file or the new one. @throws AssayError disk-full */
export async function writeAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(draft, bytes, { flush: true });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path }, { cause });
    throw cause;
  }
}

/** Makes what was made, renamed or removed in a folder outlast a loss of power; where the system syncs no folders it does so by itself. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => null);
  if (folder === null) return;
  try {
    await folder.sync();
  } catch (cause) {
    if (!["EINVAL", "EPERM", "EISDIR", "ENOTSUP"].includes(systemCodeOf(cause))) throw cause;
  } finally {
    await folder.close();
  }
}

/**
 * Appends `text` to `path`, whole or not at all while the process lives; a crash may leave a part of it.
 * @throws AssayError disk-full
 */
export async function appendWhole(path: string, text: string): Promise<void> {
  const file = await open(path, "a");
  try {
    const { size } = await file.stat();
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (cause) {
      await file.truncate(size);
      if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path }, { cause });
      throw cause;
    }
  } finally {
    await file.close();
  }
}

/** A file's bytes, or null when there is none; a file that is there but cannot be read is an error. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}
