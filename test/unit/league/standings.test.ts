/** @file What is made of the results of casts: shares, bounds, harm, the pay curve; as text, JSON and pictures. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { requireKept, UsageError } from "../../../league/asked.ts";
import type { CastResult, Row } from "../../../league/cast.ts";
import { curvePicture, sharesPicture } from "../../../league/pictures.ts";
import { castOf, planOf } from "../../../league/plan.ts";
import { type Played, standingsOf } from "../../../league/standings.ts";
import { strategiesByName } from "../../../league/strategy-list.ts";
import { commandOf, jsonOf, markdownOf, textOf } from "../../../league/table.ts";

const known = await strategiesByName();
const SHAPE = { miners: 4, cheats: 1, seed: 1, windows: 60 };

const row = (strategy: string, share: number, compute: number): Row => ({
  strategy,
  uid: 2,
  compute,
  share,
  shares: [share],
  verdicts: { accepted: 3 },
});

function played(strategies: readonly string[], result: Omit<CastResult, "moved">): Played {
  return {
    regime: "learning",
    spec: castOf(strategies, SHAPE, known),
    result: { ...result, moved: 60 },
  };
}

const HONEST = [row("honest", 0.3, 0.3), row("honest", 0.2, 0.3), row("honest", 0.25, 0.3)];
const CASTS = [
  played([], { rows: [row("idle", 0, 0), ...HONEST], loss: 2 }),
  played(["lazy"], { rows: [row("lazy", 0.25, 0.1), ...HONEST], loss: 2.02 }),
  played(["steps-0.5"], { rows: [row("steps-0.5", 0.1, 0.15), ...HONEST], loss: 1.9 }),
];

/** Three standard errors of the difference between one and the mean of three, who vary by a fifth. */
const LUCK = 3 * 0.2 * Math.sqrt(1 + 1 / 3);
/** A third of an honest miner's compute, luck, and 0.02: of 0.25. */
const lazyMost = (lazies: number): number =>
  ((0.1 / 0.3) * (1 + LUCK / Math.sqrt(lazies)) + 0.02) * 0.25;
const near = (value: number | null | undefined, wanted: number): void => {
  assert.ok(Math.abs((value ?? NaN) - wanted) < 1e-12, `${value} is not ${wanted}`);
};

test("shares, bounds and harm follow from the casts", () => {
  const standings = standingsOf(CASTS, known);
  const lazy = standings.strategies.find(({ name }) => name === "lazy");
  assert.equal(lazy?.share, 0.25);
  near(lazy.most, lazyMost(1));
  assert.equal(lazy.fairShare, 0.25);
  assert.equal(lazy.honestShares, 1);
  near(standings.lossAboveClean, 0.01);
  assert.ok(Math.abs(standings.honest.maxDeviation - 0.2) < 1e-12);
  assert.ok(Math.abs(standings.honest.cv - 0.2) < 1e-12);
  assert.deepEqual(standings.payCurve, [
    { steps: 0.5, pay: 0.4 },
    { steps: 1, pay: 1 },
  ]);
  const twice = standingsOf([...CASTS, ...CASTS.slice(1, 2)], known).strategies;
  near(twice.find(({ name }) => name === "lazy")?.most, lazyMost(2));
  assert.equal(
    standings.strategies.some(({ name }) => name === "idle"),
    false,
  );
});

/** Standard normal, by the sum of twelve uniform draws. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, one) => sum + one, -6);
}

const CHEATS = ["norm-x100", "garbage-tensor", "many-commits"];

/** A cast of twelve in which all do the same, pay varies by a twentieth, and those named are paid `worth` times as much. */
function lucky(draw: () => number, names: readonly string[], worth: number): Played {
  const pay = Array.from(
    { length: 12 },
    (_, at) => (at < names.length ? worth : 1) * (1 + 0.05 * draw()),
  );
  const all = pay.reduce((sum, one) => sum + one, 0);
  const rows = pay.map((one, at) => row(names[at] ?? "honest", one / all, 1 / 12));
  return played(names, { rows, loss: 2 });
}

test("of those who do the same under a cheat's name hardly any is told to earn too much, of those paid three tenths more nearly all", () => {
  const draw = normals(7);
  const toldOf = (worth: number): number => {
    const leagues = Array.from({ length: 100 }, () => {
      const casts = [
        lucky(draw, CHEATS, worth),
        ...Array.from({ length: 6 }, () => lucky(draw, [], 1)),
      ];
      const { strategies } = standingsOf(casts, known);
      return strategies.filter(({ most, share }) => most !== null && share > most).length;
    });
    return leagues.reduce((sum, one) => sum + one, 0) / (leagues.length * CHEATS.length);
  };
  const [same, more] = [toldOf(1), toldOf(1.3)];
  assert.ok(same < 0.01, `${same} of those who do the same`);
  assert.ok(more > 0.9, `${more} of those who are paid more`);
});

