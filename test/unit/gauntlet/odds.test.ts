/** @file Trust in mode `credit`: what margins make of it, and who is voted for. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isTrustedWithVotes } from "../../../src/gauntlet/credit-book.ts";
import { trustOfOdds } from "../../../src/gauntlet/odds.ts";
import { CREDIT, FOUR, honestWork, measured, PERFECT, playCredit } from "./credit-scenes.ts";
import { luckOf } from "./scenes.ts";

test("a new honest hotkey has trust 0.12, and 0.94 after five windows", () => {
  const trusts: number[] = [];
  for (let windows = 1; windows <= 6; windows += 1) {
    const { scores } = playCredit(windows, () => FOUR.map((uid) => measured(uid, PERFECT)));
    trusts.push(scores[0]?.trust ?? Number.NaN);
  }
  assert.ok(Math.abs(trustOfOdds(CREDIT.oddsStart) - 0.12) < 0.005);
  const told = trusts.map((trust) => trust.toFixed(2));
  // -2 + 5, of which 3 is the bound: 0.95. With honest luck 0.94.
  assert.deepEqual(told, ["0.27", "0.50", "0.73", "0.88", "0.95", "0.95"]);
  const luck = luckOf("newcomers");
  const fifth = Array.from({ length: 200 }, () => {
    const { scores } = playCredit(5, () => FOUR.map((uid) => measured(uid, honestWork(luck))));
    return scores.reduce((sum, { trust }) => sum + trust, 0) / 4;
  });
  const mean = fifth.reduce((sum, trust) => sum + trust, 0) / fifth.length;
  assert.ok(Math.abs(mean - 0.94) < 0.02, String(mean));
});

test("votes go to new hotkeys, and not to those whose margins say otherwise", () => {
  assert.ok(isTrustedWithVotes(CREDIT.oddsStart, CREDIT));
  assert.ok(!isTrustedWithVotes(CREDIT.oddsStart - 0.2, CREDIT));
});

/** Log-odds of a hotkey that had one bad margin among good ones, after further windows in which all margins are `usual`. */
function oddsAfterBadLuck(windows: number, usual: number): number {
  const { scores } = playCredit(windows, (window) =>
    FOUR.map((uid) => {
      const first = uid === 0 ? -4 : PERFECT.margin;
      return measured(uid, { ...PERFECT, margin: window === 0 ? first : usual });
    }),
  );
  return scores.find(({ uid }) => uid === 0)?.entry.odds ?? assert.fail();
}

test("one bad margin by chance shuts nobody out for long while margins say nothing", () => {
  assert.equal(oddsAfterBadLuck(1, 0), -CREDIT.oddsBound);
  assert.ok(!isTrustedWithVotes(oddsAfterBadLuck(6, 0), CREDIT));
  assert.ok(isTrustedWithVotes(oddsAfterBadLuck(7, 0), CREDIT), "after six windows without any");
  assert.ok(oddsAfterBadLuck(100, 0) <= CREDIT.oddsStart, "never above a new hotkey");
});

test("small margins say little, but what they say adds up", () => {
  assert.ok(!isTrustedWithVotes(oddsAfterBadLuck(4, 1), CREDIT));
  assert.ok(isTrustedWithVotes(oddsAfterBadLuck(5, 1), CREDIT), "after four small margins");
  assert.ok(oddsAfterBadLuck(30, 1) > CREDIT.oddsStart);
  // Who shows none where the others have small ones loses trust by it.
  const { scores } = playCredit(12, () =>
    FOUR.map((uid) => measured(uid, { ...PERFECT, margin: uid === 0 ? 0 : 1 })),
  );
  const [none = assert.fail(), some = assert.fail()] = scores;
  assert.ok(none.entry.odds < CREDIT.oddsStart && some.entry.odds > CREDIT.oddsStart);
});
