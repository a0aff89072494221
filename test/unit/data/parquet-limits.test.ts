/** @file A stranger's Parquet file: whatever its headers say, it is read or refused by name, without the memory that it asks for. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { parquetDocuments } from "../../../src/data/parquet.ts";
import { columnChunks, ParquetLimit, requirePages } from "../../../src/data/parquet-limits.ts";
import { memoryFile } from "../../../src/data/ranges.ts";
import { readCorpus } from "../../../src/data/corpus.ts";
import { thriftStruct } from "../../../src/data/thrift.ts";
import { isAssayError } from "../../../src/errors.ts";

const root = mkdtempSync(join(tmpdir(), "assay-parquet-limits-"));
after(() => rmSync(root, { recursive: true }));

/** A whole number in seven bits a byte. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}
const int = (value: number): number[] => [0x15, ...varint(2 * value)];

/** A data page's header and bytes. */
function page(whole: number, packed: number, values: number, encoding = 0): number[] {
  const header = [0x15, 0, ...int(whole), ...int(packed)];
  return [
    ...header,
    0x2c,
    ...int(values),
    ...int(encoding),
    0,
    0,
    ...Array<number>(packed).fill(1),
  ];
}

/** A file that is nothing but a footer. */
function footerOnly(footer: readonly number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from("PAR1"), Buffer.from(footer), length, Buffer.from("PAR1")]);
}

async function readAll(bytes: Uint8Array): Promise<number> {
  let count = 0;
  const open = () => Promise.resolve(memoryFile("x.parquet", bytes));
  for await (const one of parquetDocuments(open, "text", () => undefined))
    count += one.line > 0 ? 1 : 0;
  return count;
}

const isNamed = (words: RegExp) => (error: unknown) =>
  isAssayError(error, "data-malformed") && words.test(error.message);

test("a footer of lists without end, of structs without floor or of numbers without end is refused before anything is made for it", async () => {
  const list = [0x29, 0xfc, ...varint(2 ** 30)];
  const nested = [
    0x29,
    0xf9,
    ...varint(60),
    ...Array<number>(60)
      .fill(0xf9)
      .flatMap((one) => [one, 60]),
  ];
  const wrong: readonly (readonly [readonly number[], RegExp])[] = [
    [list, /list of 1073741824 is longer/],
    [nested, /nested deeper|longer than what is left/],
    [Array<number>(100_000).fill(0x1c), /nested deeper than 16/],
    [[0x15, ...Array<number>(40).fill(0xff)], /no end/],
    [[0x18, ...varint(2 ** 31)], /longer than what is left/],
    [[0x1b], /unknown kind 11/],
    [[], /ends in the middle/],
  ];
  for (const [footer, words] of wrong)
    await assert.rejects(readAll(footerOnly(footer)), isNamed(words), String(words));
  const short = footerOnly(list);
  short.writeUInt32LE(0x7fff_ffff, short.length - 8);
  await assert.rejects(readAll(short), isNamed(/longer than the file/));
});

type FileMetaData = Parameters<typeof columnChunks>[0];

/** Metadata with these columns. */
function metadata(
  groups: readonly { rows: number; at: number; packed: number; whole: number }[],
): FileMetaData {
  const row_groups = groups.map(({ rows, at, packed, whole }) => ({
    num_rows: BigInt(rows),
    total_byte_size: 0n,
    columns: [
      {
        file_offset: 0n,
        meta_data: {
          type: "BYTE_ARRAY" as const,
          encodings: [],
          path_in_schema: ["text"],
          codec: "SNAPPY" as const,
          num_values: BigInt(rows),
          total_compressed_size: BigInt(packed),
          total_uncompressed_size: BigInt(whole),
          data_page_offset: BigInt(at),
        },
      },
    ],
  }));
  return { version: 2, schema: [], num_rows: 0n, row_groups, metadata_length: 0 };
}

test("columns lie in the file one behind the other, and neither rows nor bytes go beyond what is held", () => {
  const good = { rows: 10, at: 4, packed: 1000, whole: 9000 };
  const file = { size: 2 ** 31 };
  const second = { ...good, at: 1004 };
  assert.deepEqual(columnChunks(metadata([good, second]), "text", file), [
    { start: 4, end: 1004, rows: 10, unpacked: 9000 },
    { start: 1004, end: 2004, rows: 10, unpacked: 9000 },
  ]);
  const wrong: readonly (readonly [readonly (typeof good)[], RegExp])[] = [
    [[good, good], /another row group/],
    [[{ ...good, at: 2 ** 31 }], /outside the file/],
    [[{ ...good, at: -5 }], /it says data/],
    [[{ ...good, packed: -5 }], /it says bytes/],
    [[{ ...good, rows: 2 ** 40 }], /rows/],
    [[{ ...good, whole: 2 ** 31 }], /held at once/],
    [[{ ...good, packed: 1000, whole: 2_000_000 }], /1000 bytes unpack to 2000000/],
  ];
  for (const [groups, words] of wrong)
    assert.throws(
      () => columnChunks(metadata(groups), "text", file),
      (error) => error instanceof ParquetLimit && words.test(error.message),
      String(words),
    );
});

