/** @file What the owner publishes: enough text or a clear refusal, and blobs that lead from the manifest to every byte. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { encodeCheckpoint, getCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { parseDataManifest } from "../../../src/data/data-manifest.ts";
import { openPages } from "../../../src/data/pages.ts";
import { memoryFile } from "../../../src/data/ranges.ts";
import { isAssayError } from "../../../src/errors.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import { encodeManifest, parseManifest } from "../../../src/protocol/manifest-file.ts";
import { MODELS } from "../../../src/run/presets.ts";
import { Run } from "../../../src/run/run.ts";
import type { SubnetConfig } from "../../../subnet/config/schema.ts";
import { type Plan, planOf } from "../../../subnet/localnet/plan.ts";
import { describeSeed, seedPlan } from "../../../subnet/localnet/seed.ts";
import { seedRun, type SeedOptions } from "../../../subnet/publish/seed.ts";
import { prose } from "../data/text-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-seed-"));
after(() => rmSync(folder, { recursive: true }));
const blobs = openBlobs(join(folder, "blobs"));

function texts(name: string, count: number): string {
  const path = mkdtempSync(join(folder, name));
  for (let index = 0; index < count; index++)
    writeFileSync(join(path, `${index}.md`), `file ${index}\n`.repeat(100));
  return path;
}

/** The demo's plan on another text. */
const planFor = (data: string): Plan => planOf({ windows: 12, data, set: [] }, null);

test("no text and too little text are refused before anything is stored, with what was found", async () => {
  const refusals = [
    [texts("none", 0), /makes 0 pages.*needs at least 128: the folder holds no files/],
    [texts("few", 3), /needs at least 128: took 2\d{3} bytes from 3 files/],
  ] as const;
  for (const [path, words] of refusals)
    await assert.rejects(
      seedPlan(planFor(path).config, { neurons: 10, blobs }),
      (error) => isAssayError(error, "data-too-small") && words.test(error.message),
    );
});

test("every blob of a published run can be read back through its manifest", async () => {
  const path = texts("many", 400);
  writeFileSync(join(path, "image.png"), new Uint8Array(9));
  const plan = planFor(path);
  const seed = await seedPlan(plan.config, { neurons: 10, blobs });
  assert.match(
    describeSeed(plan.config, seed),
    /^0\.\d MB of text from 400 files, \d+ pages, 117056 parameters; .* left out 1 binary \(such as "image\.png"\)$/,
  );
  const { genesisCheckpoint, dataManifest, pages } = seed;
  const published = plan.manifest({
    netuid: 1,
    startBlock: 50,
    genesisCheckpoint,
    dataManifest,
    pages,
  });
  const stored = await blobs.put(encodeManifest(published));
  const bytes = await blobs.get(stored);
  assert.ok(bytes !== null);
  const { manifest, runId } = parseManifest(bytes);
  assert.equal(runId, stored);
  assert.deepEqual(manifest, published);
  const data = parseDataManifest((await blobs.get(manifest.data.manifest)) ?? new Uint8Array());
  assert.equal(data.pages, manifest.data.pages);
  assert.equal(data.context, manifest.model.context);
  const [shard, digests, heldOut] = await Promise.all(
    [data.shard.address, data.pageDigests, data.heldOut.address].map((address) =>
      blobs.get(address),
    ),
  );
  assert.ok(shard && digests && heldOut);
  const plain = layoutOf(specsOf(manifest.model));
  const genesis = await getCheckpoint(blobs.trees, plain, manifest.genesisCheckpoint);
  assert.deepEqual(genesis, initialParameters(manifest.model, 1));
  const source = openPages(data, [memoryFile("shard", shard)], digests);
  const last = await source.sequences([data.pages - 1]);
  assert.equal(last.at(last.count - 1).length, data.context + 1);
  assert.deepEqual(heldOut, new Uint8Array(seed.heldOut));
});

const model = { ...MODELS.nano, layers: 1, width: 16, hidden: 24, context: 32 };
const layout = layoutOf(specsOf(model));

function optionsFor(path: string, more: Partial<SeedOptions> = {}): SeedOptions {
  return {
    data: { selection: "all", format: "text", folder: path, limitBytes: 1 << 20 },
    model,
    sequencesPerPage: 4,
    pagesPerWindow: 6,
    noisePages: 5,
    neurons: 3,
    initialSeed: 7,
    ...more,
  };
}

test("one file is enough for a run of another size, and its genesis is drawn from the seed", async () => {
  const path = mkdtempSync(join(folder, "one"));
  writeFileSync(join(path, "book.txt"), prose(1, 40_000));
  const seed = await seedRun(optionsFor(path), blobs);
  const stored = await getCheckpoint(blobs.trees, layout, seed.genesisCheckpoint);
  assert.deepEqual(stored, initialParameters(model, 7));
  assert.ok(seed.heldOut.length >= 4096);
  assert.equal(seed.pages, Math.floor((seed.trainingBytes - 1) / 128));
  assert.equal(seed.files, 1);
});

test("given parameters are taken over; a NaN among them is refused", async () => {
  const path = mkdtempSync(join(folder, "one"));
  writeFileSync(join(path, "book.txt"), prose(1, 40_000));
  const genesis = initialParameters(model, 8);
  const seed = await seedRun(optionsFor(path, { genesis }), blobs);
  assert.equal(seed.genesisCheckpoint, treeAddress(encodeCheckpoint(layout, genesis)));
  assert.deepEqual(await getCheckpoint(blobs.trees, layout, seed.genesisCheckpoint), genesis);
  genesis[5] = Number.NaN;
  await assert.rejects(seedRun(optionsFor(path, { genesis }), blobs), (error) =>
    isAssayError(error, "checkpoint-invalid"),
  );
});

