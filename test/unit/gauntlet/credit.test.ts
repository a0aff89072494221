/** @file Mode `credit` over many windows: equal pay for equal work, and little for everything else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type CreditScore,
  EMPTY_CREDIT_BOOK,
  scoreCreditWindow,
} from "../../../src/gauntlet/credit-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import { EMPTY_SCOREBOOK, scorePublishedWindow } from "../../../src/gauntlet/published-book.ts";
import { encodeScorebook, parseScorebook } from "../../../src/gauntlet/scorebook-file.ts";
import { ALL_REASONS, isRejection } from "../../../src/gauntlet/verdict.ts";
import {
  CREDIT,
  FOUR,
  honestWork,
  measured,
  missing,
  otherWork,
  type Pay,
  PERFECT,
  playCredit,
  type Told,
  variationOf,
} from "./credit-scenes.ts";
import { hotkeyOf, luckOf, OPTIONS, shareOf, uniform } from "./scenes.ts";

/** Pay of `uid` in mean honest ones. */
function relative(pay: Pay, uid: number, honest = FOUR): number {
  const mean = honest.reduce((sum, one) => sum + (pay.get(one) ?? 0), 0) / honest.length;
  return (pay.get(uid) ?? 0) / mean;
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Pay in mode published of the same evidence, by uid. */
function publishedPay(evidence: readonly (readonly MinerEvidence[])[]): readonly number[] {
  const pay = FOUR.map(() => 0);
  let book = EMPTY_SCOREBOOK;
  for (const [window, miners] of evidence.entries()) {
    const step = scorePublishedWindow(book, { window, miners }, OPTIONS);
    for (const uid of FOUR) pay[uid] = (pay[uid] ?? 0) + shareOf(step.scores, [uid]);
    ({ book } = step);
  }
  return pay;
}

test("four honest miners with equal work are paid far more equally than in mode published", (context) => {
  for (const seed of [1, 2, 3]) {
    const luck = luckOf(`equal ${seed}`);
    const evidence = Array.from({ length: 60 }, () =>
      FOUR.map((uid) => measured(uid, honestWork(luck))),
    );
    const { pay } = playCredit(60, (window) => evidence[window] ?? []);
    const credit = variationOf(FOUR.map((uid) => pay.get(uid) ?? 0));
    const published = variationOf(publishedPay(evidence));
    context.diagnostic(
      `seed ${seed}: variation ${percent(credit)} in mode credit, ${percent(published)} published`,
    );
    assert.ok(credit < 0.1 && credit < published / 2, `seed ${seed}`);
  }
});

test("other data, one step scaled up and half the work earn what they are worth", (context) => {
  const luck = luckOf("cheap tricks");
  // One step scaled up to full size lowers the loss about half as much as ten.
  const scaled = (): Told => ({ ...honestWork(luck, 0.4), margin: 1.5 });
  const { pay } = playCredit(60, () => [
    ...FOUR.map((uid) => measured(uid, honestWork(luck))),
    measured(4, otherWork(luck)),
    measured(5, scaled()),
    measured(6, honestWork(luck, 0.6)),
  ]);
  const told = [4, 5, 6].map((uid) => relative(pay, uid));
  context.diagnostic(`other data ${told[0]}, scaled step ${told[1]}, six tenths ${told[2]}`);
  const [other = 1, step = 1, most = 1] = told;
  assert.ok(other < 0.01 && step < 0.1);
  assert.ok(most > 0.3 && most < 0.6);
});

test("a newcomer is paid as the others ten windows later, with one window of twenty missed by all", (context) => {
  const spans = [
    { name: "windows 20 to 24", windows: 5 },
    { name: "25 to 29", windows: 5 },
    { name: "30 to 34", windows: 5 },
  ];
  const sums = spans.map(() => 0);
  for (let seed = 1; seed <= 20; seed += 1) {
    const luck = luckOf(`new ${seed}`);
    const miners = (window: number): MinerEvidence[] =>
      [...FOUR, ...(window >= 20 ? [4] : [])].map((uid) =>
        uniform(luck) < 0.05 ? missing(uid) : measured(uid, honestWork(luck)),
      );
    let { book } = playCredit(20, miners);
    for (const [index, { windows }] of spans.entries()) {
      const step = playCredit(windows, miners, book);
      sums[index] = (sums[index] ?? 0) + relative(step.pay, 4) / 20;
      ({ book } = step);
    }
  }
  for (const [index, { name }] of spans.entries())
    context.diagnostic(`${name}: ${sums[index]?.toFixed(2)} of the others' pay`);
  assert.ok(Math.abs((sums[2] ?? 0) - 1) < 0.25);
});

test("cheating in two of three windows leaves little trust", () => {
  const luck = luckOf("two of three");
  const { pay, scores } = playCredit(60, (window) => [
    ...FOUR.map((uid) => measured(uid, honestWork(luck))),
    measured(4, window % 3 === 0 ? honestWork(luck) : otherWork(luck)),
  ]);
  assert.ok((scores[4]?.trust ?? 1) < 0.3, String(scores[4]?.trust));
  assert.ok(relative(pay, 4) < 0.1);
});

test("work dealt to several uids earns less than the same work of one, and in a young field at most half more", () => {
  const share = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 5 }));
  fc.assert(
    fc.property(share, ([parts, others]) => {
      const rest = Array.from({ length: others }, (_, uid) => measured(100 + uid, PERFECT));
      const part = { ...PERFECT, own: PERFECT.own / parts, noise: PERFECT.noise / parts };
      const split = Array.from({ length: parts }, (_, uid) => measured(uid, part));
      const mature = playCredit(10, () => rest).book;
      for (const { book, most } of [
        { book: mature, most: 1 },
        { book: EMPTY_CREDIT_BOOK, most: 1.5 },
      ]) {
        const dealt = playCredit(20, () => [...split, ...rest], book);
        const whole = playCredit(20, () => [measured(0, PERFECT), ...rest], book);
        const all = split.reduce((sum, { uid }) => sum + (dealt.pay.get(uid) ?? 0), 0);
        assert.ok(all <= most * (whole.pay.get(0) ?? 0) + 1e-3, `${all} of ${whole.pay.get(0)}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("an absent miner fades by one minus attendanceAlpha a window and is soon paid again when it is back", () => {
  const all = FOUR.map((uid) => measured(uid, PERFECT));
  const settled = playCredit(30, () => all).book;
  const gone = playCredit(10, () => [missing(0), ...all.slice(1)], settled);
  const before = settled.entries.find(({ hotkey }) => hotkey === hotkeyOf(0));
  const after = gone.book.entries.find(({ hotkey }) => hotkey === hotkeyOf(0));
  assert.ok(before && after);
  const faded = (1 - CREDIT.attendanceAlpha) ** 10;
  assert.ok(Math.abs(after.attendance - faded) < 1e-12);
  assert.deepEqual({ ...after, attendance: 1, lastWindow: 0 }, { ...before, lastWindow: 0 });
  assert.ok(Math.abs(shareOf(gone.scores, [0]) - faded / (3 + faded)) < 1e-3, "as its attendance");
  const back = playCredit(20, () => all, gone.book);
  assert.ok(Math.abs(shareOf(back.scores, [0]) - 0.25) < 0.02);
  assert.ok(relative(back.pay, 0, [1, 2, 3]) > 0.85);
});

test("who works in some windows alone earns no more than its share of them", (context) => {
  for (const [works, of] of [
    [1, 3],
    [5, 8],
    [9, 10],
  ] as const) {
    const luck = luckOf(`sometimes ${works}`);
    const { pay } = playCredit(120, (window) =>
      FOUR.map((uid) =>
        uid === 0 && window % of >= works ? missing(uid) : measured(uid, honestWork(luck)),
      ),
    );
    const earned = relative(pay, 0, [1, 2, 3]);
    context.diagnostic(`${works} of ${of}: ${earned.toFixed(2)} of an honest share`);
    assert.ok(earned <= works / of + 0.02 && earned > (works / of - 0.3) / 0.7 - 0.15);
  }
});

test("a null window moves nothing, absence and all", () => {
  const luck = luckOf("null");
  const { book, scores } = playCredit(12, () => FOUR.map((uid) => measured(uid, honestWork(luck))));
  const evidence = [missing(0), missing(1, "copied"), measured(2, PERFECT), measured(9, PERFECT)];
  const step = scoreCreditWindow(book, { window: 12, miners: evidence, isNull: true }, CREDIT);
  const memory = (one: typeof book): unknown =>
    one.entries.filter(({ windows }) => windows > 0).map(({ lastWindow: _last, ...rest }) => rest);
  assert.deepEqual(memory(step.book), memory(book));
  assert.equal(step.book.scale, book.scale);
  assert.deepEqual(
    step.scores.slice(0, 3).map(({ final }) => final),
    scores.slice(0, 3).map(({ final }) => final),
  );
});

test("on a plateau only what is missing moves, and when it is over pay goes on", () => {
  const luck = luckOf("plateau");
  const honest = (): MinerEvidence[] => FOUR.map((uid) => measured(uid, honestWork(luck)));
  const { book } = playCredit(20, honest);
  const flat = FOUR.map((uid) => measured(uid, { noise: -0.001, own: -0.001, margin: 0 }));
  const held = playCredit(40, () => [missing(0), ...flat.slice(1)], book);
  const credits = (one: typeof book): number[] =>
    FOUR.map(
      (uid) => one.entries.find(({ hotkey }) => hotkey === hotkeyOf(uid))?.credit ?? Number.NaN,
    );
  assert.deepEqual(credits(held.book).slice(1), credits(book).slice(1));
  const gone = held.book.entries.find(({ hotkey }) => hotkey === hotkeyOf(0));
  assert.ok((gone?.attendance ?? 1) < 0.001 && shareOf(held.scores, [0]) < 0.001);
  const later = playCredit(40, honest, held.book);
  const shares = FOUR.map((uid) => shareOf(later.scores, [uid]));
  assert.ok(
    shares.every((share) => share > 0.18),
    String(shares),
  );
});

test("junk of new hotkeys neither freezes trust nor lowers the floor", () => {
  const luck = luckOf("junk");
  const junk = Array.from({ length: 20 }, (_, index) => 50 + index);
  const { pay, scores } = playCredit(40, (window) => [
    ...FOUR.map((uid) => measured(uid, honestWork(luck))),
    ...(window < 8 ? [] : junk.map((uid) => measured(uid, otherWork(luck)))),
  ]);
  const theirs = junk.reduce((sum, uid) => sum + (pay.get(uid) ?? 0), 0);
  assert.ok(theirs < 0.02 * 40, String(theirs));
  assert.ok(scores.filter(({ uid }) => uid < 4).every(({ trust }) => trust > 0.8));
});

const isPositive = (told: Told | undefined): boolean =>
  told !== undefined && told.noise > 0 && told.own + told.noise > 0;

/** Credit of the last window alone, of a hotkey that had credit 1 before it. */
const ofWindow = ({ entry }: CreditScore): number =>
  (entry.credit - (1 - CREDIT.alpha)) / CREDIT.alpha;

const isCut = (credit: number): boolean => credit >= CREDIT.windowBound - 1e-9;

test("more magnitude never lowers one's credit against another's, and costs at most two hundredths of all pay", () => {
  const fall = fc.double({ min: -0.02, max: 0.05, noNaN: true });
  const margin = fc.double({ min: -3, max: 9, noNaN: true });
  const told = fc.record({ own: fall, noise: fall, margin });
  const settled = playCredit(10, () => FOUR.map((uid) => measured(uid, PERFECT))).book;
  const more = fc.double({ min: 0, max: 0.05, noNaN: true });
  fc.assert(
    fc.property(fc.array(told, { minLength: 4, maxLength: 4 }), more, (all, extra) => {
      const step = (add: number) => {
        const miners = all.map((one, uid) => {
          const plus = uid === 0 ? add : 0;
          return measured(uid, { ...one, own: one.own + plus, noise: one.noise + plus });
        });
        return scoreCreditWindow(settled, { window: 10, miners }, CREDIT);
      };
      const [less, greater] = [step(0), step(extra)];
      fc.pre(less.regime.plateau === greater.regime.plateau);
      // What all of a window are divided by alike is no advantage: a window's own credit against another's is.
      const [before, after] = [less, greater].map(({ scores }) => scores.map(ofWindow));
      for (const [uid, other] of (before ?? []).entries()) {
        if (uid === 0 || other <= 0 || !isPositive(all[uid])) continue;
        const moved = (after?.[0] ?? 0) / (after?.[uid] ?? 1) - (before?.[0] ?? 0) / other;
        assert.ok(moved >= -1e-9, `credit against that of ${uid} moved by ${moved}`);
      }
      const gained = shareOf(greater.scores, [0]) - shareOf(less.scores, [0]);
      assert.ok(gained >= -0.02, `pay moved by ${gained}`);
    }),
    { numRuns: 500 },
  );
});

const anyMiner = (uid: number): fc.Arbitrary<MinerEvidence> =>
  fc.oneof(
    fc
      .record({
        own: fc.double({ noNaN: true }),
        noise: fc.double({ noNaN: true }),
        margin: fc.double({ min: -1000, max: 1000, noNaN: true }),
      })
      .map((told) => measured(uid, told)),
    fc.constantFrom(...ALL_REASONS.filter(isRejection)).map((reason) => missing(uid, reason)),
  );

test("any evidence gives finite scores, weights up to 65535, and a book that reads back", () => {
  const windows = fc.array(fc.tuple(fc.boolean(), fc.tuple(...[0, 1, 2, 3, 4, 5].map(anyMiner))), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(windows, (all) => {
      let book = EMPTY_CREDIT_BOOK;
      for (const [window, [isNull, miners]] of all.entries()) {
        const step = scoreCreditWindow(book, { window, miners, isNull }, CREDIT);
        const reread = parseScorebook(encodeScorebook(step.book), "book", "credit");
        assert.deepEqual(reread, step.book);
        assert.deepEqual(
          scoreCreditWindow(book, { window, miners: miners.toReversed(), isNull }, CREDIT),
          step,
        );
        for (const { final, weight, trust, entry } of step.scores) {
          assert.ok(Number.isFinite(final) && final >= 0 && final <= CREDIT.windowBound);
          assert.ok(Math.abs(entry.credit) <= CREDIT.windowBound && Math.abs(entry.odds) <= 3);
          assert.ok(trust > 0 && trust < 1);
          assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= 65_535);
        }
        const largest = Math.max(0, ...step.scores.map(({ weight }) => weight));
        assert.ok(largest === 0 || largest === 65_535);
        ({ book } = step);
      }
    }),
    { numRuns: 200 },
  );
});

test("a proven copy costs trust, a replay costs its window alone", () => {
  const { book } = playCredit(8, () => [0, 1, 2, 3].map((uid) => measured(uid, PERFECT)));
  const before = book.entries[0] ?? assert.fail();
  const after = (reason: "copied" | "replayed" | "malformed"): (typeof book.entries)[number] => {
    const miners = [missing(0, reason), ...[1, 2, 3].map((uid) => measured(uid, PERFECT))];
    const { scores } = playCredit(1, () => miners, book);
    return scores.find(({ uid }) => uid === 0)?.entry ?? assert.fail();
  };
  for (const reason of ["copied", "replayed", "malformed"] as const)
    assert.equal(after(reason).credit, after("malformed").credit, "credit 0 for the window");
  const first = book.entries.find(({ hotkey }) => hotkey === measured(0, PERFECT).hotkey) ?? before;
  assert.equal(after("copied").odds, first.odds - CREDIT.oddsTheft);
  assert.equal(after("replayed").odds, first.odds);
});

test("one work under several names has one credit, and the others keep all of theirs", () => {
  const mature = playCredit(10, () => [0, 1, 2].map((uid) => measured(uid, PERFECT))).book;
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.array(fc.double({ min: 0.001, max: 0.3, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (names, falls) => {
        const others = falls.map((fall, uid) =>
          measured(uid, { own: fall, noise: fall, margin: 5 }),
        );
        const work = { own: 0.2, noise: 0.1, margin: 5 };
        const alone = playCredit(1, () => [...others, measured(50, work)], mature).scores;
        const group = Array.from({ length: names }, (_, at): MinerEvidence => {
          const one = measured(50 + at, work);
          return one.kind === "evaluated" ? { ...one, share: 1 / names } : assert.fail();
        });
        const split = playCredit(1, () => [...others, ...group], mature).scores;
        const creditOf = (scores: typeof split, from: number): number =>
          scores.reduce((sum, { uid, entry }) => sum + (uid >= from ? entry.credit : 0), 0);
        const [whole, parts] = [creditOf(alone, 50), creditOf(split, 50)];
        const window = (scores: typeof split, uid: number): number =>
          ofWindow(scores.find((one) => one.uid === uid) ?? assert.fail());
        for (const uid of [0, 1, 2]) {
          const [there, here] = [window(alone, uid), window(split, uid)];
          // At the bound one is cut, not what it is compared with.
          if (isCut(there) || isCut(here) || isCut(whole)) continue;
          assert.ok(Math.abs(parts / here - whole / there) < 1e-6 * (whole / there));
        }
      },
    ),
  );
});

test("in a young field the gate's chance does not decide with what one begins", () => {
  const lucky = { own: 0.02, noise: 0.002, margin: 6 };
  const { scores } = playCredit(1, () =>
    FOUR.map((uid) => measured(uid, uid === 0 ? { ...lucky, noise: -0.001 } : lucky)),
  );
  const [unlucky = assert.fail(), other = assert.fail()] = scores;
  const { priorWindows } = CREDIT;
  // Its one window is worth nothing, its start most of what the others have.
  assert.ok(unlucky.entry.credit > (0.7 * priorWindows * other.entry.credit) / (priorWindows + 1));
  assert.ok(unlucky.entry.credit < other.entry.credit);
});

test("windows do not repeat, and a book of another mode is refused", () => {
  const { book } = playCredit(3, () => [measured(0, PERFECT)]);
  assert.throws(() => scoreCreditWindow(book, { window: 2, miners: [] }, CREDIT), RangeError);
  const text = encodeScorebook(book);
  assert.throws(() => parseScorebook(text, "state/book.json", "published"), /mode "credit"/);
});
