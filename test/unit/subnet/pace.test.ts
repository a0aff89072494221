/** @file The pace of a local network: a block waits for whoever it would make late, for nobody who is gone, and not for ever. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../../../chain/errors.ts";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Status } from "../../../src/api/types.ts";
import { serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { gateOf, type Paced } from "../../../subnet/localnet/gates.ts";
import { Pace } from "../../../subnet/localnet/pace.ts";
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

/** A chain that stands before `next`; what its pool holds and what the axons say is the test's. */
class World {
  made: number[] = [];
  pool: Hex[] = [];
  /** Block of the next epoch. */
  epoch: number | null = null;
  committed = new Map<Hex, { block: number; fields: [] }>();
  said: Status = status;
  axon: { port: number; close(): unknown } | null = null;
  /** Whether reading the chain fails as it does when the chain is away. */
  isAway = false;
  /** Requests for a block that are carried out and whose answer does not come. */
  answersLost = 0;
  now: number;
  onMade: () => unknown = () => undefined;

  constructor(next: number) {
    this.now = next - 1;
  }

  pace(paced: readonly Paced[], isResumed = false): Pace {
    const pace = new Pace(this.#subnet(), 1);
    pace.follow(clock, paced, isResumed);
    return pace;
  }

  #subnet(): Subnet {
    const current = (): number => this.now;
    return stub<Subnet>({
      netuid: 3,
      chain: stub<ChainClient>({
        newBlock: async (to) => {
          if (this.now < to) this.made.push((this.now += 1));
          this.onMade();
          if (this.answersLost-- > 0)
            throw new ChainError({ code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" });
          return "0x00";
        },
        pendingExtrinsics: async () => {
          if (this.isAway)
            throw new ChainError({ code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" });
          return this.pool;
        },
        commitments: async () => this.committed,
        nextEpoch: async () => this.epoch,
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
              { ip: "127.0.0.1", port: this.axon?.port ?? 1 },
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
      blobs: { open: async () => null },
      status: () => world.said,
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
    },
    { host: "127.0.0.1", port: 0 },
  );
}

/** An axon that takes every connection and answers nothing. */
async function hang(): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  world.axon = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** How long a chain is watched that shall make no block. */
const QUIET_MS = 300;
const LIMIT_MS = 120_000;

/** Waits until the world's chain has made a block: on a busy machine that takes as long as it takes. */
async function made(block: number): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  for (; world.now < block; await sleep(5))
    assert.ok(performance.now() < until, `block ${block} is not made`);
}

/** Lets the pace run until `block` is made and for a while after it; returns the blocks that it made. */
async function blocksTo(
  block: number,
  paced: readonly Paced[],
  { isResumed = false, quietMs = QUIET_MS } = {},
): Promise<number[]> {
  stop = new AbortController();
  const running = world.pace(paced, isResumed).run(stop.signal);
  await made(block);
  await sleep(quietMs);
  stop.abort();
  await running;
  return world.made;
}

/** Lets the pace run for a while before a gate that shall stay closed; returns the blocks that it made. */
async function blocksAtOnce(
  paced: readonly Paced[],
  how: { isResumed?: boolean; quietMs?: number } = {},
): Promise<number[]> {
  return blocksTo(-Infinity, paced, how);
}

beforeEach(() => {
  world = new World(0);
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await world.axon?.close();
});

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
  assert.deepEqual(await blocksAtOnce([MINER]), []);
});

test("its commitment in the pool, or in a block of the phase, opens the gate; one of another window does not", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  await serve();
  world.committed.set(MINER.hotkey, { block: clock.deadlineBlock(WINDOW - 1), fields: [] });
  assert.deepEqual(await blocksAtOnce([MINER]), []);
  world.pool = [`0xa1018400${MINER.hotkey.slice(2)}00`];
  assert.equal((await blocksTo(deadline, [MINER]))[0], deadline);
});

test("a miner that has nothing to send is not waited for", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  await serve();
  world.said = { ...status, progress: { window: WINDOW, step: "skipped" } };
  assert.equal((await blocksTo(deadline, [MINER]))[0], deadline);
});

test("who is gone or has not joined is not waited for", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  assert.equal((await blocksTo(deadline, [MINER]))[0], deadline, "nobody answers");
  world = new World(deadline);
  await serve();
  world.said = { ...status, window: null };
  assert.equal((await blocksTo(deadline, [MINER]))[0], deadline, "it has not joined");
});

test("the judge phase waits until validators have collected, the window's end until they have voted", async () => {
  world = new World(clock.firstJudgeBlock(WINDOW));
  await serve();
  world.said = { ...status, progress: { window: WINDOW - 1, step: "recorded" } };
  assert.deepEqual(await blocksAtOnce([VALIDATOR]), []);
  world.said = { ...status, progress: { window: WINDOW, step: "collected" } };
  const last = clock.lastJudgeBlock(WINDOW) - 1;
  const blocks = await blocksTo(last, [VALIDATOR]);
  assert.equal(blocks[0], clock.firstJudgeBlock(WINDOW));
  assert.equal(blocks.at(-1), last, "the vote is still missing");
});

test("the last block before an epoch waits for encrypted weights, from whoever has some for it", async () => {
  const last = clock.startBlock(WINDOW) + 2;
  const said = { ...status, role: "validator" as const };
  const holding = async (weightsBefore?: number): Promise<void> => {
    world = new World(last - 1);
    world.epoch = last + 1;
    await serve();
    world.said = { ...said, ...(weightsBefore !== undefined && { weightsBefore }) };
  };
  await holding(last + 1);
  assert.deepEqual(await blocksTo(last - 1, [MINER, VALIDATOR]), [last - 1]);
  const signed = `0xa1018400${VALIDATOR.hotkey.slice(2)}` as const;
  world.pool = [signed];
  assert.deepEqual(await blocksAtOnce([VALIDATOR]), [last - 1], "a vote is no carrier");
  world.pool = [`${signed}${"00".repeat(1100)}`];
  assert.equal((await blocksTo(last, [VALIDATOR]))[1], last);
  await world.axon?.close();
  for (const other of [undefined, last + 13]) {
    await holding(other);
    assert.equal((await blocksTo(last, [VALIDATOR]))[1], last, "nothing to send for this epoch");
    await world.axon?.close();
  }
});

test("an epoch that the owner moves is waited for where it lies now", async () => {
  const last = clock.startBlock(WINDOW) + 2;
  world = new World(last - 1);
  world.epoch = last + 40;
  await serve();
  world.said = { ...status, role: "validator", weightsBefore: last + 1 };
  const making = blocksTo(last - 1, [VALIDATOR]);
  world.onMade = () => (world.epoch = last + 1);
  assert.deepEqual(await making, [last - 1]);
});

test("encrypted weights that went before the vote are waited for by it: the block that frees it is made", async () => {
  world = new World(clock.lastJudgeBlock(WINDOW));
  await serve();
  world.said = { ...status, progress: { window: WINDOW, step: "collected" } };
  assert.deepEqual(await blocksAtOnce([VALIDATOR]), []);
  world.pool = [`0xa1018400${VALIDATOR.hotkey.slice(2)}${"00".repeat(1100)}`];
  const last = clock.lastJudgeBlock(WINDOW);
  assert.equal((await blocksTo(last, [VALIDATOR]))[0], last);
});

test("payloads of strangers alone hold the judge phase for a moment, those of its own miners do", async () => {
  const first = clock.firstJudgeBlock(WINDOW);
  const stranger: Hex = `0x${"e1".repeat(32)}`;
  const paced = [MINER, VALIDATOR];
  const looking = async (
    to: number,
    hotkeys: Hex[],
    { more = 0, window = WINDOW } = {},
  ): Promise<number[]> => {
    world = new World(first);
    await serve();
    const awaited = { window, hotkeys, more };
    world.said = { ...status, progress: { window: WINDOW - 1, step: "recorded" }, awaited };
    const blocks = await blocksTo(to, paced, { quietMs: 1200 });
    await world.axon?.close();
    return blocks;
  };
  const held = -Infinity;
  assert.equal((await looking(first, [stranger]))[0], first);
  assert.deepEqual(await looking(held, [stranger, MINER.hotkey]), []);
  const unnamed = await looking(held, [stranger], { more: 1 });
  assert.deepEqual(unnamed, [], "who is not named may be its own");
  const before = await looking(held, [stranger], { window: WINDOW - 1 });
  assert.deepEqual(before, [], "it has not looked yet");
});

test("an axon that hangs stops nobody whose commitment the chain has", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  await hang();
  world.pool = [`0xa1018400${MINER.hotkey.slice(2)}00`];
  assert.equal((await blocksTo(deadline, [MINER]))[0], deadline);
});

