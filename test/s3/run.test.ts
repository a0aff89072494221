/**
 * @file A run whose blobs lie in a bucket alone: real processes, a real S3 server (moto, from PyPI at first use). What each makes is in the
 * bucket and not on its disk; its axon only sends there. Then what was fetched is taken from all disks, bytes are flipped in the bucket, and
 * somebody joins who was not there before: refused by object and store, fetched elsewhere, equal to the last bit. No key is in any log.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Bucket } from "../../src/blobs/bucket.ts";
import { parseBlockList } from "../../src/protocol/block-tree.ts";
import { type Hex, hexOf, isHex } from "../../src/protocol/digest.ts";
import { readUpdateHeader, UPDATE_HEADER_BYTES } from "../../src/protocol/update.ts";
import { urlOf } from "../../src/network/client.ts";
import { openBucket } from "../mission/bucket.ts";
import { hotkeyOf, type Onlooker } from "../mission/onlooker.ts";
import { openSceneWithNewcomer } from "../mission/scene.ts";
import type { Nodes } from "../support/localnet.ts";

const BLOCK_MS = 400;
/** Windows between two checkpoints: long enough to flip one before the next takes its place. */
const EVERY = 4;
/** Windows that are compared of who joined. */
const AFTER = 3;
const PATIENCE_MS = 300_000;
const KEYS = { id: "AKIDPLANTED", secret: "PLANTED/secret+of+the+bucket" };
const PREFIX = "net";

/** Looks at the bucket as its owner does. */
class Shelf {
  readonly #bucket: Bucket;
  readonly #base: string;

  constructor(endpoint: string, bucket: string, runId: string) {
    this.#base = runId.slice(2, 18);
    this.#bucket = new Bucket({
      place: `s3://${bucket}/${PREFIX}`,
      environment: environmentOf(endpoint),
    });
  }

  /** Names of what a node has of a kind. */
  async names(node: string, kind: string): Promise<readonly string[]> {
    const below = `${this.#base}/${node}/${kind}/`;
    return (await this.#bucket.list(below)).map(({ key }) => key.slice(below.length));
  }

  async get(node: string, kind: string, name: string): Promise<Uint8Array> {
    const found = await this.#bucket.get(`${this.#base}/${node}/${kind}/${name}`, 1 << 28);
    return found ?? assert.fail(`${node} has no ${kind}/${name}`);
  }

  /** Flips one bit of the middle byte. */
  async flip(node: string, kind: string, name: string): Promise<void> {
    const bytes = new Uint8Array(await this.get(node, kind, name));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await this.#bucket.put(`${this.#base}/${node}/${kind}/${name}`, bytes);
  }
}

function environmentOf(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: KEYS.id,
    AWS_SECRET_ACCESS_KEY: KEYS.secret,
  };
}

const asHex = (text: string): Hex => (isHex(text, 32) ? text : assert.fail(text));
const nodeOf = ({ nodes }: Nodes, name: string) =>
  nodes.find((one) => one.name === name) ?? assert.fail(name);

/** What lies in a node's folder of blobs: blobs, and trees. */
function onDisk(folder: string, ss58: string): { blobs: Set<string>; trees: string[] } {
  const at = join(folder, "nodes", ss58, "blobs");
  const blobs = readdirSync(at).filter((name) => statSync(join(at, name)).isFile());
  let trees: string[] = [];
  try {
    trees = readdirSync(join(at, "trees"));
  } catch {
    // None was ever here.
  }
  return { blobs: new Set(blobs.map((name) => `0x${name}`)), trees };
}

/** The update of a window that a miner has in the bucket. */
async function updateOf(shelf: Shelf, miner: string, window: number): Promise<Hex | null> {
  for (const name of await shelf.names(miner, "blobs")) {
    const bytes = await shelf.get(miner, "blobs", name);
    if (bytes.length < UPDATE_HEADER_BYTES) continue;
    if (Number(readUpdateHeader(bytes).window) === window) return asHex(name);
  }
  return null;
}

/** A network whose nodes put what they make into a bucket; null where no server can be installed. */
async function stage(t: TestContext) {
  let bucket: Awaited<ReturnType<typeof openBucket>>;
  try {
    bucket = await openBucket(t);
  } catch (error) {
    t.skip(`no S3 server: moto cannot be installed or started (${String(error).slice(0, 300)})`);
    return null;
  }
  const environment = {
    ...environmentOf(bucket.endpoint),
    ASSAY_STORE: `s3://${bucket.name}/${PREFIX}`,
  };
  Object.assign(process.env, environment);
  const rules = ["--set", `checkpoint.everyWindows=${EVERY}`, "--block-ms", String(BLOCK_MS)];
  const cast = ["--windows", "80", "--miners", "3", "--attack", "none", "--no-baseline"];
  const scene = await openSceneWithNewcomer(t, [...cast, ...rules], "joiner");
  for (const [name, value] of Object.entries(environment))
    scene.newcomer.environment.set(name, value);
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  return { bucket, scene, shelf: new Shelf(bucket.endpoint, bucket.name, scene.nodes.runId) };
}

