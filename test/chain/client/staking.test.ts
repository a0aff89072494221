/** @file The arithmetic of stake: shares of a hotkey's alpha, and what a validator permit asks for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { isRateLimited, refusalNames } from "../../../chain/client/refusal.ts";
import {
  alphaOfShares,
  MIN_STAKE_RAO,
  permitNeed,
  type PermitRules,
} from "../../../chain/client/staking.ts";
import { ChainError } from "../../../chain/errors.ts";
import { type Hex } from "../../../chain/wallet/hex.ts";

type Staked = { hotkey: Hex; stakeRao: bigint; validatorPermit: boolean; active: boolean };

const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(64, "0")}`;
const OWNER = hotkeyOf(0);

/** The runtime's rule, by uid: the most staked that count, a lower uid loses a tie; the owner always. */
function permits(neurons: readonly Staked[], rules: PermitRules): readonly boolean[] {
  const counts = ({ hotkey, stakeRao }: Staked): bigint =>
    hotkey === rules.ownerHotkey || stakeRao >= rules.stakeThresholdRao ? stakeRao : 0n;
  const order = neurons
    .map((neuron, uid) => ({ uid, rao: counts(neuron) }))
    .toSorted((a, b) => (a.rao === b.rao ? b.uid - a.uid : a.rao < b.rao ? 1 : -1));
  const top = new Set(
    order
      .slice(0, rules.maxAllowedValidators)
      .filter(({ rao }) => rao > 0n)
      .map(({ uid }) => uid),
  );
  return neurons.map(({ hotkey }, uid) => hotkey === rules.ownerHotkey || top.has(uid));
}

const rulesOf = (seats: number, stakeThresholdRao: bigint): PermitRules => ({
  ownerHotkey: OWNER,
  maxAllowedValidators: seats,
  stakeThresholdRao,
});

describe("what a permit asks for", () => {
  const amount = fc.bigInt({ min: 0n, max: 5_000_000n });
  const others = fc.array(amount, { maxLength: 12 });

  it("is enough at any uid, and a rao less is not enough at uid 0", () => {
    fc.assert(
      fc.property(
        others,
        fc.nat(12),
        fc.integer({ min: 1, max: 12 }),
        amount,
        (list, at, seats, threshold) => {
          const own = hotkeyOf(99);
          const neurons = list.map((stakeRao, index) => ({
            hotkey: hotkeyOf(index),
            stakeRao,
            validatorPermit: false,
            active: true,
          }));
          const rules = rulesOf(seats, threshold);
          const { neededRao } = permitNeed(own, neurons, rules);
          const withOwn = (stakeRao: bigint, uid: number): readonly Staked[] =>
            neurons.toSpliced(uid, 0, {
              hotkey: own,
              stakeRao,
              validatorPermit: false,
              active: true,
            });
          const uid = Math.min(at, list.length);
          assert.equal(permits(withOwn(neededRao, uid), rules)[uid], true);
          if (neededRao > MIN_STAKE_RAO)
            assert.equal(permits(withOwn(neededRao - 1n, 0), rules)[0], false);
        },
      ),
    );
  });

  it("counts what is there already, and that the chain takes no small amounts", () => {
    const neurons: Staked[] = [
      { hotkey: OWNER, stakeRao: 9_000_000n, validatorPermit: true, active: true },
      { hotkey: hotkeyOf(1), stakeRao: 8_000_000n, validatorPermit: true, active: false },
      { hotkey: hotkeyOf(2), stakeRao: 7_999_999n, validatorPermit: false, active: true },
    ];
    assert.deepEqual(permitNeed(hotkeyOf(2), neurons, rulesOf(2, 0n)), {
      permitted: false,
      stakeRao: 7_999_999n,
      neededRao: 8_000_001n,
      missingRao: MIN_STAKE_RAO,
      othersRao: 9_000_000n,
    });
    assert.equal(permitNeed(hotkeyOf(2), neurons, rulesOf(3, 0n)).missingRao, 0n);
    assert.equal(permitNeed(hotkeyOf(2), neurons, rulesOf(3, 10_000_000n)).neededRao, 10_000_000n);
    assert.equal(permitNeed(OWNER, neurons, rulesOf(1, 10n ** 12n)).neededRao, 0n);
    assert.equal(permitNeed(hotkeyOf(7), neurons, rulesOf(64, 0n)).missingRao, MIN_STAKE_RAO);
  });
});

describe("shares of a hotkey", () => {
  it("never sum to more than its alpha, and lose less than a rao each", () => {
    const holders = fc.array(fc.bigInt({ min: 0n, max: 1n << 64n }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        holders,
        fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }),
        fc.integer({ min: -20, max: 20 }),
        (list, total, power) => {
          const exponent = BigInt(power);
          const all = { mantissa: list.reduce((sum, own) => sum + own, 0n), exponent };
          const parts = list.map((mantissa) => alphaOfShares({ mantissa, exponent }, all, total));
          const sum = parts.reduce((a, b) => a + b, 0n);
          assert.ok(sum <= total);
          if (all.mantissa > 0n) assert.ok(total - sum < BigInt(list.length));
          assert.equal(alphaOfShares(all, all, total), all.mantissa === 0n ? 0n : total);
        },
      ),
    );
  });

  it("take a billionth of a rao for rounding, and no more", () => {
    const all = { mantissa: 10n ** 30n, exponent: -18n };
    const short = (units: bigint): bigint =>
      alphaOfShares({ mantissa: 10n ** 29n - units, exponent: -18n }, all, 50n);
    assert.deepEqual([short(0n), short(10n ** 18n), short(10n ** 21n)], [5n, 5n, 4n]);
  });

  it("with different exponents are compared by value", () => {
    const all = { mantissa: 5n, exponent: 3n };
    assert.equal(alphaOfShares({ mantissa: 2_500n, exponent: 0n }, all, 101n), 50n);
    assert.equal(
      alphaOfShares({ mantissa: 1n, exponent: 3n }, { mantissa: 50n, exponent: 2n }, 10n),
      2n,
    );
    assert.equal(alphaOfShares({ mantissa: 1n, exponent: -200n }, all, 101n), 0n);
    assert.throws(
      () => alphaOfShares({ mantissa: 1n, exponent: 2n ** 62n }, all, 101n),
      /runtime-incompatible/,
    );
  });
});

const invalid = (reason: string): ChainError =>
  new ChainError({ code: "extrinsic-invalid", reason, detail: "" });

describe("a refusal", () => {
  it("has the pallet's names, whoever said it", () => {
    const shared = invalid(
      "SettingWeightsTooFast, CommittingWeightsTooFast or NetworkTxRateLimitExceeded",
    );
    assert.equal(refusalNames(shared).length, 3);
    assert.equal(isRateLimited(shared), true);
    assert.equal(isRateLimited(invalid("ServingRateLimitExceeded")), true);
    assert.deepEqual(refusalNames(invalid("NotEnoughBalanceToStake")), ["NotEnoughBalanceToStake"]);
    assert.equal(isRateLimited(invalid("NotEnoughBalanceToStake")), false);
    assert.deepEqual(refusalNames(invalid("Transaction has a bad signature")), []);
    assert.deepEqual(refusalNames(new Error("SettingWeightsTooFast")), []);
  });
});