test("who is silent is waited for some seconds, then named, then left alone until it answers", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  await hang();
  const pace = world.pace([MINER]);
  const running = pace.run(stop.signal);
  await sleep(2000);
  assert.deepEqual(world.made, [], "two seconds of silence are no reason");
  assert.deepEqual(pace.waiting?.names, [MINER.name]);
  await made(deadline);
  assert.deepEqual(pace.dropped.get(MINER.name)?.why, "silent");
  stop.abort();
  await running;
});

test("a validator whose axon hangs costs some seconds once, although its votes arrive", async () => {
  world = new World(clock.firstJudgeBlock(WINDOW));
  await hang();
  world.pool = [`0xa1018400${VALIDATOR.hotkey.slice(2)}00`];
  const pace = world.pace([VALIDATOR]);
  const running = pace.run(stop.signal);
  const until = performance.now() + LIMIT_MS;
  while (pace.dropped.size === 0 && performance.now() < until) await sleep(100);
  const dropped = pace.dropped.get(VALIDATOR.name);
  assert.equal(dropped?.why, "silent");
  assert.ok(dropped.window - WINDOW < 4, `${dropped.window - WINDOW} windows later`);
  const longest = new Map<number, number>();
  let since = performance.now();
  world.onMade = () => {
    const window = clock.windowOf(world.now);
    longest.set(window, Math.max(longest.get(window) ?? 0, performance.now() - since));
    since = performance.now();
  };
  await made(world.now + 4 * clock.blocksPerWindow);
  stop.abort();
  await running;
  const whole = [...longest.values()].slice(1, -1);
  const leastMs = Math.min(...whole);
  assert.ok(leastMs < 2000, `every window waits for it: ${leastMs} ms for a block`);
});

