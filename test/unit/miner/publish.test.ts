/** @file Commit before the deadline: what a miner does with the clock and with a chain that refuses. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ChainClient, Head } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import type { Engine } from "../../../kernels/engine/engine.ts";
import { commit } from "../../../miner/publish.ts";
import type { Work } from "../../../miner/strategies/strategy.ts";
import type { Log } from "../../../src/command/log.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
import type { ChainRecord, Commit } from "../../../src/run/chain-record.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const WINDOW = 1;
const WORK: Work = {
  window: WINDOW,
  update: [],
  bytes: Uint8Array.of(1),
  digest: `0x${"01".repeat(32)}`,
  trainingLoss: 1,
};
const HOTKEY: Hex = `0x${"a1".repeat(32)}`;
const headOf = (number: number): Head => ({ number, hash: "0x00" });

const VECTOR = new Float32Array(2);

/**
 * A node at block `now`, whose chain puts a commitment into block `landed` or refuses it; `recorded`: what counts in the window
 * without it.
 */
function nodeAt(
  now: number,
  landed: number | Error,
  recorded: readonly Commit[] = [],
): { node: Participant; events: string[] } {
  const events: string[] = [];
  const node = participantOf({
    run: stub<Run>({ clock, runId: WORK.digest, layout: stub<Run["layout"]>({ total: 2 }) }),
    blocks: stub<BlockClock>({
      current: headOf(now),
      reached: async (block) => {
        events.push(`reached ${block}`);
        // Blocks that are still to come are made later than anything that is answered now.
        if (block > now) await setImmediate();
        return headOf(Math.max(now, block));
      },
    }),
    chain: stub<ChainClient>({
      setCommitment: async () => {
        events.push("committed");
        if (typeof landed !== "number") throw landed;
        return { block: headOf(landed) };
      },
    }),
    state: stub<NeuronState>({
      save: async (name, bytes) => {
        if (name === "unrevealed.bin") assert.deepEqual(bytes, WORK.bytes);
        events.push(`kept ${name}`);
      },
    }),
    engine: stub<Engine>({
      momentState: async () => ({ step: 1, m: VECTOR, v: VECTOR, e: VECTOR }),
    }),
    record: stub<ChainRecord>({ commits: async () => recorded }),
    netuid: 1,
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: HOTKEY }),
    log: stub<Log>({ warn: () => undefined }),
    signal: new AbortController().signal,
    say: (text) => void events.push(text),
  });
  return { node, events };
}

test("it keeps the optimizer's state, waits until the next block is in the commit phase, keeps the update, then commits", async () => {
  const first = clock.firstCommitBlock(WINDOW);
  const { node, events } = nodeAt(first - 1, first);
  assert.equal(await commit(node, WORK), true);
  const expected = ["kept unsettled.bin", `reached ${first - 1}`, "kept unrevealed.bin"];
  assert.deepEqual(events.slice(0, 4), [...expected, "committed"]);
});

test("work without training has no state of the optimizer to keep", async () => {
  const first = clock.firstCommitBlock(WINDOW);
  const { node, events } = nodeAt(first - 1, first);
  assert.equal(await commit(node, { ...WORK, trainingLoss: null }), true);
  assert.ok(!events.includes("kept unsettled.bin"));
});

test("after the deadline only a commitment counts that an earlier process sent", async () => {
  const block = clock.firstCommitBlock(WINDOW);
  const mine = { uid: 0, hotkey: WORK.digest, digest: WORK.digest, block };
  const { node, events } = nodeAt(clock.deadlineBlock(WINDOW) + 1, 0, [mine]);
  assert.equal(await commit(node, WORK), true);
  assert.ok(!events.includes("committed"));
});

test("at the deadline block it is too late: nothing is sent, and the person is told", async () => {
  const { node, events } = nodeAt(clock.deadlineBlock(WINDOW), 0);
  assert.equal(await commit(node, WORK), false);
  assert.match(events.at(-1) ?? "", /too late/);
  assert.ok(!events.includes("committed"));
});

test("a commitment that lands after the deadline does not count", async () => {
  const { node, events } = nodeAt(clock.firstCommitBlock(WINDOW), clock.deadlineBlock(WINDOW) + 1);
  assert.equal(await commit(node, WORK), false);
  assert.match(events.at(-1) ?? "", /after the deadline/);
});

test("a refusal by the chain costs the window, any other error is passed on", async () => {
  const refusal = new ChainError({ code: "extrinsic-invalid", reason: "Payment", detail: "" });
  const refused = nodeAt(clock.firstCommitBlock(WINDOW), refusal);
  assert.equal(await commit(refused.node, WORK), false);
  assert.match(refused.events.at(-1) ?? "", /refused: extrinsic-invalid/);
  const bug = new TypeError("bug");
  await assert.rejects(commit(nodeAt(clock.firstCommitBlock(WINDOW), bug).node, WORK), bug);
});

const never: ChainClient["setCommitment"] = () => new Promise(() => undefined);

/** The same node, cut off from its chain: a commitment is sent and never answered, or its fate is unknown. */
function cutOff(setCommitment: ChainClient["setCommitment"], recorded: boolean): Participant {
  const { node } = nodeAt(clock.firstCommitBlock(WINDOW), 0);
  const block = clock.firstCommitBlock(WINDOW);
  const mine = { uid: 0, hotkey: WORK.digest, digest: WORK.digest, block };
  return {
    ...node,
    record: stub<ChainRecord>({ commits: async () => (recorded ? [mine] : []) }),
    subnet: { ...node.subnet, chain: stub<ChainClient>({ setCommitment }) },
  };
}

test("what nobody answers is looked up in the chain's record after the deadline", async () => {
  assert.equal(await commit(cutOff(never, true), WORK), true);
  assert.equal(await commit(cutOff(never, false), WORK), false);
});
