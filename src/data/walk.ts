/** @file The files below a folder in the order of their paths' bytes: the same on every machine, links never followed. */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileReason } from "../../base/files.ts";
import { AssayError } from "../errors.ts";

/** Something below a folder; `path` is relative to it, with "/" on every system. */
export type Found = {
  readonly path: string;
  /**
   * A link is not followed: it could lead out of the folder, and what is read here is published. `unreadable` is a
   * folder that may not be listed.
   */
  readonly kind: "file" | "hidden" | "link" | "special" | "unreadable";
};

/** The message of a failed system call in words, its code kept. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return "there is no such folder (ENOENT)";
  if (code === "ENOTDIR") return "it is a file; name the folder that it lies in (ENOTDIR)";
  return fileReason(error);
}

type Entry = { readonly path: string; readonly sortKey: Buffer; readonly dirent: Dirent };

/** Entries of one folder, last first. A folder sorts as "name/", so that walking gives whole paths in byte order. */
async function listReversed(folder: string, prefix: string): Promise<Entry[]> {
  const dirents = await readdir(join(folder, prefix), { withFileTypes: true });
  const entries = dirents.map((dirent) => ({
    path: `${prefix}${dirent.name}`,
    sortKey: Buffer.from(dirent.isDirectory() ? `${dirent.name}/` : dirent.name),
    dirent,
  }));
  return entries.toSorted((a, b) => Buffer.compare(b.sortKey, a.sortKey));
}

function kindOf(dirent: Dirent): "file" | "link" | "special" {
  if (dirent.isFile()) return "file";
  return dirent.isSymbolicLink() ? "link" : "special";
}

/**
 * Walks `folder` without holding more than the open folders' names in memory. Names that begin with a dot are not
 * entered unless `hidden` says so.
 * @throws AssayError data-unreadable when `folder` itself cannot be listed
 */
export async function* walkFolder(
  folder: string,
  options: { readonly hidden: boolean },
): AsyncGenerator<Found> {
  let pending: Entry[];
  try {
    pending = await listReversed(folder, "");
  } catch (cause) {
    throw new AssayError(
      { code: "data-unreadable", path: folder, reason: reasonOf(cause) },
      { cause },
    );
  }
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const { path, dirent } = entry;
    if (!options.hidden && dirent.name.startsWith(".")) yield { path, kind: "hidden" };
    else if (dirent.isDirectory()) {
      const inside = await listReversed(folder, `${path}/`).catch(() => null);
      if (inside === null) yield { path, kind: "unreadable" };
      else for (const one of inside) pending.push(one);
    } else yield { path, kind: kindOf(dirent) };
  }
}
