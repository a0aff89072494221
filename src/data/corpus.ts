/** @file Text on this machine -> training shard and held-out text (docs/protocol.md#13-localnet). */
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../errors.ts";

/** Byte-level text: `training` is what pages are cut from, `heldOut` is never trained on. */
export type Corpus = {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
  /** Files that went into the two. */
  readonly files: { readonly training: number; readonly heldOut: number };
};

const TEXT_ENDINGS = [".d.ts", ".md"];
/** Files whose digest's first byte is below this are held out: 1 in 32. */
const HELD_OUT_BELOW = 8;
const MAX_FILE_BYTES = 1 << 18;
/** A longer line means generated or encoded text (hex blobs, flattened unions): a few pages of it derail a small model. */
const MAX_LINE_BYTES = 1000;
const NEWLINE = 10;

/** Whether people can read it: no line beyond the limit. */
function isReadable(bytes: Uint8Array): boolean {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if ((end === -1 ? bytes.length : end) - start > MAX_LINE_BYTES) return false;
    if (end === -1) return true;
    start = end + 1;
  }
}

async function listText(folder: string): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "data-unreadable", path: folder, reason }, { cause });
  }
  return entries
    .filter((entry) => entry.isFile() && TEXT_ENDINGS.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function readText(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "data-unreadable", path, reason }, { cause });
  }
}

/**
 * Reads `*.d.ts` and `*.md` below `folder`, sorted by path bytes, duplicates (by digest) left out, until `limitBytes`
 * of training text. Files above 256 KiB and files with a line above 1000 bytes are left out: a few generated ones would
 * drown the rest.
 * @throws AssayError data-unreadable
 */
export async function readCorpus(folder: string, limitBytes: number): Promise<Corpus> {
  const paths = await listText(folder);
  paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const seen = new Set<string>();
  const parts: { training: Buffer[]; heldOut: Buffer[] } = { training: [], heldOut: [] };
  let total = 0;
  for (const path of paths) {
    if (total >= limitBytes) break;
    const bytes = await readText(path);
    if (bytes.length === 0 || bytes.length > MAX_FILE_BYTES || !isReadable(bytes)) continue;
    const digest = createHash("sha256").update(bytes).digest();
    const name = digest.toString("hex");
    if (seen.has(name)) continue;
    seen.add(name);
    if ((digest[0] ?? 0) < HELD_OUT_BELOW) parts.heldOut.push(bytes);
    else {
      parts.training.push(bytes);
      total += bytes.length;
    }
  }
  return {
    training: Buffer.concat(parts.training),
    heldOut: Buffer.concat(parts.heldOut),
    files: { training: parts.training.length, heldOut: parts.heldOut.length },
  };
}
