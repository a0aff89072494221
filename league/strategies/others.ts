/** @file Others' work: old, mixed, unapplied, recomputed. */
import { encodeWork } from "../../miner/strategies/strategy.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import { encodeWholeUpdate, readUpdateHeader } from "../../src/protocol/update.ts";
import { updateDigest } from "../../src/protocol/digest.ts";
import { averaged, mixed, randomised, touched } from "../tools/updates.ts";
import { withNorm } from "../../miner/strategies/values.ts";
import { assignedTokens, drawsFor, seen, train, trained, usualNorm } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

const OLD_WINDOWS = 5;

/** One of what others revealed in a window, each in its turn. */
async function one(
  miner: Participant,
  from: number,
  turn: number,
  which: "applied" | "unapplied" = "applied",
): Promise<SparseUpdate | null> {
  const found = await seen(miner, from, which);
  return found[turn % Math.max(1, found.length)]?.update ?? null;
}

const mixing = (miner: Participant, window: number): Parameters<typeof mixed>[3] => ({
  layout: miner.run.updateLayout,
  draws: drawsFor(miner, window, "mix"),
});

/** By whose work it is. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "old-copy",
    about: "a peer's update of five windows ago, one value changed",
    bound: "nothing",
    mine: (miner) => async (window) => {
      const old = await one(miner, window - OLD_WINDOWS, window);
      const draws = drawsFor(miner, window, "old");
      return old === null ? null : encodeWork(miner, window, touched(old, draws), null);
    },
  },
  {
    name: "copy-noise",
    about: "60 % of a peer's newest update, 40 % random",
    bound: "nothing",
    rare: true,
    mine: (miner) => async (window) => {
      const stolen = await one(miner, window - 1, 0);
      if (stolen === null) return null;
      const how = mixing(miner, window);
      const random = randomised(stolen, how.layout, how.draws);
      return encodeWork(miner, window, mixed(stolen, random, 0.6, how), null);
    },
  },
  {
    name: "mix-of-copies",
    about: "40 % of a peer's newest update over one own step",
    bound: "compute",
    rare: true,
    mine: (miner) => async (window) => {
      const own = await trained(miner, window, 1);
      const other = await one(miner, window - 1, window);
      if (own === null || other === null) return null;
      return encodeWork(miner, window, mixed(other, own.update, 0.4, mixing(miner, window)), null);
    },
  },
  {
    name: "unapplied",
    about: "what others revealed and nobody applied, sent again",
    bound: "nothing",
    mine: (miner) => async (window) => {
      const left = await one(miner, window - 1, window, "unapplied");
      const draws = drawsFor(miner, window, "left");
      return left === null ? null : encodeWork(miner, window, touched(left, draws), null);
    },
  },
  {
    name: "mean-of-others",
    about: "the mean of what all others revealed in the window before, at its usual norm",
    bound: "nothing",
    rare: true,
    mine: (miner) => async (window) => {
      const found = (await seen(miner, window - 1, "all")).map(({ update }) => update);
      const norm = await usualNorm(miner, window);
      if (found.length === 0 || norm === null) return null;
      const mean = averaged(found, miner.run.updateLayout);
      return encodeWork(miner, window, withNorm(mean, norm), null);
    },
  },
  {
    name: "framing",
    about: "a victim's update, recomputed from its public pages, in the same block",
    bound: "nothing",
    mine:
      (miner, { victims }) =>
      async (window) => {
        const tokens = await assignedTokens(miner, window, victims[0]);
        if (tokens === null) return null;
        return encodeWork(miner, window, (await train(miner, window, tokens)).update, null);
      },
  },
  {
    name: "framing-mix",
    about: "two victims' updates, recomputed and mixed to tie them together",
    bound: "nothing",
    rare: true,
    mine:
      (miner, { victims }) =>
      async (window) => {
        const parts: SparseUpdate[] = [];
        for (const victim of victims.slice(0, 2)) {
          const tokens = await assignedTokens(miner, window, victim);
          if (tokens !== null) parts.push((await train(miner, window, tokens)).update);
        }
        const [a, b] = parts;
        if (a === undefined || b === undefined) return null;
        return encodeWork(miner, window, mixed(a, b, 0.55, mixing(miner, window)), null);
      },
  },
  {
    name: "stale-base",
    about: "honest training under a header that names older parameters",
    bound: "nothing",
    rare: true,
    mine: (miner) => async (window) => {
      const own = await trained(miner, window);
      if (own === null) return null;
      const { run, follower } = miner;
      const baseDigest = follower.digestOf(Math.max(0, window - OLD_WINDOWS));
      if (baseDigest === null) return null;
      const honest = encodeWork(miner, window, own.update, null);
      const header = { ...readUpdateHeader(honest.bytes), baseDigest };
      const bytes = encodeWholeUpdate(header, own.update, run.updateLayout);
      return { ...honest, bytes, digest: updateDigest(bytes) };
    },
  },
];
