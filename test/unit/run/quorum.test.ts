/** @file Days on which validators stop, lie or leave, on a simulated clock: no node ends, all hold the same parameters, training goes on. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Head } from "../../../chain/client/client.ts";
import type { Engine } from "../../../kernels/engine/engine.ts";
import { layoutOf } from "../../../kernels/nn/model.ts";
import type { Checkpoint } from "../../../src/api/types.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import { memoryTrees } from "../../../src/blobs/memory-trees.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import { encodeCheckpoint, tensorsOf } from "../../../src/checkpoint/checkpoint.ts";
import { AssayError } from "../../../src/errors.ts";
import { keptOfTensor } from "../../../src/protocol/codec.ts";
import { blake2b256Bytes, type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../../src/protocol/update.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import { type Dissent, Follower } from "../../../src/run/follower.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";
import { clock, hex, SlotChain } from "./slot-chain.ts";

const RUN_ID: Hex = `0x${"0a".repeat(32)}`;
const LIE: Hex = `0x${"0f".repeat(32)}`;
const LAYOUT = layoutOf([{ name: "w", shape: [4, 5], decay: true }]);
const CODEC = { ...EXAMPLE_MANIFEST.codec, lengths: LAYOUT.lengths };
const GENESIS = encodeCheckpoint(LAYOUT, new Float32Array(LAYOUT.total));
const MANIFEST = { ...EXAMPLE_MANIFEST, windows: 0, genesisCheckpoint: treeAddress(GENESIS) };
const MINERS = [10, 11] as const;

const RUN = stub<Run>({
  runId: RUN_ID,
  genesis: RUN_ID,
  manifest: MANIFEST,
  clock,
  layout: LAYOUT,
  sharedLayout: LAYOUT,
  updateLayout: CODEC,
  maximumUpdateBytes: 1 << 16,
  expectedHeader: (window, hotkey, baseDigest) => ({
    genesis: RUN_ID,
    runId: RUN_ID,
    netuid: MANIFEST.netuid,
    window,
    hotkey,
    baseDigest,
  }),
});

/** What a validator does in a window. */
type Act = "vote" | "lie" | "stop" | "spoiled";
type Script = (window: number, validator: number) => Act;

/** A subnet whose uids are the validators, then two miners. An outer step adds 1 per update to every parameter. */
class Subnetwork {
  readonly chain = new SlotChain();
  readonly blobs = new Map<Hex, Uint8Array>([[MANIFEST.genesisCheckpoint, GENESIS]]);
  readonly dissents: Dissent[] = [];
  readonly checkpoints: Checkpoint[] = [];
  /** Updates that only one node has. */
  readonly held = new Map<Hex, Hex>();
  /** Flips a bit in the parameters of a validator. */
  readonly spoil = new Map<Hex, () => void>();
  readonly #hotkeys: readonly Hex[];
  /** The miner's node: it is always there. */
  readonly first: Follower;
  readonly validators: readonly Follower[];
  now = clock.startBlock(0);

  constructor(stakes: readonly bigint[]) {
    this.#hotkeys = [...stakes.keys(), ...MINERS].map((one) => hex(one));
    this.permit(0, stakes);
    this.first = this.node();
    this.validators = stakes.map((_, one) => this.node(hex(one)));
  }

