/** @file Every strategy by its name. A new attack is a file here, a line below, and its name in src/command/strategies.ts. */
import type { StrategyName } from "../../src/command/strategies.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { copy } from "./copy.ts";
import { honest } from "./honest.ts";
import { lazy } from "./lazy.ts";
import { noise } from "./noise.ts";
import { partTime } from "./part-time.ts";
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
  "steps-0.1": partTime(0.1),
  "steps-0.25": partTime(0.25),
  "steps-0.5": partTime(0.5),
  "steps-0.75": partTime(0.75),
};
