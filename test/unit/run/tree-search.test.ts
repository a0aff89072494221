/** @file Fetching a checkpoint: from several axons at once, past those that lie or hang, and on from where it was broken off. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, afterEach, test } from "node:test";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import { layoutOf } from "../../../kernels/nn/model.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { getCheckpoint, putCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { formOf } from "../../../src/checkpoint/form.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import { type Hex, hexOf, isHex } from "../../../src/protocol/digest.ts";
import { BlobFinder } from "../../../src/run/finder.ts";
import { portOf } from "../../support/ports.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-tree-search-"));
const servers: Server[] = [];
after(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Ten blocks and a half. */
const LAYOUT = layoutOf([{ name: "w", shape: [1344, 2048], decay: true }]);
const FORM = formOf(LAYOUT);
const THETA = Float32Array.from({ length: LAYOUT.total }, (_, at) => Math.sin(at));
const source = memoryBlobs();
const ADDRESS = await putCheckpoint(source.trees, LAYOUT, THETA);
const LIST = (await source.trees.list(ADDRESS)) ?? assert.fail("not stored");
const BLOCKS = LIST.digests.map(hexOf);
const hotkeyOf = (index: number): Hex => `0x${String(index).padStart(2, "0").repeat(32)}`;

/** `block`: which one it is, -1 for what is none. */
type Answer = (block: number, bytes: Buffer) => Buffer | "hang" | null;
const honest: Answer = (_block, bytes) => bytes;

const liar: Answer = (block, bytes) =>
  block < 0 ? bytes : Buffer.from(bytes.map((byte) => byte ^ 1));
const hanging: Answer = (block, bytes) => (block < 0 ? bytes : "hang");

/** An axon that has the checkpoint and answers by `how`; `asked`: which blocks it was asked for. */
async function peer(how: Answer): Promise<AxonAddress & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const address = (request.url ?? "").replace("/blobs/", "");
    const block = BLOCKS.findIndex((one) => one === address);
    if (block >= 0) asked.push(address);
    void (isHex(address) ? source.open(address) : Promise.resolve(null)).then(async (found) => {
      if (found === null) return response.writeHead(404).end();
      const answer = how(block, await buffer(found.pieces()));
      if (answer === "hang") return undefined;
      return answer === null
        ? response.writeHead(404).end()
        : response.writeHead(200, { "content-length": answer.length }).end(answer);
    });
  });
  servers.push(server);
  return { ip: "127.0.0.1", port: await portOf(server), asked };
}

function finderAt(path: string, axons: readonly AxonAddress[]): BlobFinder {
  const neurons = axons.map(({ ip, port }, index) =>
    stub<Neuron>({
      hotkey: hotkeyOf(index),
      axon: stub<NonNullable<Neuron["axon"]>>({ ip, port }),
    }),
  );
  const chain = { metagraph: async () => stub<Metagraph>({ neurons }) };
  return new BlobFinder({ netuid: 1, allowPrivate: true }, { chain, blobs: openBlobs(path) });
}

const { signal } = new AbortController();
const thetaIn = (path: string): Promise<Float32Array> =>
  getCheckpoint(openBlobs(path).trees, LAYOUT, ADDRESS);

test("blocks come from every axon; each crosses the network once, and what is here is not asked for again", async () => {
  const peers = [await peer(honest), await peer(honest), await peer(honest)];
  const path = join(folder, "several");
  assert.ok(await finderAt(path, peers).findTree(ADDRESS, FORM, { patient: false, signal }));
  assert.deepEqual(await thetaIn(path), THETA);
  const asked = peers.map((one) => one.asked.length);
  assert.ok(
    asked.every((count) => count > 0),
    String(asked),
  );
  assert.deepEqual(peers.flatMap((one) => one.asked).toSorted(), BLOCKS.toSorted());
  assert.ok(await finderAt(path, peers).findTree(ADDRESS, FORM, { patient: false, signal }));
  assert.equal(peers.flatMap((one) => one.asked).length, BLOCKS.length);
});

test("who sends wrong blocks is named, who hangs is passed by, and the rest comes from elsewhere", async () => {
  const peers = [await peer(liar), await peer(hanging), await peer(honest)];
  const path = join(folder, "liar");
  const wrong: string[] = [];
  const found = await finderAt(path, peers).findTree(ADDRESS, FORM, {
    patient: false,
    signal,
    onWrong: ({ hotkey, digest }) => {
      assert.ok(BLOCKS.includes(digest));
      wrong.push(hotkey);
    },
  });
  assert.ok(found);
  assert.deepEqual(new Set(wrong), new Set([hotkeyOf(0)]));
  assert.deepEqual(await thetaIn(path), THETA);
});

test("a fetch that is broken off goes on with the blocks that it has, in another process as well", async () => {
  const path = join(folder, "broken");
  const stopped = new AbortController();
  let served = 0;
  const first = await peer((block, bytes) => {
    if (block >= 0 && ++served === 6) setTimeout(() => stopped.abort(), 100);
    return block < 6 ? bytes : null;
  });
  const search = { patient: false, signal: stopped.signal };
  await assert.rejects(finderAt(path, [first]).findTree(ADDRESS, FORM, search));
  const draft = await openBlobs(path).trees.draft(ADDRESS, LIST, FORM);
  const left = draft.missing.flatMap((index) => BLOCKS[index] ?? []);
  await draft.close();
  assert.ok(left.length > 0 && left.length < BLOCKS.length, `${left.length} are left`);
  const second = await peer(honest);
  assert.ok(await finderAt(path, [second]).findTree(ADDRESS, FORM, { patient: false, signal }));
  assert.deepEqual(second.asked.toSorted(), left.toSorted());
  assert.deepEqual(await thetaIn(path), THETA);
});

test("one flipped bit on this node's disk costs one block; without anybody who has it the tree is not there", async () => {
  const path = join(folder, "flipped");
  const { trees } = openBlobs(path);
  await putCheckpoint(trees, LAYOUT, THETA);
  const file = join(path, "trees", ADDRESS.slice(2), "model.safetensors");
  const bytes = readFileSync(file);
  bytes[3_000_000] = (bytes[3_000_000] ?? 0) ^ 4;
  writeFileSync(file, bytes);
  assert.equal(await finderAt(path, []).findTree(ADDRESS, FORM, { patient: false, signal }), false);
  const mender = await peer(honest);
  assert.ok(await finderAt(path, [mender]).findTree(ADDRESS, FORM, { patient: false, signal }));
  assert.deepEqual(mender.asked, [BLOCKS[2]]);
  assert.deepEqual(await thetaIn(path), THETA);
});

test("a list that is not the address's, and a tree of another length, are nobody's", async () => {
  const wrong = await peer((_address, bytes) => Buffer.from(bytes.map((byte) => byte ^ 1)));
  const path = join(folder, "list");
  const finder = finderAt(path, [wrong]);
  assert.equal(await finder.findTree(ADDRESS, FORM, { patient: false, signal }), false);
  const other = formOf(layoutOf([{ name: "w", shape: [4, 4], decay: true }]));
  const truth = finderAt(path, [await peer(honest)]);
  assert.equal(await truth.findTree(ADDRESS, other, { patient: false, signal }), false);
});
