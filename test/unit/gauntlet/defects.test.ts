/** @file The published scorer's known defects (docs/gauntlet.md#12-defects-not-copied), one test each: not here. Numbers are those of that list. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { fastChecks, type Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import { EMPTY_SCOREBOOK, scorePublishedWindow } from "../../../src/gauntlet/published-book.ts";
import { similarEarlier, similarPairs } from "./fingerprints.ts";
import { decodeBody } from "../../../src/protocol/codec.ts";
import { helped, hotkeyOf, luckOf, OPTIONS, play, refused, scoreOf, uniform } from "./scenes.ts";

/** Standard deviation of the trust of somebody whose indicator is a coin flip, at alpha 0.05: sqrt(alpha / (2 - alpha)). */
const COIN_FLIP_DEVIATION = Math.sqrt(0.05 / 1.95);

const four = [0, 1, 2, 3].map((uid) => helped(uid, 0.01 + 0.002 * uid));
const [zero, one, two, three] = four;
assert.ok(zero && one && two && three);

test("defect 1 avoided: a penalty is applied after the rating, so an invalid update earns 0 in its window", () => {
  const { book } = play(20, () => four);
  const { scores } = play(1, () => [refused(3, "malformed"), zero, one, two], book);
  assert.equal(scoreOf(scores, 3).final, 0);
  assert.ok(scoreOf(scores, 3).trust > 0, "and it is the multiplier, not the memory, that did it");
});

test("defect 2 avoided: a penalty for unhelpful updates does not compound while nothing new is learned", () => {
  const { book } = play(20, () => four);
  let state = play(5, () => [refused(0, "loss-not-lowered", -0.01), one, two, three], book);
  assert.equal(scoreOf(state.scores, 0).multiplier, 0.25);
  for (let window = 0; window < 3; window += 1) {
    // An outage: nothing is learned about anybody.
    state = play(1, () => [0, 1, 2, 3].map((uid) => refused(uid, "payload-missing")), state.book);
    assert.equal(scoreOf(state.scores, 0).multiplier, 1);
  }
});

test("defect 3 avoided: an absentee is no bad score, so it cannot switch the plateau on", () => {
  const { book } = play(20, () => four);
  const absent = [0, 1].map((uid) => refused(uid, "payload-missing"));
  const { regime } = scorePublishedWindow(
    book,
    { window: 20, miners: [...absent, two, three] },
    OPTIONS,
  );
  assert.equal(regime.plateau, false);
});

test("defect 4 avoided: a window with one score changes no rating and leaves no stale score behind", () => {
  const lone = scorePublishedWindow(
    EMPTY_SCOREBOOK,
    { window: 0, miners: [helped(0, 0.9)] },
    OPTIONS,
  );
  assert.equal(scoreOf(lone.scores, 0).ordinal, 0);
  const direct = play(1, () => [helped(0, 0.01), helped(1, 0.02)]);
  const after = scorePublishedWindow(
    lone.book,
    { window: 1, miners: [helped(0, 0.01), helped(1, 0.02)] },
    OPTIONS,
  );
  for (const uid of [0, 1]) {
    assert.deepEqual(scoreOf(after.scores, uid).rating, scoreOf(direct.scores, uid).rating);
  }
  assert.ok(
    scoreOf(lone.scores, 0).weight === 65535,
    "one miner and one validator can start a run",
  );
});

test("defect 5 avoided: an outage is not punished hardest but not at all", () => {
  const { book } = play(20, () => four);
  const missing = [0, 1, 2].map((uid) => refused(uid, "payload-missing"));
  const before = play(1, () => four, book);
  const { scores } = play(1, () => [...missing, three], book);
  for (const uid of [0, 1, 2]) {
    assert.equal(scoreOf(scores, uid).multiplier, 1);
    assert.ok(scoreOf(scores, uid).final > 0.9 * scoreOf(before.scores, uid).final);
  }
});

test("defect 6 avoided: the next evaluation does not undo what absence and theft cost", () => {
  const { book } = play(20, () => four);
  const stolen = play(1, () => [refused(0, "copied"), one, two, three], book);
  const next = play(1, () => four, stolen.book);
  assert.equal(scoreOf(next.scores, 0).weight, 0);
  const again = play(9, () => four, next.book);
  assert.ok(scoreOf(again.scores, 0).weight > 0, "and it ends by itself");
});

