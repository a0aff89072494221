/** @file Parquet: a row is a text, of an address only the column's bytes are read, and what is wrong is named. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type Corpus, readCorpus } from "../../../src/data/corpus.ts";
import { isAssayError } from "../../../src/errors.ts";
import { answer, serve } from "./range-server.ts";

const root = mkdtempSync(join(tmpdir(), "assay-parquet-"));
const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
  rmSync(root, { recursive: true });
});

const TEXTS = Array.from(
  { length: 300 },
  (_, index) => `document ${index}, naïve 日本\n${"word ".repeat(index % 50)}${index}`,
);
const OTHER = TEXTS.map((_, index) => `${index}`.repeat(400));

function written(texts: readonly unknown[] = TEXTS, rowGroupSize = 100): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "id", data: texts.map((_, index) => index), type: "INT32" },
        { name: "other", data: OTHER.slice(0, texts.length), type: "STRING" },
        { name: "text", data: [...texts], type: "STRING", nullable: true },
      ],
      rowGroupSize,
    }),
  );
}

function read(folder: string, field = "text"): Promise<Corpus> {
  return readCorpus({ selection: "all", format: "parquet", folder, field, limitBytes: 1 << 24 });
}

function fileOf(bytes: Uint8Array, name = "x.parquet"): string {
  const path = join(mkdtempSync(join(root, "f")), name);
  writeFileSync(path, bytes);
  return path;
}

const linesOf = ({ training, heldOut }: Corpus): string[] =>
  Buffer.concat([training, heldOut]).toString().split("\n").toSorted();
const expected = TEXTS.flatMap((text) => text.split("\n"));

test("every row's text is learned, over groups of rows, once", async () => {
  const corpus = await read(fileOf(written([...TEXTS.slice(0, 150), TEXTS[3], null, "  "], 64)));
  const wanted = TEXTS.slice(0, 150).flatMap((text) => text.split("\n"));
  assert.deepEqual(linesOf(corpus).filter(Boolean), wanted.toSorted());
  const counts = corpus.report.leftOut.map(({ reason, count }) => `${reason} ${count}`);
  assert.deepEqual(counts.toSorted(), ["duplicate 1", "empty 1", "no-field 1"]);
});

test("of a file behind an address only the footer and the column are read", async () => {
  const bytes = written();
  const server = await serve((_, response, range) => answer(bytes, response, range));
  closers.push(server.close);
  const corpus = await read(`${server.url}/x.parquet`);
  assert.deepEqual(linesOf(corpus).filter(Boolean), expected.toSorted());
  // The footer is asked for with up to 512 KiB; a column that is not asked for lies before it.
  const large = parquetOfMegabytes();
  const second = await serve((_, response, range) => answer(large, response, range));
  closers.push(second.close);
  await read(`${second.url}/large.parquet`);
  const asked = second.asked.reduce((sum, [start, last]) => sum + last + 1 - start, 0);
  assert.ok(large.length > 2_000_000);
  assert.ok(asked < 700_000, `${asked} of ${large.length} bytes`);
});

/** Two megabytes of a column that nobody asks for, before a small one. */
function parquetOfMegabytes(): Uint8Array {
  let state = 1;
  const noise = Array.from({ length: 1000 }, () =>
    Array.from({ length: 1000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return String.fromCodePoint(0x4e00 + ((state >>> 16) % 20_000));
    }).join(""),
  );
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "noise", data: noise, type: "STRING" },
        { name: "text", data: noise.map((_, index) => `line ${index}`), type: "STRING" },
      ],
    }),
  );
}

test("a missing column, another type, a file cut short or damaged: each is named", async () => {
  const bytes = written();
  const damaged = bytes.slice();
  damaged.fill(0xff, 4, bytes.length - 2000);
  const flipped = bytes.slice();
  flipped.fill(0xff, bytes.length - 600, bytes.length - 60);
  const wrong: readonly (readonly [Uint8Array, string, RegExp])[] = [
    [bytes, "body", /no column "body" of plain values; its columns are id, other, text/],
    [bytes, "id", /column "id" holds INT32/],
    [bytes.subarray(0, -100), "text", /cut short/],
    [bytes.subarray(100), "text", /does not begin with PAR1/],
    [Buffer.from("PAR1"), "text", /4 bytes, too few/],
    [damaged, "text", /damaged|not all there/],
    [flipped, "text", /damaged|no column|column/],
  ];
  for (const [content, field, words] of wrong)
    await assert.rejects(
      read(fileOf(content), field),
      (error) => isAssayError(error, "data-malformed") && words.test(error.message),
      String(words),
    );
});
