/** @file The chain's own hyperparameters of a subnet in words: shown beside the run's rules, set by the chain alone. */
import type { ChainClient } from "../../chain/client/client.ts";

type Hyperparameters = Awaited<ReturnType<ChainClient["hyperparameters"]>>;

/** What a parameter is. */
type About = { readonly unit: string; readonly description: string };

const ABOUT: { readonly [K in keyof Hyperparameters]: About } = {
  tempo: { unit: "blocks", description: "Between two epochs; weights turn into pay at an epoch." },
  immunityPeriod: {
    unit: "blocks",
    description: "In which a new neuron cannot be replaced.",
  },
  maxAllowedUids: { unit: "uids", description: "Most neurons, validators included." },
  maxAllowedValidators: { unit: "validators", description: "Most validators with a permit." },
  minAllowedWeights: { unit: "weights", description: "Fewest entries of a weight vector." },
  weightsRateLimit: { unit: "blocks", description: "Between two weight vectors of a validator." },
  servingRateLimit: { unit: "blocks", description: "Between two addresses of a neuron." },
  activityCutoffFactorMilli: {
    unit: "1/1000 tempo",
    description: "Time without weights after which a validator counts as inactive.",
  },
  burnRao: { unit: "rao", description: "Price of a registration now." },
  minBurnRao: { unit: "rao", description: "Least price of a registration." },
  maxBurnRao: { unit: "rao", description: "Highest price of a registration." },
  registrationAllowed: { unit: "switch", description: "Whether anybody may register." },
  commitRevealEnabled: {
    unit: "switch",
    description: "Whether weights are hidden for some epochs; Assay's validators set them openly.",
  },
  revealPeriodEpochs: { unit: "epochs", description: "Until hidden weights are revealed." },
  weightsVersion: { unit: "number", description: "Least version that weights must name." },
  kappa: { unit: "1/65535", description: "Share of stake that consensus follows." },
  rho: { unit: "number", description: "Steepness of trust in consensus; without effect here." },
  bondsPenalty: { unit: "1/65535", description: "How far bonds follow weights beyond consensus." },
  bondsMovingAverage: { unit: "1/1000000", description: "How slowly bonds follow weights." },
  liquidAlphaEnabled: {
    unit: "switch",
    description: "Whether bonds follow at a speed of their own.",
  },
  alphaValues: { unit: "1/65535", description: "Least and greatest such speed." },
  yuma3Enabled: { unit: "switch", description: "Whether bonds are those of Yuma 3." },
};

/** A parameter for people and for JSON; amounts of rao are text there. */
export type ChainParameter = About & {
  readonly name: string;
  readonly value: string | number | boolean | readonly number[];
};

/** Every parameter, what owners look at first at the top. */
export function chainParametersOf(found: Hyperparameters): readonly ChainParameter[] {
  const values = new Map<string, Hyperparameters[keyof Hyperparameters]>(Object.entries(found));
  return Object.entries(ABOUT).map(([name, about]) => {
    const value = values.get(name) ?? 0;
    return { name, ...about, value: typeof value === "bigint" ? String(value) : value };
  });
}
