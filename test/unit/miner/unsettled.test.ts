/** @file What an earlier process of a miner had under way: taken up while its window runs, settled by the votes once it is over. */
import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import type { MomentState } from "../../../kernels/engine/calls.ts";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { encodeMoments } from "../../../miner/moments.ts";
import { movedOn } from "../../../miner/settle.ts";
import type { Work } from "../../../miner/strategies/strategy.ts";
import { keepUnrevealed } from "../../../miner/unrevealed.ts";
import { begunWork, keepUnsettled, type Start, takeUp } from "../../../miner/unsettled.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
import { type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../../src/protocol/update.ts";
import type { ChainRecord, WindowOutcome } from "../../../src/run/chain-record.ts";
import type { Follower } from "../../../src/run/follower.ts";
import { engineOptionsOf, type Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const MODEL = { ...EXAMPLE_MANIFEST.model, width: 16, hidden: 32, context: 8, vocabulary: 64 };
const CODEC = { k: 16, chunk: 256 };
const RUN: Hex = `0x${"01".repeat(32)}`;
const THETA: Hex = `0x${"02".repeat(32)}`;
const HOTKEY: Hex = `0x${"03".repeat(32)}`;
const WINDOW = 5;

/** An engine, and what lies on the miner's disk. */
type Case = { readonly engine: Engine; readonly files: Map<string, Uint8Array> };

/** A miner of the run that stands in `window`, where the votes of WINDOW accepted `accepted`. */
function minerIn(
  { engine, files }: Case,
  window: number,
  accepted: readonly Hex[] = [],
  runId: Hex = RUN,
): Participant {
  const outcome = stub<WindowOutcome>({
    window: WINDOW,
    thetaDigest: THETA,
    accepted: accepted.map((digest) => ({ uid: 0, hotkey: HOTKEY, digest, block: 1 })),
  });
  return participantOf({
    engine,
    state: stub<NeuronState>({
      load: async (name) => files.get(name) ?? null,
      save: async (name, bytes) => void files.set(name, bytes),
    }),
    run: stub<Run>({
      runId,
      layout: engine.layout,
      updateLayout: { lengths: engine.layout.lengths, ...CODEC },
      expectedHeader: (of, hotkey, baseDigest) => ({
        genesis: RUN,
        runId,
        netuid: 1,
        window: of,
        hotkey,
        baseDigest,
      }),
    }),
    follower: stub<Follower>({ window, digestOf: () => null }),
    record: stub<ChainRecord>({ outcome: async () => outcome }),
  });
}

const engine = await startEngine({
  ...engineOptionsOf({ ...EXAMPLE_MANIFEST, model: MODEL }),
  batch: 2,
  device: "cpu",
});
after(() => engine.close());

/** A window of training: the update, the state before and after it, all kept as before a commitment. */
async function begin(): Promise<Case & { work: Work; before: MomentState; done: MomentState }> {
  const files = new Map<string, Uint8Array>();
  const train = async (seed: number): Promise<Work["update"]> => {
    const tokens = Int32Array.from({ length: 3 * 2 * 9 }, (_, at) => (at * seed) % 64);
    await engine.train({ tokens, learningRates: new Float32Array(3).fill(0.01) });
    return (await engine.compress({ ...CODEC, beta: 0.9 })).update;
  };
  await engine.setParameters(initialParameters(MODEL, 1));
  await engine.resetMoments();
  await train(5);
  const before = structuredClone(await engine.momentState());
  files.set("moments.bin", encodeMoments(RUN, before, engine.layout.total));
  const update = await train(7);
  const header = { genesis: RUN, runId: RUN, netuid: 1, hotkey: HOTKEY, baseDigest: THETA };
  const layout = { lengths: engine.layout.lengths, ...CODEC };
  const bytes = encodeWholeUpdate({ ...header, window: BigInt(WINDOW) }, update, layout);
  const work = { window: WINDOW, update, bytes, digest: updateDigest(bytes), trainingLoss: 2.5 };
  const miner = minerIn({ engine, files }, WINDOW);
  await keepUnsettled(miner, work);
  await keepUnrevealed(miner, work);
  return { engine, files, work, before, done: structuredClone(await engine.momentState()) };
}

/** What a next process begins its first window with, from the state that was saved last. */
async function restarted(miner: Participant, before: MomentState): Promise<Start> {
  await engine.setMomentState(before);
  return takeUp(miner, await begunWork(miner), before);
}

test("in the same window the next process takes the update up, with the state after it", async () => {
  const { work, before, done, ...miner } = await begin();
  const start = await restarted(minerIn(miner, WINDOW), before);
  // A null window takes both back to what was before it.
  assert.deepEqual(start, { work, moments: before });
  assert.deepEqual(await engine.momentState(), done);
});

test("once the window is over the state is to the bit that of a process that lived on", async () => {
  for (const accepted of ["own", "another", "none"] as const) {
    const { work, before, ...miner } = await begin();
    const digests = { own: [THETA, work.digest], another: [THETA], none: [] }[accepted];
    const next = minerIn(miner, WINDOW + 3, digests);
    const outcome = await next.record.outcome(WINDOW);
    const lived = structuredClone(await movedOn(next, { work, outcome, moments: before }));
    const saved = miner.files.get("moments.bin");
    assert.equal(accepted === "none", lived.step === before.step);
    miner.files.set("moments.bin", new Uint8Array());
    const start = await restarted(next, before);
    assert.equal(start.work, null);
    assert.deepEqual(await engine.momentState(), lived, accepted);
    assert.deepEqual(
      start.moments,
      lived,
      "a null window must not go back behind what was settled",
    );
    if (accepted !== "none") assert.deepEqual(miner.files.get("moments.bin"), saved);
  }
});

test("what is of another run or window, torn, not of one piece or very old changes nothing", async () => {
  const { before, work, done: _done, ...miner } = await begin();
  const kept = miner.files.get("unsettled.bin") ?? new Uint8Array();
  const update = miner.files.get("unrevealed.bin") ?? new Uint8Array();
  const unchanged = async (who: Participant): Promise<void> => {
    assert.deepEqual(await restarted(who, before), { work: null, moments: before });
    assert.deepEqual(await engine.momentState(), before);
  };
  const next = minerIn(miner, WINDOW + 1, [work.digest]);
  await unchanged(minerIn(miner, WINDOW + 1, [work.digest], THETA));
  await unchanged(minerIn(miner, WINDOW - 1, [work.digest]));
  await unchanged(minerIn(miner, WINDOW + 32, [work.digest]));
  for (const length of [0, 39, 40, 100, kept.length - 1]) {
    miner.files.set("unsettled.bin", kept.subarray(0, length));
    await unchanged(next);
  }
  miner.files.set("unsettled.bin", kept);
  for (const length of [0, 141, 142, update.length - 1]) {
    miner.files.set("unrevealed.bin", update.subarray(0, length));
    await unchanged(next);
  }
  miner.files.delete("unrevealed.bin");
  await unchanged(next);
});