type Staged = NonNullable<Awaited<ReturnType<typeof stage>>>;

/** What every node made is in the bucket and not on its disk, and its axon sends there. */
async function checkPlaces({ scene, shelf }: Staged): Promise<{ objects: number; sent: number }> {
  const { nodes, net, onlooker } = scene;
  let [objects, sent] = [0, 0];
  const axons = await onlooker.subnet.finder.axons();
  const owners = [
    { name: "owner", node: "owner", hotkey: null },
    ...nodes.nodes
      .filter(({ role }) => role !== "subnet")
      .map(({ name, ss58, hotkey }) => ({ name, node: ss58, hotkey })),
  ];
  for (const { name, node, hotkey } of owners) {
    const kinds = ["blobs", "trees", "blocks"] as const;
    const lists = await Promise.all(kinds.map((kind) => shelf.names(node, kind)));
    const [blobs = [], trees = []] = lists;
    objects += lists.flat().length;
    assert.ok(name.startsWith("validator") || blobs.length > 0, `${name} has blobs in the bucket`);
    assert.ok(name === "owner" || trees.length > 0, `${name} has checkpoints in the bucket`);
    if (name.startsWith("validator"))
      assert.ok((await shelf.names(node, "records")).length > 0, `${name} has records there`);
    if (hotkey === null) continue;
    // What was made just now is on its way.
    await onlooker.until(
      `${name} with nothing of its own on its disk`,
      async () => {
        const here = onDisk(net.folder ?? "", node);
        const left = [
          ...blobs.filter((one) => here.blobs.has(one)),
          // theta_0 and the like are fetched.
          ...trees.filter((one) => here.trees.includes(one.slice(2))),
        ];
        return left.length === 0 ? true : null;
      },
      20_000,
    );
    const axon = axons.get(asHex(hotkey)) ?? assert.fail(`${name} has no axon`);
    for (const address of [...blobs.slice(0, 2), ...trees.slice(0, 1)]) {
      const answer = await fetch(urlOf(axon, `/blobs/${address}`), { redirect: "manual" });
      assert.equal(answer.status, 307, `${name} sends no bytes itself`);
      assert.match(
        answer.headers.get("location") ?? "",
        new RegExp(`${node}/\\w+/${address}\\?X-Amz`),
      );
      sent += 1;
    }
  }
  return { objects, sent };
}

/** Takes what was fetched from all disks: from now on only the bucket has what was before. */
function emptyDisks({ net, nodes }: Staged["scene"]): number {
  let removed = 0;
  for (const { ss58, role } of nodes.nodes) {
    if (role === "subnet") continue;
    const at = join(net.folder ?? "", "nodes", ss58, "blobs");
    for (const name of readdirSync(at)) {
      if (name === "trees" || !statSync(join(at, name)).isFile()) continue;
      rmSync(join(at, name), { force: true });
      removed += 1;
    }
  }
  return removed;
}

/** Waits until a window is over for everybody. */
async function ended(onlooker: Onlooker, window: number): Promise<void> {
  await onlooker.block(onlooker.clock.lastJudgeBlock(window) + 1);
}

/** Words in any log that nobody may read there. */
function leaks(folder: string, said: string): readonly string[] {
  const words = [KEYS.secret, encodeURIComponent(KEYS.secret), "X-Amz-Signature", KEYS.id];
  const found: string[] = [];
  const look = (name: string, text: string): void => {
    for (const word of words) if (text.includes(word)) found.push(`${word} in ${name}`);
  };
  look("what the newcomer said", said);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, file);
    if (/\.(?:log|jsonl?|txt|pid)$/.test(file) && statSync(path).isFile())
      look(file, readFileSync(path, "utf8"));
  }
  return found;
}

