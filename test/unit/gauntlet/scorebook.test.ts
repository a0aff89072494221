/** @file The scorebook over many windows: honest work, cheaters, newcomers, plateaus, outages, and its file. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { encodeScorebook, parseScorebook } from "../../../src/gauntlet/scorebook-file.ts";
import { FORGET_AFTER_WINDOWS } from "../../../src/gauntlet/book-entry.ts";
import { EMPTY_SCOREBOOK, scorePublishedWindow } from "../../../src/gauntlet/published-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import {
  ALL_REASONS,
  type Reason,
  type Rejection,
  standingOf,
} from "../../../src/gauntlet/verdict.ts";
import {
  helped,
  hotkeyOf,
  luckOf,
  OPTIONS,
  play,
  refused,
  scoreOf,
  shareOf,
  uniform,
} from "./scenes.ts";

/** Four honest miners of rising diligence, uids 0..3. */
function honest(luck = luckOf("honest")): MinerEvidence[] {
  return [0, 1, 2, 3].map((uid) =>
    helped(uid, 0.01 + 0.003 * uid + 0.01 * uniform(luck), uniform(luck) < 0.95 ? 1 : -1),
  );
}

test("the demo: cheaters earn 0 from the first window on, honest miners by what they did", (context) => {
  const luck = luckOf("demo");
  const cheaters = [
    refused(4, "copied"),
    refused(5, "loss-not-lowered", -0.02),
    refused(6, "stale-base"),
  ];
  const weights: number[][] = [];
  let book = EMPTY_SCOREBOOK;
  for (let window = 0; window < 60; window += 1) {
    const step = scorePublishedWindow(
      book,
      { window, miners: [...honest(luck), ...cheaters] },
      OPTIONS,
    );
    book = step.book;
    weights.push(step.scores.map(({ weight }) => weight));
    for (const uid of [4, 5, 6])
      assert.equal(scoreOf(step.scores, uid).weight, 0, `window ${window}`);
  }
  context.diagnostic(`weights of the last window: ${weights.at(-1)?.join(" ")}`);
  const last = weights.at(-1) ?? [];
  assert.equal(new Set(last.slice(0, 4)).size, 4);
  assert.ok((last[3] ?? 0) > (last[0] ?? 0) && (last[0] ?? 0) > 0);
});

test("honest miners who flip to cheating stop earning in that very window", () => {
  const before = play(30, () => honest());
  for (const reason of ["copied", "malformed", "stale-base", "norm-too-small"] as const) {
    const [, ...rest] = honest();
    const { scores } = play(1, () => [refused(0, reason), ...rest], before.book);
    assert.equal(scoreOf(scores, 0).weight, 0, reason);
  }
});

/** Average share of a copier that is never caught and always tops the noise ranking, over windows 20..299. */
function copierShare(trustThreshold: number): number {
  const luck = luckOf("copier");
  let book = EMPTY_SCOREBOOK;
  let share = 0;
  for (let window = 0; window < 300; window += 1) {
    const copier = helped(4, 0.05, uniform(luck) < 0.5 ? 1 : -1);
    const miners = [...honest(luck), copier];
    const step = scorePublishedWindow(book, { window, miners }, { ...OPTIONS, trustThreshold });
    book = step.book;
    if (window >= 20) share += shareOf(step.scores, [4]) / 280;
  }
  return share;
}

test("a copier that escapes every check and always tops the noise ranking is still a coin flip", (context) => {
  const shares = [0, 0.1, 0.3].map((threshold) => [threshold, copierShare(threshold)] as const);
  for (const [threshold, share] of shares) {
    context.diagnostic(`threshold ${threshold}: ${(100 * share).toFixed(1)} % (fair: 20 %)`);
  }
  const [, published, strict] = shares.map(([, share]) => share);
  assert.ok((published ?? 1) < 0.1);
  assert.ok((strict ?? 1) < 0.04);
});

