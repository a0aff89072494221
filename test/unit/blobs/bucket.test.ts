/** @file Blobs in a bucket: the own there alone, what is wrong there named and put right, nothing lost while it is away, no key in any word. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { BucketBlobs } from "../../../src/blobs/bucket-blobs.ts";
import { BucketObjects } from "../../../src/blobs/bucket-objects.ts";
import { Bucket } from "../../../src/blobs/bucket.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { type AssayError, isAssayError } from "../../../src/errors.ts";
import { BLOCK_BYTES, parseBlockList, treeAddress } from "../../../src/protocol/block-tree.ts";
import { blake2b256, type Hex, hexOf } from "../../../src/protocol/digest.ts";
import { serveS3 } from "../data/s3-server.ts";

const root = mkdtempSync(join(tmpdir(), "assay-bucket-"));
const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
  rmSync(root, { recursive: true, force: true });
});

const account = { id: "AKIDEXAMPLE", secret: "PLANTED/key+of+a+test" };
const RUN: Hex = `0x${"ab".repeat(32)}`;
const BASE = `net/${RUN.slice(2, 18)}/node`;
const BYTES = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
const ADDRESS = blake2b256(BYTES);
const TREE = Uint8Array.from({ length: BLOCK_BYTES + 1000 }, (_, index) => index % 249);
const ROOT = treeAddress(TREE);
const FORM = { files: [{ name: "one", bytes: TREE.length }], notes: new Map<string, string>() };

function* blocks(): Generator<Uint8Array> {
  for (let at = 0; at < TREE.length; at += BLOCK_BYTES) yield TREE.subarray(at, at + BLOCK_BYTES);
}

const isNamed = (key: string) => (error: unknown) =>
  isAssayError(error, "blob-corrupt") && error.message.includes(`s3://bucket/${key}`);

let folders = 0;
/** A bucket, and how a node's store in it is opened. */
async function world(secret = account.secret) {
  const objects: Record<string, Uint8Array> = {};
  const state = { down: false };
  const server = await serveS3({ objects, account, isDown: () => state.down, keysOfPage: 3 });
  closers.push(server.close);
  const folder = join(root, String(folders++));
  const wrong: AssayError[] = [];
  const failed: AssayError[] = [];
  const open = async (isPublic = false, mirror = false): Promise<BucketBlobs> => {
    const bucket = new Bucket({
      place: "s3://bucket/net",
      ...(isPublic && { publicUrl: "https://files.example/net/" }),
      environment: {
        AWS_ACCESS_KEY_ID: account.id,
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_ENDPOINT_URL_S3: server.url,
      },
    });
    const news = {
      onWrong: (error: AssayError) => void wrong.push(error),
      onFailed: (error: AssayError) => void failed.push(error),
      onBack: () => undefined,
    };
    const blobs = new BucketBlobs({
      objects: new BucketObjects(bucket, "node"),
      local: openBlobs(folder),
      mirror,
      againMs: 50,
      news,
    });
    await blobs.enter(RUN);
    return blobs;
  };
  return { objects, state, folder, wrong, failed, open };
}

async function wholeTree(blobs: BucketBlobs): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const block of blobs.trees.blocks(ROOT)) parts.push(Buffer.from(block));
  return new Uint8Array(Buffer.concat(parts));
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name !== "trees");

test("the own lies in the bucket alone, below run and node, and others are sent there; what was fetched stays here", async () => {
  const { objects, folder, open } = await world();
  const blobs = await open();
  assert.equal(await blobs.put(BYTES), ADDRESS);
  assert.equal(await blobs.trees.put(FORM, blocks()), ROOT);
  const fetched = await blobs.keep(Uint8Array.of(1, 2, 3));
  blobs.records.put(7, "a record");
  await blobs.moved();
  const list = await blobs.trees.list(ROOT);
  const names = (list?.digests ?? []).map((digest) => `${BASE}/blocks/${hexOf(digest)}`);
  const expected = [`${BASE}/blobs/${ADDRESS}`, `${BASE}/trees/${ROOT}`, `${BASE}/records/7`];
  assert.deepEqual(Object.keys(objects).toSorted(), [...names, ...expected].toSorted());
  assert.deepEqual(filesIn(folder), [fetched.slice(2)]);
  assert.deepEqual(readdirSync(join(folder, "trees")), []);
});

test("another process of the node knows by one look what is there, sends others to it, and removes it", async () => {
  const { objects, open } = await world();
  const first = await open();
  await first.put(BYTES);
  await first.trees.put(FORM, blocks());
  first.records.put(7, "a record");
  await first.moved();
  const list = await first.trees.list(ROOT);
  // Another process of the node knows all that by one look.
  const again = await open();
  assert.deepEqual(await again.get(ADDRESS), BYTES);
  assert.deepEqual(await wholeTree(again), TREE);
  assert.deepEqual((await again.addresses()).toSorted(), [ADDRESS, ROOT].toSorted());
  for (const address of [ADDRESS, ROOT, hexOf(list?.digests[0] ?? new Uint8Array())]) {
    const url = await (await again.open(address))?.elsewhere?.();
    const answer = await fetch(url ?? "");
    assert.equal(answer.status, 200);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (address === ROOT) assert.ok(parseBlockList(bytes, ROOT));
    assert.ok(!String(url).includes(account.secret));
  }
  const url = await (await (await open(true)).open(ADDRESS))?.elsewhere?.();
  assert.equal(url?.href, `https://files.example/net/${BASE.slice(4)}/blobs/${ADDRESS}`);

  await again.delete(ROOT);
  await again.delete(ADDRESS);
  await again.records.removeBefore(8);
  assert.deepEqual(Object.keys(objects), []);
});

