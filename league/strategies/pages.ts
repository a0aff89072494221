/** @file Training on other pages than the assigned ones. */
import { encodeWork } from "../../miner/strategies/strategy.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { blake2b256, bytesOf } from "../../src/protocol/digest.ts";
import { assignedTokens, tokensPerStep, train } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

/** The noise pages as they would be if the hash of the window, which is known before training, drew them. */
async function guessedNoise(miner: Participant, window: number): Promise<Int32Array> {
  const { run, subnet, record, amendments, neuron } = miner;
  const hash = await subnet.blocks.hashOf(run.clock.seedBlock(window));
  const keys = run.keys(window, { window: hash, evaluation: hash });
  const { rules } = await amendments.at(window, neuron.signal);
  const { length } = await record.hotkeys(window);
  return run.noiseTokens(keys, length, rules);
}

/** By which pages they read. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "other-data",
    about: "all steps, on pages that are not its own",
    bound: "nothing",
    mine: (miner) => async (window) => {
      const { run, record } = miner;
      const { length: neurons } = await record.hotkeys(window);
      const elsewhere = blake2b256(bytesOf(run.runId));
      const tokens = await run.trainingTokens(run.assignKey(0, elsewhere), { uid: 0, neurons });
      return encodeWork(miner, window, (await train(miner, window, tokens)).update, null);
    },
  },
  {
    name: "noise-pages",
    about: "half of the steps on its own pages, half on where noise pages might be",
    bound: "compute",
    mine: (miner) => async (window) => {
      const own = await assignedTokens(miner, window);
      if (own === null) return null;
      const noise = await guessedNoise(miner, window);
      const size = tokensPerStep(miner);
      const { steps } = miner.run.manifest.inner;
      const tokens = new Int32Array(steps * size);
      for (let step = 0; step < steps; step++) {
        const from = step % 2 === 0 ? own : noise;
        const at = (Math.floor(step / 2) * size) % (from.length - size + 1);
        tokens.set(from.subarray(at, at + size), step * size);
      }
      return encodeWork(miner, window, (await train(miner, window, tokens)).update, null);
    },
  },
];
