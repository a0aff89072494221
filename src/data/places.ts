/** @file The files that [data] means: below a folder, or one file, in one order for all. */
import { stat } from "node:fs/promises";
import { basename, join, matchesGlob, posix } from "node:path";
import { localFile, type RangeFile } from "./ranges.ts";
import { type Found, walkFolder } from "./walk.ts";

/** A file to read, or something that is left out by its kind or name. */
export type Place = { readonly path: string } & (
  | { readonly kind: "file"; readonly open: () => Promise<RangeFile> }
  | { readonly kind: Exclude<Found["kind"], "file"> | "other-name" }
);

/** Which names are asked for below a folder. */
export type Choice = { readonly folder: string; readonly include: readonly string[] };

/** Which paths are asked for, and whether one of them can be hidden. */
function matcherOf(include: readonly string[]): {
  readonly matches: (path: string) => boolean;
  readonly hidden: boolean;
} {
  const globs = include.map((glob) =>
    glob.includes("/") ? posix.normalize(glob) : posix.join("**", glob),
  );
  return {
    matches: (path) => globs.some((glob) => matchesGlob(path, glob)),
    hidden: globs.some((glob) => /(^|\/)\./.test(glob)),
  };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

async function* folderPlaces({ folder, include }: Choice): AsyncGenerator<Place> {
  const { matches, hidden } = matcherOf(include);
  for await (const { path, kind } of walkFolder(folder, { hidden })) {
    if (kind !== "file") yield { path, kind };
    else if (!matches(path)) yield { path, kind: "other-name" };
    else yield { path, kind, open: () => localFile(join(folder, path)) };
  }
}

/**
 * The files that are meant, in the order of their paths' bytes.
 * @param single whether `folder` may be a file; of text a folder is asked for, so that nobody publishes one by mistake
 * @throws AssayError data-unreadable
 */
export async function* placesOf(choice: Choice, single: boolean): AsyncGenerator<Place> {
  const { folder } = choice;
  if (single && (await isFile(folder)))
    yield { path: basename(folder), kind: "file", open: () => localFile(folder) };
  else yield* folderPlaces(choice);
}