test("a newcomer earns from its first good window, also late in a run", () => {
  const { book } = play(100, () => honest());
  const { scores } = play(1, () => [...honest(), helped(9, 0.05)], book);
  assert.ok(scoreOf(scores, 9).weight > 0);
  assert.equal(scoreOf(scores, 9).trust, OPTIONS.trustAlpha);
});

test("absence decays: 0.75, 0.5, 0, and the way back is short", () => {
  let { book } = play(30, () => honest());
  const multipliers: number[] = [];
  for (let missed = 0; missed < 3; missed += 1) {
    const [, ...rest] = honest();
    const step = play(1, () => [refused(0, "payload-missing"), ...rest], book);
    book = step.book;
    multipliers.push(scoreOf(step.scores, 0).multiplier);
  }
  assert.deepEqual(multipliers, [0.75, 0.5, 0]);
  const back = play(1, () => honest(), book);
  assert.equal(scoreOf(back.scores, 0).multiplier, 1);
  assert.ok(scoreOf(back.scores, 0).weight > 0);
});

test("who never sent anything is not scored and leaves no trace", () => {
  const { book, scores } = play(3, () => [...honest(), refused(8, "no-commitment")]);
  assert.deepEqual(
    scores.map(({ uid }) => uid),
    [0, 1, 2, 3],
  );
  assert.equal(book.entries.length, 4);
});

test("plateau: ratings are held and failing the gate costs nothing, but cheating still does", () => {
  const { book } = play(30, () => honest());
  const flat = [0, 1, 2].map((uid) => refused(uid, "loss-not-lowered", -0.001 * (uid + 1)));
  const {
    book: held,
    scores,
    regime,
  } = scorePublishedWindow(
    book,
    { window: 30, miners: [...flat, helped(3, 0.001), refused(4, "copied")] },
    OPTIONS,
  );
  assert.deepEqual(regime, { plateau: true, outage: false });
  for (const uid of [0, 1, 2]) {
    const before = book.entries.find(({ hotkey }) => hotkey === hotkeyOf(uid));
    const after = held.entries.find(({ hotkey }) => hotkey === hotkeyOf(uid));
    assert.deepEqual({ ...after, lastWindow: 29 }, before);
    assert.ok(scoreOf(scores, uid).weight > 0);
  }
  assert.equal(scoreOf(scores, 4).weight, 0);
});

test("cheaters in number cannot declare a plateau over trusted miners", () => {
  const { book } = play(10, () => honest());
  const cheaters = [10, 11, 12, 13, 14, 15].map((uid) => refused(uid, "loss-not-lowered", -0.1));
  const step = scorePublishedWindow(
    book,
    { window: 10, miners: [...honest(), ...cheaters] },
    OPTIONS,
  );
  assert.equal(step.regime.plateau, false);
});

test("outage: when most are absent at once, absence is nobody's fault", () => {
  const { book } = play(20, () => honest());
  const [, , , present] = honest();
  assert.ok(present);
  const missing = [0, 1, 2].map((uid) => refused(uid, "payload-missing"));
  const { scores, regime } = scorePublishedWindow(
    book,
    { window: 20, miners: [...missing, present] },
    OPTIONS,
  );
  assert.equal(regime.outage, true);
  for (const uid of [0, 1, 2]) assert.equal(scoreOf(scores, uid).multiplier, 1);
});

test("nothing follows a uid that changed hands, and everything follows the hotkey to another uid", () => {
  const { book } = play(20, () => [...honest(), refused(4, "copied")]);
  const stranger: MinerEvidence = { ...helped(4, 0.02), hotkey: hotkeyOf("stranger") };
  const fresh = scoreOf(play(1, () => [...honest(), stranger], book).scores, 4);
  assert.equal(fresh.trust, OPTIONS.trustAlpha);
  assert.deepEqual(fresh.penalties, []);
  assert.ok(fresh.weight > 0);
  const moved: MinerEvidence = { ...helped(11, 0.02), hotkey: hotkeyOf(4) };
  const thief = scoreOf(play(1, () => [...honest(), moved], book).scores, 11);
  assert.ok(thief.trust < -0.5);
  assert.equal(thief.weight, 0);
});

