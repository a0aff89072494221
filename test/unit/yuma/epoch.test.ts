/** @file The epoch against the vectors of the chain's own crate: every share to the last bit. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { hasIncentive, minerPay, runEpoch, validatorPay } from "../../../src/yuma/epoch.ts";
import type { StoredRow } from "../../../src/yuma/matrix.ts";
import type { EpochInput } from "../../../src/yuma/terms.ts";
import { maskCommitted } from "../../../src/yuma/weights.ts";
import { storedWeights } from "../../../src/yuma/weights.ts";

const numbers = z.array(z.number());
const rows = z.array(z.array(z.tuple([z.number(), z.number()])));
const fixture = z.object({
  scenarios: z.array(
    z.object({
      name: z.string(),
      stakes: numbers,
      max_validators: z.number(),
      kappa: z.number(),
      bonds_penalty: z.number(),
      bonds_moving_average: z.number(),
      yuma3: z.boolean(),
      liquid_alpha: z.tuple([z.number(), z.number(), z.number()]).nullable(),
      tempo: z.number(),
      registered_at: z.number(),
      steps: z.array(
        z.object({
          block: z.number(),
          set_weights: z.array(z.tuple([z.number(), numbers, numbers])),
          reset_bonds_of: z.number().nullable(),
          bonds: rows,
          dividends: numbers,
          incentive: numbers,
          consensus_bits: numbers,
          incentive_bits: numbers,
          dividend_bits: numbers,
          trust_bits: numbers,
        }),
      ),
    }),
  ),
});
type Scenario = z.output<typeof fixture>["scenarios"][number];
const path = new URL("../../../chain/yuma/tests/fixtures/yuma.json", import.meta.url);
const { scenarios } = fixture.parse(JSON.parse(readFileSync(path, "utf8")));

function inputOf(scenario: Scenario): EpochInput {
  const n = scenario.stakes.length;
  const [low, high, steepness] = scenario.liquid_alpha ?? [0, 0, 0];
  return {
    block: scenario.registered_at,
    tempo: scenario.tempo,
    activityCutoff: 5000,
    kappa: scenario.kappa,
    bondsPenalty: scenario.bonds_penalty,
    bondsMovingAverage: scenario.bonds_moving_average,
    yuma3: scenario.yuma3,
    liquidAlpha: scenario.liquid_alpha === null ? null : { low, high, steepness },
    maxValidators: scenario.max_validators,
    ownerUid: null,
    lastEpoch: 0,
    stakeRao: scenario.stakes.map(BigInt),
    stakeThresholdRao: 0n,
    lastUpdate: Array<number>(n).fill(scenario.registered_at),
    registeredAt: Array<number>(n).fill(scenario.registered_at),
    permits: [],
    weights: scenario.stakes.map((): StoredRow => []),
    bonds: scenario.stakes.map((): StoredRow => []),
  };
}

/** What the pallet does before an epoch: stores weights, applies a bonds reset. */
function moved(input: EpochInput, step: Scenario["steps"][number]): EpochInput {
  const weights = [...input.weights];
  const lastUpdate = [...input.lastUpdate];
  for (const [uid, uids, values] of step.set_weights) {
    weights[uid] = uids.map((one, index) => [one, values[index] ?? 0] as const);
    lastUpdate[uid] = Math.max(step.block - 1, (input.registeredAt[uid] ?? 0) + 1);
  }
  const bonds = input.bonds.map((row) => row.filter(([uid]) => uid !== step.reset_bonds_of));
  return { ...input, block: step.block, weights, lastUpdate, bonds };
}

for (const scenario of scenarios)
  test(`every epoch of ${scenario.name} is the chain's, to the last bit`, () => {
    let input = inputOf(scenario);
    input = { ...input, permits: runEpoch(input).permits };
    for (const step of scenario.steps) {
      input = moved(input, step);
      const output = runEpoch(input);
      const about = `block ${step.block}`;
      assert.deepEqual(output.consensusShare.map(Number), step.consensus_bits, about);
      assert.deepEqual(output.trustShare.map(Number), step.trust_bits, about);
      assert.deepEqual(output.incentiveShare.map(Number), step.incentive_bits, about);
      assert.deepEqual(output.dividendShare.map(Number), step.dividend_bits, about);
      assert.deepEqual(output.incentive, step.incentive, about);
      assert.deepEqual(output.dividends, step.dividends, about);
      assert.deepEqual(output.bonds, step.bonds, about);
      input = { ...input, permits: output.permits, bonds: output.bonds };
    }
    assert.ok(scenario.steps.length > 0);
  });

const u16 = fc.integer({ min: 0, max: 65_535 });

test("whatever the input, nobody is paid more than a pool holds, and an epoch keeps within u16", () => {
  const n = 6;
  const row = fc.array(fc.tuple(fc.integer({ min: 0, max: n + 1 }), u16), { maxLength: n });
  const input = fc.record({
    yuma3: fc.boolean(),
    liquid: fc.boolean(),
    kappa: u16,
    bondsPenalty: u16,
    bondsMovingAverage: fc.integer({ min: 0, max: 2_000_000 }),
    stakeRao: fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), {
      minLength: n,
      maxLength: n,
    }),
    lastUpdate: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: n }),
    registeredAt: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: n }),
    permits: fc.array(fc.boolean(), { maxLength: n }),
    weights: fc.array(row, { maxLength: n }),
    bonds: fc.array(row, { maxLength: n }),
    ownerUid: fc.option(fc.integer({ min: 0, max: n - 1 })),
    pool: fc.bigInt({ min: 0n, max: 1n << 50n }),
  });
  fc.assert(
    fc.property(input, ({ pool, liquid, ...rest }) => {
      const output = runEpoch({
        ...rest,
        block: 200,
        tempo: 10,
        activityCutoff: 100,
        liquidAlpha: liquid ? { low: 6553, high: 19_660, steepness: 1000 } : null,
        maxValidators: 3,
        lastEpoch: 0,
        stakeThresholdRao: 5n,
      });
      for (const pay of [minerPay(output, pool), validatorPay(output, pool)]) {
        assert.ok(pay.every((one) => one >= 0n));
        assert.ok(pay.reduce((sum, one) => sum + one, 0n) <= pool);
      }
      if (!hasIncentive(output)) assert.ok(minerPay(output, pool).every((one) => one === 0n));
      for (const shares of [output.incentive, output.dividends, output.consensus])
        assert.ok(
          shares.every((share) => Number.isInteger(share) && share >= 0 && share <= 65_535),
        );
    }),
  );
});

test("stored weights have 65535 as their largest and keep the order", () => {
  fc.assert(
    fc.property(fc.array(u16, { minLength: 1, maxLength: 12 }), (values) => {
      const stored = storedWeights(values);
      const largest = Math.max(...values);
      assert.equal(Math.max(...stored), largest === 0 ? 0 : 65_535);
      for (const [a, x] of values.entries())
        for (const [b, y] of values.entries())
          if (x >= y) assert.ok((stored[a] ?? 0) >= (stored[b] ?? 0));
      if (largest === 65_535) assert.deepEqual(stored, values);
    }),
  );
});

test("with commit-reveal, weights for who registered after the validator's open commit do not count", () => {
  const weights = [[[0, 1] as const, [1, 2] as const], [[1, 3] as const], [[9, 4] as const]];
  assert.deepEqual(maskCommitted(weights, [10, null], [10, 11]), [[[0, 1]], [[1, 3]], [[9, 4]]]);
});
