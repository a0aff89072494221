/** @file When a run may begin: nodes get the time they need, and a live run is never replaced under its participants. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isAssayError } from "../../../../src/errors.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";
import type { RunNow } from "../../../../subnet/owner/run-now.ts";
import { joiningBlocks, predecessorOf } from "../../../../subnet/publish/start.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { runNow } from "../status/looks.ts";

const OTHER: Hex = `0x${"02".repeat(32)}`;
const NOBODY = { text: { after: null, amendment: null }, notBefore: 0, namedFrom: 0 };
const predecessor = (run: RunNow, afterWindow?: number): ReturnType<typeof predecessorOf> =>
  predecessorOf(3, { kind: "run", ...run }, afterWindow);

/** Why it is refused, with the earliest window. */
function refusal(body: () => unknown): readonly [string, number | null] {
  try {
    body();
  } catch (error) {
    assert.ok(isAssayError(error, "run-live") && error.fault.code === "run-live", String(error));
    return [error.fault.reason, error.fault.earliest];
  }
  return assert.fail("it was not refused");
}

const joining = (set: readonly string[], bytes = 0): number => {
  const { config } = loadConfig(null, { environment: {}, set });
  return joiningBlocks(config, { bytes, neurons: 16 });
};

test("nodes get half a minute, the time of the download, and at least a window", () => {
  assert.equal(joining([]), 120);
  assert.equal(joining(["phases.blockMs=12000"]), 12);
  assert.equal(joining(["phases.blockMs=12000", "phases.finalityLag=3"]), 15);
  // 16 nodes fetch 110 MB over 110 Mbit/s: 128 s more.
  assert.equal(joining(["phases.blockMs=12000"], 110e6), 14);
  assert.equal(joining(["phases.train=200"]), 208);
});

test("the first run follows nobody, and so does one after a run that is over", () => {
  const { head, identity, text } = runNow();
  const none = { kind: "none", head, identity, text } as const;
  assert.deepEqual(predecessorOf(3, none, undefined), NOBODY);
  assert.throws(() => predecessorOf(3, none, 5), /this subnet has none/);
  assert.deepEqual(predecessor(runNow({ window: 60 })), NOBODY);
});

test("a live run ends only in a window that is named in time", () => {
  const run = runNow();
  assert.deepEqual(
    refusal(() => predecessor(run)),
    ["window 10 of 60", 12],
  );
  assert.deepEqual(
    refusal(() => predecessor(run, 11)),
    ["window 10 of 60; window 11 is past, or too near", 12],
  );
  assert.deepEqual(
    refusal(() => predecessor(run, 60)),
    ["window 10 of 60; it has no window 60", 12],
  );
  assert.deepEqual(predecessor(run, 12), {
    text: { after: { runId: run.runId, window: 12 }, amendment: null },
    notBefore: EXAMPLE_MANIFEST.startBlock + 12 * 12,
    namedFrom: 0,
  });
  const endless = runNow({ manifest: { ...EXAMPLE_MANIFEST, windows: 0 } });
  assert.deepEqual(
    refusal(() => predecessor(endless)),
    ["window 10, endless", 12],
  );
  const nearEnd = runNow({ head: { number: run.clock.startBlock(59), hash: "0x00" }, window: 59 });
  assert.match(refusal(() => predecessor(nearEnd))[0], /ends by itself/);
});

test("the next run is named once the old one has begun, unless the old one is withdrawn", () => {
  const { startBlock } = EXAMPLE_MANIFEST;
  const early = runNow({ head: { number: 3, hash: "0x00" }, window: -2 });
  assert.equal(predecessor(early, 30).namedFrom, startBlock);
  assert.match(
    refusal(() => predecessor(early))[0],
    new RegExp(`^it begins in ${startBlock - 3} blocks$`),
  );
  assert.equal(predecessor(early, 1).namedFrom, 0);
  assert.equal(predecessor(runNow(), 30).namedFrom, startBlock);
});

test("a hand-over that is under way is not disturbed", () => {
  const { runId } = runNow();
  const text = { runId: OTHER, after: { runId, window: 20 }, amendment: null };
  const [reason, earliest] = refusal(() => predecessor(runNow({ swapped: true, text }), 30));
  assert.match(reason, /another one follows it from window 20 on already/);
  assert.equal(earliest, null);
});

test("an amendment of the old run that is still to come stays in the text", () => {
  const { runId, now } = runNow();
  const amendment = { run: runId, after: runId, from: 15, rules: now.rules };
  const text = { runId, after: null, amendment };
  const pending = runNow({ text, pending: { amendment, from: 15 } });
  assert.deepEqual(predecessor(pending, 20).text.amendment, amendment);
  assert.equal(predecessor(runNow({ text }), 20).text.amendment, null);
});

test("a run that nobody can read may be ended, but not by accident", () => {
  const { head, identity, text } = runNow();
  const unserved = { kind: "unserved", runId: OTHER, head, identity, text } as const;
  assert.match(refusal(() => predecessorOf(3, unserved, undefined))[0], /nobody can tell whether/);
  assert.deepEqual(predecessorOf(3, unserved, 1).text.after, { runId: OTHER, window: 1 });
});
