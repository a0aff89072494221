/** @file An audit of a run whose subnet hides weights: nothing differs, and one byte is named. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { Lifecycle } from "../../../../src/command/lifecycle.ts";
import { joinRun } from "../../../../src/run/join.ts";
import { compare, derive, type Derived } from "../../../../subnet/audit/audit.ts";
import type { RecordedRun } from "../../../../subnet/audit/recorded.ts";
import { openFolder } from "../../../../subnet/recorded/folder.ts";
import { flips, names } from "../../../support/flips.ts";
import { playedRun } from "./played-run.ts";

const lifecycle = new Lifecycle();
const step = (): void => undefined;
let folder = "";
let recorded: RecordedRun;
let derived: Derived;

before(async () => {
  folder = await playedRun({ isHidden: true });
  recorded = await openFolder(folder, { lifecycle, step });
  const run = await joinRun(recorded.subnet, { signal: lifecycle.signal });
  derived = await derive(recorded, { run, signal: lifecycle.signal, evaluate: false });
});
after(async () => {
  await lifecycle.close();
  rmSync(folder, { recursive: true, force: true });
});

test("weights that were committed and revealed, and what they paid, follow from the records", async () => {
  const report = await compare(recorded, derived);
  assert.deepEqual(report.differences, []);
  assert.ok(report.logs.every(({ weights }) => weights >= 3));
  assert.ok(report.payouts.epochs.some(({ pay }) => pay.miners.some((rao) => rao > 0n)));
});

test("weights are as old as their commit; LastUpdate is that of the next commit by the time that they pay", () => {
  const [first] = recorded.logs;
  const ages = derived.payouts.epochs.flatMap(({ facts: { hotkeys, input, fixedAt } }) => {
    const uid = hotkeys.indexOf(first?.validator ?? "0x");
    const weights = input.weights[uid] ?? [];
    return weights.length === 0 ? [] : [[fixedAt[uid], input.lastUpdate[uid]]];
  });
  // Windows of five blocks, an epoch in each.
  const wanted = [8, 13, 18, 23].map((block) => [block, block + 5]);
  assert.deepEqual(ages.slice(0, wanted.length), wanted);
});

test("weights on the chain that no record made are found, and named", async () => {
  const [first] = recorded.logs;
  assert.ok(first?.validator);
  // As if the chain had other weights than were recorded.
  const windows = new Map(
    [...derived.facts.windows].map(([window, facts]) => {
      const weights = new Map(
        [...facts.weights].map(([hotkey, stored]) => {
          const row = stored.row.map(
            ([uid, value]) => [uid, window === 4 ? value - 1 : value] as const,
          );
          return [hotkey, { ...stored, row }];
        }),
      );
      return [window, { ...facts, weights }];
    }),
  );
  const facts = { ...derived.facts, windows };
  const { differences } = await compare(recorded, { ...derived, facts, logs: new WeakMap() });
  const found = differences.find(({ part }) => part === "weights");
  assert.match(found?.field ?? "", /^weight on the chain, set or committed at block \d+$/);
});

test("one flipped byte is found and named", async () => {
  const seed = 11;
  for await (const { flip, found } of flips(recorded, derived, { seed, count: 20 }))
    assert.ok(
      names(found, flip, recorded),
      `${flip.path} byte ${flip.offset} ^ ${flip.mask} (seed ${seed}): ${JSON.stringify(found)}`,
    );
});
