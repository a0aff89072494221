/** @file What a league prints, read at the edge: its last line, and nothing that is not of this form. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { castOf } from "../../../../league/plan.ts";
import { standingsOf } from "../../../../league/standings.ts";
import { strategiesByName } from "../../../../league/strategy-list.ts";
import { jsonOf, strategiesJson } from "../../../../league/table.ts";
import { knownOf, outcomeOf } from "../../../../subnet/simulate/outcome.ts";

const known = await strategiesByName();
const row = { uid: 2, compute: 0.5, share: 0.5, shares: [0.5], verdicts: {} };
const played = [
  {
    regime: "plateau" as const,
    spec: castOf(["lazy"], { miners: 5, cheats: 1, seed: 1, windows: 1 }, known),
    result: {
      rows: ["lazy", "honest"].map((strategy) => ({ ...row, strategy })),
      loss: 2,
      moved: 1,
    },
  },
];

test("the league's own last line is read", () => {
  const line = jsonOf(standingsOf(played, known), played);
  const outcome = outcomeOf(`a table\n\n${line}\n`);
  assert.deepEqual(
    outcome.strategies.map(({ name }) => name),
    ["plateau/lazy", "plateau/honest"],
  );
  const [cast] = outcome.casts;
  assert.equal(cast?.work, "honest");
  assert.equal(cast.aboveClean, null);
  assert.deepEqual(
    cast.rows.map(({ shares }) => shares),
    [[0.5], [0.5]],
  );
  assert.equal(knownOf(`${strategiesJson([...known.values()])}\n`).length, known.size);
});

test("anything else is not", () => {
  for (const printed of ["", "done", "{}", '{"strategies":[]}', "[]"])
    assert.throws(() => outcomeOf(printed));
  for (const printed of ["", "{}", '[{"name":"x"}]']) assert.throws(() => knownOf(printed));
});
