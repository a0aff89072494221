/** @file Similar updates: who copied, who shares one work, and that nobody is blamed without a proof. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type Comparison,
  type Findings,
  judgeComparisons,
  nextPair,
  type OwnMargins,
  PROOF_MARGIN,
  shareOf,
} from "../../../src/gauntlet/pairs.ts";
import { MOST_COMPARISONS, type SimilarPair } from "../../../src/gauntlet/similar.ts";
import type { Draws } from "../../../src/protocol/draws.ts";
import type { Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import { normal } from "./credit-scenes.ts";
import { fingerprint, mixed, similarEarlier, similarPairs } from "./fingerprints.ts";
import { hotkeyOf, luckOf } from "./scenes.ts";

const WINDOW = 10;
const settings = { maximumOverlap: 0.5, overlapWindows: 3 };

/** Margin of the update of one uid on the pages of another. */
type Margins = (uid: number, pagesOf: number) => number;

const otherOf = (uid: number, window = WINDOW): Comparison["other"] => ({
  uid,
  hotkey: hotkeyOf(uid),
  window,
});

/** Compares as a validator does: pair after pair, as long as one is wanted. */
function tried(
  pairs: readonly SimilarPair[],
  margins: Margins,
): Findings & { readonly pairs: number } {
  const uids = new Set(pairs.flatMap(({ low, high }) => [low, high]));
  const own: OwnMargins = new Map([...uids].map((uid) => [uid, margins(uid, uid)]));
  const comparisons: Comparison[] = [];
  const done = new Set<SimilarPair>();
  for (;;) {
    const findings = judgeComparisons(WINDOW, own, comparisons);
    const pair = nextPair(pairs, findings, done);
    if (pair === null) return { ...findings, pairs: done.size };
    done.add(pair);
    const { low, high, overlap } = pair;
    for (const [uid, other] of [
      [low, high],
      [high, low],
    ] as const)
      comparisons.push({ uid, other: otherOf(other), overlap, margin: margins(uid, other) });
  }
}

/** Every pair of these uids, equally similar. */
function allPairs(uids: readonly number[], overlap = 0.9): SimilarPair[] {
  return uids.flatMap((low, at) => uids.slice(at + 1).map((high) => ({ low, high, overlap })));
}

/** Margins of updates that hold the work on the pages of certain uids. */
function holding(work: Readonly<Record<number, readonly number[]>>): Margins {
  return (uid, pagesOf) => (work[uid]?.includes(pagesOf) === true ? 5.5 : 0.4);
}

test("pairs are found most similar first, and by uid among equals", () => {
  const updates = [
    fingerprint(5, "a"),
    fingerprint(3, "a"),
    fingerprint(4, "b", { indices: mixed("a", "b", 0.3) }),
    fingerprint(1, "c"),
  ];
  const pairs = similarPairs(updates, settings);
  assert.deepEqual(
    pairs.map(({ low, high }) => [low, high]),
    [
      [3, 5],
      [3, 4],
      [4, 5],
    ],
  );
  assert.equal(pairs[0]?.overlap, 1);
  assert.deepEqual(similarPairs(updates.toReversed(), settings), pairs);
});

const sentIn = (uid: number, window: number): Fingerprint => fingerprint(uid, "a", { window });

test("earlier work of others is found in the last windows only, and never more than eight", () => {
  const mine = fingerprint(2, "a");
  const earlier = [sentIn(7, 9), sentIn(8, 7), sentIn(9, 6), sentIn(2, 9), sentIn(6, 10)];
  assert.deepEqual(
    similarEarlier(mine, earlier, settings).map(({ other }) => other.uid),
    [7, 8],
  );
  const many = Array.from({ length: 20 }, (_, uid) => sentIn(10 + uid, 9));
  assert.equal(similarEarlier(mine, many, settings).length, MOST_COMPARISONS);
});

test("who holds the work of another, that does not hold its, copied", () => {
  const { copied, groups } = tried(allPairs([1, 2]), holding({ 1: [1], 2: [1] }));
  assert.deepEqual([...copied.keys()], [2]);
  assert.equal(copied.get(2)?.other.uid, 1);
  assert.deepEqual(groups, []);
  const both = tried(allPairs([1, 2]), holding({ 1: [1], 2: [1, 2] }));
  assert.deepEqual([...both.copied.keys()], [2], "own work beside it is no excuse");
});

test("framing: the same body recomputed in the same window harms the attacker alone, whatever the uids", () => {
  for (const [victim, attacker] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const work = { [victim]: [victim], [attacker]: [victim] };
    const found = tried(allPairs([1, 2], 1), holding(work));
    assert.deepEqual([...found.copied.keys()], [attacker]);
    assert.equal(shareOf(victim, found), 1);
  }
});

