/** @file Block trees on disk: whole or absent whatever is killed, gone on with after a break, damage found by the block. */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { parseTreeManifest } from "../../../src/blobs/tree-manifest.ts";
import { openTrees, type TreeStore } from "../../../src/blobs/trees.ts";
import { isAssayError } from "../../../src/errors.ts";
import {
  BLOCK_BYTES,
  blockDigest,
  encodeBlockList,
  parseBlockList,
  treeAddress,
} from "../../../src/protocol/block-tree.ts";
import { type Hex, hexOf } from "../../../src/protocol/digest.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-trees-"));
after(() => rmSync(folder, { recursive: true }));

const BYTES = Uint8Array.from({ length: 2 * BLOCK_BYTES + 4321 }, (_, at) => (at * at) >> 9);
const ADDRESS = treeAddress(BYTES);
/** Files whose ends lie inside blocks. */
const FORM = {
  files: [
    { name: "a.bin", bytes: 700_001 },
    { name: "b.bin", bytes: 1_000_000 },
    { name: "c.bin", bytes: BYTES.length - 1_700_001 },
  ],
  notes: new Map([["index.json", "{}\n"]]),
};

function* blocks(bytes = BYTES): Generator<Uint8Array> {
  const shared = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    shared.set(block);
    yield shared.subarray(0, block.length);
  }
}

async function whole(trees: TreeStore, address: Hex = ADDRESS): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const block of trees.blocks(address)) parts.push(Buffer.from(block));
  return Buffer.concat(parts);
}

const isCorrupt = (error: unknown): boolean => isAssayError(error, "blob-corrupt");

test("what is stored comes back, cut into its files, and each block by its digest", async () => {
  const path = join(folder, "plain");
  const blobs = openBlobs(path);
  for (const store of [blobs, memoryBlobs()]) {
    assert.equal(await store.trees.put(FORM, blocks()), ADDRESS);
    assert.equal(await store.trees.put(FORM, blocks()), ADDRESS, "again");
    assert.deepEqual(await whole(store.trees), Buffer.from(BYTES));
    assert.deepEqual(await store.trees.addresses(), [ADDRESS]);
    assert.ok((await store.addresses()).includes(ADDRESS));
    assert.ok(await store.has(ADDRESS));
    const sent = await store.open(ADDRESS);
    assert.ok(sent);
    const list = parseBlockList(new Uint8Array(await buffer(sent.pieces())), ADDRESS);
    assert.equal(list?.bytes, BYTES.length);
    for (const [index, digest] of list.digests.entries()) {
      const block = await store.open(hexOf(digest));
      assert.ok(block);
      const expected = BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      assert.deepEqual(await buffer(block.pieces()), Buffer.from(expected));
      assert.equal(block.bytes, expected.length);
    }
    await store.delete(ADDRESS);
    assert.equal(await store.open(ADDRESS), null);
    assert.equal(await store.trees.list(ADDRESS), null);
    await assert.rejects(whole(store.trees), (error) => isAssayError(error, "blob-missing"));
  }
  assert.deepEqual(readdirSync(join(path, "trees")), []);
});

test("another process sees a tree that this one stores after it has looked", async () => {
  const path = join(folder, "two");
  const [writer, reader] = [openTrees(path), openTrees(path)];
  const digest = hexOf((await stored(writer)).digests[1] ?? new Uint8Array());
  await writer.delete(ADDRESS);
  assert.equal(await reader.open(digest), null);
  await writer.put(FORM, blocks());
  assert.equal((await reader.open(digest))?.bytes, BLOCK_BYTES);
});

async function stored(
  trees: TreeStore,
): Promise<NonNullable<Awaited<ReturnType<TreeStore["list"]>>>> {
  await trees.put(FORM, blocks());
  return (await trees.list(ADDRESS)) ?? assert.fail("no list");
}

