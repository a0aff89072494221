/** @file Honest work, all of it or a share: what pay is measured against. */
import { honest } from "../../miner/strategies/honest.ts";
import { encodeWork } from "../../miner/strategies/strategy.ts";
import { trained } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

/** Honest work with `share` of the inner steps. */
function steps(share: number): LeagueStrategy {
  return {
    name: `steps-${share}`,
    about: `honest work with ${share} of the inner steps`,
    bound: "compute",
    mine: (miner) => async (window) => {
      const count = Math.max(1, Math.round(share * miner.run.manifest.inner.steps));
      const own = await trained(miner, window, count);
      return own === null ? null : encodeWork(miner, window, own.update, own.loss);
    },
  };
}

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
