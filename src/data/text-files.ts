/** @file A text file, however long, as pieces of UTF-8: read in parts, never whole. */
import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { cutLength, MAX_PIECE_BYTES, withLineEnd } from "./pieces.ts";
import type { LeftOutReason } from "./report.ts";

const LEAST_BUFFER_BYTES = 1 << 12;
const BYTE_ORDER_MARK = Buffer.from("\uFEFF");
const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** Why `bytes` are no text, or null. A zero byte is what tells binary files from text in another encoding. */
export function refusalOf(bytes: Uint8Array): "binary" | "not-utf8" | null {
  if (UTF16_MARKS.some((mark) => mark.equals(bytes.subarray(0, 2)))) return "not-utf8";
  if (bytes.includes(0)) return "binary";
  return isUtf8(bytes) ? null : "not-utf8";
}

/** Whether nothing but spaces, tabs and line ends stands there. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || (byte >= 9 && byte <= 13));
}

/** Fills `buffer` from `held` on, to its end or the file's; returns how many bytes it holds then. */
async function fill(file: FileHandle, buffer: Buffer, held: number): Promise<number> {
  let end = held;
  while (end < buffer.length) {
    const { bytesRead } = await file.read(buffer, end, buffer.length - end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return end;
}

/** Drops a byte order mark; returns how many bytes are left. */
function dropMark(buffer: Buffer, held: number): number {
  const length = BYTE_ORDER_MARK.length;
  if (!buffer.subarray(0, Math.min(held, length)).equals(BYTE_ORDER_MARK)) return held;
  buffer.copyWithin(0, length, held);
  return held - length;
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array, LeftOutReason | null> {
  const { size } = await file.stat();
  const room = Math.min(Math.max(size + 1, LEAST_BUFFER_BYTES), 2 * MAX_PIECE_BYTES);
  const buffer = Buffer.allocUnsafe(room);
  const first = await fill(file, buffer, 0);
  let held = dropMark(buffer, first);
  if (first < room && isBlank(buffer.subarray(0, held))) return "empty";
  for (;;) {
    held = await fill(file, buffer, held);
    if (held === 0) return null;
    const length = cutLength(buffer.subarray(0, held), MAX_PIECE_BYTES);
    const piece = new Uint8Array(buffer.subarray(0, length));
    const refusal = refusalOf(piece);
    if (refusal !== null) return refusal;
    yield length === held ? withLineEnd(piece) : piece;
    buffer.copyWithin(0, length, held);
    held -= length;
  }
}

/**
 * The pieces of a file of text. Returns why it, or its rest from a bad piece on, is left out; null when all of it was
 * taken. A file that cannot be read is left out too: it must not stop the rest.
 */
export async function* textPieces(path: string): AsyncGenerator<Uint8Array, LeftOutReason | null> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch {
    return "unreadable";
  }
  try {
    return yield* piecesOf(file);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return "unreadable";
    throw error;
  } finally {
    await file.close();
  }
}
