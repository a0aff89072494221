/** @file Pay of modelled casts beside that of trained ones, which were kept: within their spread over seeds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { agreementOf, seedsOf } from "../../../../league/model/agree.ts";
import { type KeptResult, keptResults } from "../../../../league/model/recorded.ts";
import { agree, fittedModel } from "../../../../league/modelled.ts";
import { strategiesByName } from "../../../../league/strategy-list.ts";
import { agreementText } from "../../../../league/table.ts";

const KEPT = fileURLToPath(new URL("../../../fixtures/league-pay", import.meta.url));
const SEEDS = [101, 102];
/** Of what was in force when they were trained, what is otherwise today. */
const RULES = ["credit.floor=0.35", "credit.shortfall=0"];

test("the model pays every strategy what trained leagues of other seeds and sizes than it was fitted to do", async (t) => {
  const groups = seedsOf(keptResults(KEPT));
  assert.ok(groups.length >= 2 && groups.every(({ results }) => results.length === 3));
  const compared = await agree(
    KEPT,
    {
      model: fittedModel(),
      strategies: await strategiesByName(),
      choiceOf: ({ windows }) => ({ regime: "learning", windows, config: null, set: RULES }),
    },
    SEEDS,
  );
  for (const line of agreementText(compared).split("\n")) t.diagnostic(line);
  assert.deepEqual(
    compared.filter(({ holds }) => !holds),
    [],
  );
  // Nothing trivial: the trained leagues pay some much and some nothing.
  const shares = compared.map(({ trained }) => trained.mean);
  assert.ok(Math.max(...shares) > 0.5 && Math.min(...shares) < 0.005);
});

const kept = (seed: number, shares: readonly number[]): KeptResult => ({
  regime: "learning",
  spec: {
    name: "copy",
    seed,
    windows: 30,
    strategies: ["copy"],
    honest: 1,
    missPercent: 5,
    newcomer: null,
  },
  result: {
    rows: shares.map((share, at) => ({
      strategy: at === 0 ? "copy" : "honest",
      uid: 2 + at,
      compute: 0.5,
      share,
    })),
  },
});

test("a model that pays otherwise than any seed does not agree, one between them does", () => {
  const [group] = seedsOf([kept(1, [0.1, 0.9]), kept(2, [0.12, 0.88]), kept(3, [0.11, 0.89])]);
  assert.ok(group !== undefined);
  // Student's t of two degrees of freedom, the root of 1 + 1/3, a deviation of 0.01.
  const allowed = 4.303 * Math.sqrt(4 / 3) * 0.01;
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.3, noNaN: true }), (share) => {
      fc.pre(Math.abs(Math.abs(share - 0.11) - allowed) > 1e-9);
      const [copy, honest] = agreementOf(group, [kept(9, [share, 1 - share]).result]);
      const holds = Math.abs(share - 0.11) <= allowed;
      assert.equal(copy?.holds, holds);
      assert.equal(honest?.holds, holds);
      assert.ok(Math.abs((copy?.allowed ?? 0) - allowed) < 1e-9);
    }),
  );
});

test("one seed alone, other settings, and casts of honest miners alone are compared with nothing", () => {
  assert.deepEqual(seedsOf([kept(1, [0.1, 0.9])]), []);
  const other = kept(2, [0.1, 0.9]);
  const longer = { ...other, spec: { ...other.spec, windows: 31 } };
  assert.deepEqual(seedsOf([kept(1, [0.1, 0.9]), longer]), []);
  const clean = [1, 2].map((seed) => {
    const one = kept(seed, [0.5, 0.5]);
    const rows = one.result.rows.map((row) => ({ ...row, strategy: "honest" }));
    return { ...one, result: { rows } };
  });
  assert.deepEqual(seedsOf(clean), []);
});

test("seeds that all pay nothing allow half a percent, no more", () => {
  const [group] = seedsOf([kept(1, [0, 1]), kept(2, [0, 1])]);
  assert.ok(group !== undefined);
  assert.equal(agreementOf(group, [kept(9, [0.004, 0.996]).result])[0]?.holds, true);
  assert.equal(agreementOf(group, [kept(9, [0.006, 0.994]).result])[0]?.holds, false);
});
