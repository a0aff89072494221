/** @file Text on disk: the same files give the same shard in whatever order the system lists them. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import { readCorpus } from "../../../src/data/corpus.ts";

let folder = "";
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): string {
  folder = mkdtempSync(join(tmpdir(), "assay-corpus-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const isHeldOut = (text: string): boolean =>
  (createHash("sha256").update(text).digest()[0] ?? 0) < 8;

/** A text that the digest rule sends to the wanted side. */
function textFor(heldOut: boolean, start: number): string {
  let index = start;
  while (isHeldOut(`text ${index}`) !== heldOut) index++;
  return `text ${index}`;
}

const TRAIN = [textFor(false, 0), textFor(false, 100), textFor(false, 200)] as const;
const HELD = textFor(true, 0);

test("only .d.ts and .md files count, by path, each text once, held-out text apart", async () => {
  const path = write({
    "b/two.md": TRAIN[1],
    "a/one.d.ts": TRAIN[0],
    "a/same-again.md": TRAIN[0],
    "c/held.md": HELD,
    "c/code.ts": "not text",
    "c/empty.md": "",
    "c/large.md": "x\n".repeat(1 << 17) + "x",
    "c/generated.md": `a\n${"x".repeat(1001)}\nb\n`,
  });
  const corpus = await readCorpus(path, 1 << 20);
  assert.equal(Buffer.from(corpus.training).toString(), TRAIN[0] + TRAIN[1]);
  assert.equal(Buffer.from(corpus.heldOut).toString(), HELD);
  assert.deepEqual(corpus.files, { training: 2, heldOut: 1 });
});

test("reading stops at the limit, at a file's end", async () => {
  const path = write({ "a.md": TRAIN[0], "b.md": TRAIN[1], "c.md": TRAIN[2] });
  const corpus = await readCorpus(path, TRAIN[0].length + 1);
  assert.equal(corpus.files.training, 2);
});

test("a missing folder and a file in its place are data-unreadable", async () => {
  const path = write({ "a.md": TRAIN[0] });
  for (const bad of [join(path, "absent"), join(path, "a.md")])
    await assert.rejects(readCorpus(bad, 1), (error) => isAssayError(error, "data-unreadable"));
});
