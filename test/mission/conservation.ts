/** @file Whether a chain's money adds up to the rao, at a block and from one to the next. */
import { alphaOf, type Money, potOf, subnetAccount, wealth } from "./money.ts";

const size = (rao: bigint): bigint => (rao < 0n ? -rao : rao);
const sumOf = (values: Iterable<bigint>): bigint => [...values].reduce((sum, one) => sum + one, 0n);

/** Parts of a key of a place. */
const netuidOf = (place: string): number => Number(place.slice(0, place.indexOf(" ")));

/** Alpha by hotkey beside what its stakers have of it; what a hotkey's stakers have is never more. */
function sharedOut(money: Money): readonly string[] {
  const worth = new Map<string, bigint>();
  for (const place of new Set([...money.shares.keys(), ...money.principals.keys()])) {
    const hotkey = place.slice(0, place.lastIndexOf(" "));
    worth.set(hotkey, (worth.get(hotkey) ?? 0n) + alphaOf(money, place));
  }
  return [...worth]
    .filter(([hotkey, all]) => all > (money.alpha.get(hotkey) ?? 0n))
    .map(([hotkey]) => `stakers on ${hotkey} have more than there is`);
}

/** What does not add up in a subnet. */
function subnetFaults(money: Money, netuid: number): readonly string[] {
  const subnet = money.subnets.get(netuid);
  if (subnet === undefined) return [];
  const { tao, issued, accounted, paid, gone } = subnet;
  const here = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
    [...map].filter(([place]) => netuidOf(place) === netuid).map(([, one]) => one);
  const checks: readonly (readonly [string, boolean])[] = [
    ["principals differ from its TAO", sumOf(here(money.principals)) === tao],
    [
      "alpha differs from principals and pay less what went",
      sumOf(here(money.alpha)) + gone === tao + paid,
    ],
    ["issued alpha is not accounted for", issued === accounted],
    ["its account does not cover the principals", potOf(money, netuid) >= 0n],
  ];
  return checks.filter(([, holds]) => !holds).map(([text]) => `subnet ${netuid}: ${text}`);
}

/** What does not add up at a block. */
export function faultsOf(money: Money): readonly string[] {
  const { issuance, staked, balances, subnets } = money;
  const checks: readonly (readonly [string, boolean])[] = [
    ["balances differ from the issuance", sumOf(balances.values()) === issuance],
    [
      "TAO of all subnets differs from the total stake",
      sumOf([...subnets.values()].map(({ tao }) => tao)) === staked,
    ],
  ];
  return [
    ...checks.filter(([, holds]) => !holds).map(([text]) => text),
    ...[...subnets.keys()].flatMap((netuid) => subnetFaults(money, netuid)),
    ...sharedOut(money),
  ];
}

/** How far the sums are from each other, in rao: 0 where everything adds up. */
export function errorRao({ issuance, balances, subnets, principals, staked }: Money): bigint {
  const taos = sumOf([...subnets.values()].map(({ tao }) => tao));
  return (
    size(sumOf(balances.values()) - issuance) +
    size(sumOf(principals.values()) - taos) +
    size(taos - staked)
  );
}

/** Change of what each account can call its own; those without are left out. */
export function gains(before: Money, after: Money): ReadonlyMap<string, bigint> {
  const [then, now] = [wealth(before), wealth(after)];
  const all = new Set([...then.keys(), ...now.keys()]);
  // A subnet's account is nobody's, before it opens and after it is gone as well.
  for (const { subnets } of [before, after])
    for (const netuid of subnets.keys()) all.delete(subnetAccount(netuid));
  const changed = [...all].map(
    (who) => [who, (now.get(who) ?? 0n) - (then.get(who) ?? 0n)] as const,
  );
  return new Map(changed.filter(([, rao]) => rao !== 0n));
}

/** All pots and deposits. */
function potsOf(money: Money): bigint {
  return sumOf([...money.subnets.keys()].map((netuid) => potOf(money, netuid) + money.deposit));
}

/** Change of all pots and deposits together. */
export function potGain(before: Money, after: Money): bigint {
  return potsOf(after) - potsOf(before);
}

/** Of whom the pay is looked at: the subnet; coldkey and take (of 65535) of each validator's hotkey. A miner's incentive is its own. */
type Paid = {
  readonly netuid: number;
  readonly owners: ReadonlyMap<string, string>;
  readonly takes: ReadonlyMap<string, number>;
};

/** Positions of those who staked on validators of others' that were paid, and what those were paid. */
function nominations(before: Money, after: Money, { netuid, owners }: Paid): readonly Nomination[] {
  return [...before.shares.keys()].flatMap((place): Nomination[] => {
    const [subnet = "", hotkey = "", coldkey = ""] = place.split(" ");
    const owner = owners.get(hotkey);
    if (Number(subnet) !== netuid || owner === undefined || owner === coldkey) return [];
    const key = `${subnet} ${hotkey}`;
    const alpha = before.alpha.get(key) ?? 0n;
    const gain = (after.alpha.get(key) ?? 0n) - alpha;
    return gain > 0n && alpha > 0n ? [{ place, hotkey, alpha, gain }] : [];
  });
}

type Nomination = {
  readonly place: string;
  readonly hotkey: string;
  readonly alpha: bigint;
  readonly gain: bigint;
};

/** How far nominators' pay in an epoch is from their shares of it, in rao: the worst, over all validators that were paid. */
export function nominatorError(
  before: Money,
  after: Money,
  about: Paid,
): { readonly worst: bigint; readonly paid: number } {
  const errors = nominations(before, after, about).map(({ place, hotkey, alpha, gain }) => {
    const take = (gain * BigInt(about.takes.get(hotkey) ?? 0)) / 65_535n;
    const due = ((gain - take) * alphaOf(before, place)) / alpha;
    return size(alphaOf(after, place) - alphaOf(before, place) - due);
  });
  return {
    worst: errors.reduce((most, one) => (one > most ? one : most), 0n),
    paid: errors.length,
  };
}
