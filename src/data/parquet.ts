/** @file Parquet: one document a row, its text in a named column; of a file behind an address only that column is read. */
import { parquetMetadataAsync, parquetReadObjects, type FileMetaData } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { AssayError, isAssayError } from "../errors.ts";
import { readText } from "./jsonl.ts";
import type { NumberedDocument } from "./jsonl.ts";
import type { RangeFile } from "./ranges.ts";
import type { LeftOutReason } from "./report.ts";

/** Of the end of a file, read first: the footer of a large one usually fits. */
const FOOTER_BYTES = 1 << 19;
/** A file this small is no Parquet: magic, length of the footer, magic. */
const LEAST_BYTES = 12;
/** A row group's column is held whole; a larger one is refused before it is read. */
const MAX_COLUMN_BYTES = 1 << 30;
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

/** The file as the library reads it. */
function bufferOf(file: RangeFile): Buffered {
  return {
    byteLength: file.size,
    async slice(start, end = file.size) {
      if (end - start > MAX_COLUMN_BYTES)
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

/** Bytes of a column in a group of rows, packed and unpacked, whichever is more. */
function columnBytes(group: FileMetaData["row_groups"][number], field: string): number {
  const meta = group.columns.find(({ meta_data: one }) => one?.path_in_schema.join(".") === field);
  const { total_compressed_size: packed = 0n, total_uncompressed_size: whole = 0n } =
    meta?.meta_data ?? {};
  return Number(packed > whole ? packed : whole);
}

async function* documentsOf(
  file: RangeFile,
  field: string,
  step: () => void,
): AsyncGenerator<NumberedDocument, null> {
  await requireMagic(file);
  const buffered = bufferOf(file);
  const metadata = await byLibrary(file.name, () =>
    parquetMetadataAsync(buffered, { initialFetchSize: FOOTER_BYTES }),
  );
  requireColumn(metadata, field, file.name);
  let row = 0;
  for (const group of metadata.row_groups) {
    step();
    const bytes = columnBytes(group, field);
    if (bytes > MAX_COLUMN_BYTES)
      throw malformed(
        file.name,
        `the column "${field}" of one row group has ${bytes} bytes, more than the ${MAX_COLUMN_BYTES} that are held at once`,
      );
    const end = row + Number(group.num_rows);
    const range = { rowStart: row, rowEnd: end };
    const rows = await byLibrary(file.name, () =>
      parquetReadObjects({ file: buffered, metadata, columns: [field], ...range, compressors }),
    );
    if (rows.length !== end - row)
      throw malformed(file.name, `rows ${row} to ${end - 1} are not all there`);
    for (const [index, one] of rows.entries())
      yield { line: row + index + 1, ...readText(one[field]) };
    row = end;
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