test("any flip or cut is found; a draft of what is left asks for the damaged blocks alone", async () => {
  const path = join(folder, "damage");
  const trees = openTrees(path);
  const list = await stored(trees);
  const damage = fc.record({
    at: fc.nat(BYTES.length - 1),
    flip: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      async (spots, cuts) => {
        const hit = new Set<number>();
        const here = join(path, ADDRESS.slice(2));
        for (const { at, flip } of spots) {
          let start = 0;
          for (const { name, bytes } of FORM.files) {
            if (at >= start && at < start + bytes) {
              const file = readFileSync(join(here, name));
              if (at - start < file.length) file[at - start] = (BYTES[at] ?? 0) ^ flip;
              writeFileSync(join(here, name), file);
            }
            start += bytes;
          }
          hit.add(Math.floor(at / BLOCK_BYTES));
        }
        if (cuts) {
          truncateSync(join(here, "c.bin"), 10);
          for (let block = Math.floor(1_700_011 / BLOCK_BYTES); block < 3; block++) hit.add(block);
        }
        await assert.rejects(whole(trees), isCorrupt);
        const draft = await trees.draft(ADDRESS, list, FORM);
        const zeros = draft.missing.filter((index) => !hit.has(index));
        assert.deepEqual(zeros, []);
        assert.ok(draft.missing.length > 0);
        for (const index of draft.missing)
          await draft.add(index, BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
        await draft.finish();
        await draft.close();
        assert.deepEqual(await whole(trees), Buffer.from(BYTES));
      },
    ),
    { numRuns: 8 },
  );
});

test("a fetch that was broken off is gone on with by the next process; what nobody goes on with is removed", async () => {
  const path = join(folder, "resumed");
  const list = await stored(openTrees(join(folder, "source")));
  const first = await openTrees(path).draft(ADDRESS, list, FORM);
  assert.deepEqual(first.missing, [0, 1, 2]);
  await first.add(1, BYTES.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES));
  await first.close();
  const trees = openTrees(path);
  const second = await trees.draft(ADDRESS, list, FORM);
  assert.deepEqual(second.missing, [0, 2]);
  // While it is being fetched another tree is stored.
  const small = { files: [{ name: "one.bin", bytes: 5 }], notes: new Map<string, string>() };
  const other = await trees.put(small, [Uint8Array.of(1, 2, 3, 4, 5)]);
  for (const index of [0, 2])
    await second.add(index, BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
  await second.finish();
  assert.deepEqual(await whole(trees), Buffer.from(BYTES));
  const third = await trees.draft(
    treeAddress(Uint8Array.of(9)),
    (await trees.list(other)) ?? list,
    small,
  );
  await third.close();
  await openTrees(path).put(small, [Uint8Array.of(7, 7, 7, 7, 7)]);
  assert.deepEqual(
    readdirSync(path).filter((name) => name.endsWith(".draft")),
    [],
  );
});

test("a draft is safe from its first moment: trees that are stored meanwhile remove only what nobody works on", async () => {
  const list = await stored(openTrees(join(folder, "source-2")));
  const files = Array.from({ length: 200 }, (_, index) => ({ name: `f${index}`, bytes: 1 }));
  const form = { ...FORM, files: [...files, { name: "rest", bytes: BYTES.length - files.length }] };
  const trees = openTrees(join(folder, "draft"));
  const making = trees.draft(ADDRESS, list, form);
  const puts = Array.from({ length: 8 }, async (_, worker) => {
    for (let index = 0; index < 3; index++)
      await trees.put({ files: [{ name: "x", bytes: 2 }], notes: new Map() }, [
        Uint8Array.of(worker, index),
      ]);
  });
  const [draft] = await Promise.all([making, ...puts]);
  for (const index of draft.missing)
    await draft.add(index, BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
  await draft.finish();
  assert.deepEqual(await whole(trees), Buffer.from(BYTES));
});

test("a tree that is stored again takes the place of a damaged copy", async () => {
  const path = join(folder, "again");
  const trees = openTrees(path);
  await stored(trees);
  const file = join(path, ADDRESS.slice(2), "b.bin");
  const damaged = readFileSync(file);
  damaged[77] = (damaged[77] ?? 0) ^ 1;
  writeFileSync(file, damaged);
  await assert.rejects(whole(trees), isCorrupt);
  assert.equal(await trees.put(FORM, blocks()), ADDRESS);
  assert.deepEqual(await whole(trees), Buffer.from(BYTES));
  assert.deepEqual(readdirSync(path), [ADDRESS.slice(2)]);
});

test("a block needs no file but those it lies in", async () => {
  const path = join(folder, "narrow");
  const trees = openTrees(path);
  const digest = hexOf((await stored(trees)).digests[2] ?? new Uint8Array());
  rmSync(join(path, ADDRESS.slice(2), "a.bin"));
  const block = await trees.open(digest);
  assert.ok(block);
  assert.deepEqual(await buffer(block.pieces()), Buffer.from(BYTES.subarray(2 * BLOCK_BYTES)));
});

test("blocks that are asked for at the same time are found, and the folder is looked through once", async () => {
  const path = join(folder, "many");
  const writer = openTrees(path);
  const digests: Hex[] = [];
  for (let index = 0; index < 4; index++) {
    const bytes = Uint8Array.of(index, 1);
    await writer.put({ files: [{ name: "x", bytes: 2 }], notes: new Map() }, [bytes]);
    digests.push(hexOf(blockDigest(bytes)));
  }
  const own = fs.readdir;
  let looks = 0;
  Object.assign(fs, {
    readdir: (of: string) => {
      looks += 1;
      return own(of);
    },
  });
  syncBuiltinESMExports();
  try {
    const reader = openTrees(path);
    const asked = Array.from({ length: 100 }, (_, index) =>
      reader.open(digests[index % 4] ?? "0x"),
    );
    assert.equal((await Promise.all(asked)).filter((one) => one === null).length, 0);
    assert.equal(looks, 1);
  } finally {
    Object.assign(fs, { readdir: own });
    syncBuiltinESMExports();
  }
});

test("a manifest has one spelling; a change of it makes the tree absent or names no file, and no text crashes", async () => {
  const path = join(folder, "manifest");
  await stored(openTrees(path));
  const text = readFileSync(join(path, ADDRESS.slice(2), "manifest.json"), "utf8");
  assert.ok(parseTreeManifest(text, ADDRESS));
  const change = fc.record({ at: fc.nat(text.length - 1), to: fc.string({ maxLength: 2 }) });
  fc.assert(
    fc.property(change, ({ at, to }) => {
      const changed = text.slice(0, at) + to + text.slice(at + 1);
      const read = changed === text ? null : parseTreeManifest(changed, ADDRESS);
      // The address binds the bytes, not the names of the files: another name is a file that is not there.
      if (read !== null) {
        assert.deepEqual(read.list.bytes, BYTES.length);
        assert.notDeepEqual(read.files, FORM.files);
      }
    }),
    { numRuns: 200 },
  );
  fc.assert(fc.property(fc.json(), (any) => assert.equal(parseTreeManifest(any, ADDRESS), null)));
  writeFileSync(join(path, ADDRESS.slice(2), "manifest.json"), text.replace('"b.bin"', '"d.bin"'));
  await assert.rejects(whole(openTrees(path)), (error) => isAssayError(error, "blob-missing"));
  writeFileSync(join(path, ADDRESS.slice(2), "manifest.json"), "{}");
  assert.equal(await openTrees(path).list(ADDRESS), null);
});

/** A process that stores the tree over and over, and ends itself by SIGKILL before its step `step` of the file system. */
const KILLED = `
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
const [url, path, step] = process.argv.slice(1);
let left = Number(step);
const count = () => { if (left-- === 0) process.kill(process.pid, "SIGKILL"); };
const wrap = (of, names) => { for (const name of names) { const own = of[name]; of[name] = function (...args) { count(); return own.apply(this, args); }; } };
const probe = await fs.open(url.slice(7));
wrap(Object.getPrototypeOf(probe), ["write", "sync", "close"]);
await probe.close();
left = Number(step);
wrap(fs, ["open", "rename", "writeFile", "rm"]);
syncBuiltinESMExports();
const { openTrees } = await import(url);
const bytes = Uint8Array.from({ length: ${BYTES.length} }, (_, at) => (at * at) >> 9);
const blocks = [0, 1, 2].map((index) => bytes.subarray(index * ${BLOCK_BYTES}, (index + 1) * ${BLOCK_BYTES}));
const form = { files: ${JSON.stringify(FORM.files)}, notes: new Map([["index.json", "{}\\n"]]) };
await openTrees(path).put(form, blocks);
console.log("steps", Number(step) - left);
`;
const TREES_URL = new URL("../../../src/blobs/trees.ts", import.meta.url).href;

async function killedAt(path: string, step: number): Promise<string> {
  const args = ["--input-type=module", "-e", KILLED, TREES_URL, path, String(step)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await Promise.all([buffer(child.stdout), once(child, "close")]);
  return said.toString();
}

test("killed before any step of writing: the tree is there whole or not at all, and the next one is stored", async () => {
  const said = await killedAt(join(folder, "killed-never"), 1_000_000);
  const steps = Number(/steps (\d+)/.exec(said)?.[1]);
  assert.ok(steps > 15, said);
  let there = 0;
  const at = async (step: number): Promise<void> => {
    const path = join(folder, `killed-${step}`);
    assert.equal(await killedAt(path, step), "");
    const trees = openTrees(path);
    if ((await trees.list(ADDRESS)) !== null) {
      there += 1;
      assert.deepEqual(await whole(trees), Buffer.from(BYTES));
    }
    assert.equal(await trees.put(FORM, blocks()), ADDRESS);
    assert.deepEqual(await whole(trees), Buffer.from(BYTES));
    assert.deepEqual(readdirSync(path), [ADDRESS.slice(2)]);
  };
  const all = Array.from({ length: steps }, (_, step) => step).values();
  const worker = async (): Promise<void> => {
    for (const step of all) await at(step);
  };
  await Promise.all([worker(), worker()]);
  assert.ok(there >= 1 && there < steps, `${there} of ${steps}`);
});

test(
  "a full disk is its own fault, leaves nothing behind and what was stored before as it was",
  { skip: process.platform !== "linux" },
  () => {
    const path = join(folder, "full");
    const script = `
      const { openTrees } = await import(${JSON.stringify(TREES_URL)});
      const trees = openTrees(${JSON.stringify(path)});
      const form = (bytes) => ({ files: [{ name: "x", bytes }], notes: new Map() });
      const small = await trees.put(form(100), [new Uint8Array(100)]);
      const large = new Uint8Array(9000);
      const code = await trees.put(form(9000), [large]).catch((error) => error.code);
      let blocks = 0;
      for await (const block of trees.blocks(small)) blocks += block.length;
      console.log(code, blocks);`;
    const run = spawnSync(
      "prlimit",
      ["--fsize=4096", process.execPath, "--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    assert.equal(run.stdout.trim(), "disk-full 100", run.stderr);
    assert.equal(readdirSync(path).length, 1);
  },
);

test("a list sent for a tree is the one that its root proves", async () => {
  const list = await stored(openTrees(join(folder, "list")));
  assert.deepEqual(parseBlockList(encodeBlockList(list), ADDRESS), list);
  assert.ok(existsSync(join(folder, "list", ADDRESS.slice(2), "index.json")));
});