test(
  "a run in a bucket: who joins is equal to the last bit, flipped bytes are refused by name",
  { timeout: 1_200_000 },
  async (t) => {
    const began = performance.now();
    const staged = await stage(t);
    if (staged === null) return;
    const { scene, shelf } = staged;
    const { nodes, net, onlooker, newcomer, hotkey } = scene;
    const where = ["--wallet", "joiner", "--netuid", String(nodes.netuid)];
    await newcomer.run("miner", "faucet", "--wallet", "joiner");
    await newcomer.run("miner", "register", ...where, "--yes");

    // A checkpoint that the votes confirm, and a window behind it.
    const due = Math.ceil((onlooker.now + 1) / EVERY) * EVERY;
    await ended(onlooker, due + 1);
    const { objects, sent } = await checkPlaces(staged);
    const removed = emptyDisks(scene);
    t.diagnostic(
      `window ${onlooker.now}: ${objects} objects in the bucket, ${sent} questions sent there, ${removed} fetched blobs taken from the disks`,
    );
    const flippedWindow = onlooker.now;
    await ended(onlooker, flippedWindow);

    // The checkpoint of all but one node, and the update of that one.
    const good = nodeOf(nodes, "miner-1");
    const confirmed = Math.floor(flippedWindow / EVERY) * EVERY;
    const [address = ""] = (await shelf.names(good.ss58, "trees")).slice(-1);
    const roots = await shelf.names(good.ss58, "trees");
    const flippedBlocks: string[] = [];
    for (const { ss58, name, role } of nodes.nodes) {
      if (role === "subnet" || name === good.name) continue;
      for (const root of roots) {
        const list = parseBlockList(await shelf.get(good.ss58, "trees", root), asHex(root));
        const block = hexOf(list?.digests[0] ?? new Uint8Array());
        if (!(await shelf.names(ss58, "blocks")).includes(block)) continue;
        await shelf.flip(ss58, "blocks", block);
        flippedBlocks.push(`${ss58}/blocks/${block}`);
      }
    }
    const payload = await onlooker.until(
      "the update in the bucket",
      () => updateOf(shelf, good.ss58, flippedWindow),
      PATIENCE_MS,
    );
    await shelf.flip(good.ss58, "blobs", payload);
    t.diagnostic(
      `flipped: ${flippedBlocks.length} blocks of checkpoints, the update of miner-1 of window ${flippedWindow}`,
    );

    const joinedAt = performance.now();
    const joiner = newcomer.start("miner", ...where, "--device", "cpu");
    const own = await onlooker
      .until(
        "the newcomer's parameters",
        async () => {
          const digests = await onlooker.digestsOf(hotkey.publicKey);
          return digests.length > AFTER ? digests : null;
        },
        PATIENCE_MS,
      )
      .catch((error: unknown) => assert.fail(`${String(error)}\n${joiner.out}`));
    const seconds = (performance.now() - joinedAt) / 1000;
    const straight = new Map(
      (await onlooker.digestsOf(hotkeyOf(nodes, "miner-3"))).map((one) => [one.window, one.digest]),
    );
    const compared = own.filter((one) => straight.has(one.window));
    const unequal = compared.filter((one) => straight.get(one.window) !== one.digest);
    assert.ok(compared.length > AFTER);
    assert.deepEqual(unequal, []);
    const refused = [...joiner.out.matchAll(/refused wrong bytes of (\w+): (0x\w+) at (\S+);/g)];
    const named = refused.map(([, whose = "", what = "", place = ""]) => {
      assert.ok(
        place.startsWith(`${staged.bucket.endpoint}/${staged.bucket.name}/${PREFIX}/`),
        place,
      );
      assert.ok(place.includes(`/${whose}/`) && place.endsWith(`/${what}`), place);
      return `${whose}/${place.split("/").at(-2)}/${what}`;
    });
    assert.ok(
      named.some((one) => flippedBlocks.includes(one)),
      `a flipped block is named: ${named.join()}\n${joiner.out}`,
    );
    const from = Math.min(...own.map((one) => one.window));
    if (from <= flippedWindow)
      assert.ok(
        named.includes(`${good.ss58}/blobs/${payload}`),
        `the flipped update is named: ${named.join()}`,
      );
    const said = joiner.out;
    await onlooker.close();
    net.child.kill("SIGINT");
    await net.exited;
    assert.deepEqual(leaks(net.folder ?? "", `${said}${net.stdout}${net.stderr}`), []);
    t.diagnostic(
      JSON.stringify({
        server: "moto 5.2.5",
        objects,
        joinedFrom: from,
        confirmed,
        checkpoint: address,
        joinedAfterSeconds: Math.round(seconds),
        windowsCompared: compared.length,
        unequal: unequal.length,
        refusedByName: named.length,
        secondsInAll: Math.round((performance.now() - began) / 1000),
      }),
    );
  },
);
