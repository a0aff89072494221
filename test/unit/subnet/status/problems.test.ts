/** @file What is wrong with a subnet: every trouble is named with its likely cause, and a healthy one is left in peace. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { stub } from "../../stub.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { firstStanding } from "../../../../src/protocol/standing.ts";
import type { Look, RunLook } from "../../../../subnet/status/look.ts";
import { lookJson } from "../../../../subnet/status/json.ts";
import { problemsOf } from "../../../../subnet/status/problems.ts";
import { screenText } from "../../../../subnet/status/screen.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { lookOf, participantOf, runLook, runNow, statusOf } from "./looks.ts";

const OTHER: Hex = `0x${"02".repeat(32)}`;

/** "code: text" of everything that is wrong. */
const told = (look: Look): readonly string[] =>
  problemsOf(look).map(({ code, text }) => `${code}: ${text}`);

/** The only trouble of a look. */
function only(look: Look): string {
  const found = told(look);
  assert.equal(found.length, 1, found.join("\n"));
  return found[0] ?? "";
}

/** The look in which the last window was like this. */
function lastWindow(more: Partial<RunLook["finished"][number]>): Look {
  const [first, second, last] = runLook().finished;
  assert.ok(first && second && last);
  return lookOf({ running: runLook({ finished: [first, second, { ...last, ...more }] }) });
}

const noLine = (): string => "";

test("a healthy subnet is left in peace", () => {
  assert.deepEqual(told(lookOf()), []);
  const text = screenText(lookOf(), { problems: [], width: 200, line: noLine });
  assert.match(text, /window 10 of 60, train, 2 blocks left/);
  assert.match(
    text,
    /held-out loss 2\.500 nats per token in window 9; parameters equal on 3 nodes/,
  );
  assert.match(text, /nothing is wrong$/);
  assert.ok(
    screenText(lookOf(), { problems: [], width: 60, line: noLine })
      .split("\n")
      .every((one) => one.length <= 60),
  );
  assert.deepEqual(JSON.parse(lookJson(lookOf(), [])).problems, []);
});

