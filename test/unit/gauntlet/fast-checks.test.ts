/** @file Norm, copies and replays: who is blamed, and that honest pairs never are. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import {
  type Candidate,
  candidateOf,
  fastChecks,
  type Fingerprint,
  indexOverlap,
  type KnownBodies,
  ownOverlapLimit,
  totalNorm,
} from "../../../src/gauntlet/fast-checks.ts";
import { lowerMedian } from "../../../src/gauntlet/statistics.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { chooseSequences } from "../../../src/protocol/batches.ts";
import { drawsOf } from "../../../src/protocol/draws.ts";

const settings = { minimumNormRatio: 0.1, maximumOverlap: 0.4, overlapWindows: 3 };
const digestOf = (text: string): Hex => blake2b256(new TextEncoder().encode(text));

function indicesOf(seed: string, count = 256): Uint32Array[] {
  const chosen = chooseSequences(drawsOf(digestOf(seed)), 4096, count);
  return [Uint32Array.from(chosen.toSorted((a, b) => a - b))];
}

function candidate(uid: number, seed: string, change: Partial<Candidate> = {}): Candidate {
  return {
    uid,
    hotkey: digestOf(`hotkey ${uid}`),
    window: 10,
    commitBlock: 125,
    bodyDigest: digestOf(`body ${seed} ${uid}`),
    indices: indicesOf(seed),
    norm: 1,
    ...change,
  };
}

function check(
  candidates: readonly Candidate[],
  earlier: readonly Fingerprint[] = [],
  bodies: KnownBodies = new Map(),
): Record<string, string> {
  const found = fastChecks({ window: 10, candidates, earlier, bodies, settings });
  return Object.fromEntries([...found].map(([uid, { reason }]) => [uid, reason]));
}

/** Mix: the first `share` of the second set's coordinates replaces the first set's. */
function mixed(seed: string, other: string, share: number): Uint32Array[] {
  const [a = new Uint32Array()] = indicesOf(seed);
  const [b = new Uint32Array()] = indicesOf(other);
  const kept = Math.round(a.length * (1 - share));
  const all = new Set([...a.subarray(0, kept), ...b]);
  return [Uint32Array.from([...all].slice(0, a.length)).toSorted()];
}

test("honest updates pass", () => {
  assert.deepEqual(check([candidate(1, "a"), candidate(2, "b"), candidate(3, "c")]), {});
  assert.deepEqual(check([]), {});
});

test("norm below a tenth of the lower median, or zero, is too small", () => {
  const rest = [candidate(1, "a"), candidate(2, "b"), candidate(3, "c", { norm: 100 })];
  assert.deepEqual(check([...rest, candidate(4, "d", { norm: 0.0999 })]), { 4: "norm-too-small" });
  assert.deepEqual(check([...rest, candidate(4, "d", { norm: 0.1 })]), {});
  assert.deepEqual(check([candidate(4, "d", { norm: 0 })]), { 4: "norm-too-small" });
  assert.equal(lowerMedian([4, 1, 3, 2]), 2);
  assert.ok(Number.isNaN(lowerMedian([])));
});

test("the later commitment copied, whatever the uids", () => {
  const victim = candidate(7, "a");
  const copier = candidate(2, "a", { commitBlock: 126 });
  assert.deepEqual(check([victim, copier]), { 2: "copied" });
  assert.deepEqual(check([copier, victim]), { 2: "copied" });
});

test("a noisy copy is caught down to the threshold", () => {
  const victim = candidate(7, "a");
  const copy = (share: number): Candidate =>
    candidate(2, "b", { commitBlock: 126, indices: mixed("a", "b", share) });
  assert.deepEqual(check([victim, copy(0.3)]), { 2: "copied" });
  assert.deepEqual(check([victim, copy(0.5)]), { 2: "copied" });
  assert.deepEqual(check([victim, copy(0.9)]), {});
});

