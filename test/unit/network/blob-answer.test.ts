/** @file Ranges of blobs: any that a header asks for is that slice, over the real axon; what asks for none gets all. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { requestedRange } from "../../../src/network/blob-answer.ts";
import { fetchBlob } from "../../../src/network/client.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { type AxonContent, serveAxon } from "../../../src/network/server.ts";
import { BLOCK_BYTES } from "../../../src/protocol/block-tree.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { stub } from "../stub.ts";

const BYTES = Uint8Array.from({ length: 150_001 }, (_, at) => (at * at * 7) >> 5);
const folder = mkdtempSync(join(tmpdir(), "assay-ranges-"));
const closers: (() => Promise<void>)[] = [];
let address: Hex = "0x";
let axons: readonly Axon[] = [];

before(async () => {
  const stores = [openBlobs(folder), memoryBlobs()];
  for (const blobs of stores) address = await blobs.put(BYTES);
  axons = await Promise.all(
    stores.map((blobs) =>
      serveAxon(stub<AxonContent>({ blobs, page: undefined, metrics: undefined }), {
        host: "127.0.0.1",
        port: 0,
      }),
    ),
  );
  closers.push(...axons.map((axon) => () => axon.close()));
});
after(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true });
});

test("a range is parsed as RFC 9110 says, or ignored; one behind the end is outside", () => {
  assert.deepEqual(requestedRange("bytes=0-0", 10), { start: 0, end: 1 });
  assert.deepEqual(requestedRange("bytes=3-", 10), { start: 3, end: 10 });
  assert.deepEqual(requestedRange("bytes=3-99", 10), { start: 3, end: 10 });
  assert.equal(requestedRange("bytes=10-", 10), "outside");
  for (const ignored of ["bytes=5-4", "bytes=-5", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", ""])
    assert.equal(requestedRange(ignored, 10), null, ignored);
  assert.equal(requestedRange(undefined, 10), null);
  fc.assert(
    fc.property(fc.string(), fc.nat(1000), (header, bytes) => {
      const found = requestedRange(header, bytes);
      if (found !== null && found !== "outside")
        assert.ok(found.start >= 0 && found.start < found.end && found.end <= bytes);
    }),
  );
});

const url = (axon: Axon): string => `http://127.0.0.1:${axon.port}/blobs/${address}`;

test("any slice of a blob comes as it was asked for, from a disk and from memory", async () => {
  const limits = { limitBytes: BYTES.length, timeoutMs: 5000 };
  const spots = fc.tuple(fc.nat(BYTES.length - 1), fc.nat(BYTES.length - 1));
  await fc.assert(
    fc.asyncProperty(spots, fc.nat(1), async ([one, other], which) => {
      const range = { start: Math.min(one, other), end: Math.max(one, other) + 1 };
      const axon = axons[which] ?? assert.fail("no such axon");
      const hash = (): Promise<Hex> => Promise.resolve(address);
      const found = await fetchBlob(axon, address, { ...limits, range, hash });
      assert.deepEqual(found, BYTES.slice(range.start, range.end));
    }),
    { numRuns: 12 },
  );
  for (const axon of axons) {
    const outside = await fetch(url(axon), { headers: { range: `bytes=${BYTES.length}-` } });
    assert.equal(outside.status, 416);
    assert.equal(outside.headers.get("content-range"), `bytes */${BYTES.length}`);
    const head = await fetch(url(axon), { method: "HEAD" });
    assert.equal(head.headers.get("accept-ranges"), "bytes");
    const whole = await fetchBlob(axon, address, limits);
    assert.deepEqual(whole, BYTES);
  }
});

test("a block of a tree comes by range as well", async () => {
  const blobs = openBlobs(join(folder, "trees-too"));
  const bytes = Uint8Array.from({ length: BLOCK_BYTES + 999 }, (_, at) => (at * at * 3) >> 6);
  const form = { files: [{ name: "x", bytes: bytes.length }], notes: new Map<string, string>() };
  const tree = await blobs.trees.put(form, [
    bytes.subarray(0, BLOCK_BYTES),
    bytes.subarray(BLOCK_BYTES),
  ]);
  const digest = (await blobs.trees.list(tree))?.digests[1] ?? assert.fail("no list");
  const stored = await blobs.open(`0x${Buffer.from(digest).toString("hex")}`);
  assert.ok(stored);
  const parts: Buffer[] = [];
  for await (const piece of stored.pieces({ start: 100, end: 700 })) parts.push(Buffer.from(piece));
  const from = BLOCK_BYTES + 100;
  assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes.subarray(from, from + 600)));
});
