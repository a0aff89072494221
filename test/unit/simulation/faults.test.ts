/** @file Faults of a simulated subnet: what is stopped, killed or hidden comes back, and everybody derives the same again. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { honest } from "../../../miner/strategies/honest.ts";
import type { SimulatedNode } from "../../../simulation/node.ts";
import type { World } from "../../../simulation/world.ts";
import { smallWorld } from "./small-world.ts";

const WINDOWS = 7;

test("a killed miner, a killed validator and a stopped one go on with the others' parameters", async () => {
  const { world, validators, miners } = smallWorld(8, WINDOWS);
  const [heavy, light] = validators;
  const [miner] = miners;
  assert.ok(heavy !== undefined && light !== undefined && miner !== undefined);
  const { clock } = world.run;
  world.atBlock(clock.deadlineBlock(1), () => miner.kill());
  world.atBlock(clock.startBlock(3), () => miner.start());
  world.atBlock(clock.firstJudgeBlock(2), () => light.node.kill());
  world.atBlock(clock.startBlock(4), () => light.node.start());
  world.atBlock(clock.startBlock(5), () => light.node.pause());
  world.atBlock(clock.startBlock(6), () => light.node.continue());
  try {
    await world.runWindow(WINDOWS - 1);
    const last = world.nodes.map((node) => world.digestsOf(node).get(WINDOWS));
    assert.equal(new Set(last).size, 1, String(last));
    assert.notEqual(last[0], undefined);
    // Of so little text the evidence is chance: what counts is whose updates were there to be judged.
    const absent = new Set(["no-commitment", "payload-missing"]);
    const judged = heavy
      .records()
      .map(({ window, miners: rows }) => [
        window,
        rows.filter(({ verdict }) => !absent.has(verdict)).length,
      ]);
    // The payload of a miner that died between commitment and reveal came too late for window 1.
    const expected = [4, 3, 3, 4, 4, 4, 4];
    assert.deepEqual(
      judged,
      expected.map((count, window) => [window, count]),
    );
  } finally {
    await world.close();
  }
});

test("a payload that its miner hands to nobody is missing, and costs its window alone", async () => {
  const { world, validators, miners } = smallWorld(4, 2);
  const hidden = world.miner({ name: "hidden", strategy: honest, serves: () => false });
  world.register(hidden);
  hidden.start();
  try {
    await world.runWindow(1);
    const record = validators[0]?.memory().records.get(1)?.record;
    const verdict = record?.miners.find(({ hotkey }) => hotkey === hidden.hotkey)?.verdict;
    assert.equal(verdict, "payload-missing");
    assert.equal(record?.accepted.length, miners.length);
  } finally {
    await world.close();
  }
});

/** Digest of theta after five windows of which the third is disturbed. */
async function digestAfter(
  disturb: (world: World, miner: SimulatedNode, heavy: SimulatedNode) => void,
): Promise<string | undefined> {
  const { world, validators, miners } = smallWorld(5, 5);
  const [miner] = miners;
  const heavy = validators[0]?.node;
  assert.ok(miner !== undefined && heavy !== undefined);
  disturb(world, miner, heavy);
  try {
    await world.runWindow(4);
    return world.digestsOf(miner).get(5);
  } finally {
    await world.close();
  }
}

/** Kills a miner at a block and starts it again at another. */
function away(world: World, miner: SimulatedNode, [from, to]: readonly [number, number]): void {
  world.atBlock(from, () => miner.kill());
  world.atBlock(to, () => miner.start());
}

/** Makes the third window null: the larger validator stands still. */
function nullWindow(world: World, heavy: SimulatedNode): void {
  world.atBlock(world.run.clock.firstCommitBlock(2), () => heavy.pause());
  world.atBlock(world.run.clock.startBlock(3), () => heavy.continue());
}

test("a miner killed between its commitment and the votes goes on as one that lived", async () => {
  const lived = await digestAfter(() => undefined);
  assert.notEqual(lived, undefined);
  const killed = async (block: "deadlineBlock" | "firstJudgeBlock"): Promise<unknown> =>
    digestAfter((world, miner) => {
      const from = world.run.clock[block](2);
      away(world, miner, [from, from + 1]);
    });
  assert.equal(await killed("deadlineBlock"), lived, "before it was revealed");
  assert.equal(await killed("firstJudgeBlock"), lived, "before it was voted for");
  const late = digestAfter((world, miner) =>
    away(world, miner, [world.run.clock.firstJudgeBlock(2), world.run.clock.startBlock(3) + 1]),
  );
  assert.equal(await late, lived, "started again after the votes");
});

test("nor does it keep anything of a null window", async () => {
  const lived = await digestAfter((world, _miner, heavy) => nullWindow(world, heavy));
  assert.notEqual(lived, undefined);
  const killed = await digestAfter((world, miner, heavy) => {
    nullWindow(world, heavy);
    away(world, miner, [world.run.clock.firstJudgeBlock(2), world.run.clock.startBlock(3) + 1]);
  });
  assert.equal(killed, lived);
});
