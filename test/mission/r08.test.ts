/** @file R8: a checkpoint's name is the root over its blocks; any place serves it, one flipped bit is named, and who resumes has the same bits. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import type { Metagraph } from "../../chain/client/metagraph.ts";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { outerOptimizerOf } from "../../src/run/run.ts";
import { sharedLayout } from "../../kernels/optim/outer.ts";
import { checkpointsSchema } from "../../src/api/types.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { openTrees, type TreeStore } from "../../src/blobs/trees.ts";
import { digestOf, getCheckpoint, putCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { blocksOf, formOf } from "../../src/checkpoint/form.ts";
import { localFile, memoryFile } from "../../src/data/ranges.ts";
import { S3Reader } from "../../src/data/s3.ts";
import { isAssayError } from "../../src/errors.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { BLOCK_BYTES } from "../../src/protocol/block-tree.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import { parseRunText } from "../../src/protocol/run-text.ts";
import { rulesDigest, rulesOf } from "../../src/protocol/rules.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { portOf } from "../support/ports.ts";
import { openBucket } from "./bucket.ts";
import { cidByHand, cidByImporter } from "./cid.ts";
import { hotkeyOf, type Onlooker } from "./onlooker.ts";
import { exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";
import { openSceneWithNewcomer } from "./scene.ts";
import { type Place, restore, sendingOrder } from "./tree-places.ts";

/** Windows between two checkpoints, and after the one that is resumed. */
const EVERY = 2;
const AFTER = 2;
const BLOCK_MS = 700;
/** Flipped bits: in a folder, in a bucket, and of a peer, where each takes seconds. */
const SEEDS = { folder: 300, bucket: 60, peer: 2 } as const;
/** Of the checkpoint whose bits are flipped: ten blocks and a half in four files. */
const FLIPPED = layoutOf([
  { name: "a", shape: [700, 1024], decay: true },
  { name: "b", shape: [512, 1024], decay: true },
  { name: "c", shape: [800, 1024], decay: true },
  { name: "d", shape: [680, 1024], decay: true },
]);
const { signal } = new AbortController();

/** A number below `most` that follows from a seed: xorshift. */
function drawn(seed: number, most: number): number {
  let state = (seed + 1) * 2_654_435_761;
  for (const shift of [13, -17, 5])
    state = (shift > 0 ? state ^ (state << shift) : state ^ (state >>> -shift)) >>> 0;
  return state % most;
}