function fingerprint(uid: number, numbers: number[], window = 5): Fingerprint {
  return {
    uid,
    hotkey: hotkeyOf(uid),
    window,
    bodyDigest: hotkeyOf(`body ${uid}`),
    indices: [Uint32Array.from(numbers)],
    norms: [1],
  };
}

const settings = { minimumNormRatio: 0.1, maximumOverlap: 0.4, overlapWindows: 3 };

test("defect 7 avoided: no order inside a window, so similar coordinates blame nobody", () => {
  const updates = [fingerprint(1, [1, 2, 3, 4]), fingerprint(2, [1, 2, 3, 4])];
  const earlier = { bodies: new Map(), fingerprints: [], isApplied: () => false };
  assert.equal(fastChecks({ updates, usual: [1], earlier, settings }).size, 0);
  assert.equal(similarPairs(updates, settings).length, 1, "they are compared by what they do");
});

test("defects 8 and 9 avoided: every overlap is looked at, the largest first, with earlier windows as well", () => {
  const earlier = [fingerprint(9, [90, 91, 92, 93], 4), fingerprint(8, [4, 90, 3, 2], 4)];
  const found = similarEarlier(fingerprint(3, [4, 90, 91, 92]), earlier, settings);
  assert.deepEqual(
    found.map(({ other, overlap }) => [other.uid, overlap]),
    [
      [9, 0.75],
      [8, 0.5],
    ],
  );
});

test("defect 10 avoided: the threshold's error rate is known, and luck above it is worth little", (context) => {
  const luck = luckOf("coin");
  let trust = 0;
  let above = 0;
  for (let window = 0; window < 20_000; window += 1) {
    trust = 0.95 * trust + 0.05 * (uniform(luck) < 0.5 ? 1 : -1);
    if (trust >= 2 * COIN_FLIP_DEVIATION) above += 1;
  }
  const rate = above / 20_000;
  context.diagnostic(
    `a coin flip is above two deviations ${(100 * rate).toFixed(1)} % of the time`,
  );
  assert.ok(rate > 0.01 && rate < 0.035);
});

test("defect 11 avoided: a newcomer earns from its first win, and so does an honest miner below the median", () => {
  const { book } = play(50, () => four);
  const { scores } = play(1, () => [...four, helped(7, 0.011)], book);
  assert.ok(scoreOf(scores, 7).weight > 0);
  for (const uid of [0, 1, 2, 3]) assert.ok(scoreOf(scores, uid).weight > 0, `uid ${uid}`);
});

test("defect 12 avoided: a base is a digest that costs the window; decode holes are closed", () => {
  const { book } = play(20, () => four);
  const { scores } = play(1, () => [refused(0, "stale-base"), one, two, three], book);
  assert.equal(scoreOf(scores, 0).weight, 0);
  // A duplicate index cannot be written: whatever bytes are read, indices ascend, and nothing follows the last quotient.
  let decoded = 0;
  for (let bits = 0; bits < 65_536; bits += 1) {
    // Magnitudes, signs and large bits of zeros; one byte of remainders, one of quotients.
    const body = Uint8Array.from([0, 0, 0, 0, bits & 255, bits >>> 8]);
    const found = decodedIndices(body);
    if (found === null) continue;
    decoded += 1;
    assert.ok(found.every((index, at) => index < 12 && index > (found[at - 1] ?? -1)));
  }
  assert.equal(decoded, 220, "12 choose 3 sets, each exactly once: zero has only one spelling");
});

function decodedIndices(body: Uint8Array): number[] | null {
  try {
    return decodeBody(body, { lengths: [12], k: 3, chunk: 12 }).flatMap(({ indices }) => [
      ...indices,
    ]);
  } catch {
    return null;
  }
}

test("defects 13 and 14 avoided: equal evidence gives every validator equal scores, whenever and wherever", () => {
  const [a, b] = [1, 2].map(() =>
    play(30, (window) => (window % 7 === 3 ? [refused(0, "copied"), one, two] : four)),
  );
  assert.deepEqual(a, b);
});

test("defect 15 avoided: an update that raises the loss is refused before it is applied, not only clipped", () => {
  const { scores } = play(5, () => [...four, refused(4, "loss-not-lowered", -5)]);
  assert.equal(scoreOf(scores, 4).weight, 0);
});
