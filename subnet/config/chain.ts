/** @file Table [chain]: where the subnet lives, and what a development chain is given when it is created there. */
import { derivedKey, key, table, text, whole } from "./key.ts";

/** [chain] */
export const chainTable = table(
  "Where the subnet lives; from tempo on: what a new subnet on a development chain is given",
  {
    endpoint: key(text(1024), "ws://127.0.0.1:9944", {
      description:
        "Chain endpoints, comma between: the first that answers is used, the others are kept ready.",
      unit: "address",
      effect: "A second one keeps nodes going when the first is away.",
    }),
    netuid: key(whole(1, 4095), 1, {
      description: "Number of the subnet on the chain.",
      unit: "number",
      effect: "subnet create prints the number that the chain gave.",
    }),
    tempo: derivedKey(whole(1, 65_535), "the length of a window", {
      description: "Blocks between two epochs; weights turn into pay at an epoch.",
      unit: "blocks",
      effect: "Longer: pay comes later; at most 31 commitments of a hotkey fit into an epoch.",
    }),
    immunityPeriod: key(whole(0, 65_535), 5000, {
      description: "Blocks in which a new neuron cannot be replaced.",
      unit: "blocks",
      effect: "Too short: newcomers lose their uid before they earn. Long: idle uids stay.",
    }),
    burnRao: key(whole(500_000, 100_000_000_000), 500_000, {
      description: "Price of a registration at the start; it rises with demand and decays.",
      unit: "rao (a billionth of a token)",
      effect: "Higher: new names for cheats cost more, and so does joining.",
    }),
    maximumUids: key(whole(2, 1024), 256, {
      description: "Most neurons, validators included; a new subnet has 256.",
      unit: "uids",
      effect: "More: more miners, who need more pages and more of the validators' time.",
    }),
    maximumValidators: key(whole(1, 1024), 64, {
      description:
        "Most validators with a permit; a new subnet has 64, and only Root changes it: this is checked.",
      unit: "validators",
      effect: "More: harder to capture, and every update is fetched that often.",
    }),
    weightsRateLimit: key(whole(0, 65_535), 4, {
      description: "Blocks between two weight vectors of a validator; only Root changes it later.",
      unit: "blocks",
      effect: "Longer than a window: some windows' scores never reach the chain.",
    }),
    servingRateLimit: key(whole(0, 65_535), 4, {
      description: "Blocks between two publications of a node's address.",
      unit: "blocks",
      effect: "Longer: a node that restarts on another port is not found for that long.",
    }),
  },
);
