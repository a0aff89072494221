/**
 * @file Every kind of optimiser end to end: the product's loops of validators and miners, a miner that dies and goes on from its checkpoint, and one that
 * joins late and replays. All hold the same state, momentum included, and the loss falls.
 */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { honest } from "../../../miner/strategies/honest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { heldOutLoss } from "../../../src/run/held-out.ts";
import { smallWorld } from "./small-world.ts";

const WINDOWS = 6;

type Kind = {
  readonly name: string;
  readonly change: (manifest: RunManifest) => Partial<RunManifest>;
};

const KINDS: readonly Kind[] = [
  {
    name: "diloco, schedule wsd",
    change: ({ inner, outer, codec }) => ({
      inner: { ...inner, schedule: "wsd", warmupSteps: 12, decaySteps: 8 },
      codec: { ...codec, k: codec.chunk },
      outer: { ...outer, alpha: 0.5, optimizer: "diloco", momentum: 0.6 },
    }),
  },
  {
    name: "demo, schedule flat",
    change: ({ inner, outer }) => ({
      inner: { ...inner, schedule: "flat" },
      outer: { ...outer, alpha: 0.01, optimizer: "demo" },
    }),
  },
  {
    name: "sparseloco with muon",
    change: ({ inner }) => ({ inner: { ...inner, optimizer: "muon", momentum: 0.9 } }),
  },
];

for (const { name, change } of KINDS)
  test(`${name}: everybody derives the same, from a checkpoint and by replay as well`, async () => {
    const strategies = [honest, honest, honest];
    const { world, validators, miners } = smallWorld(6, WINDOWS, strategies, (manifest) => ({
      ...manifest,
      ...change(manifest),
      checkpointEveryWindows: 2,
    }));
    const { clock } = world.run;
    const [miner] = miners;
    assert.ok(miner !== undefined);
    const late = world.miner({ name: "late", strategy: honest });
    world.atBlock(clock.deadlineBlock(3), () => miner.kill());
    world.atBlock(clock.startBlock(4), () => miner.start());
    world.atBlock(clock.startBlock(4), () => {
      world.register(late);
      late.start();
    });
    try {
      await world.runWindow(0);
      const engine = validators[0]?.node.participant?.engine;
      assert.ok(engine !== undefined);
      const before = await heldOutLoss(engine, world.run, 32);
      await world.runWindow(WINDOWS - 1);
      const last = world.nodes.map((node) => world.digestsOf(node).get(WINDOWS));
      assert.equal(new Set(last).size, 1, String(last));
      assert.notEqual(last[0], undefined);
      // The miner began again at a checkpoint, the latecomer at theta_0.
      assert.equal(world.digestsOf(miner).get(1), undefined);
      assert.notEqual(world.digestsOf(miner).get(2), undefined);
      assert.notEqual(world.digestsOf(late).get(1), undefined);
      const accepted = validators[0]?.records().map((record) => record.accepted.length) ?? [];
      assert.ok(
        accepted.every((count) => count > 0),
        String(accepted),
      );
      const after = await heldOutLoss(engine, world.run, 32);
      assert.ok(after < before, `held-out loss ${before} -> ${after}`);
      const verdicts = validators[0]
        ?.records()
        .flatMap((record) => record.miners.map(({ verdict }) => verdict));
      assert.ok(!verdicts?.includes("replayed"), String(verdicts));
    } finally {
      await world.close();
    }
  });
