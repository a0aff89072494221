/** @file A folder in which one process at a time works: a file in it names that process. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemCodeOf } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";

const NAME = "lock";
/** So old is a lock without content only if its process died while it wrote it. */
const WRITING_MS = 2000;
/** Others may take the same stale lock at the same moment; after this many attempts one of them works. */
const ATTEMPTS = 5;

/** When a process began, in the system's own count, or the empty string: tells it from a later one with the same pid. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program stands in brackets and may hold anything; field 22 of all.
    return (
      stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .at(19) ?? ""
    );
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The living process that a lock names, 0 for one that is just being written, null when nobody holds it. */
function holderOf(path: string, content: string): number | null {
  const [pidText = "", began = ""] = content.trim().split(" ");
  const pid = /^[1-9]\d{0,9}$/.test(pidText) ? Number(pidText) : null;
  if (pid === null) {
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - writtenAt < WRITING_MS ? 0 : null;
  }
  const same = began === "" || beganAt(pid) === "" || beganAt(pid) === began;
  return isAlive(pid) && same ? pid : null;
}

/** Takes a stale lock out of the way, unless another process has replaced it meanwhile. */
function removeStale(path: string, content: string): void {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return;
    throw error;
  }
  if (contentOf(aside) === content) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/**
 * Takes `folder` for this process; the result gives it back. A lock whose process is gone is taken over.
 * @throws AssayError state-in-use
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, NAME);
  const own = `${process.pid} ${beganAt(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      return () => {
        if (contentOf(path) === own) rmSync(path, { force: true });
      };
    } catch (error) {
      if (systemCodeOf(error) !== "EEXIST") throw error;
    }
    const content = contentOf(path);
    if (content === null) continue;
    const found = holderOf(path, content);
    if (found !== null) throw new AssayError({ code: "state-in-use", path: folder, pid: found });
    removeStale(path, content);
  }
  throw new AssayError({ code: "state-in-use", path: folder, pid: 0 });
}
