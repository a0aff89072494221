/**
 * @file What a Parquet file may ask of its reader, looked at before the reader does anything for it: the file is a stranger's, and a few
 * bytes of it can name any size.
 */
import type { FileMetaData } from "hyparquet";
import type { RangeFile } from "./ranges.ts";
import { type ThriftStruct, thriftStruct } from "./thrift.ts";

/** The footer of a file: of ten thousand columns and groups it is a few MiB. */
const MOST_FOOTER_BYTES = 64 << 20;
/** A row group's column is held whole. */
const MOST_COLUMN_BYTES = 1 << 30;
const MOST_GROUP_ROWS = 1 << 22;
/** Gzip packs at most 1,032 to 1; what says more of itself is a bomb. */
const MOST_RATIO = 1100;
/** Small pages may pack better. */
const UNRATED_BYTES = 1 << 20;
/** What DELTA_BYTE_ARRAY may unfold to: each of its texts can repeat all of the one before. */
const MOST_UNFOLDED_BYTES = 2 ** 31;
const DELTA_BYTE_ARRAY = 7;
const PAGE_KINDS = { data: 5, dictionary: 7, dataV2: 8 } as const;

/** A file that asks for too much, in words. */
export class ParquetLimit extends Error {}

function refuse(reason: string): never {
  throw new ParquetLimit(reason);
}

/** Looks the footer through. @throws ParquetLimit, AssayError as the file */
export async function requireFooter(file: RangeFile): Promise<void> {
  const tail = await file.read(file.size - 8, file.size);
  const bytes = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (bytes > file.size - 12)
    refuse(`its footer of ${bytes} bytes is longer than the file of ${file.size}`);
  if (bytes > MOST_FOOTER_BYTES)
    refuse(`its footer has ${bytes} bytes, more than the ${MOST_FOOTER_BYTES} that are read`);
  const footer = await file.read(file.size - 8 - bytes, file.size - 8);
  try {
    thriftStruct(footer, 0);
  } catch (error) {
    if (error instanceof RangeError) refuse(`its footer is damaged: ${error.message}`);
    throw error;
  }
}

/** Bytes of a file that hold a column of one row group, and what is said of them. */
export type ColumnChunk = {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  /** Bytes of its pages when they are unpacked, at most. */
  readonly unpacked: number;
};

/** A number of the footer that counts something. */
function counted(value: bigint | number | undefined, what: string): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number >= 0
    ? number
    : refuse(`it says ${what}: ${number}`);
}

/**
 * Where a column lies in each row group; null in one that has none.
 * @throws ParquetLimit where sizes do not fit the file, each other, or what is held at once
 */
export function columnChunks(
  { row_groups: groups }: FileMetaData,
  field: string,
  file: Pick<RangeFile, "size">,
): readonly (ColumnChunk | null)[] {
  let before = 4;
  return groups.map((group, index) => {
    const name = `row group ${index}`;
    const rows = counted(group.num_rows, `rows of ${name}`);
    if (rows > MOST_GROUP_ROWS)
      refuse(`${name} has ${rows} rows, more than the ${MOST_GROUP_ROWS} that are held at once`);
    const column = group.columns.find((one) => one.meta_data?.path_in_schema.join(".") === field);
    const meta = column?.meta_data;
    if (meta === undefined) return null;
    const packed = counted(meta.total_compressed_size, `bytes of ${name}`);
    const whole = counted(meta.total_uncompressed_size, `unpacked bytes of ${name}`);
    const dictionary = counted(meta.dictionary_page_offset, `a dictionary of ${name} at`);
    const data = counted(meta.data_page_offset, `data of ${name} at`);
    const start = dictionary > 0 ? Math.min(dictionary, data) : data;
    const end = start + packed;
    if (start < before || end > file.size - 8)
      refuse(`its column "${field}" of ${name} lies outside the file, or in another row group`);
    if (Math.max(packed, whole) > MOST_COLUMN_BYTES)
      refuse(
        `its column "${field}" of ${name} has ${Math.max(packed, whole)} bytes, more than the ${MOST_COLUMN_BYTES} that are held at once`,
      );
    requireRatio(packed, whole, `its column "${field}" of ${name}`);
    before = end;
    return { start, end, rows, unpacked: whole };
  });
}

function requireRatio(packed: number, whole: number, what: string): void {
  if (whole > UNRATED_BYTES && whole > MOST_RATIO * packed)
    refuse(`${what} says that ${packed} bytes unpack to ${whole}, more than ${MOST_RATIO} to 1`);
}

/** A page as its header tells it. */
type Page = {
  readonly packed: number;
  readonly whole: number;
  readonly values: number;
  readonly encoding: number;
  /** Where its bytes end. */
  readonly end: number;
};

function numberOf(fields: ThriftStruct | undefined, field: number): number {
  const value = fields?.get(field) ?? 0;
  return typeof value === "number" ? value : refuse("a page's header has another kind of number");
}

function structOf(fields: ThriftStruct, field: number): ThriftStruct | undefined {
  const value = fields.get(field);
  return value instanceof Map ? value : undefined;
}

function pageAt(bytes: Uint8Array, at: number): Page {
  const { fields, end } = thriftStruct(bytes, at);
  const [whole, packed] = [numberOf(fields, 2), numberOf(fields, 3)];
  const { data, dictionary, dataV2 } = PAGE_KINDS;
  const header = structOf(fields, data) ?? structOf(fields, dictionary) ?? structOf(fields, dataV2);
  const isV2 = structOf(fields, dataV2) !== undefined;
  const levels = isV2 ? [numberOf(header, 5), numberOf(header, 6)] : [];
  const values = Math.max(numberOf(header, 1), isV2 ? numberOf(header, 3) : 0);
  const all = [whole, packed, values, ...levels];
  if (all.some((one) => one < 0) || end + packed > bytes.length)
    refuse("a page's header does not fit its column");
  return { whole, packed, values, encoding: numberOf(header, isV2 ? 4 : 2), end: end + packed };
}

/**
 * Looks every page's header of a column through.
 * @returns bytes that the pages unpack to
 * @throws ParquetLimit where pages unpack to more than the column says or have more values than the group has rows
 */
export function requirePages(
  bytes: Uint8Array,
  { rows, unpacked: most }: Pick<ColumnChunk, "rows" | "unpacked">,
): number {
  let [unpacked, unfolded] = [0, 0];
  for (let at = 0; at < bytes.length - 1;) {
    let page: Page;
    try {
      page = pageAt(bytes, at);
    } catch (error) {
      if (error instanceof RangeError) refuse(`a page's header is damaged: ${error.message}`);
      throw error;
    }
    requireRatio(page.packed, page.whole, "a page");
    unpacked += page.whole;
    if (unpacked > most)
      refuse(`the pages of a column unpack to more than the ${most} bytes that are said of it`);
    // A dictionary has at most as many entries as there are values.
    if (page.values > rows)
      refuse(`a page says ${page.values} values, but its group has ${rows} rows`);
    if (page.encoding === DELTA_BYTE_ARRAY) unfolded += page.values * page.whole;
    if (unfolded > MOST_UNFOLDED_BYTES)
      refuse(
        `the texts of one column can unfold to more than ${MOST_UNFOLDED_BYTES} bytes (DELTA_BYTE_ARRAY); write it with another encoding or smaller row groups`,
      );
    at = page.end;
  }
  return unpacked;
}
