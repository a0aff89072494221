/** @file Every strategy by its name. A new attack is a file here, a line below, and its name in src/command/strategies.ts. */
import type { StrategyName } from "../../src/command/strategies.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { copy } from "./copy.ts";
import { honest } from "./honest.ts";
import { lazy } from "./lazy.ts";
import { noise } from "./noise.ts";
import { poison } from "./poison.ts";
import { replay } from "./replay.ts";
import { stale } from "./stale.ts";
import type { Strategy } from "./strategy.ts";

/** Makes the strategy of a name for a miner. */
export const STRATEGY_OF: Readonly<Record<StrategyName, (miner: Participant) => Strategy>> = {
  honest,
  copy,
  noise,
  replay,
  lazy,
  stale,
  poison,
};
