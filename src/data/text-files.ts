/** @file A text file, however long, as pieces of UTF-8: read in parts, never whole. */
import { isUtf8 } from "node:buffer";
import { cutLength, MAX_PIECE_BYTES, withLineEnd } from "./pieces.ts";
import { isAssayError } from "../errors.ts";
import type { RangeFile } from "./ranges.ts";
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

/** Drops a byte order mark; returns how many bytes are left. */
function dropMark(buffer: Buffer, held: number): number {
  const length = BYTE_ORDER_MARK.length;
  if (!buffer.subarray(0, Math.min(held, length)).equals(BYTE_ORDER_MARK)) return held;
  buffer.copyWithin(0, length, held);
  return held - length;
}

async function* piecesOf(file: RangeFile): AsyncGenerator<Uint8Array, LeftOutReason | null> {
  const { size } = file;
  const room = Math.min(Math.max(size + 1, LEAST_BUFFER_BYTES), 2 * MAX_PIECE_BYTES);
  const buffer = Buffer.allocUnsafe(room);
  let read = 0;
  /** Fills the buffer from `held` on, to its end or the file's; returns how many bytes it holds then. */
  const fill = async (held: number): Promise<number> => {
    const end = Math.min(read + buffer.length - held, size);
    if (end > read) buffer.set(await file.read(read, end), held);
    const filled = held + end - read;
    read = end;
    return filled;
  };
  let held = dropMark(buffer, await fill(0));
  if (read === size && isBlank(buffer.subarray(0, held))) return "empty";
  for (;;) {
    held = await fill(held);
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

/** Runs a reader; a file of this machine that cannot be read is left out: it must not stop the rest. */
export async function* orUnreadable<T>(
  open: () => Promise<RangeFile>,
  read: (file: RangeFile) => AsyncGenerator<T, LeftOutReason | null>,
): AsyncGenerator<T, LeftOutReason | null> {
  let file: RangeFile | null = null;
  try {
    file = await open();
    return yield* read(file);
  } catch (error) {
    if (isAssayError(error, "data-unreadable")) return "unreadable";
    throw error;
  } finally {
    await file?.close();
  }
}

/**
 * The pieces of a file of text. Returns why it, or its rest from a bad piece on, is left out; null when all of it was
 * taken.
 * @throws AssayError data-source-failed where it lies behind an address that fails
 */
export function textPieces(
  open: () => Promise<RangeFile>,
): AsyncGenerator<Uint8Array, LeftOutReason | null> {
  return orUnreadable(open, piecesOf);
}
