/** @file The built files of the page, read once when somebody asks for them. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { PageFile } from "../network/page-route.ts";

const BUILT = ["dashboard", "built"];
const INDEX = "index.html";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};
const zipped = promisify(gzip);

/** Nearest folder above this file that holds package.json: so it works from sources and from dist. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

/** Every built file by its path; none where the page was not shipped. */
export async function readBuiltPage(
  folder: string = join(packageRoot(), ...BUILT),
): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.map(async (name): Promise<readonly [string, PageFile] | null> => {
    const type = TYPES[extname(name)];
    if (type === undefined) return null;
    const bytes = await readFile(join(folder, name));
    const path = name === INDEX ? "" : name.replaceAll("\\", "/");
    return [path, { type, bytes, gzip: await zipped(bytes), hashed: name !== INDEX }];
  });
  return new Map((await Promise.all(files)).filter((file) => file !== null));
}
