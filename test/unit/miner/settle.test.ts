/** @file After a window: what was sent but not accepted returns to the error feedback, and the optimizer is saved. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Engine } from "../../../kernels/engine/engine.ts";
import { settle } from "../../../miner/settle.ts";
import type { Work } from "../../../miner/strategies/strategy.ts";
import type { Log } from "../../../src/command/log.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { Run } from "../../../src/run/run.ts";
import type { ChainRecord, WindowOutcome } from "../../../src/run/chain-record.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
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
  await settle(node, { work, committed, outcome, earnings: { tell: async () => undefined } });
  return did;
}

test("an accepted update is gone from the error feedback", async () => {
  const did = await learned(workWith(2), true, RUN, MINE);
  assert.deepEqual(did, ["window 3: accepted; 2 updates in the outer step", "saved moments.bin"]);
});

test("an update that was not accepted, or came too late, goes back to the error feedback", async () => {
  const refused = await learned(workWith(2), true, RUN);
  assert.deepEqual(refused[0], "restored");
  assert.match(refused[1] ?? "", /not accepted; 1 updates/);
  const late = await learned(workWith(2), false);
  assert.equal(late[0], "restored");
  assert.match(late[1] ?? "", /not committed in time/);
});

test("without own training there is nothing to restore or save", async () => {
  assert.deepEqual(await learned(null, false), []);
  const cheat = await learned(workWith(null), true);
  assert.equal(cheat.length, 1);
  assert.match(cheat[0] ?? "", /not accepted/);
});
