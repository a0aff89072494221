/** @file The cheats that come with the product. */
import { STRATEGY_OF } from "../../miner/strategies/strategies.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

/** Copy, noise, replay, stale; the others have twins here that see more or do less. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "copy",
    about: "the newest applied update of a peer under its own name",
    bound: "nothing",
    mine: (miner) => STRATEGY_OF.copy(miner),
  },
  {
    name: "noise",
    about: "random coordinates and signs in the shape of a peer's update",
    bound: "nothing",
    mine: (miner) => STRATEGY_OF.noise(miner),
  },
  {
    name: "replay",
    about: "one honest update, sent again in every window",
    bound: "nothing",
    rare: true,
    mine: (miner) => STRATEGY_OF.replay(miner),
  },
  {
    name: "stale",
    about: "honest work of the window before, under a header of this one",
    bound: "nothing",
    rare: true,
    mine: (miner) => STRATEGY_OF.stale(miner),
  },
];
