/** @file A replay's report: well formed whatever participants call themselves, with what each earned and would have earned. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { pageOf } from "../../../../subnet/report/page.ts";
import { type Replayed, replayReport } from "../../../../subnet/replay/report.ts";
import type { EarnedRow, Trial } from "../../../../subnet/replay/replay.ts";
import { CREDIT_SCORING } from "../../protocol/example-manifest.ts";
import { assertWellFormed } from "../report/well-formed.ts";
import { HOSTILE } from "../simulate/sample-outcome.ts";

const hotkeyOf = (uid: number): Hex => `0x${String(uid).padStart(64, "0")}`;

function row(uid: number, name: string | null, earned: number, tried: number): EarnedRow {
  return {
    uid,
    hotkey: hotkeyOf(uid),
    name,
    isHonest: name?.startsWith("miner") ?? false,
    earnedRao: BigInt(Math.round(earned * 1e9)),
    earnedShare: earned,
    triedRao: BigInt(Math.round(tried * 1e9)),
    triedShare: tried,
    earnedShares: [0, earned],
    triedShares: [0, tried],
  };
}

function replayed(rows: readonly EarnedRow[], cvs: readonly (number | null)[]): Replayed {
  const trial: Trial = {
    epochWindows: [-1, 0],
    rows,
    earnedCv: cvs[0] ?? null,
    triedCv: cvs[1] ?? null,
    unmeasured: 3,
  };
  return {
    runId: hotkeyOf(0),
    origin: `/runs/${HOSTILE}`,
    tried: { scoring: CREDIT_SCORING, changed: [{ key: "credit.floor", was: "0.3", is: "0.4" }] },
    trial,
    sweep: ["0.2", "0.4"].map((value) => ({ setting: `credit.floor=${value}`, trial })),
  };
}

const known = replayed(
  [row(3, "miner-1", 0.5, 0.45), row(4, "miner-2", 0.4, 0.45), row(5, HOSTILE, 0.1, 0.0975)],
  [0.157, 0],
);

test("a run whose record says who is honest: pay, variation and the sweep", () => {
  const page = pageOf(replayReport(known));
  assertWellFormed(page);
  assert.doesNotMatch(page, /<script/);
  for (const words of [
    "credit.floor: 0.3 -&gt; 0.4",
    "3 updates",
    "9.75 %",
    "-0.25 %",
    "15.7 %",
    "2 honest miners",
  ])
    assert.ok(page.includes(words), words);
  assert.equal(page.match(/role="img"/g)?.length, 5);
  assert.match(page, /class="over"/);
});

test("a run of strangers: nobody is called honest, and the many small ones are one colour", () => {
  const rows = Array.from({ length: 20 }, (_, uid) => row(uid, null, 0.05, 0.05));
  const page = pageOf(replayReport(replayed(rows, [])));
  assertWellFormed(page);
  assert.match(page, /13 others/);
  assert.doesNotMatch(page, /honest miners|class="over"/);
  assert.match(page, /does not say who is honest/);
});

test("without a sweep there is no section for one", () => {
  const page = pageOf(replayReport({ ...known, sweep: [] }));
  assertWellFormed(page);
  assert.doesNotMatch(page, /Sweep/);
});