test("mixing two strangers' work ties nobody together: the mixer copied", () => {
  const pairs = [
    { low: 1, high: 3, overlap: 0.56 },
    { low: 2, high: 3, overlap: 0.55 },
  ];
  const found = tried(pairs, holding({ 1: [1], 2: [2], 3: [1, 2] }));
  assert.deepEqual([[...found.copied.keys()], found.groups], [[3], []]);
});

test("coordinates alone prove nothing: without work on the other's pages both stand", () => {
  const found = tried(allPairs([1, 2, 3], 1), holding({ 1: [1], 2: [2], 3: [] }));
  assert.deepEqual([[...found.copied], found.groups], [[], []]);
});

// By chance the victim's update helps the pages of the junk's sender.
const byLuck: Margins = (uid, pagesOf) => (uid === 1 ? (pagesOf === 1 ? 5 : 3.2) : 0);

test("an update that holds nothing cannot have been copied: junk on a victim's coordinates frames nobody by luck", () => {
  const found = tried(allPairs([1, 2]), byLuck);
  assert.deepEqual([...found.copied], []);
});

test("work on each other's pages is one work: one credit, however many names", () => {
  for (const count of [2, 3, 6, 12, 30, 99]) {
    const uids = Array.from({ length: count }, (_, uid) => uid);
    const found = tried(allPairs(uids), () => 4);
    assert.deepEqual(found.groups, [uids]);
    const credit = uids.reduce((sum, uid) => sum + shareOf(uid, found), 0);
    assert.ok(Math.abs(credit - 1) < 1e-9);
    assert.equal(found.pairs, count - 1, "as few comparisons as tie them together");
    for (const compared of found.compared.values()) assert.ok(compared <= MOST_COMPARISONS);
  }
});

const tryOn = (uid: number, other: number, margin: number): Comparison => ({
  uid,
  other: otherOf(other),
  overlap: 0.8,
  margin,
});

test("a group leaves out who copied, and is none with one left", () => {
  const own: OwnMargins = new Map([1, 2, 3].map((uid) => [uid, 5]));
  const comparisons = [
    tryOn(1, 2, 4),
    tryOn(2, 1, 4),
    tryOn(1, 3, 0),
    tryOn(3, 1, 0),
    tryOn(2, 3, 5),
    tryOn(3, 2, 1),
  ];
  const { groups, copied } = judgeComparisons(WINDOW, own, comparisons);
  assert.deepEqual([groups, [...copied.keys()]], [[], [2]]);
});

const withEarlier = (margin: number | null): Comparison[] => [
  { uid: 1, other: otherOf(7, 9), overlap: 0.9, margin },
];

const isCopied = (own: number | null, margin: number | null): boolean =>
  judgeComparisons(WINDOW, new Map([[1, own]]), withEarlier(margin)).copied.has(1);

test("earlier work is copied by who holds it and does nothing on its own pages now", () => {
  assert.ok(isCopied(0.2, 3));
  assert.ok(isCopied(null, 3));
  assert.ok(!isCopied(3, 9), "it works on its own pages");
  assert.ok(!isCopied(0.2, 2.9), "coordinates alone");
  assert.ok(!isCopied(0.2, null));
});

test("one half of a pair proves nothing", () => {
  const own: OwnMargins = new Map([1, 2].map((uid) => [uid, 5]));
  const half = { uid: 1, other: otherOf(2), overlap: 1, margin: 9 };
  const found = judgeComparisons(WINDOW, own, [half]);
  assert.deepEqual([[...found.copied], found.groups, [...found.compared]], [[], [], []]);
});

/** A crowd: each uid holds work on the pages of some. */
const crowd = fc.uniqueArray(fc.nat(30), { minLength: 2, maxLength: 8 }).chain((uids) =>
  fc.tuple(
    fc.constant(uids.toSorted((a, b) => a - b)),
    fc.array(
      fc.array(fc.double({ min: -2, max: 9, noNaN: true }), { minLength: 8, maxLength: 8 }),
      {
        minLength: 8,
        maxLength: 8,
      },
    ),
    fc.array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 28, maxLength: 28 }),
  ),
);

const sorted = (list: readonly SimilarPair[]): SimilarPair[] =>
  list.toSorted((a, b) => b.overlap - a.overlap);
const numbers = (list: Iterable<number>): number[] => [...list].toSorted((a, b) => a - b);

