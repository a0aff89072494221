/**
 * @file A miner that gets SIGKILL at every step of its work and goes on from its disk: parameters, updates and the optimizer's state are to the bit
 * those of one that was never killed; also through windows that are null, windows whose training diverges, and updates that nobody got.
 */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { honest } from "../../../miner/strategies/honest.ts";
import { encodeMoments } from "../../../miner/moments.ts";
import type { Strategy } from "../../../miner/strategies/strategy.ts";
import type { SimulatedNode } from "../../../simulation/node.ts";
import { BLOCK_MS, type World } from "../../../simulation/world.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { smallWorld } from "./small-world.ts";

const WINDOWS = 18;
/** What happens in every sixth window, beside the kills. */
const CYCLE = 6;
const NULL = 1;
const DIVERGES = 4;
const HIDDEN = 5;
/** The process is there again before the next block; from the end of a window, only in the next one. */
const AWAY_MS = 300;
const LONG_AWAY_MS = 3 * BLOCK_MS + AWAY_MS;
/** A process takes fewer steps in a block. */
const MOST_STEPS = 17;

const isTurn = (window: number, turn: number): boolean => window % CYCLE === turn;

/** Honest, but the training of some windows diverges after a step. */
function sometimesDiverging(miner: Participant): Strategy {
  const { engine } = miner;
  const usual = honest(miner);
  const diverging = honest({
    ...miner,
    engine: {
      ...engine,
      train: (request) =>
        engine.train({
          ...request,
          learningRates: request.learningRates.map((rate, at) => (at === 0 ? rate : 1e38)),
        }),
    },
  });
  return (window) => (isTurn(window, DIVERGES) ? diverging(window) : usual(window));
}

/** Kills the process after so many steps from `block` on, and starts it again. */
function killAt(world: World, node: SimulatedNode, block: number, steps: number): void {
  const { clock } = world.run;
  const isLate = clock.startBlock(clock.windowOf(block) + 1) - block < LONG_AWAY_MS / BLOCK_MS;
  world.atBlock(block, () => {
    node.killAfter(steps);
    world.time.after(isLate ? LONG_AWAY_MS : AWAY_MS, () => {
      void world.time.during(async () => {
        await node.kill();
        node.start();
      });
    });
  });
}

/** What came of a run in which the first miner is killed where `kill` says. */
async function played(kill: (world: World, node: SimulatedNode) => void): Promise<{
  readonly digests: readonly (string | undefined)[];
  readonly accepted: readonly (readonly number[])[];
  readonly moments: string;
  /** Times that training diverged. */
  readonly diverged: number;
}> {
  const strategies = [sometimesDiverging, honest];
  const { world, validators, miners } = smallWorld(3, WINDOWS, strategies);
  const { clock } = world.run;
  const [[first], [heavy, light]] = [miners, validators];
  assert.ok(first !== undefined && heavy !== undefined && light !== undefined);
  const others = world.nodes.map(({ hotkey }) => hotkey).filter((one) => one !== first.hotkey);
  for (let window = 0; window < WINDOWS; window++) {
    const reveal = clock.firstRevealBlock(window);
    const next = clock.startBlock(window + 1);
    if (isTurn(window, NULL)) {
      world.atBlock(reveal, () => heavy.node.pause());
      world.atBlock(next, () => heavy.node.continue());
    }
    if (isTurn(window, HIDDEN)) {
      world.atBlock(reveal, () => world.network.partition([[first.hotkey], others]));
      world.atBlock(next - 1, () => world.network.heal());
    }
  }
  kill(world, first);
  try {
    await world.runWindow(WINDOWS - 1);
    const state = await first.participant?.engine.momentState();
    assert.ok(state !== undefined);
    return {
      digests: Array.from({ length: WINDOWS + 1 }, (_, window) =>
        world.digestsOf(light.node).get(window),
      ),
      accepted: heavy.records().map(({ accepted }) => accepted),
      moments: createHash("sha256")
        .update(encodeMoments(world.run.runId, state, world.run.layout.total))
        .digest("hex"),
      diverged: new Set(first.said.filter((line) => line.includes("diverged"))).size,
    };
  } finally {
    await world.close();
  }
}

test("killed at any step, a miner goes on to the bit as if it had lived on", async () => {
  const straight = await played(() => undefined);
  const killed = await played((world, node) => {
    const { clock } = world.run;
    for (let window = 0; window < WINDOWS - 1; window++) {
      const block = clock.startBlock(window);
      killAt(world, node, block + (window % 4), (5 * window) % MOST_STEPS);
      killAt(world, node, block + 4 + ((5 * window + 1) % 8), (7 * window) % MOST_STEPS);
    }
  });
  assert.deepEqual(straight.accepted.slice(0, CYCLE), [[2, 3], [], [2, 3], [2, 3], [3], [3]]);
  assert.ok(straight.diverged > 0, "no training diverged");
  assert.deepEqual(killed, straight);
});
