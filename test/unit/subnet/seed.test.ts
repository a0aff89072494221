/** @file What the owner publishes: enough text or a clear refusal, and blobs that lead from the manifest to every byte. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { isAssayError } from "../../../src/errors.ts";
import { parseManifest } from "../../../src/protocol/manifest-file.ts";
import { openPages, parseDataManifest } from "../../../src/data/pages.ts";
import { publishManifest, seedRun } from "../../../subnet/localnet/seed.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-seed-"));
after(() => rmSync(folder, { recursive: true }));
const blobs = openBlobs(join(folder, "blobs"));

function texts(name: string, count: number): string {
  const path = mkdtempSync(join(folder, name));
  for (let index = 0; index < count; index++)
    writeFileSync(join(path, `${index}.md`), `file ${index}\n`.repeat(100));
  return path;
}

test("no text and too little text are refused before anything is stored", async () => {
  for (const path of [texts("none", 0), texts("few", 3)])
    await assert.rejects(seedRun(path, 10, blobs), (error) =>
      isAssayError(error, "data-too-small"),
    );
});

test("every blob of a published run can be read back through its manifest", async () => {
  const seed = await seedRun(texts("many", 400), 10, blobs);
  const published = await publishManifest(seed, { netuid: 1, startBlock: 50, windows: 12 }, blobs);
  const bytes = await blobs.get(published.runId);
  assert.ok(bytes !== null);
  const { manifest, runId } = parseManifest(bytes);
  assert.equal(runId, published.runId);
  assert.deepEqual(manifest, published.manifest);
  const data = parseDataManifest((await blobs.get(manifest.data.manifest)) ?? new Uint8Array());
  assert.equal(data.pages, manifest.data.pages);
  assert.equal(data.context, manifest.model.context);
  const [shard, digests, heldOut, genesis] = await Promise.all(
    [data.shard.address, data.pageDigests, data.heldOut.address, manifest.genesisCheckpoint].map(
      (address) => blobs.get(address),
    ),
  );
  assert.ok(shard && digests && heldOut && genesis);
  const last = openPages(data, shard, digests).sequences([data.pages - 1]);
  assert.equal(last.at(last.count - 1).length, data.context + 1);
  assert.deepEqual(heldOut, new Uint8Array(seed.heldOut));
});
