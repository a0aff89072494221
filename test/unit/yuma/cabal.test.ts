/** @file What a minority can do for its own miner, over the thousand draws of the crate's own test (chain/yuma/tests/twin.rs). */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { runEpoch } from "../../../src/yuma/epoch.ts";
import type { StoredRow } from "../../../src/yuma/matrix.ts";
import type { EpochInput } from "../../../src/yuma/terms.ts";
import { SplitMix } from "../../support/split-mix.ts";

const HONEST_RAO = 51_000_000_000n;
const CABAL_RAO = 49_000_000_000n;
/** The majority's uid is 0, the cabal's 1, and this is the cabal's miner; the miners of others follow. */
const OWN = 2;

/** A subnet, the weight that the majority gives the cabal's miner, and the sum of those that it gives the others. */
type Draw = { readonly input: EpochInput; readonly gift: number; readonly others: number };

/** What the cabal says: all to its own, the others a hundredth of the majority's word, or one other something. */
function cabalRow(draws: SplitMix, others: StoredRow): StoredRow {
  const own = [OWN, 65_535] as const;
  const kind = draws.below(3);
  if (kind === 0) return [own];
  if (kind === 1)
    return [...others.map(([uid, weight]) => [uid, Math.floor(weight / 100)] as const), own];
  return [own, [OWN + 1, draws.share()]];
}

function drawn(draws: SplitMix): Draw {
  const miners = 1 + draws.below(20);
  const weights = Array.from({ length: miners }, () => 1 + draws.below(65_535));
  const gift = draws.below(3) === 0 ? 0 : draws.below(65_536);
  const n = miners + OWN + 1;
  const others = weights.map((weight, index) => [OWN + 1 + index, weight] as const);
  const all = <T>(one: T): T[] => Array.from({ length: n }, () => one);
  const cabal = cabalRow(draws, others);
  const input: EpochInput = {
    block: 20,
    tempo: 10,
    activityCutoff: 5000,
    kappa: 32_767,
    bondsPenalty: 65_535,
    bondsMovingAverage: 900_000,
    yuma3: draws.below(2) === 1,
    liquidAlpha: null,
    maxValidators: 2,
    ownerUid: null,
    lastEpoch: 0,
    stakeRao: [HONEST_RAO, CABAL_RAO, ...all(0n).slice(2)],
    stakeThresholdRao: 0n,
    lastUpdate: all(10),
    registeredAt: all(1),
    permits: all(false).map((_, uid) => uid < 2),
    weights: [[...others, [OWN, gift]], cabal, ...all<StoredRow>([]).slice(2)],
    bonds: all<StoredRow>([]),
  };
  return { input, gift, others: weights.reduce((sum, one) => sum + one, 0) };
}

test("49 % of the stake cannot pay their own miner above its clipped share", () => {
  const draws = new SplitMix(49n);
  let highest = 0;
  for (let draw = 0; draw < 1000; draw++) {
    const { input, gift, others } = drawn(draws);
    const { incentiveShare } = runEpoch(input);
    const all = incentiveShare.reduce((sum, share) => sum + Number(share), 0);
    const pay = Number(incentiveShare[OWN]) / all;
    const word = gift / (gift + others);
    // What it says above the majority's word is cut off; what it does not say of others lowers those to the majority's stake.
    const most = word / (word + 0.51 * (1 - word));
    assert.ok(pay <= most + 1e-6, `draw ${draw}: ${pay} of the pay, its clipped share is ${most}`);
    assert.ok(gift > 0 || pay === 0, `draw ${draw}: paid without the majority's word`);
    if (gift > 0) highest = Math.max(highest, pay / word);
  }
  assert.ok(highest > 1.5 && highest <= 1 / 0.51 + 1e-6, `the draws come near it: ${highest}`);
});