test("pages that say more values than there are rows, or more bytes than they can hold, are refused", () => {
  requirePages(Buffer.from([...page(100, 50, 10), ...page(90, 90, 10, 7)]), {
    rows: 10,
    unpacked: 2 ** 30,
  });
  const wrong: readonly (readonly [readonly number[], RegExp])[] = [
    [page(100, 50, 2 ** 30), /1073741824 values/],
    [page(2 ** 30 + 2 ** 29, 50, 10), /50 bytes unpack to/],
    [page(100, 50, 10).slice(0, -1), /does not fit/],
    [[0x1c, 0x1c, 0x1c], /damaged/],
    [
      Array<number[]>(300)
        .fill(page(1 << 20, 10, 10, 7))
        .flat(),
      /DELTA_BYTE_ARRAY/,
    ],
  ];
  for (const [bytes, words] of wrong)
    assert.throws(
      () => requirePages(Buffer.from(bytes), { rows: 10, unpacked: 2 ** 30 }),
      (error) => error instanceof ParquetLimit && words.test(error.message),
      String(words),
    );
});

test("a real file whose page says that it unpacks to a gigabyte is refused by name", async () => {
  const data = Array.from({ length: 50 }, (_, index) => `text ${index} ${"same ".repeat(40)}`);
  const bytes = Buffer.from(
    parquetWriteBuffer({ columnData: [{ name: "text", data, type: "STRING" }] }),
  );
  assert.equal(await readAll(bytes), 50);
  const { fields } = thriftStruct(bytes, 4);
  const whole = fields.get(2);
  assert.ok(typeof whole === "number");
  const said = Buffer.from(varint(2 * whole));
  const at = bytes.indexOf(Buffer.from([0x15, ...said]), 4) + 1;
  // As long as it was, so that nothing else moves: the largest number of so many bytes.
  const bomb = Buffer.from(bytes);
  bomb.fill(0xff, at, at + said.length - 1);
  bomb[at + said.length - 1] = 0x7f;
  await assert.rejects(readAll(bomb), isNamed(/x\.parquet/));
});

test(
  "bytes that make the library count for ever end with an error in time",
  { timeout: 60_000 },
  async () => {
    const data = Array.from({ length: 60 }, (_, index) => `${index % 2} words`);
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: "text", data, type: "STRING", nullable: true, encoding: "RLE_DICTIONARY" },
        ],
        codec: "UNCOMPRESSED",
      }),
    );
    const dictionary = thriftStruct(bytes, 4);
    const packed = dictionary.fields.get(3);
    assert.ok(typeof packed === "number");
    const levels = thriftStruct(bytes, dictionary.end + packed).end;
    // A run of 2^29 equal values, as its definition levels or its indices.
    Buffer.from(varint(2 ** 30)).copy(bytes, levels);
    const began = performance.now();
    await assert.rejects(
      readAll(bytes),
      isNamed(/x\.parquet.*(longer than|memory|not all there|damaged)/),
    );
    assert.ok(performance.now() - began < 30_000);
  },
);

test("any change of a file gives texts or one error by name, never another", async () => {
  const data = Array.from({ length: 60 }, (_, index) => `${index % 7} words of a text`);
  const bytes = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: "text", data, type: "STRING" }], rowGroupSize: 20 }),
  );
  const spot = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(spot, { minLength: 1, maxLength: 3 }), async (spots) => {
      const changed = bytes.slice();
      for (const { at, to } of spots) changed[at] = to;
      try {
        assert.ok((await readAll(changed)) <= 60);
      } catch (error) {
        assert.ok(isAssayError(error, "data-malformed"), String(error));
      }
    }),
    { numRuns: 12 },
  );
  const path = join(root, "x.parquet");
  writeFileSync(path, bytes);
  const corpus = { selection: "all", format: "parquet", folder: path, field: "text" } as const;
  assert.ok((await readCorpus({ ...corpus, limitBytes: 1 << 20 })).training.length > 0);
});

/** A file of one column whose rows name the same text, which lies in its dictionary once. */
function repeated(text: string, rows: number): Uint8Array {
  const data = Array<string>(rows).fill(text);
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [{ name: "text", data, type: "STRING", encoding: "RLE_DICTIONARY" }],
      statistics: false,
      rowGroupSize: rows,
    }),
  );
}

test(
  "a text that a dictionary names again and again is read slice by slice, and above a bound refused",
  { timeout: 120_000 },
  async () => {
    const text = "words ".repeat(1 << 17);
    const bomb = repeated(text, 100_000);
    assert.ok(bomb.length < 200_000, `${bomb.length}`);
    await assert.rejects(
      readAll(bomb),
      isNamed(/spell more than 269\d{6} bytes of text in one row group/),
    );
    // 240 MiB of text of one row group; never more than some slices of it are here.
    assert.equal(await readAll(repeated(text, 320)), 320);
    const most = process.resourceUsage().maxRSS / 1024;
    assert.ok(most < 600, `${most} MiB`);
  },
);
