/** @file The files that [data] means: below a folder, a prefix of a bucket or an address, or one file; in one order for all. */
import { stat } from "node:fs/promises";
import { basename, join, matchesGlob, posix } from "node:path";
import { AssayError } from "../errors.ts";
import { httpUrlFile, publicName } from "./http-file.ts";
import { localFile, type RangeFile } from "./ranges.ts";
import { type S3Address, s3Address } from "../blobs/s3.ts";
import { S3Reader } from "./s3.ts";
import { type Found, walkFolder } from "./walk.ts";

/** A file to read, or something that is left out by its kind or name. */
export type Place = { readonly path: string } & (
  | { readonly kind: "file"; readonly open: () => Promise<RangeFile> }
  | { readonly kind: Exclude<Found["kind"], "file"> | "other-name" }
);

/** Where to look, and which names are asked for there. */
export type Choice = {
  readonly folder: string;
  readonly include: readonly string[];
  readonly signal?: AbortSignal;
};

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

/** Whether data lies behind an address and not on this machine. */
export function isRemote(folder: string): boolean {
  return /^(?:https?|s3):\/\//.test(folder);
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

async function* s3Places(address: S3Address, choice: Choice): AsyncGenerator<Place> {
  const reader = new S3Reader(process.env);
  const { bucket, key: prefix } = address;
  const { include, signal } = choice;
  const file = (key: string): Place => ({
    path: key.slice(prefix.endsWith("/") ? prefix.length : prefix.lastIndexOf("/") + 1),
    kind: "file",
    open: () => reader.file({ bucket, key }, signal),
  });
  if (prefix !== "" && !prefix.endsWith("/")) {
    yield file(prefix);
    return;
  }
  const { matches } = matcherOf(include);
  for await (const key of reader.keys(address, signal)) {
    // An object called as a folder stands for the folder.
    if (key.endsWith("/")) continue;
    const place = file(key);
    yield matches(place.path) ? place : { path: place.path, kind: "other-name" };
  }
}

/** Nobody can list what lies below an address: its files are named one by one. */
function namesBelow({ folder, include }: Choice): readonly string[] {
  if (include.some((name) => /[*?[\]{}!]/.test(name)))
    throw new AssayError({
      code: "bad-option",
      detail: `${folder} cannot be listed: name its files in data.include, without wildcards`,
    });
  return include;
}

function* httpPlaces(choice: Choice): Generator<Place> {
  const { folder, signal } = choice;
  if (!URL.canParse(folder))
    throw new AssayError({ code: "bad-option", detail: `${folder} is no address` });
  const base = new URL(folder);
  const place = (url: URL, path: string): Place => ({
    path,
    kind: "file",
    open: () => httpUrlFile(url, signal),
  });
  if (!base.pathname.endsWith("/")) yield place(base, posix.basename(base.pathname));
  else for (const name of namesBelow(choice)) yield place(new URL(name, base), name);
}

/** The data's name for people: of an address without what may be a secret. */
export function nameOf(folder: string): string {
  return /^https?:/.test(folder) && URL.canParse(folder) ? publicName(new URL(folder)) : folder;
}

/**
 * The files that are meant, in the order of their paths' bytes; behind an address in the order named.
 * @param single whether `folder` may be a file of this machine; of text a folder is asked for, so that nobody publishes one by mistake
 * @throws AssayError data-unreadable, data-source-failed, bad-option
 */
export async function* placesOf(choice: Choice, single: boolean): AsyncGenerator<Place> {
  const { folder } = choice;
  const s3 = s3Address(folder);
  if (s3 !== null) yield* s3Places(s3, choice);
  else if (isRemote(folder)) yield* httpPlaces(choice);
  else if (single && (await isFile(folder)))
    yield { path: basename(folder), kind: "file", open: () => localFile(folder) };
  else yield* folderPlaces(choice);
}
