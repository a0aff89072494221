/** @file The demo's choice of text gives the bytes it always gave: against digests, and against the rule written simply. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Corpus, readCorpus } from "../../../src/data/corpus.ts";
import { demoFiles, type Files, folderWith, prose } from "./text-folder.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function readDemo(files: Files, limitBytes: number): Promise<Corpus> {
  const folder = folderWith(files);
  try {
    return await readCorpus({ selection: "demo", folder, limitBytes });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Digests of the same folder, computed by the code as it was before there was any selection but the demo's. */
const GOLDEN = [
  {
    limitBytes: 1 << 30,
    training: "60e47c2a52d6bef217d17bd782a17d0edda0847d1f3693ed99d775d21f637d13",
    heldOut: "55e9f4864628aa3c2e6c13dc0abdb4069650be5732fe3f06a727eebfc085e118",
  },
  {
    limitBytes: 200_000,
    training: "57c6eb93da70abde2c8a01a98f392ad8332373616b71a0bff6d1a1a624dd9039",
    heldOut: "0499726b1dad05e024bd987c834247ec5b3e600b3f44f6963253da8c286fdd90",
  },
] as const;

for (const { limitBytes, ...digests } of GOLDEN)
  test(`a folder like node_modules gives the bytes it gave before, up to ${limitBytes} bytes`, async () => {
    const { training, heldOut, report } = await readDemo(demoFiles(), limitBytes);
    assert.deepEqual({ training: sha256(training), heldOut: sha256(heldOut) }, digests);
    assert.equal(report.bytes, training.length + heldOut.length);
    assert.equal(report.limitReached, limitBytes === 200_000);
  });

test("what the demo leaves out is counted by reason", async () => {
  const { report } = await readDemo(demoFiles(), 1 << 30);
  const counts = Object.fromEntries(report.leftOut.map(({ reason, count }) => [reason, count]));
  assert.deepEqual(counts, {
    "other-name": 2,
    empty: 1,
    "too-long": 1,
    "long-line": 1,
    duplicate: 1,
  });
});

/** The rule in its simplest form: whole files in a sorted list. */
function simply(files: Files, limitBytes: number): { training: Buffer; heldOut: Buffer } {
  const paths = Object.keys(files)
    .filter((path) => path.endsWith(".d.ts") || path.endsWith(".md"))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const parts: { training: Buffer[]; heldOut: Buffer[] } = { training: [], heldOut: [] };
  const seen = new Set<string>();
  let total = 0;
  for (const path of paths) {
    const bytes = Buffer.from(files[path] ?? "");
    const lines = bytes.toString("latin1").split("\n");
    if (total >= limitBytes) break;
    if (bytes.length === 0 || bytes.length > 1 << 18) continue;
    if (lines.some((line) => line.length > 1000) || seen.has(sha256(bytes))) continue;
    seen.add(sha256(bytes));
    const held = Number.parseInt(sha256(bytes).slice(0, 2), 16) < 8;
    parts[held ? "heldOut" : "training"].push(bytes);
    if (!held) total += bytes.length;
  }
  return { training: Buffer.concat(parts.training), heldOut: Buffer.concat(parts.heldOut) };
}

const name = fc.constantFrom("a", "b", "a-b", "a.d.ts", "b.md", "Z", "ö", "{x}", ".x");
const path = fc
  .tuple(fc.array(name, { maxLength: 3 }), fc.constantFrom("x.md", "a.d.ts", "a.ts", ".md", "é.md"))
  // A folder must not have the name of a file.
  .map(([folders, file]) => [...folders.map((one) => `in-${one}`), file].join("/"));
const content = fc.oneof(
  fc.nat(400).map((seed) => prose(seed, 60)),
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 998, max: 1003 }).map((length) => "z".repeat(length)),
);

test("any folder: the same bytes as the rule written simply", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(path, content, { maxKeys: 30 }),
      fc.integer({ min: 1, max: 2000 }),
      async (files, limitBytes) => {
        const { training, heldOut } = await readDemo(files, limitBytes);
        assert.deepEqual(
          { training: Buffer.from(training), heldOut: Buffer.from(heldOut) },
          simply(files, limitBytes),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("the demo's files are read where they lie, however the folder is named", async () => {
  const folder = folderWith({ "a.md": prose(1, 100) });
  const { training, heldOut } = await readCorpus({
    selection: "demo",
    folder: join(folder, "..", folder.split("/").at(-1) ?? "", "."),
    limitBytes: 1000,
  });
  assert.equal(
    Buffer.concat([training, heldOut]).toString(),
    readFileSync(join(folder, "a.md"), "utf8"),
  );
  rmSync(folder, { recursive: true });
});
