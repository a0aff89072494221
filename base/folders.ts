/** @file Makes a folder with those above it, or says why not; the system's own recursion never returns below /proc. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { systemCodeOf } from "./fault.ts";

/** Whether a folder, or a link to one, is at `path` already. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Makes `path` and every missing folder above it, from the top down, each tried once; what is there already is left as it is.
 * @param mode - permissions of the folders that are made
 * @throws the system's error of the first folder that it refuses
 */
export function makeFolder(path: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) {
    missing.push(at);
    if (at === dirname(at)) break;
  }
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (systemCodeOf(error) !== "EEXIST" || !isFolder(folder)) throw error;
    }
  }
}