  /** From the seed block of `window` on these are the validators' stakes; 0: no permit. */
  permit(window: number, stakes: readonly bigint[]): void {
    const seats = this.#hotkeys.map((hotkey, uid) => ({
      hotkey,
      stake: stakes[uid] ?? 0n,
      permit: (stakes[uid] ?? 0n) > 0n,
    }));
    this.chain.seat(clock.seedBlock(window), seats);
  }

  #find(address: Hex, self: Hex | undefined): Uint8Array {
    const holder = this.held.get(address) ?? self;
    const bytes = holder === self ? this.blobs.get(address) : undefined;
    if (bytes === undefined) throw new AssayError({ code: "blob-missing", digest: address });
    return bytes;
  }

  /** A node with a memory of its own. */
  node(self?: Hex): Follower {
    let theta = new Float32Array(LAYOUT.total);
    if (self !== undefined)
      this.spoil.set(self, () => {
        theta[0] = 77;
      });
    const now = (): Head => ({ number: this.now, hash: "0x00" });
    const trees = memoryTrees(this.blobs);
    return new Follower({
      run: RUN,
      engine: stub<Engine>({
        setParameters: async (given) => void (theta = given.slice()),
        parameters: async () => theta.slice(),
        tensorDigests: async () =>
          tensorsOf(LAYOUT, theta).map((tensor) =>
            blake2b256Bytes(new Uint8Array(tensor.slice().buffer)),
          ),
        outerStep: async ({ updates }) => void (theta = theta.map((one) => one + updates.length)),
      }),
      subnet: stub<Subnet>({
        blocks: stub<BlockClock>({
          get current() {
            return now();
          },
          reached: async (block) => ({ number: block, hash: "0x00" }),
        }),
        finder: stub<BlobFinder>({
          axons: async () => new Map(),
          findTree: async (address) => (await trees.list(address)) !== null,
          tryFind: async (address) => this.blobs.get(address) ?? null,
          find: async (address) => {
            await new Promise((resolve) => setImmediate(resolve));
            return this.#find(address, self);
          },
        }),
        blobs: stub<BlobStore>({ trees }),
      }),
      record: this.chain.record(),
      keep: async (checkpoint) => void this.checkpoints.push(checkpoint),
      log: { info: () => undefined, warn: () => undefined },
      signal: new AbortController().signal,
      ...(self !== undefined && { self }),
      onMissing: () => undefined,
      onDissent: (dissent) => void this.dissents.push(dissent),
    });
  }

  /** Commits an update of a miner, made on `base`; returns its digest. */
  commit(one: number, window: number, base: Hex): Hex {
    const kept = keptOfTensor(20, CODEC.k, CODEC.chunk);
    const indices = Uint32Array.from({ length: kept }, (_, index) => index);
    const update = [{ indices, values: new Float32Array(kept).fill(1) }];
    const bytes = encodeWholeUpdate(
      {
        ...RUN.expectedHeader(window, hex(one), base),
        window: BigInt(window),
      },
      update,
      CODEC,
    );
    const digest = updateDigest(bytes);
    this.blobs.set(digest, bytes);
    this.chain.commit(hex(one), window, digest);
    return digest;
  }

  /** The validators that do not stop catch up and vote for both miners. `digest`: what all of them should hold. */
  async #vote(window: number, digest: Hex, act: Script): Promise<void> {
    const uids = MINERS.map((_, at) => this.validators.length + at);
    for (const [one, node] of this.validators.entries()) {
      const what = act(window, one);
      if (what === "stop") continue;
      while (node.window < window) await node.advance();
      if (what !== "spoiled")
        assert.equal(node.digest, digest, `validator ${one} in window ${window}`);
      this.chain.vote(hex(one), window, { uids, digest: what === "lie" ? LIE : node.digest });
    }
  }

  /**
   * Runs windows `from` to `windows` - 1 with one node a validator and a miner's node, which is never stopped. Returns how
   * many updates each window accepted. Nodes that vote hold the miner's parameters in every window, else this throws.
   */
  async run(windows: number, act: Script, from = 0): Promise<number[]> {
    if (from === 0) for (const node of [this.first, ...this.validators]) await node.start(null);
    const accepted: number[] = [];
    for (let window = from; window < windows; window++) {
      this.now = clock.startBlock(window);
      while (this.first.window < window) await this.first.advance();
      const { digest } = this.first;
      for (const one of MINERS) this.commit(one, window, digest);
      await this.#vote(window, digest, act);
      const outcome = await this.first.advance();
      accepted.push(outcome.accepted.length);
      for (const [one, node] of this.validators.entries()) {
        if (act(window, one) !== "stop") await node.advance();
        if (act(window + 1, one) === "spoiled") this.spoil.get(hex(one))?.();
      }
    }
    return accepted;
  }
}

const within =
  (from: number, to: number) =>
  (window: number): boolean =>
    window >= from && window < to;
const list = (count: number, of: (window: number) => number): number[] =>
  Array.from({ length: count }, (_, window) => of(window));

test("both validators stop for seven windows: training goes on in the window in which they are back", async () => {
  const net = new Subnetwork([60n, 40n]);
  const away = within(4, 11);
  const accepted = await net.run(16, (window) => (away(window) ? "stop" : "vote"));
  assert.deepEqual(
    accepted,
    list(16, (window) => (away(window) ? 0 : 2)),
  );
});

test("they come back one after the other: the larger carries at once, the smaller waits for it", async () => {
  for (const firstBack of [0, 1]) {
    const net = new Subnetwork([60n, 40n]);
    const accepted = await net.run(16, (window, one) =>
      within(4, one === firstBack ? 8 : 10)(window) ? "stop" : "vote",
    );
    assert.deepEqual(
      accepted,
      list(16, (window) => (within(4, firstBack === 0 ? 8 : 10)(window) ? 0 : 2)),
    );
  }
});

test("60 % misses a vote while 40 % votes a false digest: nobody ends, the window is null, the next one right", async () => {
  const net = new Subnetwork([60n, 40n]);
  const accepted = await net.run(10, (window, one) =>
    window === 5 ? (one === 0 ? "stop" : "lie") : "vote",
  );
  assert.deepEqual(
    accepted,
    list(10, (window) => (window === 5 ? 0 : 2)),
  );
  // Only the 60 % validator, back again, sees all others against it; it looks once, and its parameters stand.
  assert.deepEqual(
    net.dissents.map(({ window, what }) => `${window} ${what}`),
    ["5 begins", "5 stands"],
  );
});

