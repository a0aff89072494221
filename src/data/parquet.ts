/** @file Parquet: one document a row, its text in a named column; of a file behind an address only that column is read. */
import { parquetMetadataAsync, type FileMetaData } from "hyparquet";
import { AssayError, isAssayError } from "../errors.ts";
import { readText } from "./jsonl.ts";
import type { NumberedDocument } from "./jsonl.ts";
import { type ColumnQuestion, ColumnProcess } from "./parquet-column.ts";
import {
  type ColumnChunk,
  columnChunks,
  ParquetLimit,
  requireFooter,
  requirePages,
} from "./parquet-limits.ts";
import type { RangeFile } from "./ranges.ts";
import type { LeftOutReason } from "./report.ts";

/** Of the end of a file, read first: the footer of a large one usually fits. */
const FOOTER_BYTES = 1 << 19;
/** A file this small is no Parquet: magic, length of the footer, magic. */
const LEAST_BYTES = 12;
/** The library asks for no more at once than a footer that is let through. */
const MAX_FOOTER_BYTES = 64 << 20;
const MAGIC = Buffer.from("PAR1");

function malformed(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "data-malformed", path, reason }, { cause });
}

/** Whatever the library throws is about the bytes; our own errors say what they are about themselves. */
async function byLibrary<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    if (cause instanceof ParquetLimit) throw malformed(path, cause.message, cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw malformed(path, `it is damaged or of a kind that is not known here: ${reason}`, cause);
  }
}

async function requireMagic(file: RangeFile): Promise<void> {
  const { name, size } = file;
  if (size < LEAST_BYTES) throw malformed(name, `it has ${size} bytes, too few for Parquet`);
  const [first, last] = [await file.read(0, 4), await file.read(size - 4, size)];
  if (!MAGIC.equals(first)) throw malformed(name, "it is no Parquet: it does not begin with PAR1");
  if (!MAGIC.equals(last))
    throw malformed(name, "it is cut short: Parquet ends with PAR1, and this file does not");
}

type Buffered = {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
};

/** The file as the library reads its footer. */
function bufferOf(file: RangeFile): Buffered {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      if (end - start > MAX_FOOTER_BYTES)
        throw malformed(file.name, `it asks for ${end - start} bytes at once`);
      const bytes = await file.read(start, end);
      return new Uint8Array(bytes).buffer;
    },
  };
}

/** Names of the columns at the top, and the one that is asked for. @throws AssayError data-malformed */
function requireColumn(
  { schema, row_groups: groups }: FileMetaData,
  field: string,
  path: string,
): void {
  const names = groups[0]?.columns.flatMap(({ meta_data: meta }) => {
    const parts = meta?.path_in_schema ?? [];
    return parts.length === 1 ? parts : [];
  });
  const found = schema.find(({ name }) => name === field);
  if (names !== undefined && !names.includes(field))
    throw new AssayError({
      code: "data-malformed",
      path,
      reason: `it has no column "${field}" of plain values; its columns are ${names.slice(0, 20).join(", ") || "none"}`,
      next: "Name the column that holds the text.",
      run: { again: { set: `data.field=${names[0] ?? "text"}` } },
    });
  if (found !== undefined && found.type !== "BYTE_ARRAY")
    throw malformed(
      path,
      `its column "${field}" holds ${found.type ?? "no values"}, but text is asked for`,
    );
}

/** What a group of rows is, and where its column lies. */
type Group = {
  readonly chunk: ColumnChunk | null;
  readonly what: Pick<ColumnQuestion, "metadata" | "field" | "rowStart" | "rowEnd">;
};

/** The texts of a group's rows, in slices, after its pages were looked through. */
async function* textsOf(
  { file, apart }: { readonly file: RangeFile; readonly apart: ColumnProcess },
  { chunk, what }: Group,
): AsyncGenerator<string | null> {
  const slices = await byLibrary(file.name, async () => {
    if (chunk === null) throw new ParquetLimit(`a row group has no column "${what.field}"`);
    const { start, end } = chunk;
    const bytes = await file.read(start, end);
    const unpacked = requirePages(bytes, chunk);
    return apart.slices({ ...what, unpacked, size: file.size, start, bytes });
  });
  for (;;) {
    const { done, value } = await byLibrary(file.name, () => slices.next());
    if (done === true) return;
    yield* value;
  }
}

async function* documentsOf(
  file: RangeFile,
  field: string,
  step: () => void,
): AsyncGenerator<NumberedDocument, null> {
  await requireMagic(file);
  const metadata = await byLibrary(file.name, async () => {
    await requireFooter(file);
    const how = { initialFetchSize: FOOTER_BYTES, geoparquet: false };
    return parquetMetadataAsync(bufferOf(file), how);
  });
  requireColumn(metadata, field, file.name);
  const chunks = await byLibrary(file.name, async () => columnChunks(metadata, field, file));
  const apart = new ColumnProcess(Math.max(0, ...chunks.map((one) => one?.unpacked ?? 0)));
  try {
    let row = 0;
    for (const [index, group] of metadata.row_groups.entries()) {
      step();
      const range = { rowStart: row, rowEnd: row + Number(group.num_rows) };
      const chunk = chunks[index] ?? null;
      for await (const text of textsOf(
        { file, apart },
        { chunk, what: { metadata, field, ...range } },
      ))
        yield { line: ++row, ...readText(text) };
      if (row !== range.rowEnd)
        throw malformed(file.name, `rows up to ${range.rowEnd} are not all there: ${row} are`);
    }
  } finally {
    apart.close();
  }
  return null;
}

/**
 * The documents of a file, a group of rows at a time, only the bytes of its column. `step` is called for every group.
 * @throws AssayError data-malformed, data-unreadable, data-source-failed
 */
export async function* parquetDocuments(
  open: () => Promise<RangeFile>,
  field: string,
  step: () => void,
): AsyncGenerator<NumberedDocument, LeftOutReason | null> {
  const file = await open();
  try {
    return yield* documentsOf(file, field, step);
  } finally {
    await file.close();
  }
}
