/** @file Wallet files on disk: created once with their final mode, read with a size limit. */
import { constants } from "node:fs";
import { access, type FileHandle, open, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder } from "../../base/folders.ts";
import { fileRefusal, isDiskFull } from "../../base/files.ts";
import { systemCodeOf } from "../../base/fault.ts";
import { ChainError } from "../errors.ts";

/** A wallet file is a few hundred bytes; anything much larger is another file. */
const MAX_BYTES = 16_384;

/** What went wrong in writing, in the words of this folder; other errors as they are. */
function writingFault(cause: unknown, path: string): unknown {
  if (cause instanceof ChainError) return cause;
  if (isDiskFull(cause)) return new ChainError({ code: "disk-full", path }, { cause });
  const reason = fileRefusal(cause);
  return reason === null
    ? cause
    : new ChainError({ code: "wallet-folder-refused", path, reason }, { cause });
}

/** Creates the file with mode 0600 in one step: there is no moment in which others can read it. */
async function writeNew(path: string, content: Uint8Array): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    if (systemCodeOf(cause) === "EEXIST")
      throw new ChainError({ code: "wallet-exists", path }, { cause });
    throw cause;
  }
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes all files or none: a wallet that exists by half could neither be opened nor created again.
 * @throws ChainError wallet-exists, wallet-folder-refused, disk-full
 */
export async function writeAll(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const written: string[] = [];
  let writing = "";
  try {
    for (const [path, content] of files) {
      writing = path;
      makeFolder(dirname(path), 0o700);
      await writeNew(path, content);
      written.push(path);
    }
  } catch (error) {
    await Promise.all(written.map(async (path) => rm(path, { force: true })));
    throw writingFault(error, writing);
  }
}

async function readSome(handle: FileHandle, path: string): Promise<Uint8Array> {
  if (!(await handle.stat()).isFile())
    throw new ChainError({ code: "wallet-unreadable", path, reason: "it is not a file" });
  const buffer = new Uint8Array(MAX_BYTES + 1);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (bytesRead > MAX_BYTES)
    throw new ChainError({ code: "wallet-unreadable", path, reason: "it is too large" });
  return buffer.slice(0, bytesRead);
}

/** The error of a file that may not be read; names the first folder on the way that may not be entered. */
async function forbidden(path: string, cause: unknown): Promise<ChainError> {
  const folders: string[] = [];
  for (let part = dirname(resolve(path)); !folders.includes(part); part = dirname(part))
    folders.unshift(part);
  for (const folder of folders) {
    const mayEnter = await access(folder, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!mayEnter) return new ChainError({ code: "wallet-forbidden", path, folder }, { cause });
  }
  return new ChainError({ code: "wallet-forbidden", path }, { cause });
}

/**
 * Bytes of a wallet file, or null when there is none.
 * @throws ChainError wallet-forbidden, wallet-unreadable
 */
export async function readWalletFile(path: string): Promise<Uint8Array | null> {
  try {
    // Without O_NONBLOCK a named pipe in the folder would hang the process; Windows has neither.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return await readSome(handle, path);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof ChainError) throw cause;
    const code = systemCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "EACCES" || code === "EPERM") throw await forbidden(path, cause);
    const reason = cause instanceof Error ? cause.message : "the system gave no reason";
    throw new ChainError({ code: "wallet-unreadable", path, reason }, { cause });
  }
}
