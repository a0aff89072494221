/** @file Honest work, all of it or a share: what pay is measured against. */
import { honest } from "../../miner/strategies/honest.ts";
import { partTime } from "../../miner/strategies/part-time.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

/** Honest work with `share` of the inner steps. */
const steps = (share: number): LeagueStrategy => ({
  name: `steps-${share}`,
  about: `honest work with ${share} of the inner steps`,
  bound: "compute",
  mine: partTime(share),
});

/** All of it, and some. */
export const strategies: readonly LeagueStrategy[] = [
  { name: "honest", about: "the work", bound: "honest", mine: (miner) => honest(miner) },
  {
    name: "idle",
    about: "a uid that never sends anything",
    bound: "honest",
    mine: () => async () => null,
  },
  ...[0.1, 0.25, 0.5, 0.75].map(steps),
];
