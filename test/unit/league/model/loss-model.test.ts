/** @file The fitted model: its file, the fit to a recorded run, and what is drawn from it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { fittedModel } from "../../../../league/modelled.ts";
import { fitOf, type RecordedCast } from "../../../../league/model/fit.ts";
import { LossDraws, placeOf } from "../../../../league/model/loss-draws.ts";
import {
  encodeLossModel,
  isMeasured,
  type LossModel,
  parseLossModel,
} from "../../../../league/model/loss-model.ts";
import { Lots } from "../../../../league/model/lots.ts";
import { recordedEvidence } from "../../../../src/gauntlet/recorded-evidence.ts";
import { verifyRecords } from "../../../../src/protocol/record.ts";

const MODEL = fittedModel();
const LOG = new URL("../../../fixtures/recorded-run/records.jsonl", import.meta.url);
const { records } = verifyRecords(readFileSync(LOG, "utf8").trimEnd().split("\n"));
const uids = [...new Set(records.flatMap(({ miners }) => miners.map(({ uid }) => uid)))].toSorted(
  (a, b) => a - b,
);
/** The recorded run as a cast of such strategies. */
const cast = (strategyOf: (uid: number) => string): RecordedCast => ({
  regime: "learning",
  name: "recorded",
  seed: 1,
  windows: records.length,
  rows: uids.map((uid) => ({ strategy: strategyOf(uid), uid, compute: 1 })),
  records,
});
const mean = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

test("the committed file is read, and written again byte for byte", () => {
  const text = readFileSync(
    new URL("../../../../league/model/losses.jsonl", import.meta.url),
    "utf8",
  );
  assert.equal(encodeLossModel(parseLossModel(text)), text);
  assert.ok(MODEL.strategies.size > 20 && MODEL.strategies.has("honest"));
});

test("a changed file is refused with its line", () => {
  const lines = encodeLossModel(MODEL).trimEnd().split("\n");
  const withLine = (at: number, line: string): string => lines.with(at, line).join("\n");
  for (const [text, told] of [
    ["", /line 1/],
    [withLine(0, "{}"), /line 1/],
    [lines.slice(1).join("\n"), /line 1/],
    [withLine(1, (lines[1] ?? "").slice(0, -2)), /line 2/],
    [withLine(2, lines[1] ?? ""), /line 3: \S+ again/],
    [withLine(1, (lines[1] ?? "").replace(/\[\[\d+/, "[[999")), /line 2: there is no window 999/],
    [withLine(0, (lines[0] ?? "").replace(/"windows":\d+/, '"windows":3')), /line 1: \d+ levels/],
    [withLine(1, (lines[1] ?? "").replace("no-commitment", "no-reason")), /line 2/],
    [withLine(1, (lines[1] ?? "").replace("no-commitment", "accepted")), /line 2/],
  ] as const)
    assert.throws(() => parseLossModel(text), told);
});

test("the fit keeps every fall of a recorded run, in units of its window's honest work", () => {
  const one = uids[0] ?? 0;
  const model = fitOf([cast((uid) => (uid === one ? "other" : "honest"))]);
  assert.equal(model.levels.length, records.length);
  let compared = 0;
  for (const record of records) {
    const found = recordedEvidence(record).miners.find(({ uid }) => uid === one);
    const kept = model.strategies.get("other")?.findings.find(([at]) => at === record.window);
    const level = model.levels[record.window]?.[0] ?? 0;
    assert.ok(kept !== undefined);
    if (found?.kind !== "evaluated") continue;
    assert.ok(isMeasured(kept));
    const [, own, noise, margin] = kept;
    for (const [value, wanted] of [
      [own * level, found.score.own],
      [noise * level, found.score.noise],
      [margin, found.score.margin],
    ] as const)
      assert.ok(Math.abs(value - wanted) <= 2e-3 * Math.abs(wanted) + 1e-12, `${value} ${wanted}`);
    compared++;
  }
  assert.ok(compared > records.length / 4, `${compared} windows`);
});

test("what cannot be fitted is refused", () => {
  assert.throws(() => fitOf([]), RangeError);
  const honest = cast(() => "honest");
  assert.throws(() => fitOf([honest, { ...honest, regime: "plateau" }]), RangeError);
  assert.throws(() => fitOf([honest, { ...honest, windows: 1 }]), RangeError);
  assert.throws(() => fitOf([cast(() => "other")]), /no honest update .* window 0/);
});

test("a run of any length goes through the recorded one from its first window to its last, in order", () => {
  const length = fc.integer({ min: 2, max: 2000 });
  fc.assert(
    fc.property(length, length, (windows, recorded) => {
      let before = -1;
      for (let window = 0; window < windows; window++) {
        const place = placeOf(window, windows, recorded);
        assert.ok(place >= before && place >= 0 && place <= recorded - 1 + 1e-9, `${place}`);
        if (windows === recorded) assert.ok(Math.abs(place - window) < 1e-9);
        before = place;
      }
      assert.equal(placeOf(0, windows, recorded), 0);
      assert.ok(Math.abs(before - (recorded - 1)) < 1 + recorded / 3);
    }),
    { numRuns: 50 },
  );
});

test("drawn updates have the mean and deviation of the recorded ones, and are refused as often", () => {
  const draws = new LossDraws(MODEL, MODEL.windows);
  const lots = new Lots(7, 1);
  for (const [name, { findings }] of MODEL.strategies) {
    const drawn = Array.from({ length: 200 }, () =>
      Array.from({ length: MODEL.windows }, (_, window) => draws.update(name, window, 1, lots)),
    ).flat();
    const measured = drawn.flatMap((one) => (one.refused === null ? [one] : []));
    const recorded = findings.filter(isMeasured);
    const [share, wanted] = [measured.length / drawn.length, recorded.length / findings.length];
    assert.ok(Math.abs(share - wanted) < 0.12, `${name} is measured ${share} of ${wanted}`);
    // Few are not enough for a mean.
    if (recorded.length < 15) continue;
    const apart = Math.abs(
      mean(measured.map(({ noise }) => noise)) - mean(recorded.map(([, , noise]) => noise)),
    );
    const noises = recorded.map(([, , noise]) => noise);
    const spread = Math.sqrt(mean(noises.map((one) => (one - mean(noises)) ** 2)));
    assert.ok(apart < 0.35 * spread + 0.02, `${name}: ${apart} apart, ${spread} wide`);
  }
});

test("a seed draws the same, another one something else; who is in no record is refused by name", () => {
  const some = (seed: number): unknown => {
    const draws = new LossDraws(MODEL, 100);
    const lots = new Lots(seed, 1);
    return Array.from({ length: 100 }, (_, window) => draws.update("honest", window, 0.01, lots));
  };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      assert.deepEqual(some(seed), some(seed));
      assert.notDeepEqual(some(seed), some(seed + 1));
    }),
    { numRuns: 10 },
  );
  const draws = new LossDraws(MODEL, 100);
  assert.throws(() => draws.update("nobody", 0, 1, new Lots(1, 1)), /"nobody" is in no recorded/);
  assert.deepEqual(draws.update("idle", 0, 1, new Lots(1, 1)), { refused: "no-commitment" });
});

test("a strategy that was refused in every window is refused in every window", () => {
  const model: LossModel = {
    ...MODEL,
    strategies: new Map([["bad", { strategy: "bad", compute: 0, findings: [[5, "malformed"]] }]]),
  };
  const draws = new LossDraws(model, 10);
  for (let window = 0; window < 10; window++)
    assert.deepEqual(draws.update("bad", window, 1, new Lots(window, 1)), { refused: "malformed" });
});
