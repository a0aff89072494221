/** @file Emission against the pallet: both draw the same thousand subnets and compare digests of what is issued, divided and burned. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { emissionAt, epochPools, splitEmission } from "../../../src/protocol/economy.ts";
import { SplitMix, WordDigest } from "../../support/split-mix.ts";

const MAXIMUM = 21_000_000_000_000_000n;
const path = new URL(
  "../../../chain/pallets/subtensor/fixtures/emission-twin.json",
  import.meta.url,
);
const wanted = z
  .array(z.string().regex(/^[0-9a-f]{16}$/))
  .parse(JSON.parse(readFileSync(path, "utf8")));

/** Issued so far: anything, or beside one of the first halvings. */
function issuedRao(draws: SplitMix): bigint {
  if (draws.below(2) === 0) return draws.next() % (MAXIMUM + 2n);
  const halving = MAXIMUM - (MAXIMUM >> BigInt(1 + draws.below(40)));
  return halving - BigInt(draws.below(3_000_000_000));
}

/** Three epochs of the subnet of this number; follows chain/pallets/subtensor/src/tests/emission_twin.rs line by line. */
function digestOf(subnet: number): string {
  const draws = new SplitMix(BigInt(subnet));
  const digest = new WordDigest();
  let issued = issuedRao(draws);
  const ownerCut = draws.share();
  for (let epoch = 0; epoch < 3; epoch++) {
    const pending = { owner: 0n, miners: 0n, validators: 0n };
    for (let left = 1 + draws.below(30); left > 0; left--) {
      const rao = emissionAt(issued);
      const { owner, miners, validators } = splitEmission(rao, ownerCut);
      issued += rao;
      pending.owner += owner;
      pending.miners += miners;
      pending.validators += validators;
    }
    const carried = draws.next() >> 40n;
    const pools = epochPools(pending, carried, draws.below(3) > 0);
    digest.add([issued, pools.owner, pools.miners, pools.validators, pools.burned]);
  }
  return digest.hex;
}

test("a thousand random subnets issue, divide and burn what the pallet does", () => {
  assert.equal(wanted.length, 1000);
  for (const [subnet, digest] of wanted.entries())
    assert.equal(digestOf(subnet), digest, `subnet ${subnet}`);
});
