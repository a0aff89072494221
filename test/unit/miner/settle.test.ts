/** @file After a window: what was sent but not accepted returns to the error feedback, and the optimizer is saved. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { MomentState } from "../../../kernels/engine/calls.ts";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { movedOn, settle } from "../../../miner/settle.ts";
import type { Work } from "../../../miner/strategies/strategy.ts";
import type { Log } from "../../../src/command/log.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { engineOptionsOf, type Run } from "../../../src/run/run.ts";
import type { ChainRecord, WindowOutcome } from "../../../src/run/chain-record.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const RUN: Hex = `0x${"01".repeat(32)}`;
const MINE: Hex = `0x${"02".repeat(32)}`;
const workWith = (trainingLoss: number | null): Work => ({
  window: 3,
  update: [],
  bytes: new Uint8Array(),
  digest: MINE,
  trainingLoss,
});

/** Runs settle for a window that accepted `digests`; returns what it did, in order. */
async function learned(
  work: Work | null,
  committed: boolean,
  ...digests: Hex[]
): Promise<string[]> {
  const did: string[] = [];
  const vector = new Float32Array(4);
  const node = participantOf({
    engine: stub<Engine>({
      restoreSent: async () => void did.push("restored"),
      setMomentState: async ({ step }) => void did.push(`back to step ${step}`),
      momentState: async () => ({ step: 1, m: vector, v: vector, e: vector }),
    }),
    state: stub<NeuronState>({ save: async (name) => void did.push(`saved ${name}`) }),
    run: stub<Run>({ runId: RUN, layout: stub<Run["layout"]>({ total: 4 }) }),
    // Verdicts are fetched in the background; here there is no validator to ask.
    record: stub<ChainRecord>({}),
    log: stub<Log>({ debug: () => undefined }),
    say: (text) => void did.push(text),
  });
  const accepted = digests.map((digest, uid) => ({ uid, hotkey: RUN, digest, block: 1 }));
  const outcome = stub<WindowOutcome>({ window: 3, accepted });
  const moments = { step: 0, m: vector, v: vector, e: vector };
  const earnings = { tell: async () => undefined };
  await settle(node, { work, committed, outcome, moments, earnings });
  return did;
}

test("an accepted update is gone from the error feedback", async () => {
  const did = await learned(workWith(2), true, RUN, MINE);
  assert.deepEqual(did, ["window 3: accepted; 2 updates in the outer step", "saved moments.bin"]);
});

test("an update that was not accepted, or came too late, goes back to the error feedback", async () => {
  const refused = await learned(workWith(2), true, RUN);
  assert.match(refused[0] ?? "", /not accepted; 1 updates/);
  assert.deepEqual(refused.slice(1), ["restored", "saved moments.bin"]);
  const late = await learned(workWith(2), false, RUN);
  assert.match(late[0] ?? "", /not committed in time/);
  assert.equal(late[1], "restored");
});

test("without an update the state before the window is restored: training may have diverged in it", async () => {
  assert.deepEqual(await learned(null, false, RUN), ["back to step 0"]);
});

test("without own training there is nothing to restore or save", async () => {
  const cheat = await learned(workWith(null), true, RUN);
  assert.equal(cheat.length, 1);
  assert.match(cheat[0] ?? "", /not accepted/);
});

test("a null window is forgotten, and what is on disk stays", async () => {
  const did = await learned(workWith(2), true);
  assert.match(did[0] ?? "", /window 3: null/);
  assert.deepEqual(did.slice(1), ["back to step 0"]);
  assert.deepEqual(await learned(null, false), ["back to step 0"]);
});

const MODEL = { ...EXAMPLE_MANIFEST.model, width: 16, hidden: 32, context: 8, vocabulary: 64 };

test("after a window whose training diverged the next null window goes back to where that began", async () => {
  const engine = await startEngine({
    ...engineOptionsOf({ ...EXAMPLE_MANIFEST, model: MODEL }),
    batch: 2,
    device: "cpu",
  });
  try {
    await engine.setParameters(initialParameters(MODEL, 1));
    const node = participantOf({ engine, run: stub<Run>({}) });
    const before = await engine.momentState();
    const tokens = Int32Array.from({ length: 3 * 2 * 9 }, (_, at) => at % 64);
    const learningRates = Float32Array.of(0.01, 1e38, 0.01);
    await assert.rejects(engine.train({ tokens, learningRates }), /not-finite/);
    assert.notEqual((await engine.momentState()).step, before.step);
    const outcome = stub<WindowOutcome>({
      window: 3,
      accepted: [{ uid: 0, hotkey: RUN, digest: RUN, block: 1 }],
    });
    assert.deepEqual(await movedOn(node, { work: null, outcome, moments: before }), before);
    assert.deepEqual(await engine.momentState(), before);
  } finally {
    await engine.close();
  }
});

test("after a null window m, v, e and the step count have the bits from before it, and the same work comes out", async () => {
  const engine = await startEngine({
    ...engineOptionsOf({ ...EXAMPLE_MANIFEST, model: MODEL }),
    batch: 2,
    device: "cpu",
  });
  try {
    await engine.setParameters(initialParameters(MODEL, 1));
    const node = participantOf({
      engine,
      state: stub<NeuronState>({ save: async () => undefined }),
      run: stub<Run>({ runId: RUN, layout: stub<Run["layout"]>({ total: engine.layout.total }) }),
      record: stub<ChainRecord>({}),
      log: stub<Log>({ debug: () => undefined }),
      say: () => undefined,
    });
    const train = async (seed: number): Promise<Work> => {
      const tokens = Int32Array.from({ length: 3 * 2 * 9 }, (_, at) => (at * seed) % 64);
      await engine.train({ tokens, learningRates: new Float32Array(3).fill(0.01) });
      const { update } = await engine.compress({ k: 16, chunk: 256, beta: 0.9 });
      return { ...workWith(2), update };
    };
    const settled = async (
      work: Work,
      moments: MomentState,
      ...accepted: Hex[]
    ): Promise<MomentState> =>
      settle(node, {
        work,
        committed: true,
        moments,
        outcome: stub<WindowOutcome>({
          window: 3,
          accepted: accepted.map((digest) => ({ uid: 0, hotkey: RUN, digest, block: 1 })),
        }),
        earnings: { tell: async () => undefined },
      });
    const before = await settled(await train(5), await engine.momentState(), MINE);
    const kept = structuredClone(before);
    assert.equal(before.step, 3);
    const first = await train(7);
    assert.notDeepEqual(await engine.momentState(), kept);
    const after = await settled(first, before);
    assert.deepEqual([after, await engine.momentState()], [kept, kept]);
    for (let window = 0; window < 3; window++) await settled(await train(11), after);
    assert.deepEqual((await train(7)).update, first.update);
  } finally {
    await engine.close();
  }
});