test("verdicts follow the work, not the uids: relabelled, they are the same", () => {
  fc.assert(
    fc.property(crowd, fc.infiniteStream(fc.nat(1000)), ([uids, margins, overlaps], stream) => {
      // Different overlaps, so that no order among equals is left to the uids.
      const pairs = allPairs(uids).map((pair, at) => ({
        ...pair,
        overlap: (overlaps[at] ?? 0.5) + at * 1e-7,
      }));
      const place = (uid: number): number => uids.indexOf(uid);
      const margin: Margins = (uid, of) => margins[place(uid)]?.[place(of)] ?? 0;
      const names = new Map<number, number>();
      for (const uid of uids) {
        let name = stream.next().value ?? 0;
        while ([...names.values()].includes(name)) name += 1;
        names.set(uid, name);
      }
      const nameOf = (uid: number): number => names.get(uid) ?? -1;
      const oldOf = (name: number): number => uids.find((uid) => nameOf(uid) === name) ?? -1;
      const there = tried(sorted(pairs), margin);
      const renamed = pairs.map(({ low, high, overlap }) => {
        const [a, b] = [nameOf(low), nameOf(high)];
        return { low: Math.min(a, b), high: Math.max(a, b), overlap };
      });
      const back = tried(sorted(renamed), (uid, of) => margin(oldOf(uid), oldOf(of)));
      assert.deepEqual(numbers(back.copied.keys()), numbers([...there.copied.keys()].map(nameOf)));
      const groups = (list: readonly (readonly number[])[]): string[] =>
        list.map((group) => numbers(group).join()).toSorted();
      assert.deepEqual(groups(back.groups), groups(there.groups.map((one) => one.map(nameOf))));
    }),
  );
});

test("whatever is compared: nobody is both a copier and in a group, and credit of a group is one", () => {
  fc.assert(
    fc.property(crowd, ([uids, margins]) => {
      const place = (uid: number): number => uids.indexOf(uid);
      const margin: Margins = (uid, of) => margins[place(uid)]?.[place(of)] ?? 0;
      const found = tried(allPairs(uids), margin);
      for (const group of found.groups) {
        assert.ok(group.length > 1 && group.every((uid) => !found.copied.has(uid)));
        const sum = group.reduce((all, uid) => all + shareOf(uid, found), 0);
        assert.ok(Math.abs(sum - 1) < 1e-9);
      }
      for (const [uid, { other, margin: proof }] of found.copied) {
        assert.ok((proof ?? 0) >= PROOF_MARGIN && margin(other.uid, other.uid) >= PROOF_MARGIN);
        assert.ok(margin(other.uid, uid) < PROOF_MARGIN, "and not vice versa");
      }
      for (const compared of found.compared.values()) assert.ok(compared <= MOST_COMPARISONS);
    }),
  );
});

/** Margins as they were measured: honest work on its own pages 5.5 +- 2, on any others -0.1 +- 1.3. */
const onOwn = (luck: Draws): number => normal(luck, 5.5, 2);
const onOther = (luck: Draws): number => normal(luck, -0.1, 1.3);

test("10 000 honest pairs, were they similar: chance alone calls few a copy or one work", (context) => {
  const luck = luckOf("honest pairs");
  let [blamed, tied] = [0, 0];
  for (let pair = 0; pair < 10_000; pair += 1) {
    const table = [
      [onOwn(luck), onOther(luck)],
      [onOther(luck), onOwn(luck)],
    ];
    const found = tried(allPairs([0, 1]), (uid, of) => table[uid]?.[of] ?? 0);
    blamed += found.copied.size;
    tied += found.groups.length;
  }
  context.diagnostic(`${blamed} of 20 000 updates blamed, ${tied} pairs tied`);
  assert.ok(blamed < 260 && tied <= 5);
});

test("a framed victim: 8 recomputed copies in each of 2 000 windows cost it next to nothing", (context) => {
  const luck = luckOf("framing");
  let [victim, copies] = [0, 0];
  for (let window = 0; window < 2000; window += 1) {
    // All nine bodies are the same, so what they do on a page does not depend on who sent them.
    const onPages = Array.from({ length: 9 }, (_, uid) =>
      uid === 4 ? onOwn(luck) : onOther(luck),
    );
    const found = tried(allPairs([0, 1, 2, 3, 4, 5, 6, 7, 8], 1), (_uid, of) => onPages[of] ?? 0);
    victim += found.copied.has(4) ? 0 : shareOf(4, found);
    copies += found.copied.size;
  }
  const kept = victim / 2000;
  context.diagnostic(`victim keeps ${(100 * kept).toFixed(1)} %, ${copies} copies proven`);
  assert.ok(kept > 0.95);
  assert.ok(copies > 0.85 * 8 * 2000);
});
