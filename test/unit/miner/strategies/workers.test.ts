/** @file Strategies that train, but not all of the work: each does the work that it says, and sends what it says of it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { TrainRequest } from "../../../../kernels/engine/calls.ts";
import { KernelError } from "../../../../kernels/errors.ts";
import { LAZY_SHARE, lazy } from "../../../../miner/strategies/lazy.ts";
import { partOf } from "../../../../miner/strategies/part-time.ts";
import { poison } from "../../../../miner/strategies/poison.ts";
import { stale } from "../../../../miner/strategies/stale.ts";
import { STRATEGY_OF } from "../../../../miner/strategies/strategies.ts";
import { encodeWork } from "../../../../miner/strategies/strategy.ts";
import { flipped, normOf, withNorm } from "../../../../miner/strategies/values.ts";
import { PART_TIME } from "../../../../src/command/strategies.ts";
import type { Participant } from "../../../../src/neuron/participant.ts";
import { keptOf, type SparseTensor, type SparseUpdate } from "../../../../src/protocol/codec.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { readUpdate } from "../../../../src/protocol/update.ts";
import { windowClock } from "../../../../src/protocol/window.ts";
import type { BlockClock } from "../../../../src/run/block-clock.ts";
import type { ChainRecord, WindowOutcome } from "../../../../src/run/chain-record.ts";
import type { BlobFinder } from "../../../../src/run/finder.ts";
import type { Follower } from "../../../../src/run/follower.ts";
import type { Run } from "../../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";

const LENGTHS = [100, 5000];
const { codec, netuid, inner, model } = EXAMPLE_MANIFEST;
const LAYOUT = { lengths: LENGTHS, ...codec };
const OWN: Hex = `0x${"01".repeat(32)}`;
const PEER: Hex = `0x${"02".repeat(32)}`;
const BASE: Hex = `0x${"03".repeat(32)}`;
const TOKENS_PER_STEP = inner.batch * (model.context + 1);

/** An update of magnitude `size`, its places moved by `offset`. */
function updateOf(offset: number, size: number): SparseUpdate {
  return LENGTHS.map((length): SparseTensor => {
    const indices: number[] = [];
    for (let start = 0; start < length; start += codec.chunk) {
      const kept = keptOf(Math.min(codec.chunk, length - start), codec.k, codec.chunk);
      const step = Math.floor(Math.min(codec.chunk, length - start) / kept);
      for (let n = 0; n < kept; n++) indices.push(start + n * step + (offset % step));
    }
    const values = Float32Array.from(indices, (_, at) => (at % 2 === 0 ? size : -size));
    return { indices: Uint32Array.from(indices), values };
  });
}

const expectedFor = (hotkey: Hex, window: number): Parameters<typeof readUpdate>[2] => ({
  genesis: BASE,
  runId: BASE,
  netuid,
  window,
  hotkey,
  baseDigest: BASE,
});

/** A miner whose engine makes the update of its call's number; `trained` are its requests. */
function minerOf(
  hotkey: Hex,
  peers: Uint8Array | null,
): { readonly miner: Participant; readonly trained: TrainRequest[] } {
  const trained: TrainRequest[] = [];
  const accepted = [{ uid: 5, hotkey: PEER, digest: BASE, block: 1 }];
  const miner = participantOf({
    run: stub<Run>({
      manifest: EXAMPLE_MANIFEST,
      clock: windowClock(EXAMPLE_MANIFEST),
      layout: stub<Run["layout"]>({ lengths: LENGTHS }),
      updateLayout: LAYOUT,
      maximumUpdateBytes: 1 << 20,
      assignKey: () => BASE,
      trainingTokens: () => Promise.resolve(new Int32Array(inner.steps * TOKENS_PER_STEP).fill(7)),
      learningRates: () => new Float32Array(inner.steps).fill(0.01),
    }),
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: hotkey }),
    signal: new AbortController().signal,
    say: () => undefined,
    follower: stub<Follower>({ expectedHeader: (key) => ({ ...expectedFor(key, 0), window: 0 }) }),
    record: stub<ChainRecord>({
      hotkeys: async () => [hotkey],
      outcome: async () => stub<WindowOutcome>({ accepted }),
    }),
    blocks: stub<BlockClock>({ current: { number: 0, hash: BASE }, hashOf: async () => BASE }),
    finder: stub<BlobFinder>({ tryFind: async () => peers }),
    engine: stub<Participant["engine"]>({
      async train(request) {
        trained.push(request);
        return { losses: new Float32Array([2, 4]) };
      },
      compress: async () => ({ update: updateOf(trained.length, 0.25) }),
    }),
  });
  return { miner, trained };
}