test("a flipped byte is refused by object and store, and put right when the bytes come from elsewhere", async () => {
  const { objects, wrong, open } = await world();
  const first = await open();
  await first.put(BYTES);
  await first.trees.put(FORM, blocks());
  await first.moved();
  const blobs = await open();
  const [blob, block] = [
    `${BASE}/blobs/${ADDRESS}`,
    `${BASE}/blocks/${hexOf((await blobs.trees.list(ROOT))?.digests[1] ?? new Uint8Array())}`,
  ];
  for (const key of [blob, block])
    objects[key] =
      objects[key]?.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) ?? assert.fail(key);
  await assert.rejects(blobs.get(ADDRESS), isNamed(blob));
  await assert.rejects(wholeTree(blobs), isNamed(block));
  assert.equal(wrong.length, 2);
  assert.equal(await blobs.open(ADDRESS), null, "nobody is sent to it");
  await blobs.keep(BYTES);
  const list = (await blobs.trees.list(ROOT)) ?? assert.fail("no list");
  const draft = await blobs.trees.draft(ROOT, list, FORM);
  let index = 0;
  for (const bytes of blocks()) await draft.add(index++, bytes);
  await draft.finish();
  await blobs.moved();
  assert.deepEqual(objects[blob], BYTES);
  assert.deepEqual(objects[block], TREE.slice(BLOCK_BYTES));
  assert.deepEqual(await wholeTree(await open()), TREE);
});

test(
  "while the bucket is away everything lies here, and is brought there later",
  { timeout: 30_000 },
  async () => {
    const { objects, state, failed, open } = await world();
    const blobs = await open();
    state.down = true;
    assert.equal(await blobs.put(BYTES), ADDRESS);
    while (failed.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await blobs.get(ADDRESS), BYTES);
    const here = await blobs.open(ADDRESS);
    assert.ok(here !== null && here.elsewhere === undefined);
    state.down = false;
    const ticks = setInterval(() => undefined, 100);
    await blobs.moved();
    clearInterval(ticks);
    assert.deepEqual(objects[`${BASE}/blobs/${ADDRESS}`], BYTES);
  },
);

test("what is mirrored stays here too, also what lay here before", async () => {
  const { objects, folder, open } = await world();
  const before = openBlobs(folder);
  await before.put(BYTES);
  await before.trees.put(FORM, blocks());
  const blobs = await open(false, true);
  await blobs.moved();
  assert.ok(objects[`${BASE}/blobs/${ADDRESS}`] !== undefined);
  assert.ok(objects[`${BASE}/trees/${ROOT}`] !== undefined);
  assert.ok((await before.has(ADDRESS)) && (await before.has(ROOT)));
  assert.ok((await blobs.open(ADDRESS))?.elsewhere !== undefined);
});

test("trees that share blocks: what one needs stays when the other goes", async () => {
  const { objects, open } = await world();
  const blobs = await open();
  const longer = new Uint8Array(2 * BLOCK_BYTES).fill(3);
  longer.set(TREE.subarray(0, BLOCK_BYTES));
  const form = { files: [{ name: "one", bytes: longer.length }], notes: new Map<string, string>() };
  await blobs.trees.put(FORM, blocks());
  const other = await blobs.trees.put(form, [
    longer.subarray(0, BLOCK_BYTES),
    longer.subarray(BLOCK_BYTES),
  ]);
  await blobs.moved();
  await blobs.delete(other);
  assert.deepEqual(await wholeTree(blobs), TREE);
  await blobs.delete(ROOT);
  assert.deepEqual(Object.keys(objects), []);
});

test("keys that are refused, and places that are none, are faults with a next step and without a key", async () => {
  const { open } = await world("another/PLANTED+secret");
  await assert.rejects(open(), (error) => {
    assert.ok(isAssayError(error, "store-failed"));
    assert.match(error.message, /SignatureDoesNotMatch/);
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /PLANTED|X-Amz-Signature/);
    return true;
  });
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  for (const [place, environment] of [
    ["/folder", keys],
    ["s3://b", keys],
    ["s3://bucket", {}],
  ] as const)
    assert.throws(
      () => new Bucket({ place, environment }),
      (error) => isAssayError(error, "bad-option"),
    );
  assert.throws(
    () => new Bucket({ place: "s3://bucket", publicUrl: "ftp://x", environment: keys }),
    (error) => isAssayError(error, "bad-option"),
  );
});
