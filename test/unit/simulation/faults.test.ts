/** @file Faults of a simulated subnet: what is stopped, killed or hidden comes back, and everybody derives the same again. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { honest } from "../../../miner/strategies/honest.ts";
import { smallWorld } from "./small-world.ts";

const WINDOWS = 7;

test("a killed miner, a killed validator and a stopped one go on with the others' parameters", async () => {
  const { world, validators, miners } = smallWorld(3, WINDOWS);
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
    const accepted = heavy.records().map((record) => [record.window, record.accepted.length]);
    // The payload of a miner that died between commitment and reveal came too late for window 1.
    const expected = [4, 3, 3, 4, 4, 4, 4];
    assert.deepEqual(
      accepted,
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
