/** @file Finding blobs: own copy first, then the owner's axon, then everybody's; what is found stays. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { isAssayError } from "../../../src/errors.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { BlobFinder } from "../../../src/run/finder.ts";
import { stub } from "../stub.ts";
import { portOf } from "../../support/ports.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-finder-"));
const servers: Server[] = [];
after(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const BYTES = new Uint8Array(50).fill(5);
const ADDRESS = blake2b256(BYTES);
const LIMITS = { limitBytes: 1000, signal: new AbortController().signal };
const hotkeyOf = (index: number): Hex => `0x${String(index).padStart(2, "0").repeat(32)}`;

/** A peer that has `bytes`, or nothing; `asked` counts. */
async function peer(bytes: Uint8Array | null): Promise<AxonAddress & { asked: () => number }> {
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    if (bytes === null) response.writeHead(404).end();
    else response.end(bytes);
  });
  servers.push(server);
  return { ip: "127.0.0.1", port: await portOf(server), asked: () => count };
}

let folders = 0;
function finderFor(axons: readonly (AxonAddress | null)[]): {
  finder: BlobFinder;
  path: string;
  metagraphs: () => number;
} {
  const path = join(folder, String(folders++));
  let count = 0;
  const neurons = axons.map((axon, index) =>
    stub<Neuron>({
      hotkey: hotkeyOf(index),
      get axon() {
        return axon === null
          ? null
          : stub<NonNullable<Neuron["axon"]>>({ ip: axon.ip, port: axon.port });
      },
    }),
  );
  const chain = {
    metagraph: async () => {
      count += 1;
      return stub<Metagraph>({ neurons });
    },
  };
  const finder = new BlobFinder(
    { netuid: 1, allowPrivate: true },
    { chain, blobs: openBlobs(path) },
  );
  return { finder, path, metagraphs: () => count };
}

test("a blob crosses the network once; afterwards the own copy answers", async () => {
  const source = await peer(BYTES);
  const { finder } = finderFor([null, source]);
  assert.deepEqual(await finder.tryFind(ADDRESS, LIMITS), BYTES);
  assert.deepEqual(await finder.tryFind(ADDRESS, LIMITS), BYTES);
  assert.equal(source.asked(), 1);
});

test("the owner is asked first, the others only when it has nothing", async () => {
  const [first, owner] = [await peer(BYTES), await peer(BYTES)];
  const one = finderFor([first, owner]);
  await one.finder.tryFind(ADDRESS, { ...LIMITS, owner: hotkeyOf(1) });
  assert.deepEqual([first.asked(), owner.asked()], [0, 1]);
  const gone = await peer(null);
  const two = finderFor([first, gone]);
  assert.deepEqual(await two.finder.tryFind(ADDRESS, { ...LIMITS, owner: hotkeyOf(1) }), BYTES);
  assert.deepEqual([first.asked(), gone.asked()], [1, 1]);
});

test("nobody has it: null after one pass; find asks again until somebody does", async () => {
  const { finder, metagraphs } = finderFor([await peer(null), null]);
  assert.equal(await finder.tryFind(ADDRESS, LIMITS), null);
  assert.equal(metagraphs(), 1, "axons are remembered for a while");
  const path = join(folder, "later");
  const blobs = openBlobs(path);
  const later = new BlobFinder(
    { netuid: 1, allowPrivate: true },
    { chain: { metagraph: async () => stub<Metagraph>({ neurons: [] }) }, blobs },
  );
  const found = later.find(ADDRESS, LIMITS);
  await blobs.put(BYTES);
  assert.deepEqual(await found, BYTES);
});

