/** @file Which release this is. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** The version in the nearest package.json above this file: so it works from sources and from dist. */
export function releaseVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  const value: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return packageSchema.parse(value).version;
}
