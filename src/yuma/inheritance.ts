/** @file What children inherit, as the chain computes it: the stake that counts in an epoch, and whose its dividends are. */

/** A hotkey of which another is a child. */
type Parent = {
  /** The part of its stake that counts for the child, of 2^64 - 1. */
  readonly proportion: bigint;
  readonly stakeRao: bigint;
  /** Whether it has the child's coldkey, which then takes nothing from it. */
  readonly sameOwner: boolean;
};

/** The children and parents of one hotkey on a subnet. */
export type Kin = {
  /** The part of each child, of 2^64 - 1. */
  readonly children: readonly bigint[];
  readonly parents: readonly Parent[];
  /** What it takes of the dividends of others' hotkeys, of 65535. */
  readonly take: number;
};

const FRACTION_BITS = 32n;
const ONE = 1n << FRACTION_BITS;
const WHOLE = (1n << 64n) - 1n;

/** A proportion with 32 fractional bits, truncated. */
const portionOf = (proportion: bigint): bigint => (proportion << FRACTION_BITS) / WHOLE;
const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, one) => sum + one, 0n);
const notNegative = (value: bigint): bigint => (value > 0n ? value : 0n);

/** Stake that counts in an epoch, in rao: a hotkey's own without its children's parts, with its parts of its parents'. */
export function inheritedStake(ownRao: bigint, { children, parents }: Kin): bigint {
  const given = sumOf(children.map((proportion) => ownRao * portionOf(proportion)));
  const kept = notNegative((ownRao << FRACTION_BITS) - given);
  const inherited = parents.map(({ proportion, stakeRao }) => stakeRao * portionOf(proportion));
  return (kept + sumOf(inherited)) >> FRACTION_BITS;
}

/**
 * Divides a hotkey's dividends, in rao, between its parents, in their order, and itself, by what each contributed; of what
 * others' hotkeys get it takes its part. What truncation leaves is nobody's.
 */
export function dividedDividends(
  dividendsRao: bigint,
  ownRao: bigint,
  { children, parents, take }: Kin,
): { readonly parents: readonly bigint[]; readonly own: bigint } {
  if (parents.length === 0) return { parents: [], own: dividendsRao };
  const left = notNegative(ONE - sumOf(children.map(portionOf)));
  const ownPart = ((ownRao * left) >> FRACTION_BITS) << FRACTION_BITS;
  const parts = parents.map(({ proportion, stakeRao }) => stakeRao * portionOf(proportion));
  const total = ownPart + sumOf(parts);
  const takeShare = (BigInt(take) << FRACTION_BITS) / 65_535n;
  let rest = dividendsRao << FRACTION_BITS;
  let taken = 0n;
  const paid = parts.map((part, index) => {
    const amount = total === 0n ? 0n : dividendsRao * ((part << FRACTION_BITS) / total);
    const kept = parents[index]?.sameOwner === true ? 0n : (takeShare * amount) >> FRACTION_BITS;
    rest = notNegative(rest - amount);
    taken += kept;
    return (amount - kept) >> FRACTION_BITS;
  });
  return { parents: paid, own: (rest + taken) >> FRACTION_BITS };
}
