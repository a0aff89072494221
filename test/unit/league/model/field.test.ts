/** @file A modelled field: votes, scores and weights of several validators, worst cases first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fittedModel, modelText } from "../../../../league/modelled.ts";
import { Field, type FieldOptions, type Place } from "../../../../league/model/field.ts";
import type { LossModel } from "../../../../league/model/loss-model.ts";
import { placesOf, stakesOf } from "../../../../league/model/play.ts";
import { filledCastOf } from "../../../../league/plan.ts";
import { strategiesByName } from "../../../../league/strategy-list.ts";
import { rulesOfConfig } from "../../../../subnet/config/manifest.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";

const MODEL = fittedModel();
const known = await strategiesByName();
const scoringOf = (...set: readonly string[]): FieldOptions["scoring"] =>
  rulesOfConfig(loadConfig(null, { set, environment: {} }).config).scoring;
const CREDIT = scoringOf("scoring.mode=credit");
const miner = (strategy: string, lifeWindows = Infinity): Place => ({ strategy, lifeWindows });
const honest = (count: number): readonly Place[] =>
  Array.from({ length: count }, () => miner("honest"));

const field = (options: Partial<FieldOptions>): Field =>
  new Field({
    seed: 1,
    windows: 40,
    stakesRao: stakesOf(3),
    places: [miner("copy"), ...honest(6)],
    scoring: CREDIT,
    model: MODEL,
    ...options,
  });
/** Weights that validator `uid` gave each uid over a whole run. */
function given(played: Field, windows: number, uid: number): Map<number, number> {
  const sums = new Map<number, number>();
  for (let window = 0; window < windows; window++) {
    const row = played.play().weights[uid];
    for (const [at, to] of row?.uids.entries() ?? [])
      sums.set(to, (sums.get(to) ?? 0) + (row?.values[at] ?? 0));
  }
  return sums;
}

test("nobody whose update is refused is voted for or weighed, and a window without votes moves nothing", () => {
  const bad: LossModel = {
    ...MODEL,
    strategies: new Map([["bad", { strategy: "bad", compute: 1, findings: [[0, "malformed"]] }]]),
  };
  const played = field({ model: bad, places: [miner("bad"), miner("bad")] });
  for (let window = 0; window < 40; window++) {
    const { accepted, weights, verdicts } = played.play();
    assert.deepEqual(accepted, []);
    assert.ok(weights.every((row) => row === null));
    assert.ok(verdicts.every((one) => one === null || one === "malformed"));
  }
});

test("a strategy that is in no record ends the field, by its name", () => {
  assert.throws(() => field({ places: [miner("nobody")] }).play(), /"nobody"/);
});

test("without a miner, and with one validator alone, a field plays", () => {
  assert.deepEqual(field({ places: [] }).play().accepted, []);
  const alone = given(field({ stakesRao: stakesOf(1) }), 40, 0);
  assert.ok((alone.get(2) ?? 0) > 0);
});

test("copies earn nothing, honest miners about the same, from every validator", () => {
  for (const uid of [0, 1, 2]) {
    const sums = given(field({}), 40, uid);
    const work = [4, 5, 6, 7, 8, 9].map((one) => sums.get(one) ?? 0);
    const mean = work.reduce((sum, one) => sum + one, 0) / work.length;
    assert.ok((sums.get(3) ?? 0) < 0.02 * mean);
    for (const one of work) assert.ok(Math.abs(one / mean - 1) < 0.4, `${one} of ${mean}`);
  }
});

test("validators that measure the same update weigh it nearly the same, and miss some windows", () => {
  const played = field({ stakesRao: stakesOf(16), windows: 200 });
  let [away, apart] = [0, 0];
  for (let window = 0; window < 200; window++) {
    const { weights } = played.play();
    away += weights.filter((row) => row === null).length;
    const tenth = weights.flatMap((row) => {
      const at = row?.uids.indexOf(20) ?? -1;
      return at === -1 ? [] : [row?.values[at] ?? 0];
    });
    if (window > 20 && tenth.length > 0)
      apart = Math.max(apart, (Math.max(...tenth) - Math.min(...tenth)) / 65_535);
  }
  assert.ok(away > 3 && away < 120, `${away} of 3200`);
  assert.ok(apart > 0 && apart < 0.35, String(apart));
});

test("a seed gives the same field, and each mode of scoring plays", () => {
  const both = [field({}), field({})] as const;
  for (let window = 0; window < 40; window++) assert.deepEqual(both[0].play(), both[1].play());
  const published = field({ scoring: scoringOf("scoring.mode=published") });
  const sums = given(published, 40, 0);
  assert.ok((sums.get(3) ?? 0) < (sums.get(4) ?? 0));
});

test("a new hotkey begins anew: whoever changes it earns less than who stays", () => {
  const sums = given(field({ places: [miner("honest", 5), ...honest(6)], windows: 60 }), 60, 0);
  assert.ok((sums.get(3) ?? 0) < 0.8 * (sums.get(4) ?? 0));
});

test("stakes add up and fall; two are 60 and 40 %, as where miners train", () => {
  assert.deepEqual(
    stakesOf(2).map((one) => Number(one) / 1e15),
    [0.6, 0.4],
  );
  for (const count of [1, 3, 16, 64]) {
    const stakes = stakesOf(count);
    const all = stakes.reduce((sum, one) => sum + one, 0n);
    assert.ok(all <= 10n ** 15n && all > 10n ** 15n - 100n);
    assert.ok(stakes.every((one, at) => one > 0n && one <= (stakes[at - 1] ?? one)));
  }
});

test("strategies take turns in a field until enough uids do no honest work; uids of one worker stay together", () => {
  const shape = { miners: 20, cheats: 9, seed: 1, windows: 10 };
  const spec = filledCastOf(["copy", "sybil-3"], shape, known);
  const places = placesOf(spec, known).map(({ strategy }) => strategy);
  assert.equal(places.length, 20 + (places.filter((one) => one !== "honest").length - 9));
  assert.equal(places.filter((one) => one === "sybil-3").length % 3, 0);
  assert.ok(places.filter((one) => one !== "honest").length >= 9);
  assert.equal(spec.name, "copy + sybil-3");
  // Nobody is named: all of them are honest.
  assert.equal(filledCastOf([], shape, known).honest, 20);
});

test("every output says what losses were drawn from", () => {
  assert.match(modelText(MODEL), /drawn from a model fitted to \d+ recorded windows/);
});
