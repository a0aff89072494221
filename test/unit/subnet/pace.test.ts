/** @file The pace of a local network: a block waits for whoever it would make late, for nobody who is gone, and not for ever. */
import { strict as assert } from "node:assert";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Status } from "../../../src/api/types.ts";
import { type Axon, serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { BlockTimes } from "../../../subnet/localnet/block-times.ts";
import { gateOf, Pace, type Paced } from "../../../subnet/localnet/pace.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const MINER: Paced = { name: "miner-1", role: "miner", hotkey: `0x${"a1".repeat(32)}` };
const VALIDATOR: Paced = { name: "validator-1", role: "validator", hotkey: `0x${"b1".repeat(32)}` };
const WINDOW = 2;

const status: Status = {
  role: "miner",
  hotkey: MINER.hotkey,
  runId: null,
  window: WINDOW,
  thetaDigest: null,
  rulesDigest: null,
  device: "cpu",
  heldOut: null,
  progress: null,
  activity: "",
};

/** A chain that stands before `next`; what its pool holds and what the one axon says is the test's. */
class World {
  made: number[] = [];
  pool: Hex[] = [];
  committed = new Map<Hex, { block: number; fields: [] }>();
  said: Status = status;
  axon: Axon | null = null;
  now: number;

  constructor(next: number) {
    this.now = next - 1;
  }

  pace(paced: readonly Paced[]): Pace {
    const pace = new Pace(this.#subnet(), 1);
    pace.follow(clock, paced);
    return pace;
  }

  #subnet(): Subnet {
    const { axon } = this;
    const current = (): number => this.now;
    return stub<Subnet>({
      netuid: 3,
      chain: stub<ChainClient>({
        newBlock: async () => {
          this.made.push((this.now += 1));
          return "0x00";
        },
        pendingExtrinsics: async () => this.pool,
        commitments: async () => this.committed,
      }),
      blocks: stub<BlockClock>({
        get current() {
          return { number: current(), hash: "0x00" as const };
        },
        reached: async (number) => ({ number, hash: "0x00" }),
      }),
      finder: stub<BlobFinder>({
        axons: async () =>
          new Map(
            [MINER, VALIDATOR].map(({ hotkey }) => [
              hotkey,
              { ip: "127.0.0.1", port: axon?.port ?? 1 },
            ]),
          ),
      }),
    });
  }
}

let world = new World(0);
let stop: AbortController;

async function serve(): Promise<void> {
  world.axon = await serveAxon(
    {
      blobs: { get: async () => null },
      status: () => world.said,
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
    },
    { host: "127.0.0.1", port: 0 },
  );
}

/** Lets the pace run for a while; returns the blocks that it made. */
async function blocksMade(paced: readonly Paced[], milliseconds: number): Promise<number[]> {
  const running = world.pace(paced).run(stop.signal);
  await sleep(milliseconds);
  stop.abort();
  await running;
  return world.made;
}

beforeEach(() => {
  world = new World(0);
  stop = new AbortController();
});
afterEach(() => world.axon?.close());

test("outside the run, and for blocks that make nobody late, there is no gate", () => {
  assert.equal(gateOf(clock, clock.startBlock(0) - 1), null);
  assert.equal(gateOf(clock, clock.startBlock(EXAMPLE_MANIFEST.windows)), null);
  const gates = Array.from({ length: clock.blocksPerWindow }, (_, offset) =>
    gateOf(clock, clock.startBlock(WINDOW) + offset),
  );
  const gated = gates.flatMap((gate, offset) => (gate === null ? [] : [[offset, gate.role]]));
  assert.deepEqual(gated, [
    [5, "miner"],
    [8, "validator"],
    [11, "validator"],
  ]);
});

test("the deadline waits for a miner that is alive and still works", async () => {
  world = new World(clock.deadlineBlock(WINDOW));
  await serve();
  assert.deepEqual(await blocksMade([MINER], 400), []);
});

test("its commitment in the pool, or in a block of the phase, opens the gate; one of another window does not", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  await serve();
  world.committed.set(MINER.hotkey, { block: clock.deadlineBlock(WINDOW - 1), fields: [] });
  assert.deepEqual(await blocksMade([MINER], 300), []);
  stop = new AbortController();
  world.pool = [`0x8400${MINER.hotkey.slice(2)}00`];
  assert.equal((await blocksMade([MINER], 300))[0], deadline);
});

test("a miner that has nothing to send is not waited for", async () => {
  world = new World(clock.deadlineBlock(WINDOW));
  await serve();
  world.said = { ...status, progress: { window: WINDOW, step: "skipped" } };
  assert.ok((await blocksMade([MINER], 500)).length > 0);
});

test("who is gone or has not joined is not waited for", async () => {
  world = new World(clock.deadlineBlock(WINDOW));
  assert.ok((await blocksMade([MINER], 800)).length > 0, "nobody answers");
  world = new World(clock.deadlineBlock(WINDOW));
  stop = new AbortController();
  await serve();
  world.said = { ...status, window: null };
  assert.ok((await blocksMade([MINER], 500)).length > 0, "it has not joined");
});

test("the judge phase waits until validators have collected, the window's end until they have voted", async () => {
  world = new World(clock.firstJudgeBlock(WINDOW));
  await serve();
  world.said = { ...status, progress: { window: WINDOW - 1, step: "recorded" } };
  assert.deepEqual(await blocksMade([VALIDATOR], 300), []);
  stop = new AbortController();
  world.said = { ...status, progress: { window: WINDOW, step: "collected" } };
  const made = await blocksMade([VALIDATOR], 600);
  assert.equal(made[0], clock.firstJudgeBlock(WINDOW));
  assert.equal(made.at(-1), clock.lastJudgeBlock(WINDOW) - 1, "the vote is still missing");
});

test("the report names who was waited for most, and the spread of the times", () => {
  const times = new BlockTimes();
  for (const [milliseconds, name] of [
    [100, null],
    [900, "miner-2"],
    [120, "miner-1"],
    [110, "miner-2"],
  ] as const)
    times.note(milliseconds, name);
  assert.deepEqual(times.report(), {
    blocks: 4,
    medianMs: 110,
    longestMs: 900,
    waitedFor: [
      { name: "miner-2", blocks: 2 },
      { name: "miner-1", blocks: 1 },
    ],
  });
});