test("text without enough to hold out is refused as that", async () => {
  const path = mkdtempSync(join(folder, "short"));
  writeFileSync(join(path, "short.txt"), prose(2, 6000));
  await assert.rejects(
    seedRun(optionsFor(path, { neurons: 1, noisePages: 1 }), blobs),
    (error) => isAssayError(error, "held-out-too-small") && /from 1 file\b/.test(error.message),
  );
});

const RUN_ID = { genesis: `0x${"00".repeat(32)}`, runId: `0x${"11".repeat(32)}` } as const;
const TOKENIZER = new URL("../../fixtures/tokenizers/gpt2.json", import.meta.url).pathname;

test("text as tokens of a tokenizer.json: wide pages that read back as the text, the file by its digest in the manifest", async () => {
  const path = mkdtempSync(join(folder, "tokens"));
  writeFileSync(join(path, "book.txt"), prose(3, 200_000));
  const plan = planOf({ windows: 12, data: path, tokenizer: TOKENIZER, set: [] }, null);
  assert.equal(plan.config.model.vocabulary, 512);
  const seed = await seedPlan(plan.config, { neurons: 3, blobs });
  const again = await seedPlan(plan.config, { neurons: 3, blobs });
  assert.equal(again.dataManifest, seed.dataManifest, "the same bytes each time");
  const { tokenizerFile } = seed;
  assert.ok(tokenizerFile !== null);
  const { genesisCheckpoint, dataManifest, pages } = seed;
  const where = { netuid: 1, startBlock: 50 };
  const parts = { ...where, genesisCheckpoint, dataManifest, tokenizerFile, pages };
  const { manifest } = parseManifest(encodeManifest(plan.manifest(parts)));
  assert.deepEqual(manifest.tokenizer, { kind: "huggingface", file: tokenizerFile });
  const file = await blobs.get(tokenizerFile);
  assert.deepEqual(file, new Uint8Array(readFileSync(TOKENIZER)));
  const data = parseDataManifest((await blobs.get(dataManifest)) ?? new Uint8Array());
  assert.equal(data.tokenBytes, 2);
  assert.equal(data.vocabulary, 512);
  const [shard, digests, heldOut] = await Promise.all(
    [data.shard.address, data.pageDigests, data.heldOut.address].map((one) => blobs.get(one)),
  );
  assert.ok(shard && digests && heldOut && file);
  const source = openPages(data, [memoryFile("shard", shard)], digests);
  const run = new Run({ ...RUN_ID, manifest, pages: source, heldOut, tokenizerFile: file });
  const sequences = await source.sequences([2]);
  const text = run.tokenizer().decode(sequences.at(1));
  assert.ok(prose(3, 200_000).includes(text.slice(2, -2)), text);
  assert.equal(run.heldOutTokens(3).length, 3 * (data.context + 1));
});

test("a tokenizer larger than the model's vocabulary, a missing one, and shards as bytes are refused", async () => {
  const path = mkdtempSync(join(folder, "tokens"));
  writeFileSync(join(path, "book.txt"), prose(3, 60_000));
  const wrong: readonly (readonly [string[], Parameters<typeof isAssayError>[1], RegExp])[] = [
    [
      [`tokenizer.file=${TOKENIZER}`, "model.vocabulary=300"],
      "bad-option",
      /tells 512 tokens apart/,
    ],
    [["tokenizer.file=/none/tokenizer.json"], "tokenizer-invalid", /no such file/],
    [["tokenizer.kind=huggingface"], "bad-option", /name its tokenizer\.json/],
    [[`tokenizer.file=${TOKENIZER}`, "tokenizer.kind=bytes"], "bad-option", /leave out one/],
    [["data.format=tokens", "tokenizer.kind=bytes"], "bad-option", /are tokens, not text/],
    [["tokenizer.kind=tokens"], "bad-option", /is text/],
    [["data.folder=synthetic:symbols=1"], "bad-option", /symbols must be 2 to/],
  ];
  for (const [set, code, words] of wrong)
    await assert.rejects(
      async () =>
        seedPlan(planOf({ windows: 12, data: path, set }, null).config, { neurons: 3, blobs }),
      (error) => isAssayError(error, code) && words.test(error.message),
      set.join(" "),
    );
});

const config = (data: string, ...set: string[]): SubnetConfig =>
  planOf({ windows: 12, data, set }, null).config;

const found = ({ data, tokenizer, model: { vocabulary } }: SubnetConfig): unknown => [
  data.selection,
  data.format,
  tokenizer.kind,
  vocabulary,
];

test("what an owner names says the format, the tokenizer and the vocabulary", () => {
  assert.deepEqual(found(config("docs")), ["all", "text", "bytes", 256]);
  assert.deepEqual(found(config("a/b.jsonl")), ["all", "jsonl", "bytes", 256]);
  assert.deepEqual(found(config("https://host/b.parquet?key=x.bin")), [
    "all",
    "parquet",
    "bytes",
    256,
  ]);
  assert.deepEqual(found(config("s3://bucket/x.npy", "model.vocabulary=1000")), [
    "all",
    "tokens",
    "tokens",
    1000,
  ]);
  assert.deepEqual(found(config("x.bin", `tokenizer.file=${TOKENIZER}`)), [
    "all",
    "tokens",
    "huggingface",
    512,
  ]);
  assert.deepEqual(found(config("synthetic:symbols=90")), ["synthetic", "text", "bytes", 256]);
  assert.deepEqual(found(config("synthetic:symbols=900")), ["synthetic", "text", "tokens", 900]);
});
