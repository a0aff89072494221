/** @file The package as strangers get it: built, packed, and unpacked beside a project of theirs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program } from "./running.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Builds and packs this checkout, and installs it into `node_modules` of a folder: the package's own files from the archive, what it
 * depends on from here, so that no registry is asked.
 */
export function installPacked(folder: string): void {
  const run = (command: string, ...args: readonly string[]): string =>
    execFileSync(command, args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run(process.execPath, join(ROOT, "node_modules", "typescript", "bin", "tsc"));
  const packed = run("npm", "pack", "--silent", "--pack-destination", folder).trim();
  const modules = join(folder, "node_modules");
  const own = join(modules, "assay");
  mkdirSync(own, { recursive: true });
  run("tar", "-xzf", join(folder, packed), "--strip-components=1", "-C", own);
  for (const name of readdirSync(join(ROOT, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
}

/** A program of the installed package. */
export function packedProgram(folder: string, program: Program): `/${string}` {
  return `/${join(folder, "node_modules", "assay", "dist", program, "main.js").slice(1)}`;
}
