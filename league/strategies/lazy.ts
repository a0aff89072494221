/** @file Less work than it looks like: few steps scaled up, few pages, only in some windows. */
import { LAZY_SHARE } from "../../miner/strategies/lazy.ts";
import { encodeWork, type Work } from "../../miner/strategies/strategy.ts";
import { noise } from "../../miner/strategies/noise.ts";
import { partOf } from "../../miner/strategies/part-time.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { withNorm } from "../../miner/strategies/values.ts";
import { assignedTokens, tokensPerStep, train, usualNorm } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

type Made = (window: number) => Promise<Work | null>;

/** How many of the inner steps are done in a window. */
type Steps = (steps: number, window: number) => number;

const all: Steps = (steps) => steps;
const one: Steps = () => 1;

/** Some inner steps on the first `share` of the tokens, scaled to the usual norm. */
function scaledUp(stepsOf: Steps, share = 1): (miner: Participant) => Made {
  return (miner) => async (window) => {
    const tokens = await assignedTokens(miner, window);
    if (tokens === null) return null;
    const used = Math.max(tokensPerStep(miner), Math.floor(share * tokens.length));
    const steps = stepsOf(miner.run.manifest.inner.steps, window);
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
    const [work, rest] = [scaledUp(all)(miner), otherwise(miner)];
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
    mine: scaledUp((steps, window) => partOf(steps, LAZY_SHARE, window)),
  },
  {
    name: "one-step",
    about: "one inner step, scaled to the usual norm",
    bound: "compute",
    mine: scaledUp(one),
  },
  {
    name: "two-steps-one-page",
    about: "two inner steps on a tenth of the tokens, scaled up",
    bound: "compute",
    rare: true,
    mine: scaledUp(() => 2, 0.1),
  },
  {
    name: "narrow",
    about: "all inner steps on a tenth of the tokens, again and again",
    bound: "compute",
    rare: true,
    mine: scaledUp(all, 0.1),
  },
  {
    name: "third-else-lazy",
    about: "works in every third window, one step scaled up in the others",
    bound: "compute",
    mine: sometimes((window) => window % 3 === 0, scaledUp(one, 0.1)),
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
    mine: scaledUp(one),
  },
];
