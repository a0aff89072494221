/** @file R8: a checkpoint's name is the root over its blocks; any place serves it, one flipped bit is named, and who resumes has the same bits. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { outerOptimizerOf } from "../../src/run/run.ts";
import { sharedLayout } from "../../kernels/optim/outer.ts";
import { checkpointsSchema } from "../../src/api/types.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import type { TreeStore } from "../../src/blobs/trees.ts";
import { digestOf, getCheckpoint, putCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { formOf } from "../../src/checkpoint/form.ts";
import { localFile } from "../../src/data/ranges.ts";
import { S3Reader } from "../../src/data/s3.ts";
import { isAssayError } from "../../src/errors.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { parseRunText } from "../../src/protocol/run-text.ts";
import { rulesDigest, rulesOf } from "../../src/protocol/rules.ts";
import { ChainRecord } from "../../src/run/chain-record.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { openBucket } from "./bucket.ts";
import { cidByHand, cidByImporter } from "./cid.ts";
import { hotkeyOf, type Onlooker } from "./onlooker.ts";
import { exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";
import { openSceneWithNewcomer } from "./scene.ts";
import { FLIPPED_FORM, flips, SEEDS } from "./flips.ts";
import { type Place, restore, sendingOrder } from "./tree-places.ts";

/** Windows between two checkpoints, and after the one that is resumed. */
const EVERY = 2;
const AFTER = 2;
const BLOCK_MS = 700;
const { signal } = new AbortController();

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
      const url = urlOf(axon, "/checkpoints");
      const all = await fetchJson(url, checkpointsSchema, limits).catch(() => null);
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
    reader.file({ bucket: bucket.name, key: `${address}/${name}` }).catch((error: unknown) => {
      if (isAssayError(error) && error.message.includes("NoSuchKey")) return null;
      throw error;
    });
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
  const large = await flips(t, root);
  const { unnamed } = large;
  const cids = [
    await cidByImporter(fromPeers.trees.blocks(address)),
    await cidByHand(fromPeers.trees.blocks(address)),
  ];
  const largeCids = [
    await cidByImporter(large.trees.blocks(large.address)),
    await cidByHand(large.trees.blocks(large.address)),
  ];
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
        `flipped bits in a place of files, of ${SEEDS.place}, not refused by block and file`,
        unnamed.place,
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
      flipped: { bytes: FLIPPED_FORM.bytes, files: FLIPPED_FORM.files.length, cid: largeCids[0] },
      bucket: { server: "moto 5.2.5", restoredMs: Math.round(byBucket.ms) },
      resumed: { from: Math.min(...own.map((one) => one.window)), compared: compared.length },
      lastWindow: clock.windowOf(onlooker.height),
    },
  });
});
