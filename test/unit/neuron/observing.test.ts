/** @file Whoever is asked to listen to a neuron hears of it: curves of its windows, also of those whose records came late. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { WindowView } from "../../../src/api/page.ts";
import { Lifecycle } from "../../../src/command/lifecycle.ts";
import type { NodeState } from "../../../src/metrics/node-metrics.ts";
import { Tally } from "../../../src/metrics/tally.ts";
import { type Drawn, observe } from "../../../src/neuron/observing.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const RUN: Hex = `0x${"22".repeat(32)}`;
const SELF: Hex = `0x${"11".repeat(32)}`;

/** A recorded window in which so many updates were seen. */
const recorded = (window: number, seen: number): WindowView => ({
  window,
  record: null,
  recordedBy: 1,
  seen,
  accepted: [],
  bytes: 0,
  own: null,
  noise: null,
  flags: [],
  verdicts: {},
  seconds: null,
});

/** A miner that draws into a folder; `windows`: what its page holds. */
function drawing(folder: string, windows: () => readonly WindowView[]): Drawn {
  const tally = new Tally(SELF);
  const { neuron } = participantOf({
    role: "miner",
    tally,
    signer: stub<Drawn["neuron"]["signer"]>({ ss58: "5Self" }),
    options: stub<Drawn["neuron"]["options"]>({ tensorboard: folder }),
    say: (text) => assert.fail(text),
    log: stub<Drawn["neuron"]["log"]>({}),
  });
  const node: NodeState = {
    role: "miner",
    device: "cpu",
    tally,
    window: 4,
    block: { number: 1, seenAt: 1 },
    disk: null,
  };
  return {
    neuron,
    page: { seen: async () => ({ now: null, windows: windows(), losses: [], isFresh: true }) },
    node: async () => node,
  };
}

test("curves are drawn at the end of each window and of the process, and windows that were told late are made up for", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-curves-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const lifecycle = new Lifecycle();
  let windows = [recorded(2, 9)];
  const drawn = drawing(folder, () => windows);
  await observe(drawn, lifecycle);
  const { tally } = drawn.neuron;
  tally.stands({ runId: RUN, window: 3, hotkeys: [] });
  tally.made({ window: 3, trainingLoss: 2.5, bytes: 7000 }, Date.now());
  tally.did("committed", 3);
  assert.deepEqual(readdirSync(folder), [], "not before the window is over");
  tally.did("settled", 3);
  // Windows do not follow each other in one turn.
  await new Promise((resolve) => setTimeout(resolve, 20));
  tally.did("settled", 4);
  windows = [recorded(2, 9), recorded(3, 5), recorded(4, 6)];
  assert.deepEqual(await lifecycle.close(), []);
  const place = join(folder, "0x22222222");
  const [name = ""] = readdirSync(place);
  const text = readFileSync(join(place, name), "latin1");
  const drawnOf = (tag: string): number => text.split(tag).length - 1;
  assert.equal(drawnOf("assay_record_updates_seen"), 2, "of 3 and 4; 2 was before its time");
  assert.equal(drawnOf("assay_training_loss_nats"), 1);
  assert.equal(drawnOf("assay_step_last_seconds/step=settled"), 2);
});