test("nothing published, nothing started, nobody who hands it out", () => {
  const { head, identity, text } = runNow();
  const none = lookOf({ found: { kind: "none", head, identity, text }, running: null });
  assert.match(only(none), /^no-run: /);
  const unserved = { kind: "unserved", runId: OTHER, head, identity, text } as const;
  assert.match(
    only(lookOf({ found: unserved, running: null })),
    /^unserved: nobody hands out run 0x02/,
  );
  const summary = { ...lookOf().summary, startedAt: null };
  assert.match(only(lookOf({ summary })), /^not-started: .*emits nothing/);
  const manifest = runLook({ served: { manifest: false, data: true } });
  assert.match(only(lookOf({ running: manifest })), /^unserved: .*manifest/);
  const data = runLook({ served: { manifest: true, data: false } });
  assert.match(only(lookOf({ running: data })), /^unserved: .*run's data/);
  assert.deepEqual(
    problemsOf(none).map(({ next }) => next),
    [{ ours: "subnet publish", keep: ["file", "netuid", "endpoint", "genesis", "folder", "set"] }],
  );
});

test("a run that is over, one that was swapped, one that another is to follow", () => {
  const over = runNow({ window: 60 });
  const { participants } = lookOf();
  const last = participants.map((one) => ({
    ...one,
    committed: one.committed && { ...one.committed, window: 59 },
  }));
  assert.match(
    only(lookOf({ running: runLook({ run: over }), participants: last })),
    /^run-over: /,
  );
  const standing = { ...firstStanding(EXAMPLE_MANIFEST), over: true };
  const followed = runNow({ decided: { window: 11, standing } });
  assert.match(only(lookOf({ running: runLook({ run: followed }) })), /^run-over: /);
  const text = { runId: OTHER, after: null, amendment: null };
  assert.match(
    only(lookOf({ running: runLook({ run: runNow({ swapped: true, text }) }) })),
    /^swapped: /,
  );
  const after = { runId: runNow().runId, window: 30 };
  const handed = runNow({ swapped: true, text: { ...text, after } });
  assert.deepEqual(told(lookOf({ running: runLook({ run: handed }) })), []);
});

test("nobody validates, or nobody may", () => {
  const [owner, , ...miners] = lookOf().participants;
  assert.ok(owner);
  assert.match(
    only(lookOf({ participants: [owner, ...miners] })),
    /^no-validator: nobody validates/,
  );
  const waiting = participantOf(1, "validator", { permit: false, stakeRao: 0n, name: "bob" });
  const found = only(lookOf({ participants: [owner, waiting, ...miners] }));
  assert.match(found, /^no-validator: uid 1 \(bob\) would validate, .*next one is in block 149/);
});

test("null windows, each with its likely cause", () => {
  const empty = { acceptedUids: [] };
  assert.match(
    only(lastWindow({ ...empty, votedUids: [], thetaDigest: null })),
    /^null-windows: window 9 was null, .*: nobody voted: uid 1 should have$/,
  );
  assert.match(only(lastWindow({ ...empty, committedUids: [] })), /no miner committed in time$/);
  assert.match(only(lastWindow(empty)), /validators accepted none of 2 updates/);
  assert.match(
    only(lastWindow({ ...empty, thetaDigest: null })),
    /the votes name different parameters/,
  );
  const second = participantOf(4, "validator");
  const silent = lookOf({
    ...lastWindow({ ...empty, thetaDigest: null }),
    participants: [...lookOf().participants, second],
  });
  assert.match(only(silent), /no majority of the stake voted: uid 4 did not$/);
  const [first] = runLook().finished;
  assert.ok(first);
  const two = [7, 8].map((window) => ({ ...first, ...empty, window }));
  assert.match(
    only(lookOf({ running: runLook({ finished: two }) })),
    /^null-windows: windows 7, 8 were null/,
  );
});

test("a node that is gone, one that only answers, one with other parameters", () => {
  const [owner, validator, miner] = lookOf().participants;
  assert.ok(owner && validator && miner);
  const withLast = (more: Parameters<typeof participantOf>[2]): Look =>
    lookOf({ participants: [owner, validator, miner, participantOf(3, "miner", more)] });
  const old = { window: 7, kind: "update" } as const;
  assert.match(
    only(withLast({ answer: null, committed: old })),
    /^absent: miner uid 3 last committed in window 7 and does not answer$/,
  );
  assert.match(only(withLast({ committed: old })), /though it answers: works$/);
  assert.match(only(withLast({ committed: null })), /has committed nothing in this run though/);
  assert.match(only(withLast({ answer: null })), /^unreachable: miner uid 3 .*127\.0\.0\.1:4003$/);
  assert.deepEqual(told(withLast({ answer: null, axon: null })), []);
  const status = statusOf("miner", miner.hotkey);
  const differing = { status, digests: [{ window: 10, digest: OTHER }] };
  assert.match(
    only(withLast({ answer: differing })),
    /^digests-differ: nodes hold different parameters in window 10: 0x01010101 at uids 1, 2; 0x02020202 at uid 3$/,
  );
  const names = screenText(withLast({ answer: differing }), {
    problems: [],
    width: 200,
    line: () => "",
  });
  assert.match(names, /PARAMETERS DIFFER/);
});

test("weights that are too old, and a chain that does not fit the windows", () => {
  const [owner, , ...miners] = lookOf().participants;
  assert.ok(owner);
  const stale = participantOf(1, "validator", { lastUpdate: 0 });
  // 13.889 tempos of 12 blocks; the head is at block 146.
  assert.deepEqual(told(lookOf({ participants: [owner, stale, ...miners] })), []);
  const shorter = stub<Look["hyperparameters"]>({ ...lookOf().hyperparameters, tempo: 10 });
  assert.match(
    only(lookOf({ participants: [owner, stale, ...miners], hyperparameters: shorter })),
    /^inactive: validator uid 1 has set no weights for 146 blocks: after 138 /,
  );
  const longer = stub<Look["hyperparameters"]>({ ...lookOf().hyperparameters, tempo: 12 * 40 });
  const found = told(lookOf({ hyperparameters: longer }));
  assert.ok(
    found.length > 0 && found.every((one) => one.startsWith("chain-mismatch: chain.tempo: ")),
  );
  const hidden = stub<Look["hyperparameters"]>({
    ...lookOf().hyperparameters,
    commitRevealEnabled: true,
  });
  assert.deepEqual(told(lookOf({ hyperparameters: hidden })), [], "our validators reveal");
});
