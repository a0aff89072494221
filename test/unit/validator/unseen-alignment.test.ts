/** @file Weights go out wherever an epoch lies in a window, however late the votes: an epoch keeps its place in it for ever, and so would what is missed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { type WindowClock, windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Memory } from "../../../validator/memory.ts";
import { Unseen, type Way } from "../../../validator/unseen.ts";
import { participantOf } from "../participant.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

/** Blocks of a window before its judge phase. */
const BEFORE_JUDGE = 8;
const TURNS = 8;
type Settings = {
  readonly tempo: number;
  readonly lag?: number;
  readonly judge?: number;
  /** First block of window 0; left out: no window within reach. */
  readonly start?: number;
};

/** A validator on a chain that makes blocks when it is told to, by its final ones. */
class World {
  readonly clock: WindowClock;
  readonly unseen: Unseen;
  readonly said: string[] = [];
  now = 0;
  next = (): number => (Math.floor(this.now / this.tempo) + 1) * this.tempo;
  readonly tempo: number;
  readonly #node;
  #waiting: { readonly number: number; readonly resolve: () => void }[] = [];

  constructor({ tempo, lag = 0, judge = 4, start = 100_000 }: Settings) {
    this.tempo = tempo;
    this.clock = windowClock({
      ...EXAMPLE_MANIFEST,
      startBlock: start,
      windows: 0,
      phases: { train: 4, commit: 2, reveal: 2, judge },
      deadlineOffset: 5,
      finalityLag: lag,
    });
    const current = (): number => this.now;
    this.#node = participantOf({
      chain: stub<ChainClient>({
        shieldKey: async () => new Uint8Array(1),
        balance: async () => 10n ** 9n,
        nextEpoch: async () => this.next(),
      }),
      blocks: stub<BlockClock>({
        get current() {
          return { number: current(), hash: "0x00" as const };
        },
        reached: async (number) => {
          if (number > this.now)
            await new Promise<void>((resolve) => this.#waiting.push({ number, resolve }));
          return { number: this.now, hash: "0x00" };
        },
      }),
      netuid: 1,
      signer: stub<Signer>({ ss58: "5Hot" }),
      signal: new AbortController().signal,
      say: (text) => void this.said.push(text),
      run: stub<Run>({ clock: this.clock, manifest: stub<Run["manifest"]>({ finalityLag: lag }) }),
    });
    this.unseen = new Unseen(this.#node);
  }

  async rest(): Promise<void> {
    for (let left = TURNS; left > 0; left--) await turn();
  }

  /** Makes blocks up to this one. */
  async to(block: number, each: () => void = () => undefined): Promise<void> {
    while (this.now < block) {
      this.now++;
      const isDue = ({ number }: { number: number }): boolean => number <= this.now;
      const due = this.#waiting.filter(isDue);
      this.#waiting = this.#waiting.filter((one) => !isDue(one));
      for (const { resolve } of due) resolve();
      await this.rest();
      each();
      await this.rest();
    }
  }