test("40 % lies for as long as 60 % is away: it has a majority in the end, and still nobody takes its word", async () => {
  const net = new Subnetwork([60n, 40n]);
  const away = within(3, 30);
  const accepted = await net.run(34, (window, one) =>
    away(window) ? (one === 0 ? "stop" : "lie") : "vote",
  );
  assert.deepEqual(
    accepted,
    list(34, (window) => (away(window) ? 0 : 2)),
  );
  const first = net.dissents.find(({ what }) => what === "stands");
  assert.equal(first?.window, 11, "the 9th window of silence");
  assert.ok(net.dissents.every(({ what }) => what !== "mended" && what !== "unchecked"));
});

test("a bit flips in the memory of the 60 % validator: its own vote does not keep it wrong", async () => {
  const net = new Subnetwork([60n, 40n]);
  // Flipped after window 4; the step of window 5 is the first that shows it, in the vote of window 6.
  const accepted = await net.run(12, (window, one) =>
    one === 0 && within(5, 7)(window) ? "spoiled" : "vote",
  );
  assert.deepEqual(
    accepted,
    list(12, (window) => (window === 6 ? 0 : 2)),
  );
  assert.deepEqual(
    net.dissents.map(({ window, what }) => `${window} ${what}`),
    ["6 begins", "6 stands", "6 begins", "6 mended", "6 begins", "6 stands"],
  );
});

test("60 % gone for good: the rest goes on after 9 windows; 75 %: 14; 80 %: never", async () => {
  for (const [gone, after] of [
    [60n, 9],
    [75n, 14],
    [80n, 1000],
  ] as const) {
    const net = new Subnetwork([gone, 100n - gone]);
    const accepted = await net.run(48, (window, one) =>
      one === 0 && window >= 2 ? "stop" : "vote",
    );
    assert.deepEqual(
      accepted,
      list(48, (window) => (window >= 2 && window < 1 + after ? 0 : 2)),
      `${gone} % gone`,
    );
  }
});

test("a single permit holder: whoever else has no permit, it carries its windows, also after a silence", async () => {
  const net = new Subnetwork([100n]);
  const away = within(3, 20);
  const accepted = await net.run(24, (window) => (away(window) ? "stop" : "vote"));
  assert.deepEqual(
    accepted,
    list(24, (window) => (away(window) ? 0 : 2)),
  );
});

test("all permits move at once: two null windows, then the new holders carry", async () => {
  const net = new Subnetwork([60n, 40n, 0n, 0n]);
  net.permit(6, [0n, 0n, 70n, 30n]);
  const accepted = await net.run(12, () => "vote");
  assert.deepEqual(
    accepted,
    list(12, (window) => (within(6, 8)(window) ? 0 : 2)),
  );
});

test("an accepted update that only the 60 % validator has, and it dies: the window is void, training goes on from before it", async () => {
  const net = new Subnetwork([60n, 40n]);
  await net.run(4, () => "vote");
  const { digest } = net.first;
  const [holder, other] = net.validators;
  assert.ok(holder !== undefined && other !== undefined);
  const [, lost] = MINERS.map((one) => net.commit(one, 4, digest));
  net.held.set(lost ?? "0x", hex(0));
  net.chain.vote(hex(0), 4, { uids: [2, 3], digest });
  await holder.advance();
  assert.notEqual(holder.digest, digest);
  // Nobody else can make theta_5, so nobody votes in windows 5, 6 and 7.
  let waiting = 2;
  const waits = [net.first, other].map(async (node) => node.advance().then(() => waiting--));
  for (let window = 5; window < 8; window++) {
    net.now = clock.startBlock(window);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(waiting, 2, `window ${window}`);
  }
  net.now = clock.startBlock(8);
  await Promise.all(waits);
  assert.deepEqual([net.first.window, net.first.digest, other.digest], [5, digest, digest]);
  // 60 % is silent until window 18; it comes back with its own theta_5, goes through windows 5 to 7, and back.
  const accepted = await net.run(
    22,
    (window, one) => (one === 0 && window < 18 ? "stop" : "vote"),
    8,
  );
  assert.deepEqual(
    accepted,
    list(14, (window) => (window < 8 ? 0 : 2)),
  );
  for (const self of [undefined, hex(0)]) {
    const late = net.node(self);
    net.now = clock.startBlock(22);
    await late.start(null);
    assert.deepEqual([late.window, late.digest], [22, net.first.digest], self ?? "nobody");
  }
  assert.equal(net.dissents.length, 0);
});

test("who joins late, from theta_0 or from a checkpoint, has the parameters of those who were there", async () => {
  const net = new Subnetwork([60n, 25n, 15n]);
  const windows = 45;
  await net.run(windows, (window, one) => {
    if (one === 0 && within(3, 38)(window)) return "stop";
    if (one === 1 && window % 7 === 2) return "lie";
    return one === 2 && window % 5 < 2 ? "stop" : "vote";
  });
  net.now = clock.startBlock(windows);
  const newest = net.checkpoints.findLast(({ window }) => window === 40);
  for (const own of [null, newest ?? assert.fail("no checkpoint of window 40")]) {
    const late = net.node();
    await late.start(own);
    assert.deepEqual([late.window, late.digest], [windows, net.first.digest]);
    assert.equal(late.digests(0)[0]?.window, own?.window ?? 0);
  }
});