/** A file with one bit flipped. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

/** Bits of a checkpoint in many files that were flipped, and those that were not refused with their block and file. */
async function flips(
  t: TestContext,
  root: string,
): Promise<Readonly<Record<keyof typeof SEEDS, number>>> {
  const theta = Float32Array.from({ length: FLIPPED.total }, (_, at) => Math.sin(at));
  const form = formOf(FLIPPED, 3 << 20);
  const path = join(root, "flips");
  const address = await openTrees(path).put(form, blocksOf(form, theta));
  const folder = join(path, address.slice(2));
  const list = (await openTrees(path).list(address)) ?? assert.fail("no list");
  const starts = form.files.map((_, index) =>
    form.files.slice(0, index).reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const spot = (seed: number) => {
    const bit = drawn(seed, form.bytes * 8);
    const at = Math.floor(bit / 8);
    const index = starts.findLastIndex((start) => start <= at);
    const file = form.files[index]?.name ?? "";
    return { file, bit: bit - 8 * (starts[index] ?? 0), block: Math.floor(at / BLOCK_BYTES) };
  };
  const unnamed = { folder: 0, bucket: 0, peer: 0 };
  for (let seed = 0; seed < SEEDS.folder; seed++) {
    const { file, bit, block } = spot(seed);
    const right = readFileSync(join(folder, file));
    writeFileSync(join(folder, file), flipped(right, bit));
    const error: unknown = await (async () => {
      for await (const one of openTrees(path).blocks(address)) void one;
    })().catch((thrown: unknown) => thrown);
    const isNamed =
      isAssayError(error, "blob-corrupt") &&
      error.message.includes(`block ${block} in `) &&
      error.message.includes(file);
    if (!isNamed) unnamed.folder += 1;
    writeFileSync(join(folder, file), right);
  }
  for (let seed = 0; seed < SEEDS.bucket; seed++) {
    const { file, bit, block } = spot(1000 + seed);
    const place: Place = async (name) => {
      const bytes = readFileSync(join(folder, name));
      return memoryFile(name, name === file ? flipped(bytes, bit) : bytes);
    };
    const { trees } = memoryBlobs();
    const found = await restore(address, place, trees);
    const isNamed =
      typeof found === "object" && found.block === block && found.files.includes(file);
    if (!isNamed || (await trees.list(address)) !== null) unnamed.bucket += 1;
  }
  for (let seed = 0; seed < SEEDS.peer; seed++) {
    const { block } = spot(2000 + seed);
    const digest = Buffer.from(list.digests[block] ?? new Uint8Array()).toString("hex");
    if (!(await peerIsNamed(t, { root, path, address, digest: `0x${digest}`, form })))
      unnamed.peer += 1;
  }
  return unnamed;
}

/** Whether a peer that serves one block with a flipped bit is refused with that block. */
async function peerIsNamed(
  t: TestContext,
  {
    root,
    path,
    address,
    digest,
    form,
  }: {
    readonly root: string;
    readonly path: string;
    readonly address: Hex;
    readonly digest: string;
    readonly form: ReturnType<typeof formOf>;
  },
): Promise<boolean> {
  const trees = openTrees(path);
  const server = createServer((request, response) => {
    const asked = (request.url ?? "").replace("/blobs/", "");
    void (isHex(asked) ? trees.open(asked) : Promise.resolve(null)).then(async (found) => {
      if (found === null) return response.writeHead(404).end();
      const bytes = await buffer(found.pieces());
      return response.end(asked === digest ? Buffer.from(flipped(bytes, 8 * 1000 + 3)) : bytes);
    });
  });
  const axon = { ip: "127.0.0.1", port: await portOf(server) };
  t.after(() => server.close());
  const neurons = [{ hotkey: `0x${"01".repeat(32)}`, axon }];
  // Of the chain only who has which address.
  const chain = { metagraph: () => Promise.resolve({ neurons } as unknown as Metagraph) };
  const blobs = openBlobs(mkdtempSync(join(root, "peer-")));
  const finder = new BlobFinder({ netuid: 1, allowPrivate: true }, { chain, blobs });
  const wrong = new Set<string>();
  const onWrong = (one: { readonly digest: Hex }): void => void wrong.add(one.digest);
  const found = await finder.findTree(address, form, { patient: false, signal, onWrong });
  return (
    !found && wrong.size === 1 && wrong.has(digest) && (await blobs.trees.list(address)) === null
  );
}

/** The newest checkpoint of a node that the chain's votes confirm, and what they name. */
async function confirmed(
  onlooker: Onlooker,
  hotkey: Hex,
): Promise<{ readonly window: number; readonly address: Hex; readonly thetaDigest: Hex }> {
  const { subnet, clock, manifest } = onlooker;
  const rules = rulesDigest(rulesOf(manifest));
  const parts = { netuid: subnet.netuid, clock, rules: async () => rules };
  const record = new ChainRecord(parts, subnet);
  return onlooker.until(
    "a checkpoint that the votes confirm",
    async () => {
      const axon = (await subnet.finder.axons()).get(hotkey);
      if (axon === undefined) return null;
      const limits = { limitBytes: 4096, timeoutMs: 2000 };
      const all = await fetchJson(urlOf(axon, "/checkpoints"), checkpointsSchema, limits);
      for (const { window, address } of all ?? []) {
        if (window === 0 || clock.lastJudgeBlock(window) > onlooker.height) continue;
        const { thetaDigest } = await record.outcome(window);
        if (thetaDigest !== null) return { window, address, thetaDigest };
      }
      return null;
    },
    200_000,
  );
}

/** Sends a tree to a bucket, and what another can restore after each part: nothing, but at the end. */
async function sent(
  t: TestContext,
  {
    trees,
    folder,
    address,
    layout,
    root,
  }: {
    readonly trees: TreeStore;
    readonly folder: string;
    readonly address: Hex;
    readonly layout: Layout;
    readonly root: string;
  },
) {
  const bucket = await openBucket(t);
  const environment = {
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    AWS_ACCESS_KEY_ID: "testing",
    AWS_SECRET_ACCESS_KEY: "testing",
  };
  const reader = new S3Reader(environment);
  const place: Place = (name) =>
    reader
      .file({ bucket: bucket.name, key: `${address}/${name}` })
      .catch((error: unknown) =>
        isAssayError(error) && error.message.includes("NoSuchKey") ? null : Promise.reject(error),
      );
  const store = openBlobs(join(root, "restored"));
  let early = 0;
  for (const name of sendingOrder(formOf(layout))) {
    if ((await restore(address, place, store.trees)) !== "absent") early += 1;
    await bucket.put(`${address}/${name}`, readFileSync(join(folder, name)));
  }
  const began = performance.now();
  const found = await restore(address, place, store.trees);
  return { early, found, store, ms: performance.now() - began, was: await trees.list(address) };
}

test("R8", { timeout: 900_000 }, async (t) => {
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), "assay-r08-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const rules = ["--set", `checkpoint.everyWindows=${EVERY}`, "--block-ms", String(BLOCK_MS)];
  const cast = ["--windows", "60", "--miners", "3", "--attack", "none", "--no-baseline"];
  const scene = await openSceneWithNewcomer(t, [...cast, ...rules], "joiner");
  const { nodes, onlooker, newcomer, hotkey, net } = scene;
  const { subnet, manifest, clock } = onlooker;
  const where = ["--wallet", "joiner", "--netuid", String(nodes.netuid)];
  const registered = (async () => {
    await newcomer.run("miner", "faucet", "--wallet", "joiner");
    await newcomer.run("miner", "register", ...where, "--yes");
  })();

  const named = parseRunText(await subnet.chain.subnetIdentity(nodes.netuid)).runId;
  const layout = sharedLayout(layoutOf(specsOf(manifest.model)), outerOptimizerOf(manifest.outer));
  const newest = await confirmed(onlooker, hotkeyOf(nodes, "miner-1"));
  const { address, window, thetaDigest } = newest;
  await registered;

  // A peer: block by block, each proven by the address that it has.
  const fromPeers = openBlobs(join(root, "peers"));
  const chain = { metagraph: (netuid: number) => subnet.chain.metagraph(netuid) };
  const finder = new BlobFinder(
    { netuid: nodes.netuid, allowPrivate: true },
    { chain, blobs: fromPeers },
  );
  const look = { patient: true, signal };
  const byPeers = await finder.findTree(address, formOf(layout), look);
  const genesis = layoutOf(specsOf(manifest.model));
  const theta0 = await finder.findTree(manifest.genesisCheckpoint, formOf(genesis), look);
  const theta = await getCheckpoint(fromPeers.trees, layout, address);
  const digest = await digestOf(named ?? "0x", layout, theta);

  // A folder: the files as they lie there, carried by anybody.
  const folder = join(root, "peers", "trees", address.slice(2));
  cpSync(folder, join(root, "copy"), { recursive: true });
  const fromFolder = memoryBlobs();
  const folderPlace: Place = (name) => localFile(join(root, "copy", name)).catch(() => null);
  const byFolder = await restore(address, folderPlace, fromFolder.trees);

  // A bucket, parts first and what describes them last; the newcomer resumes from what came out of it.
  const parts = { trees: fromPeers.trees, folder, address, layout, root };
  const byBucket = await sent(t, parts);
  const again = await getCheckpoint(byBucket.store.trees, layout, address);
  const state = join(newcomer.home, ".assay", "nodes", hotkey.ss58);
  cpSync(join(root, "restored"), join(state, "blobs"), { recursive: true });
  newcomer.start("miner", ...where, "--device", "cpu");
  const unnamed = await flips(t, root);
  const cids = [
    await cidByImporter(fromPeers.trees.blocks(address)),
    await cidByHand(fromPeers.trees.blocks(address)),
  ];
  const form = formOf(FLIPPED, 3 << 20);
  const many = openTrees(join(root, "flips"));
  const [large = "0x"] = await many.addresses();
  const largeCids = [await cidByImporter(many.blocks(large)), await cidByHand(many.blocks(large))];
  const own = await onlooker.until(
    "the newcomer's parameters",
    async () => {
      const digests = await onlooker.digestsOf(hotkey.publicKey);
      return digests.length > AFTER ? digests : null;
    },
    200_000,
  );
  const straight = new Map(
    (await onlooker.digestsOf(hotkeyOf(nodes, "miner-3"))).map((one) => [one.window, one.digest]),
  );
  const compared = own.filter((one) => straight.has(one.window));
  const unequal = compared.filter((one) => straight.get(one.window) !== one.digest);
  await onlooker.close();
  net.child.kill("SIGINT");
  await net.exited;
  report(ROWS.R8, began, {
    goals: [
      exactly("run on the chain is the manifest that names theta_0's root", named, nodes.runId),
      exactly("theta_0 came by that root", theta0, true),
      exactly("a peer serves it", byPeers, true),
      exactly("its parameters are those of the chain's votes", digest, thetaDigest),
      exactly("a folder serves it", JSON.stringify(byFolder), '"whole"'),
      exactly("a bucket serves it", JSON.stringify(byBucket.found), '"whole"'),
      exactly("parts of an upload that were taken for a checkpoint", byBucket.early, 0),
      exactly(
        "what came from the bucket has the same address",
        await putCheckpoint(memoryBlobs().trees, layout, again),
        address,
      ),
      exactly(
        `flipped bits in a folder, of ${SEEDS.folder}, not refused by block and file`,
        unnamed.folder,
        0,
      ),
      exactly(
        `flipped bits in a place of files, of ${SEEDS.bucket}, not refused by block and file`,
        unnamed.bucket,
        0,
      ),
      exactly(
        `flipped bits of a peer, of ${SEEDS.peer}, not refused by block and peer`,
        unnamed.peer,
        0,
      ),
      exactly(
        "windows compared of who resumed and who went straight",
        compared.length > AFTER,
        true,
      ),
      exactly("windows with other bits", unequal.length, 0),
      exactly(
        "IPFS's importer names the same blocks alike",
        `${cids[0]} ${largeCids[0]}`,
        `${cids[1]} ${largeCids[1]}`,
      ),
    ],
    numbers: {
      checkpoint: {
        window,
        address,
        bytes: formOf(layout).bytes,
        blocks: byBucket.was?.digests.length ?? 0,
      },
      cid: cids[0],
      flipped: { bytes: form.bytes, files: form.files.length, cid: largeCids[0] },
      bucket: { server: "moto 5.2.5", restoredMs: Math.round(byBucket.ms) },
      resumed: { from: Math.min(...own.map((one) => one.window)), compared: compared.length },
      lastWindow: clock.windowOf(onlooker.height),
    },
  });
});