test("a run that goes on makes no block before everybody has joined", async () => {
  world = new World(clock.startBlock(WINDOW) + 2);
  await serve();
  world.said = { ...status, window: null };
  const paced = [MINER, VALIDATOR];
  assert.deepEqual(await blocksAtOnce(paced, { isResumed: true }), []);
  world.said = status;
  const next = clock.startBlock(WINDOW) + 2;
  assert.equal((await blocksTo(next, paced, { isResumed: true }))[0], next);
});

test("no block is made after the one at which it shall hold, not even through a gate", async () => {
  const first = clock.startBlock(WINDOW);
  world = new World(first);
  const pace = world.pace([]);
  pace.holdAt(first + 2);
  const running = pace.run(stop.signal);
  await made(first + 2);
  await sleep(QUIET_MS);
  stop.abort();
  await running;
  assert.deepEqual(world.made, [first, first + 1, first + 2]);
});

test("a chain that is away for a moment is asked again", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline);
  world.isAway = true;
  const running = world.pace([MINER]).run(stop.signal);
  await sleep(300);
  assert.deepEqual(world.made, []);
  world.isAway = false;
  await made(deadline);
  stop.abort();
  await running;
});

test("an answer that is lost after its block was made puts no block in between that waited for nobody", async () => {
  const deadline = clock.deadlineBlock(WINDOW);
  world = new World(deadline - 2);
  await serve();
  world.answersLost = 1;
  const blocks = await blocksTo(deadline - 1, [MINER], { quietMs: 800 });
  assert.deepEqual(blocks, [deadline - 2, deadline - 1]);
  assert.ok(world.answersLost < 0, "asked again");
});
