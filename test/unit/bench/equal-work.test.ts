/** @file The equal-work table: who takes part, means, bounds, and the table itself. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type Cast,
  castsOf,
  chosenCasts,
  localnetArgs,
  MISS_PERCENT,
} from "../../../bench/equal-work/casts.ts";
import type { Outcome } from "../../../bench/equal-work/outcome.ts";
import {
  BOUNDS,
  cheaterShare,
  honestSpread,
  spreadOf,
  standingOf,
} from "../../../bench/equal-work/standing.ts";
import { jsonOf, outcomeText, tableOf } from "../../../bench/equal-work/table.ts";
import { localnetOptions } from "../../../subnet/localnet/options.ts";

const HALF = "steps-0.5";

function castNamed(name: string, windows = 60): Cast {
  const [cast] = chosenCasts([name], windows);
  assert.ok(cast !== undefined);
  return cast;
}

/** An outcome in which miners of these kinds had these shares. */
function played(name: string, shares: readonly (readonly [string, number])[]): Outcome {
  const rest = { away: 1, missed: 0, verdicts: { accepted: 59, "no-commitment": 1 } };
  return {
    cast: castNamed(name),
    repeat: 1,
    miners: shares.map(([kind, share], at) => ({ name: `${kind}-${at}`, kind, share, ...rest })),
    newcomer: null,
    windowsRecorded: 60,
    seconds: 100,
    windowMs: 1500,
    faults: [],
  };
}

const honest = (...shares: readonly number[]): (readonly [string, number])[] =>
  shares.map((share) => ["honest", share] as const);

test("at 60 windows the newcomer comes in window 20 and is compared from 30 on", () => {
  assert.deepEqual(castNamed("newcomer").newcomer, { joins: 20, from: 30 });
  for (let windows = 8; windows <= 200; windows++) {
    const { newcomer, windows: own } = castNamed("newcomer", windows);
    assert.ok(newcomer !== null);
    assert.ok(newcomer.joins > 1 && newcomer.joins < newcomer.from && newcomer.from < own);
  }
  assert.deepEqual(chosenCasts([], 60), castsOf(60));
  assert.throws(() => chosenCasts(["clean"], 60), /no cast "clean"; there are clean-4, /);
});

test("every cast is one that a local network takes", () => {
  for (const cast of castsOf(60)) {
    const words = localnetArgs(cast);
    const options = Object.fromEntries(
      words.flatMap((word, at) =>
        at % 2 === 1
          ? []
          : [
              [
                word.slice(2).replaceAll(/-(.)/g, (_, one: string) => one.toUpperCase()),
                words[at + 1],
              ],
            ],
      ),
    );
    const parsed = localnetOptions.parse(options);
    assert.equal(parsed.missPercent, MISS_PERCENT);
    assert.deepEqual([parsed.miners, parsed.windows], [cast.honest, cast.windows]);
  }
});

test("the spread is of the mean, whatever is paid and to whom first", () => {
  const pays = fc.array(fc.double({ min: 1e-3, max: 1, noNaN: true }), {
    minLength: 2,
    maxLength: 12,
  });
  fc.assert(
    fc.property(pays, fc.double({ min: 0.1, max: 1e6, noNaN: true }), (some, factor) => {
      const { cv, maxDeviation } = spreadOf(some);
      const scaled = spreadOf(some.map((pay) => pay * factor).toReversed());
      assert.ok(
        Math.abs(scaled.cv - cv) < 1e-9 && Math.abs(scaled.maxDeviation - maxDeviation) < 1e-9,
      );
      // No sample's deviation from its mean is more than all of its variance.
      assert.ok(maxDeviation <= cv * Math.sqrt(some.length - 1) + 1e-9);
      assert.ok(cv <= maxDeviation * Math.sqrt(some.length / (some.length - 1)) + 1e-9);
    }),
  );
  assert.deepEqual(spreadOf([3, 3, 3]), { cv: 0, maxDeviation: 0 });
  assert.deepEqual(spreadOf([1, 3]), { cv: Math.SQRT2 / 2, maxDeviation: 0.5 });
  for (const nobody of [[], [0, 0, 0]])
    assert.deepEqual(spreadOf(nobody), { cv: 1, maxDeviation: 1 });
});

test("equal work is held to both bounds in the mean of its runs, and to nothing of casts of other work", () => {
  const even = played("clean-4", honest(0.25, 0.25, 0.25, 0.25));
  const uneven = played("clean-4", honest(0.29, 0.25, 0.25, 0.21));
  const broken = played("clean-4", honest(0.31, 0.25, 0.25, 0.19));
  const { maxDeviation } = honestSpread(uneven);
  assert.ok(maxDeviation > BOUNDS.maxDeviation);
  assert.equal(standingOf([even]).passed, true);
  assert.equal(standingOf([uneven]).passed, false);
  const both = standingOf([even, uneven]);
  assert.equal(both.passed, true);
  assert.ok(Math.abs((both.means[0]?.maxDeviation ?? 0) - maxDeviation / 2) < 1e-12);
  assert.equal(standingOf([even, broken, broken]).passed, false);
  assert.equal(standingOf([{ ...even, faults: ["the model learned nothing"] }]).passed, false);
  const part = standingOf([played("curve", [...honest(0.3, 0.1), [HALF, 0.08]])]);
  assert.deepEqual([part.means, part.honest], [[], null]);
  const mixed = standingOf([even, { ...uneven, cast: castNamed("clean-9") }]);
  assert.deepEqual(
    mixed.means.map(({ name, holds }) => [name, holds]),
    [
      ["clean-4", true],
      ["clean-9", false],
    ],
  );
  assert.ok(Math.abs((mixed.honest?.maxDeviation ?? 0) - maxDeviation / 2) < 1e-12);
});