test("scaled values have the norm that was asked for; turned twice they are what they were", () => {
  fc.assert(
    fc.property(
      fc.nat(15),
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
      fc.double({ min: 1e-3, max: 100, noNaN: true }),
      (offset, size, norm) => {
        const update = updateOf(offset, Math.fround(size));
        assert.ok(Math.abs(normOf(withNorm(update, norm)) / norm - 1) < 1e-6);
        assert.deepEqual(flipped(flipped(update)), update);
        assert.equal(normOf(flipped(update)), normOf(update));
      },
    ),
  );
  const zeros = updateOf(0, 0);
  assert.deepEqual(withNorm(zeros, 1), zeros);
});

test("lazy does a quarter of the steps and sends it at a peer's norm, its own where it sees no peer", async () => {
  const peers = encodeWork(minerOf(PEER, null).miner, 6, updateOf(3, 1), 1).bytes;
  const { miner, trained } = minerOf(OWN, peers);
  const work = await lazy(miner)(7);
  const steps = partOf(inner.steps, LAZY_SHARE, 7);
  assert.deepEqual(
    trained.map(({ tokens, learningRates }) => [tokens.length, learningRates.length]),
    [[steps * TOKENS_PER_STEP, steps]],
  );
  assert.ok(Math.abs(normOf(work?.update ?? []) / normOf(updateOf(3, 1)) - 1) < 1e-6);
  const first = await lazy(minerOf(OWN, null).miner)(7);
  assert.deepEqual(first?.update, updateOf(1, 0.25));
});

test("part-time work is its share of the steps in the mean of windows, never a whole step off, one step at least", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 300 }),
      (steps, share, windows) => {
        const counts = Array.from({ length: windows }, (_, window) => partOf(steps, share, window));
        assert.ok(counts.every((count) => count >= 1 && count < share * steps + 1.5));
        if (share * steps < 1.5) return; // where no step at all would be its part
        const all = counts.reduce((sum, count) => sum + count, 0);
        assert.ok(Math.abs(all - windows * share * steps) <= 0.5 + 1e-9 * all);
      },
    ),
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((window) => partOf(10, 0.75, window)),
    [8, 7, 8, 7],
  );
});

test("part-time work is the first steps of honest work, as many as the name says, sent as they are", async () => {
  for (const name of PART_TIME) {
    const { miner, trained } = minerOf(OWN, null);
    const count = partOf(inner.steps, Number(name.slice("steps-".length)), 7);
    const work = await STRATEGY_OF[name](miner)(7);
    assert.deepEqual(work?.update, updateOf(1, 0.25), name);
    assert.equal(work?.trainingLoss, 3, "its own work, so what was not accepted is kept");
    assert.deepEqual(
      trained.map(({ tokens, learningRates }) => [tokens.length, learningRates.length]),
      [[count * TOKENS_PER_STEP, count]],
      name,
    );
  }
});

test("poison does all steps and turns every sign", async () => {
  const { miner, trained } = minerOf(OWN, null);
  const work = await poison(miner)(7);
  assert.deepEqual(work?.update, flipped(updateOf(1, 0.25)));
  assert.equal(trained[0]?.learningRates.length, inner.steps);
});

test("stale sends the work of the window before under a header of this one", async () => {
  const { miner } = minerOf(OWN, null);
  const strategy = stale(miner);
  assert.equal(await strategy(0), null);
  for (const window of [1, 2]) {
    const work = await strategy(window);
    assert.ok(work !== null);
    assert.deepEqual(work.update, updateOf(window, 0.25));
    assert.equal(work.trainingLoss, 3);
    assert.ok(readUpdate(work.bytes, LAYOUT, expectedFor(OWN, window)).ok);
  }
});

test("a window in which training diverged or the GPU was lost has nothing to send and says why; other failures are not hidden", async () => {
  for (const [code, said] of [
    ["not-finite", /training diverged; nothing to send in this window: .*the reason/],
    ["device-lost", /the GPU failed, and is started anew .*nothing to send .*the reason/],
    ["worker-crashed", null],
  ] as const) {
    const lines: string[] = [];
    const { miner } = minerOf(OWN, null);
    const train = async (): Promise<never> => {
      throw new KernelError(code, "the reason");
    };
    const neuron = stub<Participant["neuron"]>({
      signer: miner.neuron.signer,
      say: (line) => void lines.push(line),
    });
    const engine = stub<Participant["engine"]>({ train });
    const work = STRATEGY_OF.honest({ ...miner, engine, neuron })(7);
    if (said === null) await assert.rejects(work, /worker-crashed/);
    else {
      assert.equal(await work, null);
      assert.match(lines.join("\n"), said);
    }
  }
});
