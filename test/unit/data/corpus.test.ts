/** @file Any folder of text: what is taken, what is left out and why, both parts always there, the same bytes for all. */
import { strict as assert } from "node:assert";
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import * as fc from "fast-check";
import { type Corpus, type FolderText, readCorpus } from "../../../src/data/corpus.ts";
import { describeReport } from "../../../src/data/report.ts";
import { isAssayError } from "../../../src/errors.ts";
import { type Files, folderWith, prose } from "./text-folder.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderOf(files: Files): string {
  const folder = folderWith(files);
  made.push(folder);
  return folder;
}

const LIMIT = 1 << 24;

function read(folder: string, more: Partial<FolderText> = {}): Promise<Corpus> {
  const options: FolderText = { selection: "all", format: "text", folder, limitBytes: LIMIT };
  return readCorpus(Object.assign(options, more));
}

function readJson(folder: string, field: string): Promise<Corpus> {
  return readCorpus({ selection: "all", format: "jsonl", folder, field, limitBytes: LIMIT });
}

const countsOf = ({ report }: Corpus): Record<string, number> =>
  Object.fromEntries(report.leftOut.map(({ reason, count }) => [reason, count]));
const textOf = ({ training, heldOut }: Corpus): string =>
  Buffer.concat([training, heldOut]).toString();

test("every text file counts, whatever its name; all else is left out with its reason", async () => {
  const folder = folderOf({
    "notes.txt": "one\n",
    "sub/deep/code.py": "two\n",
    "no-ending": "three",
    "same.txt": "one\n",
    "empty.txt": "",
    "blank.txt": " \n\t\r\n",
    "mark.txt": "\uFEFFfour\n",
    "only-mark.txt": "\uFEFF",
    "image.png": Uint8Array.of(0x89, 0x50, 0, 1, 2),
    "latin.txt": Uint8Array.of(0x66, 0xfc, 0x72, 10),
    "wide.txt": Buffer.from("\uFEFFfive\n", "utf16le"),
    ".env": "SECRET=1\n",
    ".git/config": "hidden\n",
  });
  const corpus = await read(folder);
  assert.deepEqual(textOf(corpus).trim().split("\n").toSorted(), ["four", "one", "three", "two"]);
  assert.deepEqual(countsOf(corpus), {
    duplicate: 1,
    empty: 3,
    binary: 1,
    "not-utf8": 2,
    hidden: 2,
  });
  assert.equal(corpus.report.files, 4);
  const binary = corpus.report.leftOut.find(({ reason }) => reason === "binary");
  assert.equal(binary?.example, "image.png");
});

test("globs choose by name at any depth or by path; hidden names only when spelled out", async () => {
  const folder = folderOf({
    "a.txt": "a\n",
    "sub/b.txt": "b\n",
    "sub/c.md": "c\n",
    ".notes/d.txt": "d\n",
  });
  const taken = async (include: readonly string[]): Promise<string> =>
    textOf(await read(folder, { include }))
      .split("\n")
      .toSorted()
      .join("");
  assert.equal(await taken(["*.txt"]), "ab");
  assert.equal(await taken(["sub/*"]), "bc");
  assert.equal(await taken(["./sub/*.md", "a.*"]), "ac");
  assert.equal(await taken([".notes/*"]), "d");
  assert.equal(await taken(["*.rst"]), "");
  assert.deepEqual(countsOf(await read(folder, { include: ["*.rst"] })), {
    "other-name": 3,
    hidden: 1,
  });
});

test("one huge file is cut and used, and a part of it is held out", async () => {
  const corpus = await read(folderOf({ "book.txt": prose(1, 3_000_000) }));
  assert.equal(corpus.training.length + corpus.heldOut.length, 3_000_000 + 1);
  assert.ok(corpus.heldOut.length > 3_000_000 / 128 && corpus.heldOut.length < 3_000_000 / 8);
  assert.equal(corpus.report.files, 1);
  assert.deepEqual(corpus.report.leftOut, []);
});

