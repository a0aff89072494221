/** @file One worker with several uids, and many uids without a worker. */
import { encodeWork } from "../../miner/strategies/strategy.ts";
import { noise } from "../../miner/strategies/noise.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import { dealt, scaled, touched } from "../tools/updates.ts";
import { assignedTokens, drawsFor, tokensPerStep, train } from "../tools/work.ts";
import type { LeagueStrategy, Member } from "../tools/strategy.ts";

/** Tokens of all uids of the worker, as many in all as one honest miner reads. */
async function unionTokens(
  miner: Participant,
  window: number,
  { crew }: Member,
): Promise<Int32Array | null> {
  const { steps } = miner.run.manifest.inner;
  const found = await Promise.all(
    crew.hotkeys.map((hotkey) => assignedTokens(miner, window, hotkey)),
  );
  const all = found.filter((tokens) => tokens !== null);
  if (all.length === 0) return null;
  const size = tokensPerStep(miner);
  const union = new Int32Array(steps * size);
  // Step by step from one uid's pages after the other.
  for (let step = 0; step < steps; step++) {
    const own = all[step % all.length] ?? union;
    const at = Math.floor(step / all.length) * size;
    union.set(own.subarray(at, at + size), step * size);
  }
  return union;
}

/** What the first uid does for all: one honest miner's work, cut into one update for each uid. */
async function cut(
  miner: Participant,
  window: number,
  member: Member,
): Promise<readonly SparseUpdate[]> {
  const tokens = await unionTokens(miner, window, member);
  if (tokens === null) return [];
  const { engine, run } = miner;
  const first = (await train(miner, window, tokens)).update;
  const updates = [first];
  // The working copy is theta again, so what follows comes out of the error feedback alone.
  await engine.setParameters(await engine.parameters());
  while (updates.length < member.crew.hotkeys.length)
    updates.push((await engine.compress({ ...run.manifest.codec, beta: 1 })).update);
  return dealt(updates, run.updateLayout);
}

/** The first uid works, each sends its part. */
function worker(
  work: (miner: Participant, window: number, member: Member) => Promise<readonly SparseUpdate[]>,
): LeagueStrategy["mine"] {
  return (miner, member) => async (window) => {
    if (member.index === 0) member.crew.hand(window, await work(miner, window, member));
    const own = await member.crew.take(window, member.index);
    return own === null ? null : encodeWork(miner, window, own, null);
  };
}

function split(uids: number): LeagueStrategy {
  return {
    ...(uids > 3 && { rare: true }),
    name: `split-${uids}`,
    about: `one worker deals its ranked coordinates to ${uids} uids`,
    bound: "one",
    uids,
    mine: worker(cut),
  };
}

/** By how many there are. */
export const strategies: readonly LeagueStrategy[] = [
  ...[3, 6, 12].map(split),
  {
    name: "sybil-3",
    about: "three uids of one worker, one bit apart",
    bound: "one",
    uids: 3,
    mine: worker(async (miner, window, member) => {
      const tokens = await unionTokens(miner, window, member);
      if (tokens === null) return [];
      const { update } = await train(miner, window, tokens);
      const draws = drawsFor(miner, window, "sybil");
      return member.crew.hotkeys.map((_, index) => (index === 0 ? update : touched(update, draws)));
    }),
  },
  {
    name: "junk-majority",
    about: "seven uids of noise times 100, against every median",
    bound: "nothing",
    rare: true,
    uids: 7,
    mine: (miner) => {
      const junk = noise(miner);
      return async (window) => {
        const made = await junk(window);
        return made === null ? null : encodeWork(miner, window, scaled(made.update, 100), null);
      };
    },
  },
];
