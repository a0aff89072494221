/** @file Casts of the league, in a short form: cheats earn nothing, every strategy plays, and a seed always gives the same. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type CastSpec, playCast } from "../../../league/cast.ts";
import { strategiesByName } from "../../../league/strategy-list.ts";
import { smallMaterial } from "../simulation/small-world.ts";

const strategies = await strategiesByName();
const SHORT: CastSpec = {
  name: "short",
  seed: 1,
  windows: 4,
  strategies: ["sign-flip", "copy"],
  honest: 4,
  missPercent: 0,
  newcomer: null,
};

test("two cheats among four honest miners earn nothing, and everything is the same again", async () => {
  const play = () => playCast(SHORT, smallMaterial(SHORT.windows), { strategies });
  const first = await play();
  const shareOf = (name: string): number =>
    first.rows
      .filter(({ strategy }) => strategy === name)
      .reduce((sum, { share }) => sum + share, 0);
  assert.equal(first.moved, SHORT.windows);
  assert.ok(shareOf("sign-flip") < 0.01);
  assert.ok(shareOf("copy") < 0.01);
  assert.ok(Math.abs(shareOf("honest") - 1) < 0.02);
  assert.deepEqual(first.rows[0]?.verdicts, { "loss-not-lowered": 4 });
  assert.deepEqual(await play(), first);
});

test("every strategy plays, and a newcomer and a new hotkey take their places", async () => {
  const names = [...strategies.values()].filter(({ uids = 1 }) => uids <= 3);
  const windows = 12;
  const spec: CastSpec = {
    ...SHORT,
    windows,
    strategies: ["whitewash", "split-3"],
    honest: 2,
    newcomer: 2,
  };
  const { rows } = await playCast(spec, smallMaterial(windows), { strategies });
  assert.deepEqual(
    rows.map(({ strategy }) => strategy),
    ["whitewash", "split-3", "split-3", "split-3", "honest", "honest", "newcomer"],
  );
  assert.ok((rows.at(-1)?.share ?? 0) > 0);
  // The worker's first uid does the work of all three.
  assert.deepEqual(
    rows.slice(1, 4).map(({ compute }) => compute > 0),
    [true, false, false],
  );
  const crowd = { ...SHORT, windows: 2, strategies: names.map(({ name }) => name), honest: 1 };
  const crowded = await playCast(crowd, smallMaterial(2), { strategies });
  assert.equal(crowded.rows.length, 1 + names.reduce((sum, { uids = 1 }) => sum + uids, 0));
});

test("an unknown strategy is named with those that there are", async () => {
  const spec = { ...SHORT, strategies: ["magic"] };
  await assert.rejects(
    playCast(spec, smallMaterial(1), { strategies }),
    /no strategy "magic"; there are .*sign-flip/,
  );
});
