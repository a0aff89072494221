/** @file The committed runtime artifact. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChainError } from "../errors.ts";

const ARTIFACT = ["chain", "artifacts", "runtime.compact.compressed.wasm"];

/** Nearest folder above this file that holds package.json: so it works from sources and from dist. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}

/** `:code` of our runtime (compressed). @throws ChainError runtime-unreadable */
export async function readRuntimeArtifact(): Promise<Uint8Array> {
  const path = join(packageRoot(), ...ARTIFACT);
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new ChainError({ code: "runtime-unreadable", path }, { cause });
  }
}
