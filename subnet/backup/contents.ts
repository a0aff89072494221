/** @file What a backup says of itself: `backup.json`, and `SHA256SUMS` as sha256sum reads and writes it. */
import { z } from "zod";
import { AssayError } from "../../src/errors.ts";
import { refuseNewer } from "../../src/protocol/format.ts";
import { isPlainPath } from "./kinds.ts";

export const SUMS_FILE = "SHA256SUMS";
export const ABOUT_FILE = "backup.json";
/** Folder of the files that were kept. */
export const FILES = "files";
const FORMAT = "assay/backup/1";
const MODES = 0o7777;

const mode = z.int().min(0).max(MODES);
const plainPath = z.string().refine(isPlainPath, "must stay below its folder");
const aboutSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The folder that was kept, as an absolute path. */
  from: z.string().min(1),
  /** When it was finished. */
  made: z.iso.datetime(),
  files: z.array(z.strictObject({ path: plainPath, mode })),
  folders: z.array(z.strictObject({ path: plainPath, mode })),
  /** Keys that no password protects and nobody asked for. */
  leftOut: z.array(plainPath),
});

/** What a backup holds. */
export type About = z.output<typeof aboutSchema>;

/** As `backup.json`. */
export function encodeAbout(about: Omit<About, "format">): string {
  return `${JSON.stringify({ format: FORMAT, ...about }, null, 1)}\n`;
}

/** @throws AssayError backup-damaged, format-newer */
export function parseAbout(text: string, folder: string): About {
  try {
    const value: unknown = JSON.parse(text);
    refuseNewer(value, folder, FORMAT);
    return aboutSchema.parse(value);
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    const reason = `${ABOUT_FILE} does not say what it holds`;
    throw new AssayError({ code: "backup-damaged", path: folder, reason }, { cause });
  }
}

/** Digests by path, in the form of sha256sum. */
export function encodeSums(digests: ReadonlyMap<string, string>): string {
  return [...digests].map(([path, digest]) => `${digest}  ${path}\n`).join("");
}

const LINE = /^([0-9a-f]{64}) [ *](.{1,4096})$/;

/** @throws AssayError backup-damaged naming the line */
export function parseSums(text: string, folder: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  const lines = text.split("\n");
  // Whole lines only: what follows the last end has none.
  if (lines.at(-1) === "") lines.pop();
  else lines.push("");
  for (const [index, line] of lines.entries()) {
    const [, digest = "", path = ""] = LINE.exec(line) ?? [];
    if (!isPlainPath(path) || digests.has(path)) {
      const reason = `line ${index + 1} of ${SUMS_FILE} is no digest of another file`;
      throw new AssayError({ code: "backup-damaged", path: folder, reason });
    }
    digests.set(path, digest);
  }
  return digests;
}
