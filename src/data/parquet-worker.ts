/** @file Decodes a column of Parquet in a process of its own: a stranger's bytes can make the library count for hours, or hold any memory. */
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { ColumnAnswer, ColumnQuestion } from "./parquet-column.ts";

/** What texts may spell beyond the bytes that they unpack from: a dictionary names one text as often as there are rows, and each is sent in full. */
const MORE_TEXT_BYTES = 256 << 20;
/** Sent at once. */
const SLICE_BYTES = 16 << 20;
/** Of a value beside its text. */
const VALUE_BYTES = 8;

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

/** Texts; what is none is null, as its reader takes it: of a dictionary even one value can be large. */
async function textsOf(question: ColumnQuestion): Promise<(string | null)[]> {
  const { metadata, field, rowStart, rowEnd } = question;
  const file = heldFile(question);
  const range = { columns: [field], rowStart, rowEnd };
  const rows = await parquetReadObjects({ file, metadata, ...range, compressors });
  return rows.map((row) => (typeof row[field] === "string" ? row[field] : null));
}

const bytesOf = (text: string | null): number => Buffer.byteLength(text ?? "");

/** @throws RangeError where texts are together longer than may be sent */
function requireLength(texts: readonly (string | null)[], unpacked: number): void {
  const most = unpacked + MORE_TEXT_BYTES;
  let bytes = 0;
  for (const text of texts) {
    bytes += bytesOf(text);
    if (bytes > most)
      throw new RangeError(
        `its ${unpacked} unpacked bytes spell more than ${most} bytes of text in one row group; write it with smaller row groups`,
      );
  }
}

/** Some of the texts that are left to be sent. */
function* slicesOf(texts: readonly (string | null)[]): Generator<ColumnAnswer, ColumnAnswer> {
  let [start, bytes] = [0, 0];
  for (const [at, text] of texts.entries()) {
    const more = VALUE_BYTES + bytesOf(text);
    if (at > start && bytes + more > SLICE_BYTES) {
      yield { values: texts.slice(start, at), isLast: false };
      [start, bytes] = [at, 0];
    }
    bytes += more;
  }
  return { values: texts.slice(start), isLast: true };
}

let left: Generator<ColumnAnswer, ColumnAnswer> | null = null;

async function answer(question: ColumnQuestion | "more"): Promise<ColumnAnswer> {
  try {
    if (question !== "more") {
      left = null;
      const texts = await textsOf(question);
      requireLength(texts, question.unpacked);
      left = slicesOf(texts);
    }
    return left?.next().value ?? { reason: "nothing was asked" };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (question: ColumnQuestion | "more") => {
  void answer(question).then((found) => process.send?.(found));
});
