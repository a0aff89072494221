/** @file The demo's choice of text (docs/protocol.md#13-localnet): fixed, so that the figures of all releases compare. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Piece, pieceOf } from "./pieces.ts";
import type { LeftOutReason, Tally } from "./report.ts";
import { walkFolder } from "./walk.ts";

const ENDINGS = [".d.ts", ".md"];
/** Files whose digest's first byte is below this are held out: 1 in 32. */
const HELD_OUT_BELOW = 8;
/** A few generated files would drown the rest. */
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

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, "r");
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** A file's text, or why it is left out. */
async function readText(path: string): Promise<Uint8Array | LeftOutReason> {
  try {
    if ((await sizeOf(path)) > MAX_FILE_BYTES) return "too-long";
    const bytes = await readFile(path);
    if (bytes.length === 0) return "empty";
    if (bytes.length > MAX_FILE_BYTES) return "too-long";
    return isReadable(bytes) ? bytes : "long-line";
  } catch {
    return "unreadable";
  }
}

/**
 * Reads `*.d.ts` and `*.md` below `folder` in the order of their paths' bytes, each text once, until `limitBytes` of
 * training text; whole files are held out by their digest.
 * @throws AssayError data-unreadable
 */
export async function readDemoText(
  folder: string,
  limitBytes: number,
  tally: Tally,
): Promise<{ training: Uint8Array[]; heldOut: Uint8Array[]; limitReached: boolean }> {
  const training: Uint8Array[] = [];
  const heldOut: Uint8Array[] = [];
  const seen = new Set<string>();
  let trainingBytes = 0;
  const take = ({ bytes, digest }: Piece, path: string): void => {
    const name = digest.toString("latin1");
    if (seen.has(name)) return tally.leaveOut("duplicate", path);
    seen.add(name);
    tally.take(path, bytes.length);
    if ((digest[0] ?? 0) < HELD_OUT_BELOW) heldOut.push(bytes);
    else {
      training.push(bytes);
      trainingBytes += bytes.length;
    }
  };
  for await (const { path, kind } of walkFolder(folder, { hidden: true })) {
    tally.step(path);
    if (kind !== "file") tally.leaveOut(kind, path);
    else if (!ENDINGS.some((ending) => path.endsWith(ending))) tally.leaveOut("other-name", path);
    else if (trainingBytes >= limitBytes) return { training, heldOut, limitReached: true };
    else {
      const text = await readText(join(folder, path));
      if (typeof text === "string") tally.leaveOut(text, path);
      else take(pieceOf(text), path);
    }
  }
  return { training, heldOut, limitReached: trainingBytes >= limitBytes };
}