test("a hotkey that left is remembered for a long time and then forgotten", () => {
  const { book } = play(2, () => [...honest(), helped(8, 0.01)]);
  const later = (window: number): number =>
    scorePublishedWindow(book, { window, miners: honest() }, OPTIONS).book.entries.length;
  assert.equal(later(1 + FORGET_AFTER_WINDOWS), 5);
  assert.equal(later(2 + FORGET_AFTER_WINDOWS), 4);
});

test("a window is scored once, and every uid and hotkey at most once in it", () => {
  const { book } = play(3, () => honest());
  assert.throws(
    () => scorePublishedWindow(book, { window: 2, miners: honest() }, OPTIONS),
    RangeError,
  );
  const twice = [helped(1, 0.1), { ...helped(2, 0.1), hotkey: hotkeyOf(1) }];
  assert.throws(
    () => scorePublishedWindow(book, { window: 3, miners: twice }, OPTIONS),
    RangeError,
  );
  assert.throws(
    () => scorePublishedWindow(book, { window: 3, miners: [helped(1, 1), helped(1, 1)] }, OPTIONS),
    RangeError,
  );
});

const isRejection = (reason: Reason): reason is Rejection => standingOf(reason) !== "accepted";
const anyMiner = (uid: number): fc.Arbitrary<MinerEvidence> =>
  fc.oneof(
    fc
      .tuple(fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.constantFrom<1 | -1>(1, -1))
      .map(([noise, indicator]) => helped(uid, noise, indicator)),
    fc
      .constantFrom(...ALL_REASONS.filter(isRejection))
      .map((reason) => refused(uid, reason, -0.01)),
  );
const anyWindow = fc.tuple(...[0, 1, 2, 3, 4].map(anyMiner));

test("any history: finite, bounded, independent of the order of evidence, and exact through its file", () => {
  fc.assert(
    fc.property(fc.array(anyWindow, { minLength: 1, maxLength: 30 }), (windows) => {
      let book = EMPTY_SCOREBOOK;
      for (const [window, miners] of windows.entries()) {
        const step = scorePublishedWindow(book, { window, miners }, OPTIONS);
        const reread = parseScorebook(encodeScorebook(book));
        assert.ok(reread.format === EMPTY_SCOREBOOK.format);
        assert.deepEqual(
          scorePublishedWindow(reread, { window, miners: miners.toReversed() }, OPTIONS),
          step,
        );
        book = step.book;
        for (const score of step.scores) {
          assert.ok(Number.isFinite(score.final) && score.final >= 0);
          assert.ok(score.multiplier >= 0 && score.multiplier <= 1);
          assert.ok(score.trust >= -1 && score.trust <= 1);
          assert.ok(Number.isInteger(score.weight) && score.weight >= 0 && score.weight <= 65535);
        }
        const largest = Math.max(0, ...step.scores.map(({ weight }) => weight));
        assert.ok(largest === 0 || largest === 65535);
      }
    }),
    { numRuns: 200 },
  );
});

function refuse(damaged: string, reason: RegExp): void {
  assert.throws(
    () => parseScorebook(damaged, "state/scores.json"),
    (error) => isAssayError(error, "state-corrupt") && reason.test(error.message),
  );
}

test("a damaged scorebook is refused with its path, never half read", () => {
  const text = encodeScorebook(play(5, () => honest()).book);
  refuse(text.slice(0, -1), /not JSON/);
  refuse(text.replace("scorebook/1", "scorebook/one"), /format/);
  assert.throws(
    () => parseScorebook(text.replace("scorebook/1", "scorebook/2"), "state/scores.json"),
    (error) => isAssayError(error, "format-newer"),
  );
  refuse(text.replace('"trust":', '"trust":9'), /trust/);
  refuse(text.replace('"window":', '"extra":1,"window":'), /extra/);
  const reordered = play(1, () => honest()).book;
  refuse(encodeScorebook({ ...reordered, entries: reordered.entries.toReversed() }), /ascend/);
});