test("cheaters' share is of all that miners were paid; who does a share of the work is none of them", () => {
  const run = played("cheats-4", [...honest(0.4, 0.5), ["copy", 0.04], ["noise", 0.06]]);
  assert.ok(Math.abs(cheaterShare(run) - 0.1) < 1e-12);
  assert.equal(cheaterShare(played("curve", [...honest(0.9), [HALF, 0.1]])), 0);
});

test("each point of the pay curve lies on or below its share of the steps, and the one at half is not too low", () => {
  const curve = (kind: string, pay: number): ReturnType<typeof standingOf> =>
    standingOf([played("curve", [...honest(0.2, 0.2), [kind, 0.2 * pay]])]);
  const most: Readonly<Record<string, number>> = {
    "steps-0.1": 0.12,
    "steps-0.25": 0.27,
    [HALF]: 0.52,
    "steps-0.75": 0.77,
  };
  for (const [kind, bound] of Object.entries(most)) {
    assert.equal(curve(kind, bound - 1e-9).passed, true, kind);
    assert.equal(curve(kind, bound + 1e-9).passed, false, kind);
    assert.equal(curve(kind, 0.3).payCurve[0]?.holds, kind === "steps-0.75", kind);
  }
  assert.equal(curve(HALF, BOUNDS.leastAtHalf + 1e-9).passed, true);
  assert.equal(curve(HALF, BOUNDS.leastAtHalf - 1e-9).passed, false);
  const two = standingOf([
    played("curve", [...honest(0.2), [HALF, 0.06]]),
    played("curve", [...honest(0.4), [HALF, 0.2]]),
  ]);
  assert.deepEqual(
    two.payCurve.map(({ steps, pay }) => [steps, Math.round(pay * 1e9) / 1e9]),
    [
      [0.5, 0.4],
      [1, 1],
    ],
  );
});

const arrived = (pay: number): Outcome => ({
  ...played("newcomer", honest(1)),
  newcomer: { joins: 20, from: 30, came: 21, pay, pays: [0, 0.5] },
});

test("a newcomer's pay may differ from the others' by a quarter either way", () => {
  assert.deepEqual(
    [0.74, 0.75, 1, 1.25, 1.26].map((pay) => standingOf([arrived(pay)]).passed),
    [false, true, true, true, false],
  );
  assert.equal(standingOf([arrived(0.5), arrived(1)]).newcomer?.pay, 0.75, "the mean of the runs");
});

test("the table names every run, mean, point and newcomer; its JSON has the keys of the league's", () => {
  const outcomes: readonly Outcome[] = [
    played("clean-4", honest(0.25, 0.25, 0.25, 0.25)),
    {
      ...played("cheats-9", [...honest(0.6, 0.2), ["copy", 0.2]]),
      faults: ["nodes held different parameters"],
    },
    played("curve", [...honest(0.4, 0.4), [HALF, 0.2]]),
    {
      ...played("newcomer", honest(0.5, 0.5)),
      newcomer: { joins: 20, from: 30, came: 21, pay: 0.8, pays: [0, 0.5] },
    },
  ];
  const standing = standingOf(outcomes);
  const table = tableOf(outcomes, standing);
  for (const [name, holds] of [
    ["clean-4", "yes"],
    ["cheats-9", "NO"],
  ])
    assert.match(table, new RegExp(`^${name} +1 .* ${holds}$`, "m"));
  assert.match(table, /^cheats-9 .*nodes held different parameters$/m);
  assert.match(table, /^0\.5 +0\.50 +0\.52 +0\.35 +yes$/m);
  assert.match(
    table,
    /newcomer of window 20: paid 0\.80 .*: yes\n  window by window: 0\.00 0\.50; .* window 21$/m,
  );
  assert.match(table, /^honest: accepted 590, no-commitment 10$/m);
  const [, second, , last] = outcomes;
  assert.ok(second !== undefined && last !== undefined);
  assert.match(outcomeText(second), /FAILED: nodes held/);
  assert.match(outcomeText(last), /newcomer 0\.80/);
  const json: unknown = JSON.parse(jsonOf(outcomes, standing));
  const { honest: spread, payCurve } = standing;
  assert.partialDeepStrictEqual(json, {
    bench: "equal-work",
    passed: false,
    honest: spread,
    payCurve,
  });
  assert.partialDeepStrictEqual(json, {
    casts: [{ name: "clean-4", cv: 0, rows: [{ strategy: "honest", share: 0.25 }] }],
  });
  assert.equal(tableOf([], standingOf([])).includes("holds"), false);
});
