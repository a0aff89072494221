/** @file Less work than it looks like: few steps scaled up, few pages, only in some windows. */
import { encodeWork, type Work } from "../../miner/strategies/strategy.ts";
import { noise } from "../../miner/strategies/noise.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { withNorm } from "../../miner/strategies/values.ts";
import { assignedTokens, tokensPerStep, train, usualNorm } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

type Made = (window: number) => Promise<Work | null>;

/** `steps` inner steps on the first `share` of the tokens, scaled to the usual norm. */
function scaledUp(steps: number, share = 1): (miner: Participant) => Made {
  return (miner) => async (window) => {
    const tokens = await assignedTokens(miner, window);
    if (tokens === null) return null;
    const used = Math.max(tokensPerStep(miner), Math.floor(share * tokens.length));
    const { update } = await train(miner, window, tokens.subarray(0, used), steps);
    const norm = await usualNorm(miner, window);
    return encodeWork(miner, window, norm === null ? update : withNorm(update, norm), null);
  };
}

/** Honest steps in the windows of which `works` is true, `otherwise` in the others. */
function sometimes(
  works: (window: number) => boolean,
  otherwise: (miner: Participant) => Made = () => async () => null,
): (miner: Participant) => Made {
  return (miner) => {
    const [work, rest] = [scaledUp(miner.run.manifest.inner.steps)(miner), otherwise(miner)];
    return async (window) => (works(window) ? work(window) : rest(window));
  };
}

const OFF_OF_EIGHT: readonly number[] = [0, 3, 6];

/** By what they leave out. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "lazy",
    about: "a quarter of the steps, scaled to the usual norm",
    bound: "compute",
    mine: (miner) => scaledUp(Math.max(1, Math.round(miner.run.manifest.inner.steps / 4)))(miner),
  },
  {
    name: "one-step",
    about: "one inner step, scaled to the usual norm",
    bound: "compute",
    mine: scaledUp(1),
  },
  {
    name: "two-steps-one-page",
    about: "two inner steps on a tenth of the tokens, scaled up",
    bound: "compute",
    rare: true,
    mine: scaledUp(2, 0.1),
  },
  {
    name: "narrow",
    about: "all inner steps on a tenth of the tokens, again and again",
    bound: "compute",
    rare: true,
    mine: (miner) => scaledUp(miner.run.manifest.inner.steps, 0.1)(miner),
  },
  {
    name: "third-else-lazy",
    about: "works in every third window, one step scaled up in the others",
    bound: "compute",
    mine: sometimes((window) => window % 3 === 0, scaledUp(1, 0.1)),
  },
  {
    name: "third-else-noise",
    about: "works in every third window, noise in the others",
    bound: "compute",
    rare: true,
    mine: sometimes((window) => window % 3 === 0, noise),
  },
  {
    name: "five-of-eight",
    about: "works in five of eight windows, nothing in the others",
    bound: "compute",
    mine: sometimes((window) => !OFF_OF_EIGHT.includes(window % 8)),
  },
  {
    name: "whitewash",
    about: "one step scaled up, under a new hotkey every ten windows",
    bound: "compute",
    lifeWindows: 10,
    mine: scaledUp(1),
  },
];
