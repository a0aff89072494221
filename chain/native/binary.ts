/** @file Where the native node's program lies, and what building it takes. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The program's name. */
export const NODE_PROGRAM = "assay-node";
/** Names another place than those that are searched. */
export const NODE_VARIABLE = "ASSAY_NODE";

/** Nearest folder above this file that holds package.json: so it works from sources and from dist. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

/** Folder chain/node. */
export function nodeSources(): string {
  return join(packageRoot(), "chain", "node");
}

/** Whether this user may run the file. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the program may lie, the first place that has it wins: named, built here (for use, for development), installed. */
export function nodePlaces(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const named = environment[NODE_VARIABLE];
  if (named !== undefined && named !== "") return [named];
  const target = environment["CARGO_TARGET_DIR"] ?? join(nodeSources(), "target");
  const built = ["release", "debug"].map((profile) => join(target, profile, NODE_PROGRAM));
  const installed = (environment["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, NODE_PROGRAM));
  return [...built, ...installed];
}

/** The program, or null where it was not built. */
export function findNode(environment: NodeJS.ProcessEnv = process.env): string | null {
  return nodePlaces(environment).find(isProgram) ?? null;
}