/** Paid in each of thirty windows, and in each of the thirty after them. */
const windows = (early: number, late: number): number[] => [
  ...Array.from({ length: 30 }, () => early),
  ...Array.from({ length: 30 }, () => late),
];

test("a newcomer's pay is that of the windows from ten after it came on", () => {
  const [idle, honest, newcomer] = [
    row("idle", 0, 0),
    row("honest", 0.3, 0.3),
    row("newcomer", 0.1, 0.1),
  ];
  const cast = played([], {
    rows: [
      idle,
      { ...honest, shares: windows(0.9, 0.5) },
      { ...newcomer, shares: windows(0.1, 0.4) },
    ],
    loss: 2,
  });
  const late = { ...cast, spec: { ...cast.spec, newcomer: 20 } };
  const standings = standingsOf([late], known);
  assert.equal(standings.newcomer?.after, 10);
  near(standings.newcomer?.pay, 0.8);
  assert.match(
    textOf(standings),
    /Newcomer: 0\.80 of the others' pay from 10 windows after it came on\./,
  );
  assert.equal(standingsOf([cast], known).newcomer, null);
});

test("a strategy that earns too much is told in every form", () => {
  const standings = standingsOf(CASTS, known);
  assert.match(
    textOf(standings),
    /lazy +1 +25\.0 % +25\.0 % +10\.0 % +1\.00 +14\.6 % +NO +accepted 3/,
  );
  assert.match(
    textOf(standings),
    /Pay by share of the steps: 0\.5: 0\.40, 1: 1\.00; nowhere above the share by more than 0\.02\./,
  );
  const steep = { ...standings, payCurve: [{ steps: 0.5, pay: 0.53 }] };
  assert.match(textOf(steep), /0\.5: 0\.53; above the share at 0\.5 by more than 0\.02\./);
  assert.match(markdownOf(standings), /\| lazy \| 1 \| 25\.0 % \|/);
  const { strategies, honest, lossAboveClean, casts } = JSON.parse(jsonOf(standings, CASTS));
  assert.deepEqual(
    strategies.find(({ name }: { name: string }) => name === "lazy"),
    {
      name: "lazy",
      regime: "learning",
      uids: 1,
      workers: 1,
      share: 0.25,
      fairShare: 0.25,
      computeShare: 0.1,
      honestShares: 1,
      most: standings.strategies.find(({ name }) => name === "lazy")?.most,
      verdicts: { accepted: 3 },
    },
  );
  assert.deepEqual(casts[1].rows[0].shares, [0.25]);
  assert.equal(casts[1].name, "lazy");
  assert.equal(typeof honest.cv, "number");
  assert.ok(lossAboveClean > 0);
  assert.match(sharesPicture(standings), /^<svg [^]*>lazy<[^]*25\.0 %[^]*<\/svg>\n$/);
  assert.match(curvePicture(standings), /<polyline/);
});

test("the command in the documents names no folder of the machine that wrote them", () => {
  const words = ["--write", "--json", "--keep", "/somewhere", "--seed", "2", "--workers=1"];
  assert.equal(commandOf(words), "npm run league -- --write --seed 2");
  assert.equal(commandOf(["--keep=/somewhere", "--full"]), "npm run league -- --full");
  assert.equal(commandOf(["--write", "--resume", "--keep", "/x"]), "npm run league -- --write");
});

const said =
  (words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof UsageError && words.test(error.message);

test("going on with casts is refused where none are kept", () => {
  const asked = { resume: true, keep: "/somewhere", model: false };
  requireKept(asked);
  requireKept({ ...asked, resume: false, keep: undefined, model: true });
  assert.throws(() => requireKept({ ...asked, keep: undefined }), said(/--keep FOLDER/));
  assert.throws(() => requireKept({ ...asked, model: true }), said(/a league that trains/));
});

test("a plan plays every strategy once, the pay curve with three seeds, and a clean cast beside them", () => {
  const shape = { miners: 12, cheats: 3, seed: 1, windows: 60 };
  for (const all of [false, true]) {
    const casts = planOf(shape, known, { all, regimes: ["learning", "plateau"] });
    const learning = casts.filter(({ regime }) => regime === "learning");
    const names = learning.flatMap(({ spec }) => [...new Set(spec.strategies)]);
    for (const { name, bound, rare = false } of known.values()) {
      if (bound === "honest") continue;
      const count = names.filter((one) => one === name).length;
      const times = name.startsWith("steps-") && !all ? 3 : 1;
      assert.equal(count, all || !rare ? times : 0, name);
    }
    for (const { spec } of learning) {
      assert.ok(spec.honest >= 4, spec.name);
      const uids = spec.strategies.length;
      assert.ok(uids >= 1);
    }
    for (const regime of ["learning", "plateau"])
      assert.ok(casts.some((cast) => cast.regime === regime && cast.spec.name === "clean"));
  }
});