test("a payload that is revealed late is found soon after, though the axon before it hangs and another lies", async () => {
  const hung = createServer(() => undefined);
  servers.push(hung);
  await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
  const place = hung.address();
  assert.ok(place !== null && typeof place === "object");
  const liar = await peer(new Uint8Array(50));
  let isRevealed = false;
  const miner = createServer((_request, response) =>
    isRevealed ? response.end(BYTES) : response.writeHead(404).end(),
  );
  servers.push(miner);
  await new Promise<void>((resolve) => miner.listen(0, "127.0.0.1", resolve));
  const at = miner.address();
  assert.ok(at !== null && typeof at === "object");
  const { finder, metagraphs } = finderFor([
    { ip: "127.0.0.1", port: place.port },
    liar,
    { ip: "127.0.0.1", port: at.port },
  ]);
  const limits = { ...LIMITS, owner: hotkeyOf(2) };
  const over = new AbortController();
  const found = finder.findUntil(ADDRESS, limits, over.signal);
  const never = finder.findUntil(blake2b256(new Uint8Array(9)), LIMITS, over.signal);
  await sleep(1000);
  isRevealed = true;
  const began = performance.now();
  assert.deepEqual(await found, BYTES);
  assert.ok(performance.now() - began < 1000, "before, a pass that waits for the hanging one: 5 s");
  over.abort();
  assert.equal(await never, null);
  assert.equal(metagraphs(), 1, "searches that begin together look once");
});

test("a miner that was away for long is found at its next payload, whatever weighs on its axon", async () => {
  const axon = { ip: "127.0.0.1", port: 1 };
  const { finder } = finderFor([axon]);
  for (let times = 0; times < 12; times++)
    assert.equal(await finder.tryFind(blake2b256(new Uint8Array(times + 1)), LIMITS), null);
  const back = await peer(BYTES);
  axon.port = back.port;
  const began = performance.now();
  const limits = { ...LIMITS, owner: hotkeyOf(0) };
  // The chain's list of axons is two seconds old at most.
  const over = AbortSignal.timeout(8000);
  assert.deepEqual(await finder.findUntil(ADDRESS, limits, over), BYTES);
  assert.ok(performance.now() - began < 5000);
});

test("an axon that hangs at first is asked again: a large blob on a busy line may need a second time", async () => {
  let count = 0;
  const slow = createServer((_request, response) => {
    count += 1;
    if (count > 1) response.end(BYTES);
  });
  servers.push(slow);
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const address = slow.address();
  assert.ok(address !== null && typeof address === "object");
  const { finder } = finderFor([{ ip: "127.0.0.1", port: address.port }]);
  assert.deepEqual(await finder.find(ADDRESS, LIMITS), BYTES);
  assert.equal(count, 2);
});

test("a damaged own copy is replaced by a good one from a peer", async () => {
  const { finder, path } = finderFor([await peer(BYTES)]);
  writeFileSync(join(path, ADDRESS.slice(2)), "damaged");
  assert.deepEqual(await finder.tryFind(ADDRESS, LIMITS), BYTES);
  assert.deepEqual(await openBlobs(path).get(ADDRESS), BYTES);
});

test("a stopped search ends with the reason", async () => {
  const { finder } = finderFor([]);
  const stop = new AbortController();
  const found = finder.find(ADDRESS, { ...LIMITS, signal: stop.signal });
  setTimeout(() => stop.abort(new Error("SIGTERM")), 20);
  await assert.rejects(found, /SIGTERM/);
});

test("what lies here and is larger than allowed is not sought elsewhere, nor read", async () => {
  const source = await peer(BYTES);
  const { finder, path } = finderFor([source]);
  const large = new Uint8Array(5000).fill(1);
  const address = await openBlobs(path).put(large);
  assert.equal(await finder.tryFind(address, LIMITS), null);
  await assert.rejects(finder.find(address, LIMITS), (error) =>
    isAssayError(error, "blob-oversized"),
  );
  assert.equal(source.asked(), 0);
  assert.deepEqual(await finder.tryFind(address, { ...LIMITS, limitBytes: 5000 }), large);
});

test("peers are counted by address, from a look in the background", async () => {
  const axons = ["127.0.0.5", "127.0.0.5", "127.0.0.6"].map((ip, index) => ({
    ip,
    port: index + 1,
  }));
  const { finder, metagraphs } = finderFor([...axons, null]);
  assert.equal(finder.peersAt("127.0.0.5"), 0);
  await finder.axons();
  assert.deepEqual(
    ["127.0.0.5", "127.0.0.6", "127.0.0.7"].map((ip) => finder.peersAt(ip)),
    [2, 1, 0],
  );
  assert.ok(metagraphs() <= 2);
});
