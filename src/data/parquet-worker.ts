/** @file Decodes a column of Parquet in a process of its own: a stranger's bytes can make the library count for hours, or hold any memory. */
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { ColumnAnswer, ColumnQuestion } from "./parquet-column.ts";

/** The part of a file that is here, as the library reads it. */
function heldFile({ size, start, bytes }: ColumnQuestion) {
  return {
    byteLength: size,
    slice(from: number, to = size): ArrayBuffer {
      if (from < start || to > start + bytes.length)
        throw new RangeError(`it asks for bytes ${from} to ${to}, which are not of its column`);
      return new Uint8Array(bytes.subarray(from - start, to - start)).buffer;
    },
  };
}

async function answer(question: ColumnQuestion): Promise<ColumnAnswer> {
  const { metadata, field, rowStart, rowEnd } = question;
  try {
    const file = heldFile(question);
    const range = { columns: [field], rowStart, rowEnd };
    const rows = await parquetReadObjects({ file, metadata, ...range, compressors });
    return { values: rows.map((row): unknown => row[field]) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (question: ColumnQuestion) => {
  void answer(question).then((found) => process.send?.(found));
});
