/** @file An audit of a whole small run: nothing differs, until one byte does; then its place is named. */
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
  folder = await playedRun();
  recorded = await openFolder(folder, { lifecycle, step });
  const run = await joinRun(recorded.subnet, { signal: lifecycle.signal });
  derived = await derive(recorded, { run, signal: lifecycle.signal, step, evaluate: false });
});
after(async () => {
  await lifecycle.close();
  rmSync(folder, { recursive: true, force: true });
});

test("everything of a run follows from its chain and its payloads", async () => {
  const report = await compare(recorded, derived);
  assert.deepEqual(report.differences, []);
  assert.deepEqual([report.from, report.to], [0, 5]);
  assert.deepEqual(
    report.logs.map(({ records, onTrust }) => [records, onTrust]),
    [
      [6, 2],
      [6, 2],
    ],
  );
  assert.ok(report.logs.every(({ scores, weights }) => scores >= 16 && weights >= 5));
  assert.ok(report.payouts.epochs.length >= 6);
  assert.ok(report.payouts.epochs.some(({ pay }) => pay.miners.some((rao) => rao > 0n)));
});

test("one flipped byte is found wherever it is, and its place is named", async () => {
  const seed = 7;
  let count = 0;
  for await (const { flip, found } of flips(recorded, derived, { seed, count: 40 })) {
    count++;
    assert.ok(
      names(found, flip, recorded),
      `${flip.path} byte ${flip.offset} ^ ${flip.mask} (seed ${seed}): ${JSON.stringify(found)}`,
    );
  }
  assert.equal(count, 40);
});
