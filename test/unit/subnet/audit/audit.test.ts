/** @file An audit of a whole small run: nothing differs, until one byte does; then its place is named. */
import { strict as assert } from "node:assert";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Lifecycle } from "../../../../src/command/lifecycle.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { chainRecord, NO_RECORD, type WindowRecord } from "../../../../src/protocol/record.ts";
import { joinRun } from "../../../../src/run/join.ts";
import { compare, derive, type Derived } from "../../../../subnet/audit/audit.ts";
import type { Difference } from "../../../../subnet/audit/difference.ts";
import { readLog } from "../../../../subnet/audit/log-lines.ts";
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
  derived = await derive(recorded, { run, signal: lifecycle.signal, evaluate: false });
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

/** The run with the first validator's log replaced by these records, chained anew: a forger keeps the chain whole. */
function forged(change: (record: WindowRecord) => WindowRecord): RecordedRun {
  const [first, ...others] = recorded.logs;
  assert.ok(first !== undefined);
  let previous: Hex = NO_RECORD;
  const lines = readLog(first).records.map((one) => {
    const chained = chainRecord(previous, change(one));
    previous = chained.digest;
    return `${chained.line}\n`;
  });
  return { ...recorded, logs: [{ ...first, text: lines.join("") }, ...others] };
}

const inWindow =
  (window: number, change: (record: WindowRecord) => Partial<WindowRecord>) =>
  (record: WindowRecord): WindowRecord =>
    record.window === window ? { ...record, ...change(record) } : record;

async function firstOf(run: RecordedRun): Promise<Pick<Difference, "part" | "window" | "field">> {
  const [first] = (await compare(run, derived)).differences;
  assert.ok(first !== undefined, "nothing was found");
  const { part, window, field } = first;
  return { part, window, field };
}

test("a log that was forged and chained anew is found by what it says, and else by the vote that names its record", async () => {
  const asItIs = await compare(
    forged((record) => record),
    derived,
  );
  assert.deepEqual(asItIs.differences, []);
  const rows = inWindow(2, ({ miners }) => ({
    miners: miners.map((row) => ({ ...row, weight: row.weight === 65_535 ? 65_534 : row.weight })),
  }));
  assert.deepEqual(await firstOf(forged(rows)), { part: "scores", window: 2, field: "weight" });
  const voters = inWindow(3, ({ voters: all }) => ({
    voters: all.map((voter) => ({ ...voter, stake: `${voter.stake}1` })),
  }));
  assert.deepEqual(await firstOf(forged(voters)), { part: "records", window: 3, field: "voters" });
  // Words follow from nothing: the vote of the next window names the record that had others.
  const words = inWindow(1, ({ miners }) => ({
    miners: miners.map((row) => ({ ...row, detail: "other words" })),
  }));
  const field = "digest that the vote of window 2 names";
  assert.deepEqual(await firstOf(forged(words)), { part: "log", window: 1, field });
  // Of the last record no vote is left to speak; how the log ended stands in the summary.
  const last = inWindow(5, ({ miners }) => ({
    miners: miners.map((row) => ({ ...row, detail: "other words" })),
  }));
  const end = { part: "log", window: 5, field: "digest of the last record" };
  assert.deepEqual(await firstOf(forged(last)), end);
});

test("where payloads are gone, the run is derived from the oldest checkpoint that votes confirm, and that is said", async () => {
  const lost = derived.facts.windows.get(0)?.outcome.accepted[0];
  assert.ok(lost !== undefined);
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  rmSync(join(copy, "owner", "blobs", lost.digest.slice(2)));
  const part = new Lifecycle();
  try {
    const rest = await openFolder(copy, { lifecycle: part, step });
    const run = await joinRun(rest.subnet, { signal: part.signal });
    const again = await derive(rest, { run, signal: part.signal, evaluate: false });
    assert.equal(again.facts.from, 2);
    const report = await compare(rest, again);
    assert.match(report.notes.join(), /parameters from window 2 on/);
    // This run's manifest keeps everything, so what is gone is a difference.
    assert.deepEqual(
      report.differences.map(({ part: what, window }) => [what, window]),
      [["parameters", 0]],
    );
  } finally {
    await part.close();
    rmSync(copy, { recursive: true, force: true });
  }
});
