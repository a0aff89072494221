/** @file What [chain] gives to the genesis of a development chain. */
import type { SubnetConfig } from "./schema.ts";

/** Fields of `subtensorModule` in a genesis: what subnets begin with that are made by extrinsic. Burn in rao, the rest in blocks. */
export type ChainDefaults = {
  readonly defaultTempo: number;
  readonly defaultImmunityPeriod: number;
  readonly defaultBurn: number;
  readonly defaultWeightsSetRateLimit: number;
  readonly defaultServingRateLimit: number;
};

/** The genesis fields that follow from [chain]. */
export function chainDefaultsOf({ chain }: Pick<SubnetConfig, "chain">): ChainDefaults {
  return {
    defaultTempo: chain.tempo,
    defaultImmunityPeriod: chain.immunityPeriod,
    defaultBurn: chain.burnRao,
    defaultWeightsSetRateLimit: chain.weightsRateLimit,
    defaultServingRateLimit: chain.servingRateLimit,
  };
}