test("one long line is cut between characters and used, and a part of it is held out", async () => {
  const line = prose(2, 900_000).replaceAll("\n", "é");
  const corpus = await read(folderOf({ "line.txt": line }));
  assert.equal(corpus.training.length + corpus.heldOut.length, Buffer.byteLength(line) + 1);
  for (const part of [corpus.training, corpus.heldOut])
    assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(part));
  assert.ok(corpus.heldOut.length >= 4096);
});

test("a text that turns binary counts up to there", async () => {
  const bytes = Buffer.concat([Buffer.from(prose(3, 600_000)), Buffer.alloc(600_000)]);
  const corpus = await read(folderOf({ "log.txt": bytes }));
  assert.deepEqual(countsOf(corpus), { binary: 1 });
  const taken = corpus.training.length + corpus.heldOut.length;
  assert.ok(taken > 200_000 && taken <= 600_000, String(taken));
});

test("the limit ends reading, inside a file as well, and a sparse file of 8 GB costs no time", async () => {
  const folder = folderOf({ "a.txt": prose(4, 50_000), "b.txt": prose(5, 50_000), "c.txt": "c\n" });
  const corpus = await read(folder, { limitBytes: 70_000 });
  const taken = corpus.training.length + corpus.heldOut.length;
  assert.ok(taken <= 70_000 && taken > 69_900, String(taken));
  assert.ok(corpus.report.limitReached);
  const huge = openSync(join(folder, "0-huge"), "w");
  ftruncateSync(huge, 8 * 2 ** 30);
  closeSync(huge);
  const before = performance.now();
  assert.deepEqual(countsOf(await read(folder)), { binary: 1 });
  assert.ok(performance.now() - before < 5000);
});

test("links are not followed, so that circles and ways out of the folder do not exist", async () => {
  const outside = folderOf({ "secret.txt": "secret\n" });
  const folder = folderOf({ "a/text.txt": "text\n" });
  symlinkSync(folder, join(folder, "a", "circle"));
  symlinkSync(join(outside, "secret.txt"), join(folder, "way-out.txt"));
  symlinkSync("nowhere", join(folder, "dangling"));
  const corpus = await read(folder);
  assert.equal(textOf(corpus), "text\n");
  assert.deepEqual(countsOf(corpus), { link: 3 });
  // The folder itself may be a link.
  const link = join(outside, "link");
  symlinkSync(folder, link);
  assert.equal(textOf(await read(link)), "text\n");
});

