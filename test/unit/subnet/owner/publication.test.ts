/** @file What an owner keeps on disk: publications one after the other, apart by chain, and a damaged file that is named. */
import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../../src/errors.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { PublicationFolder } from "../../../../subnet/owner/publication.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-publication-"));
after(() => rmSync(folder, { recursive: true }));

const hex = (byte: string): Hex => `0x${byte.repeat(32)}`;
const published = (runId: Hex, startBlock: number) => ({
  genesis: hex("01"),
  netuid: 1,
  name: "mini",
  runId,
  startBlock,
  windows: 60,
  dataManifest: hex("02"),
  genesisCheckpoint: hex("03"),
});

test("a publication comes back as it was written, and the one before it stays listed", async () => {
  const publications = new PublicationFolder(folder, 1, hex("01"));
  assert.equal(publications.read(), null);
  publications.blobs();
  await publications.write(published(hex("0a"), 10));
  await publications.write(published(hex("0b"), 20));
  await publications.write(published(hex("0c"), 30));
  const found = publications.read();
  assert.deepEqual([found?.runId, found?.startBlock], [hex("0c"), 30]);
  assert.deepEqual(found?.earlier, [
    { runId: hex("0a"), startBlock: 10 },
    { runId: hex("0b"), startBlock: 20 },
  ]);
});

test("subnets of the same number on two chains have two folders", () => {
  const [here, there] = [hex("01"), hex("ff")].map((one) => new PublicationFolder(folder, 1, one));
  assert.notEqual(here?.path, there?.path);
  assert.equal(there?.read(), null);
});

test("who only looks makes no folder, and still has a place for blobs", async () => {
  const publications = new PublicationFolder(folder, 9, hex("01"));
  const blobs = publications.blobsIfThere();
  const address = await blobs.put(new Uint8Array([1, 2, 3]));
  assert.deepEqual(await blobs.get(address), new Uint8Array([1, 2, 3]));
  assert.equal(existsSync(publications.path), false);
});

test("a damaged file is named; a damaged port is none", async () => {
  const publications = new PublicationFolder(folder, 2, hex("01"));
  publications.blobs();
  assert.equal(publications.axonPort(), null);
  await publications.saveAxonPort(4321);
  assert.equal(publications.axonPort(), 4321);
  writeFileSync(join(publications.path, "serve.json"), '{"port":0}');
  assert.equal(publications.axonPort(), null);
  for (const text of ["{", "{}", '{"format":"assay/publication/0"}']) {
    writeFileSync(join(publications.path, "publication.json"), text);
    assert.throws(
      () => publications.read(),
      (error: unknown) =>
        isAssayError(error, "state-corrupt") && error.message.includes("publication.json"),
      text,
    );
  }
});

/** What is being written in a folder; waits without giving anything else a turn, so that it stays half written. */
function draftIn(path: string): string {
  const until = performance.now() + 5000;
  while (performance.now() < until) {
    const draft = readdirSync(path).find((name) => name.endsWith(".tmp"));
    if (draft !== undefined) return draft;
  }
  return assert.fail("nothing is being written");
}

test("a server that starts while somebody publishes waits for it, and leaves the draft alone", async () => {
  const publications = new PublicationFolder(folder, 3, hex("01"));
  publications.blobs();
  const writing = publications.write(published(hex("0a"), 10));
  const draft = draftIn(publications.path);
  const serving = publications.claim();
  assert.ok(readdirSync(publications.path).includes(draft));
  const [, letGo] = await Promise.all([writing, serving]);
  assert.equal(publications.read()?.runId, hex("0a"));
  // While it is served, its owner goes on publishing, and nobody else serves it.
  await publications.write(published(hex("0b"), 20));
  assert.equal(publications.read()?.runId, hex("0b"));
  await assert.rejects(publications.claim(), (error: unknown) =>
    isAssayError(error, "state-in-use"),
  );
  letGo();
  (await publications.claim())();
});