  async way(window: number): Promise<Way> {
    const memory = stub<Memory>({ hold: () => undefined });
    return this.unseen.way({ memory, node: this.#node }, window);
  }

  /** Sends the weights of a window; encrypted ones come `tooLate` or in time. Returns whether they went out. */
  async send(window: number, tooLate: boolean): Promise<boolean> {
    for (;;) {
      const way = await this.way(window);
      if (way.kind !== "shielded") return way.kind === "plain";
      this.unseen.sent(!tooLate, way);
      if (!tooLate) return true;
    }
  }
}

const PLACES = {
  lag: fc.integer({ min: 0, max: 3 }),
  judge: fc.integer({ min: 1, max: 4 }),
  tempo: fc.integer({ min: 1, max: 24 }),
  start: fc.integer({ min: 4, max: 40 }),
  /** Blocks that a vote takes after it may be cast; null: it never is. */
  voteTakes: fc.option(fc.integer({ min: 0, max: 4 })),
  tooLate: fc.boolean(),
};

test("wherever epochs lie, whatever votes and blocks do: in twelve of them weights go out in five at least", async () => {
  const place = fc.record(PLACES);
  const property = fc.asyncProperty(place, async ({ voteTakes, tooLate, ...settings }) => {
    const world = new World(settings);
    const { clock, unseen } = world;
    let out = 0;
    // With shorter epochs a window has its weights once, whatever the epochs.
    const rounds = 12 * Math.max(settings.tempo, clock.blocksPerWindow);
    await world.to(settings.start + clock.blocksPerWindow + rounds, () => {
      const window = clock.windowOf(world.now);
      if (window < 0) return;
      const castable = Math.max(clock.firstJudgeBlock(window) - 1, clock.startBlock(window));
      if (voteTakes !== null && world.now === castable + voteTakes) unseen.voted(window);
      if (world.now !== clock.lastJudgeBlock(window)) return;
      void world.send(window, tooLate).then((isOut) => (out += Number(isOut)));
    });
    assert.ok(out >= 5, `${out}`);
  });
  await fc.assert(property, { numRuns: 100 });
});

test("weights of the run before hold up none of the next one's", async () => {
  const world = new World({ tempo: 20 });
  await world.to(19);
  const old = world.way(500);
  await world.rest();
  world.unseen.joined();
  const ways: Way[] = [];
  await world.to(24);
  void world.way(0).then((way) => ways.push(way));
  await world.to(40);
  assert.deepEqual(await old, { kind: "overtaken" });
  assert.deepEqual(ways, [{ kind: "shielded", before: 40 }]);
});

test("a run that begins while weights of the one before wait for a vote: those are given up at once", async () => {
  const world = new World({ tempo: 20, start: 20 - 12 });
  await world.to(18);
  const old = world.way(500);
  await world.rest();
  assert.deepEqual(world.unseen.status, { weightsBefore: 20 });
  world.unseen.joined();
  assert.deepEqual(await old, { kind: "overtaken" });
  assert.deepEqual(world.unseen.status, {});
});

test("epochs that follow each other too soon for encrypted weights: they go out in the open, and it is said", async () => {
  for (const [tempo, lag, kind] of [
    [1, 0, "plain"],
    [2, 0, "shielded"],
    [4, 3, "plain"],
    [5, 3, "shielded"],
  ] as const) {
    const world = new World({ tempo, lag });
    await world.to(7);
    const ways: Way[] = [];
    void world.way(0).then((way) => ways.push(way));
    await world.to(7 + 3 * tempo);
    assert.deepEqual(
      ways.map((way) => way.kind),
      [kind],
      `tempo ${tempo}, lag ${lag}`,
    );
    assert.equal(world.said.length, kind === "plain" ? 1 : 0);
  }
});

test("an epoch that is moved while weights wait is not the one that they are sent for", async () => {
  const world = new World({ tempo: 20 });
  const ways: Way[] = [];
  void world.way(0).then((way) => ways.push(way));
  await world.to(8);
  world.next = () => 36;
  await world.to(33);
  assert.deepEqual(ways, []);
  await world.to(34);
  assert.deepEqual(ways, [{ kind: "shielded", before: 36 }]);
});

test("whoever makes the blocks is not told to wait for weights whose vote needs the next block; one missed vote is told", async () => {
  // Window 0 ends with the epoch's block; its judge phase begins in the block before, or earlier.
  for (const judge of [2, 3]) {
    const world = new World({ tempo: 20, judge, start: 20 - (BEFORE_JUDGE + judge - 1) });
    const ways: Way[] = [];
    void world.way(5).then((way) => ways.push(way));
    await world.to(18);
    assert.deepEqual(world.unseen.status, judge === 2 ? {} : { weightsBefore: 20 });
    world.unseen.voted(0);
    await world.rest();
    assert.deepEqual(world.unseen.status, { weightsBefore: 20 });
    assert.deepEqual(ways, [{ kind: "shielded", before: 20 }]);
  }
});

test("a vote that cannot be cast before the moment is not waited for; one that does not come, once", async () => {
  // Epochs of one window: all of them end with the epoch's block.
  const uncastable = new World({ tempo: 9, judge: 1, start: 10 });
  const ways: Way[] = [];
  await uncastable.to(10);
  void uncastable.way(0).then((way) => ways.push(way));
  await uncastable.to(16);
  assert.deepEqual(ways, [{ kind: "shielded", before: 18 }]);
  const silent = new World({ tempo: 12, start: 13 });
  await silent.to(13);
  void silent.way(0).then((way) => ways.push(way));
  await silent.to(36);
  assert.deepEqual(ways.slice(1), [{ kind: "shielded", before: 36 }]);
  assert.equal(silent.said.length, 1);
  assert.match(silent.said[0] ?? "", /before the vote of window 1, .* missed an epoch already/);
});
