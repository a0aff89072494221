/** @file The epoch against the chain's own crate on random subnets: both languages draw the same thousand and compare digests of all that they find. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { minerPay, runEpoch, validatorPay } from "../../../src/yuma/epoch.ts";
import type { StoredRow } from "../../../src/yuma/matrix.ts";
import type { EpochInput, EpochOutput } from "../../../src/yuma/terms.ts";
import { SplitMix, WordDigest } from "../../support/split-mix.ts";

const EPOCHS = 3;
const path = new URL("../../../chain/yuma/tests/fixtures/twin.json", import.meta.url);
const wanted = z
  .array(z.string().regex(/^[0-9a-f]{16}$/))
  .parse(JSON.parse(readFileSync(path, "utf8")));

/** SplitMix64, as in chain/yuma/tests/twin.rs; everything here follows that file line by line. */
class Draws extends SplitMix {
  stake(): bigint {
    const kind = this.below(4);
    if (kind === 0) return 0n;
    if (kind === 1) return BigInt(this.below(1 << 20));
    return kind === 2 ? this.next() >> 1n : 1_000_000_000_000n;
  }

  many<T>(count: number, draw: () => T): T[] {
    return Array.from({ length: count }, draw);
  }

  row(n: number): StoredRow {
    const length = this.below(4) === 0 ? 0 : this.below(n + 2);
    return this.many(length, () => [this.below(n + 1), this.share()] as const);
  }

  subnet(): EpochInput {
    const n = 1 + this.below(24);
    const block = 10_000 + this.below(1000);
    // An object's members are drawn in the order in which they are written.
    return {
      block,
      tempo: 1 + this.below(400),
      activityCutoff: [1, 50, 5000][this.below(3)] ?? 0,
      kappa: this.below(2) === 0 ? 32_767 : this.share(),
      bondsPenalty: this.share(),
      bondsMovingAverage: this.below(1_100_000),
      yuma3: this.below(2) === 1,
      liquidAlpha: this.below(3) === 0 ? this.liquid() : null,
      maxValidators: this.below(n + 2),
      ownerUid: this.below(3) === 0 ? this.below(n + 1) : null,
      lastEpoch: block - this.below(400),
      stakeRao: this.many(n, () => this.stake()),
      stakeThresholdRao: this.below(2) === 0 ? 0n : BigInt(this.below(2 ** 40)),
      lastUpdate: this.many(n, () => block - this.below(200)),
      registeredAt: this.many(n, () => block - this.below(400)),
      permits: this.many(n, () => this.below(3) > 0),
      weights: this.many(n, () => this.row(n)),
      bonds: this.many(n, () => this.row(n)),
    };
  }

  liquid(): { low: number; high: number; steepness: number } {
    return { low: this.share(), high: this.share(), steepness: this.below(4000) - 2000 };
  }

  /** The same subnet an epoch later: half of the rows are new. */
  later(input: EpochInput, { permits, bonds }: EpochOutput): EpochInput {
    const n = input.stakeRao.length;
    const block = input.block + input.tempo;
    const [weights, lastUpdate] = [[...input.weights], [...input.lastUpdate]];
    for (let uid = 0; uid < n; uid += 1)
      if (this.below(2) === 0) {
        weights[uid] = this.row(n);
        lastUpdate[uid] = block - 1;
      }
    return { ...input, lastEpoch: input.block, block, permits, bonds, weights, lastUpdate };
  }
}

function wordsOf(output: EpochOutput, pool: bigint): readonly (bigint | number | boolean)[] {
  return [
    ...output.consensus,
    ...output.incentive,
    ...output.dividends,
    ...output.permits,
    ...output.bonds.flatMap((row) => [row.length, ...row.flat()]),
    ...output.consensusShare,
    ...output.incentiveShare,
    ...output.dividendShare,
    ...output.trustShare,
    ...output.fallbackShare,
    ...minerPay(output, pool),
    ...validatorPay(output, pool),
  ];
}

/** What three epochs of the subnet of this number find. */
function digestOf(subnet: number): string {
  const draws = new Draws(BigInt(subnet));
  let input = draws.subnet();
  const digest = new WordDigest();
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    const output = runEpoch(input);
    digest.add(wordsOf(output, draws.next() >> 14n));
    input = draws.later(input, output);
  }
  return digest.hex;
}

test("a thousand random subnets come to what the chain's crate comes to", () => {
  assert.equal(wanted.length, 1000);
  for (const [subnet, digest] of wanted.entries())
    assert.equal(digestOf(subnet), digest, `subnet ${subnet}`);
});
