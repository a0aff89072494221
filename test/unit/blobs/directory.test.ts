/** @file The blob store: content addressed, atomic, honest about damage and about a full disk. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { buffer } from "node:stream/consumers";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { addressOf } from "../../../src/blobs/hashing.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { writeAtomically } from "../../../src/disk/atomic-file.ts";
import { isAssayError } from "../../../src/errors.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-blobs-"));
after(() => rmSync(folder, { recursive: true }));
const UNKNOWN: Hex = `0x${"00".repeat(32)}`;

test("bytes come back by the digest that put returned", async () => {
  const blobs = openBlobs(join(folder, "a", "deep"));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (bytes) => {
      const address = await blobs.put(bytes);
      assert.equal(address, blake2b256(bytes));
      assert.equal(await blobs.put(bytes), address);
      assert.deepEqual(await blobs.get(address), bytes);
      assert.ok(await blobs.has(address));
    }),
    { numRuns: 30 },
  );
});

test("an unknown address is null, before and after a deletion", async () => {
  const blobs = openBlobs(join(folder, "b"));
  assert.equal(await blobs.get(UNKNOWN), null);
  assert.equal(await blobs.has(UNKNOWN), false);
  const address = await blobs.put(Uint8Array.of(1));
  await blobs.delete(address);
  await blobs.delete(address);
  assert.equal(await blobs.get(address), null);
});

test("any change of a stored file is noticed", async () => {
  const path = join(folder, "c");
  const blobs = openBlobs(path);
  const original = Uint8Array.from({ length: 40 }, (_, index) => index);
  const address = await blobs.put(original);
  const change = fc.record({
    at: fc.nat(39),
    flip: fc.integer({ min: 1, max: 255 }),
    cut: fc.nat(39),
  });
  await fc.assert(
    fc.asyncProperty(change, fc.boolean(), async ({ at, flip, cut }, shorten) => {
      const bytes = original.slice(0, shorten ? cut : 40);
      if (!shorten) bytes[at] = (bytes[at] ?? 0) ^ flip;
      writeFileSync(join(path, address.slice(2)), bytes);
      await assert.rejects(blobs.get(address), (error) => isAssayError(error, "blob-corrupt"));
    }),
    { numRuns: 40 },
  );
});

test("large bytes have the address that the digest says, and hashing them lets the loop go on", async () => {
  const blobs = openBlobs(join(folder, "large"));
  const larger = Uint8Array.from({ length: 8_400_100 }, (_, index) => index * 31);
  // A view: only its bytes count, and they are still here afterwards.
  const bytes = larger.subarray(100);
  const expected = blake2b256(bytes);
  const first = bytes[0];
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const [address, other] = await Promise.all([addressOf(bytes), addressOf(bytes.subarray(1))]);
  isOver = true;
  assert.equal(address, expected);
  assert.equal(other, blake2b256(bytes.subarray(1)));
  assert.equal(bytes[0], first);
  assert.ok(turns >= 7, `the loop went on only ${turns} times`);
  assert.equal(await blobs.put(bytes), expected);
  assert.deepEqual(await blobs.get(expected), bytes);
  // A Buffer, whose slice() is a view.
  const view = Buffer.from(larger.buffer, 100);
  assert.equal(await blobs.put(view), expected);
  assert.equal(await blobs.put(Buffer.alloc(300_000, 7)), blake2b256(Buffer.alloc(300_000, 7)));
  assert.equal(view.length, bytes.length);
});

test("a process that has only hashed ends by itself", () => {
  const script = `
    const { addressOf } = await import(${JSON.stringify(new URL("../../../src/blobs/hashing.ts", import.meta.url).href)});
    console.log((await addressOf(new Uint8Array(300_000))).length);`;
  const options = { encoding: "utf8", timeout: 20_000 } as const;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], options);
  assert.deepEqual([run.stdout.trim(), run.status], ["66", 0], run.stderr);
});

test("above a limit a blob is refused by its size, though it is damaged, and passed on as it lies", async () => {
  for (const [name, blobs] of [
    ["directory", openBlobs(join(folder, "sized"))],
    ["memory", memoryBlobs()],
  ] as const) {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index);
    const address = await blobs.put(bytes);
    if (name === "directory")
      writeFileSync(join(folder, "sized", address.slice(2)), new Uint8Array(200_000));
    await assert.rejects(blobs.get(address, 199_999), (error) =>
      isAssayError(error, "blob-oversized"),
    );
    const found = await blobs.open(address);
    assert.equal(found?.bytes, 200_000);
    assert.equal((await buffer(found.pieces())).length, 200_000);
    assert.equal(await blobs.open(UNKNOWN), null);
    const empty = await blobs.open(await blobs.put(new Uint8Array()));
    assert.equal(empty?.bytes, 0);
    assert.equal((await buffer(empty.pieces())).length, 0);
  }
});

test("many writers of one blob leave one whole file and no drafts", async () => {
  const path = join(folder, "d");
  const blobs = openBlobs(path);
  const bytes = new Uint8Array(100_000).fill(7);
  await Promise.all(Array.from({ length: 8 }, () => blobs.put(bytes)));
  assert.deepEqual(readdirSync(path), [blake2b256(bytes).slice(2)]);
});

test("an atomic write that fails leaves the old content and no draft", async () => {
  const path = join(folder, "e.json");
  await writeAtomically(path, "old");
  await assert.rejects(writeAtomically(join(path, "below-a-file"), "new"));
  assert.equal(readFileSync(path, "utf8"), "old");
  await writeAtomically(path, "new");
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test(
  "a full disk is its own fault, and what was stored before is intact",
  { skip: process.platform !== "linux" },
  () => {
    const path = join(folder, "full");
    const script = `
      const { openBlobs } = await import(${JSON.stringify(new URL("../../../src/blobs/directory.ts", import.meta.url).href)});
      const blobs = openBlobs(${JSON.stringify(path)});
      const small = await blobs.put(new Uint8Array(100).fill(1));
      const code = await blobs.put(new Uint8Array(9000).fill(2)).catch((error) => error.code);
      console.log(code, (await blobs.get(small)).length);`;
    // A limit on the size of files fails as a full disk does, and needs no rights.
    const run = spawnSync(
      "prlimit",
      ["--fsize=4096", process.execPath, "--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    assert.equal(run.stdout.trim(), "disk-full 100", run.stderr);
    assert.equal(readdirSync(path).length, 1);
  },
);
