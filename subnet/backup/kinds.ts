/** @file What of a folder belongs into a backup, and how it has to be copied while somebody writes there. */

/**
 * `blob`: never changes under its name. `database`: SQLite, with the log beside it. `state`: replaced whole, or appended to; those of one
 * folder belong together. `none`: of the process that runs now, or made again.
 */
type FileKind = "blob" | "database" | "state" | "none";

/** Locks, drafts, logs, and what of a database belongs to its process alone. */
const PASSING = [
  /^in-use\.(lock|pid)$/,
  /\.(tmp|draft)$/,
  /\.log(\.\d+)?$/,
  /\.sqlite-(wal|shm|journal)$/,
  // Written at each signed request, so that a folder would never be quiet. One that is gone lets in nothing of before it was missed; an old one would.
  /^(worker-)?nonces\.txt$/,
];

/** How a file is copied. @param path below the folder, with `/` between */
export function kindOf(path: string): FileKind {
  const parts = path.split("/");
  const name = parts.at(-1) ?? "";
  const folders = parts.slice(0, -1);
  // Evaluations that wait for workers: they may be lost.
  if (folders.includes("queue") || parts.some((part) => PASSING.some((one) => one.test(part))))
    return "none";
  if (folders.includes("blobs")) return "blob";
  return name.endsWith(".sqlite") ? "database" : "state";
}

/** Whether a file holds a secret key of a wallet, by where it lies. */
export function isKeyFile(path: string): boolean {
  const parts = path.split("/");
  const name = parts.at(-1) ?? "";
  return name === "coldkey" || (parts.at(-2) === "hotkeys" && !name.endsWith(".txt"));
}

/** Whether a path stays below the folder that it is put into, and is written in one way only. */
export function isPlainPath(path: string): boolean {
  if (path.includes("\\") || path.includes("\0") || /[\r\n]/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
