/** @file What a neuron counts: steps and their time, windows, votes and updates of its own, outages. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Tally, type TallyEvent } from "../../../src/metrics/tally.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { Vote } from "../../../src/protocol/vote.ts";
import type { WindowOutcome } from "../../../src/run/chain-record.ts";
import { stub } from "../stub.ts";

const SELF: Hex = `0x${"11".repeat(32)}`;
const OTHER: Hex = `0x${"22".repeat(32)}`;
const RUN: Hex = `0x${"33".repeat(32)}`;

/** A window of two uids, of which this neuron has the second. */
function outcome(
  window: number,
  how: { readonly voted?: boolean; readonly counts?: boolean; readonly accepted?: readonly Hex[] },
): WindowOutcome {
  const votes =
    how.voted === true ? [stub<Vote>({ window })] : [stub<Vote>({ window: window - 1 })];
  const voter = { uid: 1, stake: 1n, permit: true, silence: 0, votes };
  return {
    window,
    rules: RUN,
    thetaDigest: RUN,
    accepted: (how.accepted ?? []).map((hotkey) => ({ uid: 0, hotkey, digest: RUN, block: 1 })),
    voters: how.counts === false ? [] : [voter],
    hotkeys: [OTHER, SELF],
  };
}

test("a vote is due where its stake counts, missed without one of that very window; a run of them ends with a vote", () => {
  const tally = new Tally(SELF);
  tally.ended(outcome(0, { voted: true, accepted: [OTHER] }));
  tally.ended(outcome(1, { voted: false, accepted: [OTHER] }));
  tally.ended(outcome(2, { voted: false }));
  tally.ended(outcome(3, { counts: false }));
  assert.deepEqual(tally.votes, { due: 3, missed: 2, missedInARow: 2 });
  assert.deepEqual(tally.windows, { due: 4, missed: 2, missedInARow: 2 });
  tally.ended(outcome(4, { voted: true, accepted: [SELF] }));
  assert.deepEqual(tally.votes, { due: 4, missed: 2, missedInARow: 0 });
  assert.deepEqual(tally.windows, { due: 5, missed: 2, missedInARow: 0 });
  assert.equal(tally.uid, 1);
});

test("an update is judged in its own window alone", () => {
  const tally = new Tally(SELF);
  const made = (window: number): void =>
    tally.made({ window, trainingLoss: 3, bytes: 10 }, Date.now() - 2000);
  tally.ended(outcome(0, { accepted: [OTHER] }));
  assert.deepEqual(tally.updates, { due: 0, missed: 0, missedInARow: 0 }, "it made none");
  made(1);
  tally.ended(outcome(1, { accepted: [OTHER] }));
  tally.ended(outcome(2, { accepted: [OTHER] }));
  assert.deepEqual(tally.updates, { due: 1, missed: 1, missedInARow: 1 });
  made(3);
  tally.ended(outcome(3, { accepted: [OTHER, SELF] }));
  assert.deepEqual(tally.updates, { due: 2, missed: 1, missedInARow: 0 });
  assert.equal(tally.making.count, 2);
  assert.ok(tally.making.seconds >= 4 && tally.making.last >= 2);
  assert.deepEqual(tally.newest, { window: 3, trainingLoss: 3, bytes: 10 });
});

test("steps follow each other without gaps, from where it joined", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const tally = new Tally(SELF);
  const heard: TallyEvent[] = [];
  tally.listen((event) => heard.push(event));
  t.mock.timers.tick(60_000);
  tally.stands({ runId: RUN, window: 7, hotkeys: [OTHER] });
  assert.equal(tally.uid, null, "it has none yet");
  t.mock.timers.tick(2000);
  tally.did("voted", 7);
  t.mock.timers.tick(3000);
  tally.did("recorded", 7);
  t.mock.timers.tick(4000);
  tally.did("voted", 8);
  assert.deepEqual(tally.steps.get("voted"), { count: 2, seconds: 6, last: 4 });
  assert.deepEqual(tally.steps.get("recorded"), { count: 1, seconds: 3, last: 3 });
  assert.deepEqual(
    heard.map((event) => event.kind === "step" && [event.step, event.fromMs, event.toMs]),
    [
      ["voted", 1_060_000, 1_062_000],
      ["recorded", 1_062_000, 1_065_000],
      ["voted", 1_065_000, 1_069_000],
    ],
  );
  assert.deepEqual(tally.place, { run: "0x33333333", window: 8 });
});

test("an outage counts once, however often its reason changes", () => {
  const tally = new Tally(SELF);
  assert.deepEqual(tally.chain, { outages: 0, isConnected: true });
  for (const kind of ["lost", "searching", "searching"] as const) tally.connection({ kind });
  assert.deepEqual(tally.chain, { outages: 1, isConnected: false });
  tally.connection({ kind: "back" });
  assert.deepEqual(tally.chain, { outages: 1, isConnected: true });
});

test("a standby endpoint that fails is no outage", () => {
  const tally = new Tally(SELF);
  tally.connection({ kind: "unused" });
  assert.deepEqual(tally.chain, { outages: 0, isConnected: true });
});
