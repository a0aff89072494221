/** @file JSON lines: one document a line, its text in a named field. */
import { isUtf8 } from "node:buffer";
import type { RangeFile } from "./ranges.ts";
import type { LeftOutReason } from "./report.ts";
import { withLineEnd } from "./pieces.ts";
import { isBlank, orUnreadable, refusalOf } from "./text-files.ts";

/** Longer lines are passed over: one must be held whole to be parsed. */
const MAX_LINE_BYTES = 1 << 24;
const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/** Lines of a byte stream, at most `limit` bytes each; null stands for a longer one, of which nothing is kept. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array | null> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > limit) parts = [];
    else parts.push(part);
  };
  const take = (): Uint8Array | null => {
    const line = length > limit ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

/** The text of `field` in a line of JSON, or why there is none. */
export function readDocument(
  line: Uint8Array,
  field: string,
): { readonly text: Uint8Array } | { readonly refusal: LeftOutReason } {
  if (!isUtf8(line)) return { refusal: "not-utf8" };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString("utf8"));
  } catch {
    return { refusal: "not-json" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { refusal: "not-json" };
  return readText(Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined);
}

/** A document's text as bytes, or why it is none. */
export function readText(
  found: unknown,
): { readonly text: Uint8Array } | { readonly refusal: LeftOutReason } {
  if (typeof found !== "string") return { refusal: "no-field" };
  const text = new TextEncoder().encode(found);
  if (isBlank(text)) return { refusal: "empty" };
  const refusal = refusalOf(text);
  return refusal === null ? { text: withLineEnd(text) } : { refusal };
}

/** A line's number from 1, and its document or why it has none. */
export type NumberedDocument = { readonly line: number } & ReturnType<typeof readDocument>;

/** The bytes of a file in parts; `step` is called for each. */
async function* chunksOf(file: RangeFile, step: () => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    step();
    yield await file.read(at, Math.min(at + CHUNK_BYTES, file.size));
  }
}

async function* documentsOf(
  file: RangeFile,
  field: string,
  step: () => void,
): AsyncGenerator<NumberedDocument, null> {
  let number = 0;
  for await (const line of linesOf(chunksOf(file, step), MAX_LINE_BYTES)) {
    number += 1;
    if (line === null) yield { line: number, refusal: "line-too-long" };
    else if (!isBlank(line)) yield { line: number, ...readDocument(line, field) };
  }
  return null;
}

/**
 * The documents of a file; blank lines count as nothing. `step` is called for every part that was read. Returns "unreadable" when the file, or its rest, cannot be
 * read.
 * @throws AssayError data-source-failed where it lies behind an address that fails
 */
export function jsonDocuments(
  open: () => Promise<RangeFile>,
  field: string,
  step: () => void,
): AsyncGenerator<NumberedDocument, LeftOutReason | null> {
  return orUnreadable(open, (file) => documentsOf(file, field, step));
}