test("a socket is not opened", { skip: process.platform === "win32" }, async () => {
  const folder = folderOf({ "text.txt": "text\n" });
  const server = createServer().listen(join(folder, "socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  assert.deepEqual(countsOf(await read(folder)), { special: 1 });
  server.close();
});

const isRoot = process.getuid?.() === 0;
test(
  "what may not be read is left out and counted",
  { skip: isRoot && "root may read all" },
  async () => {
    const folder = folderOf({ "open.txt": "text\n", "shut.txt": "x\n", "shut/inside.txt": "x\n" });
    chmodSync(join(folder, "shut.txt"), 0);
    chmodSync(join(folder, "shut"), 0);
    assert.deepEqual(countsOf(await read(folder)), { unreadable: 2 });
    chmodSync(join(folder, "shut"), 0o700);
  },
);

test("JSON lines: one document a line; what is none is counted with file and line", async () => {
  const folder = folderOf({
    "a.jsonl": [
      '{"body":"one"}',
      "",
      '{"body":"two\\n"}',
      '{"other":1}',
      "{",
      '{"body":"one"}',
    ].join("\n"),
    "b.ndjson": `{"body":"${"x".repeat(300_000)}"}\n`,
    "c.txt": '{"body":"three"}\n',
  });
  const corpus = await readJson(folder, "body");
  assert.equal(corpus.report.bytes, 8 + 300_001);
  assert.deepEqual(countsOf(corpus), {
    "no-field": 1,
    "not-json": 1,
    duplicate: 1,
    "other-name": 1,
  });
  const { leftOut } = corpus.report;
  assert.equal(leftOut.find(({ reason }) => reason === "no-field")?.example, "a.jsonl:4");
  assert.equal(leftOut.find(({ reason }) => reason === "duplicate")?.example, "a.jsonl:6");
});

test("a line beyond any size is passed over without being held", async () => {
  const line = Buffer.alloc((1 << 24) + 1, "x");
  const folder = folderOf({ "a.jsonl": Buffer.concat([line, Buffer.from('\n{"t":"after"}\n')]) });
  const corpus = await readJson(folder, "t");
  assert.equal(textOf(corpus), "after\n");
  assert.deepEqual(countsOf(corpus), { "line-too-long": 1 });
});

test("a missing folder and a file in its place are data-unreadable, in words", async () => {
  const folder = folderOf({ "a.txt": "a\n" });
  for (const [bad, words] of [
    [join(folder, "absent"), /no such folder \(ENOENT\)/],
    [join(folder, "a.txt"), /it is a file; name the folder/],
  ] as const)
    await assert.rejects(
      read(bad),
      (error) => isAssayError(error, "data-unreadable") && words.test(error.message),
    );
});

test("an empty folder and one of binaries only are described with counts", async () => {
  assert.equal(describeReport((await read(folderOf({}))).report), "the folder holds no files");
  const folder = folderOf({ "a.bin": Uint8Array.of(0), "b\u001b[2J.bin": Uint8Array.of(0, 1) });
  const { report } = await read(folder);
  assert.equal(
    describeReport(report),
    'took 0 bytes from 0 files; left out 2 binary (such as "a.bin")',
  );
  rmSync(join(folder, "a.bin"));
  const other = describeReport((await read(folder)).report);
  assert.match(other, /1 binary \(such as "b.*\.bin"\)/);
  assert.doesNotMatch(other, /\p{Cc}/u);
});

test("the same files give the same two parts in whatever order they were written", async () => {
  const name = fc.constantFrom("a", "a-b", "a.txt", "b", "B", "é", "x y");
  const path = fc
    .tuple(fc.array(name, { maxLength: 2 }), name)
    .map(([folders, file]) => [...folders.map((one) => `in ${one}`), file].join("/"));
  const files = fc.dictionary(
    path,
    fc.nat(40).map((seed) => prose(seed, 100 + 90 * seed)),
    { maxKeys: 12 },
  );
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      const [one, other] = await Promise.all(
        [given, Object.fromEntries(Object.entries(given).toReversed())].map((each) =>
          read(folderOf(each)),
        ),
      );
      assert.deepEqual(other?.training, one?.training);
      assert.deepEqual(other?.heldOut, one?.heldOut);
      const distinct = new Set(Object.values(given).map((each) => each.trimEnd()));
      const total = (one?.training.length ?? 0) + (one?.heldOut.length ?? 0);
      const least = [...distinct].reduce((sum, each) => sum + each.length, 0);
      assert.ok(total >= least && total <= least + 2 * Object.keys(given).length);
    }),
    { numRuns: 40 },
  );
});

test("who waits is told, and can stop it", async () => {
  const folder = folderOf({});
  for (let index = 0; index < 30; index++) {
    mkdirSync(join(folder, `${index}`));
    writeFileSync(join(folder, `${index}`, "a.txt"), prose(index, 1000));
  }
  const stopped = AbortSignal.abort(new Error("stopped"));
  const options = { selection: "all", format: "text", folder, limitBytes: LIMIT } as const;
  await assert.rejects(readCorpus(options, { signal: stopped }), /stopped/);
  let told = 0;
  const clock = performance.now.bind(performance);
  let now = clock();
  // A clock that runs a second a look: every look is worth a word.
  performance.now = () => (now += 1000);
  try {
    await readCorpus(options, {
      progress: ({ files, bytes }) => (told += files > 0 && bytes > 0 ? 1 : 0),
    });
  } finally {
    performance.now = clock;
  }
  assert.ok(told >= 29, String(told));
});
