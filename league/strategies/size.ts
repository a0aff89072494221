/** @file Honest training whose values are bent: signs, norms, tensors. */
import type { SparseTensor, UpdateLayout } from "../../src/protocol/codec.ts";
import { flippedTensor, scaledTensor } from "../../miner/strategies/values.ts";
import { randomTensor, scaled } from "../tools/updates.ts";
import { bent, drawsFor } from "../tools/work.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";

/** The longest tensor but the first. */
function longest({ lengths }: UpdateLayout): number {
  const rest = Math.max(...lengths.slice(1));
  return lengths.indexOf(rest, 1);
}

function times(name: string, factor: number, bound: LeagueStrategy["bound"]): LeagueStrategy {
  return {
    name,
    about: `honest training, every value times ${factor}`,
    bound,
    mine: bent((update) => scaled(update, factor)),
  };
}

/** By what they do to the values. */
export const strategies: readonly LeagueStrategy[] = [
  {
    name: "sign-flip",
    about: "honest training, every sign turned",
    bound: "nothing",
    mine: bent((update) => update.map(flippedTensor)),
  },
  times("norm-x100", 100, "compute"),
  times("near-zero", 0.001, "nothing"),
  times("zero", 0, "nothing"),
  {
    name: "hidden-flip",
    about: "one tensor times 100 hides the turned signs of all others",
    bound: "nothing",
    mine: bent((update) =>
      update.map((tensor, index) =>
        index === 0 ? scaledTensor(tensor, 100) : flippedTensor(tensor),
      ),
    ),
  },
  {
    name: "garbage-tensor",
    about: "honest training, random values in one long tensor",
    bound: "compute",
    mine: bent((update, window, miner) => {
      const layout = miner.run.updateLayout;
      const place = longest(layout);
      const draws = drawsFor(miner, window, "tail");
      return update.map((tensor, index): SparseTensor =>
        index === place
          ? randomTensor(tensor, layout.lengths[index] ?? 0, layout.chunk, draws)
          : tensor,
      );
    }),
  },
];
