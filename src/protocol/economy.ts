/** @file What a subnet emits (docs/protocol.md#12-economy): integers only, exact to 1 rao. */

/** All alpha there will ever be, in rao. */
export const MAXIMUM_ISSUANCE_RAO = 21_000_000_000_000_000n;

const FIRST_EMISSION_RAO = 1_000_000_000n;
/** The owner's cut of a subnet that sets none: 18 %, of 65,535. */
const OWNER_CUT = 11_796;
const SHARE_SCALE = 65_535n;

/**
 * Alpha minted in one block, in rao, when `issuedRao` exist: 10^9 halved h times, h the largest integer with
 * issued >= max - (max >> h); 0 once everything is issued.
 */
export function emissionAt(issuedRao: bigint): bigint {
  if (issuedRao >= MAXIMUM_ISSUANCE_RAO) return 0n;
  let halvings = 0n;
  // max >> h reaches 0 at h = 55, so the loop ends; the emission is 0 from h = 30 on.
  while (issuedRao >= MAXIMUM_ISSUANCE_RAO - (MAXIMUM_ISSUANCE_RAO >> (halvings + 1n))) {
    halvings += 1n;
  }
  return FIRST_EMISSION_RAO >> halvings;
}

/** How one block's emission is divided, in rao. The three parts sum to the whole. */
export type EmissionSplit = {
  readonly owner: bigint;
  readonly miners: bigint;
  readonly validators: bigint;
};

/** What an epoch gives to whom, and what nobody gets, in rao. */
export type EpochPools = EmissionSplit & { readonly burned: bigint };

/**
 * The pools of an epoch: what is pending, with what the last epoch could not divide in the miners' part. An epoch in which
 * nobody has an incentive gives nothing to anybody, the owner included: all of it is burned.
 */
export function epochPools(
  { owner, miners, validators }: EmissionSplit,
  carriedRao: bigint,
  hasIncentive: boolean,
): EpochPools {
  const forMiners = miners + carriedRao;
  if (hasIncentive) return { owner, miners: forMiners, validators, burned: 0n };
  return { owner: 0n, miners: 0n, validators: 0n, burned: owner + forMiners + validators };
}

/** Divide an emission: the owner's cut (of 65,535) first, then miners and validators in halves, the odd rao to the validators. */
export function splitEmission(emissionRao: bigint, ownerCut = OWNER_CUT): EmissionSplit {
  const owner = (emissionRao * BigInt(ownerCut)) / SHARE_SCALE;
  const rest = emissionRao - owner;
  const miners = rest / 2n;
  return { owner, miners, validators: rest - miners };
}
