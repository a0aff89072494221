/** @file A simulation's report: well formed whatever names say, every number of the league in it, and what crosses its bound named. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { pageOf } from "../../../../subnet/report/page.ts";
import { simulationReport } from "../../../../subnet/simulate/report.ts";
import { cheatShareOf, isOver } from "../../../../subnet/simulate/standing.ts";
import { simulationJson, simulationLines, sweepLines } from "../../../../subnet/simulate/table.ts";
import { assertWellFormed } from "../report/well-formed.ts";
import { HOSTILE, sampleOutcome } from "./sample-outcome.ts";

const options = {
  file: `${HOSTILE}.toml`,
  set: ["credit.floor=0.2"],
  miners: 4,
  cheats: 1,
  windows: 2,
  seed: 1,
  regime: "both" as const,
  sweep: undefined,
};
const outcome = sampleOutcome();
const simulated = { options, runs: [{ setting: null, outcome }] };
const SETTINGS = ["credit.floor=0.2", "credit.floor=0.4"];
const swept = {
  options: { ...options, sweep: "credit.floor=0.2,0.4" },
  runs: SETTINGS.map((setting) => ({ setting, outcome })),
};

test("a report is well formed, loads nothing, and holds a stranger's name as text", () => {
  for (const one of [simulated, swept]) {
    const page = pageOf(simulationReport(one));
    assertWellFormed(page);
    assert.match(page, /&quot;&gt;&lt;script&gt;alert\(&#39;x&#39;\)&lt;\/script&gt;/);
    assert.match(page, /default-src 'none'/);
  }
});

test("any names make a well-formed report", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
      const run = { setting: null, outcome: sampleOutcome(`${name}~`) };
      // Unpaired signs of the name itself are not what is looked for.
      const page = pageOf(simulationReport({ options, runs: [run] }));
      assertWellFormed(page.replaceAll(/NaN|Infinity|undefined/g, ""));
    }),
    { numRuns: 50 },
  );
});

test("the numbers of the league are on the page", () => {
  const page = pageOf(simulationReport(simulated));
  for (const number of [
    "22.00 %",
    "10.00 %",
    "13.3 %",
    "15.4 %",
    "0.37",
    "+1.23 %",
    "2 of 2",
    "2.20",
  ])
    assert.ok(page.includes(number), number);
  assert.match(page, /More than they may earned: /);
  assert.match(page, /It keeps them\./);
  assert.equal(page.match(/role="img"/g)?.length, 5);
});

test("what a strategy may earn is held against it, and cheats are added up by cast", () => {
  assert.deepEqual(outcome.strategies.map(isOver), [false, true, false]);
  assert.ok(Math.abs(cheatShareOf(outcome) - 0.22) < 1e-12);
  assert.equal(cheatShareOf({ ...outcome, casts: [] }), 0);
  assert.equal(cheatShareOf(sampleOutcome("steps-0.5")), 0);
});

test("lines for people and one object for scripts", () => {
  const lines = simulationLines({
    ...simulated,
    runs: [{ setting: null, outcome: sampleOutcome("x") }],
  });
  assert.match(lines.join("\n"), /\nx +22\.0 % +10\.0 % +10\.0 % +NO\n/);
  assert.match(
    sweepLines(swept).join("\n"),
    /\ncredit\.floor=0\.4 +22\.0 % +13\.3 % +15\.4 % +1\.2 %$/,
  );
  assert.deepEqual(JSON.parse(simulationJson(simulated)), {
    file: options.file,
    set: options.set,
    ...outcome,
  });
  const { sweep } = JSON.parse(simulationJson(swept));
  assert.deepEqual(
    sweep.map(({ setting }: { setting: string }) => setting),
    SETTINGS,
  );
});
