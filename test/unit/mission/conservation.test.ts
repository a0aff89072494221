/** @file The count of all money: a rao too many or too few anywhere is seen, and so is one that is somebody else's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorRao, faultsOf, gains, nominatorError, potGain } from "../../mission/conservation.ts";
import { alphaOf, type Money, potOf, subnetAccount } from "../../mission/money.ts";

const shares = (mantissa: bigint): { readonly mantissa: bigint; readonly exponent: number } => ({
  mantissa,
  exponent: -18,
});
const RAO = 10n ** 18n;

/** Two coldkeys stake 100 and 50 on a hotkey that earned 30; the pot has 20 and the deposit is 5. */
const MONEY: Money = {
  issuance: 1175n,
  ownIssuance: 1175n,
  staked: 150n,
  balances: new Map([
    ["a", 700n],
    ["b", 300n],
    [subnetAccount(1), 175n],
  ]),
  principals: new Map([
    ["1 h a", 100n],
    ["1 h b", 50n],
  ]),
  alpha: new Map([["1 h", 180n]]),
  pooled: new Map([["1 h", shares(150n * RAO)]]),
  shares: new Map([
    ["1 h a", shares(100n * RAO)],
    ["1 h b", shares(50n * RAO)],
  ]),
  subnets: new Map([[1, { tao: 150n, issued: 40n, accounted: 40n, paid: 30n, gone: 0n }]]),
  deposit: 5n,
};
const subnet = { tao: 150n, issued: 40n, accounted: 40n, paid: 30n, gone: 0n };
const withBalance = (who: string, rao: bigint): Money => ({
  ...MONEY,
  balances: new Map([...MONEY.balances, [who, rao]]),
});

test("sums that hold have no faults", () => {
  assert.deepEqual(faultsOf(MONEY), []);
  assert.equal(errorRao(MONEY), 0n);
  assert.equal(potOf(MONEY, 1), 20n);
  assert.equal(alphaOf(MONEY, "1 h a"), 120n);
});

test("one rao anywhere is a fault", () => {
  const wrong: readonly Money[] = [
    withBalance("a", 701n),
    { ...MONEY, issuance: 1174n },
    { ...MONEY, staked: 151n },
    { ...MONEY, principals: new Map([...MONEY.principals, ["1 h b", 51n]]) },
    { ...MONEY, alpha: new Map([["1 h", 181n]]) },
    { ...MONEY, subnets: new Map([[1, { ...subnet, issued: 41n }]]) },
    { ...MONEY, subnets: new Map([[1, { ...subnet, gone: 1n }]]) },
    { ...MONEY, pooled: new Map([["1 h", shares(140n * RAO)]]) },
    { ...withBalance(subnetAccount(1), 154n), issuance: 1154n },
  ];
  for (const [at, money] of wrong.entries()) assert.notDeepEqual(faultsOf(money), [], String(at));
});

test("whoever takes of another's principal gains what that one loses", () => {
  const after: Money = {
    ...withBalance("b", 400n),
    principals: new Map([["1 h b", 50n]]),
  };
  assert.deepEqual(
    [...gains(MONEY, after)],
    [
      ["a", -100n],
      ["b", 100n],
    ],
  );
  assert.equal(potGain(MONEY, withBalance(subnetAccount(1), 180n)), 5n);
});

test("a nominator's pay is its share of what the take leaves", () => {
  const about = { netuid: 1, owners: new Map([["h", "a"]]), takes: new Map([["h", 6553]]) };
  // 90 more, 8 of them the take; 82 by shares: 27 of them are b's.
  const alpha = new Map([["1 h", 270n]]);
  const pooled = new Map([["1 h", shares((150n * RAO * 270n) / 262n)]]);
  const fair = nominatorError(MONEY, { ...MONEY, alpha, pooled }, about);
  assert.deepEqual([fair.paid, fair.worst <= 1n], [1, true]);
  const unfair = nominatorError(MONEY, { ...MONEY, alpha }, about);
  assert.ok(unfair.worst > 1n);
});