test("similar updates of one block prove no order: neither is blamed", () => {
  assert.deepEqual(check([candidate(1, "a"), candidate(2, "a")]), {});
});

test("equal bodies of one block are collusion: both fail", () => {
  const bodyDigest = digestOf("shared");
  const pair = [candidate(1, "a", { bodyDigest }), candidate(2, "a", { bodyDigest })];
  assert.deepEqual(check(pair), { 1: "copied", 2: "copied" });
  const later = candidate(2, "a", { bodyDigest, commitBlock: 126 });
  assert.deepEqual(check([candidate(1, "a", { bodyDigest }), later]), { 2: "copied" });
});

test("another's update of the last windows is a copy; beyond them only an equal body is", () => {
  const old = (window: number): Fingerprint => ({
    ...candidate(7, "a"),
    window,
    commitBlock: 12 * window,
  });
  assert.deepEqual(check([candidate(2, "a")], [old(9)]), { 2: "copied" });
  assert.deepEqual(check([candidate(2, "a")], [old(7)]), { 2: "copied" });
  assert.deepEqual(check([candidate(2, "a")], [old(6)]), {});
  const body = candidate(2, "a");
  const bodies = new Map([[body.bodyDigest, { hotkey: digestOf("hotkey 7"), window: 1 }]]);
  assert.deepEqual(check([body], [], bodies), { 2: "copied" });
});

test("one's own earlier update is a replay, by body at any age, by coordinates when nearly the same", () => {
  const mine = candidate(2, "a");
  const bodies = new Map([[mine.bodyDigest, { hotkey: mine.hotkey, window: 1 }]]);
  assert.deepEqual(check([mine], [], bodies), { 2: "replayed" });
  const earlier = { ...mine, window: 4, commitBlock: 50, bodyDigest: digestOf("old") };
  assert.deepEqual(check([mine], [earlier]), { 2: "replayed" });
  assert.ok(Math.abs(ownOverlapLimit(0.4) - 0.7) < 1e-12);
  assert.deepEqual(check([{ ...mine, indices: mixed("a", "b", 0.5) }], [earlier]), {});
});

test("checking a window twice does not make a miner its own copier", () => {
  const mine = candidate(2, "a");
  const bodies = new Map([[mine.bodyDigest, { hotkey: mine.hotkey, window: 10 }]]);
  assert.deepEqual(check([mine], [mine], bodies), {});
});

test("10 000 honest pairs: none blamed", (context) => {
  const candidates = Array.from({ length: 142 }, (_, uid) =>
    candidate(uid, `honest ${uid}`, { commitBlock: 124 + (uid % 2) }),
  );
  let worst = 0;
  for (const [at, one] of candidates.entries()) {
    for (const other of candidates.slice(0, at)) {
      worst = Math.max(worst, indexOverlap(one.indices, other.indices));
    }
  }
  context.diagnostic(`${(142 * 141) / 2} pairs, largest overlap ${worst.toFixed(3)}`);
  assert.deepEqual(check(candidates), {});
});

test("norm and fingerprint come from the decoded update and the bytes after the header", () => {
  const update = [
    { indices: Uint32Array.of(0, 5, 6), codes: Uint8Array.of(0, 1, 2), low: 2, high: 3 },
  ];
  assert.equal(totalNorm(update), Math.sqrt(4 + 4 + 9));
  const bytes = Uint8Array.from({ length: 180 }, (_, at) => at);
  const identity = { uid: 1, hotkey: digestOf("h"), window: 3, commitBlock: 40 };
  const one = candidateOf({ ...identity, bytes, update });
  const other = candidateOf({ ...identity, bytes: bytes.with(100, 0), update });
  assert.equal(one.bodyDigest, other.bodyDigest, "another header, the same work");
  assert.equal(one.norm, totalNorm(update));
  assert.ok(!("bytes" in one) && !("update" in one), "nothing large is kept");
});
