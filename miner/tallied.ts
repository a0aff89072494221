/** @file A strategy whose updates are counted: what they took, their size, their training loss. */
import type { Tally } from "../src/metrics/tally.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** `work`, counted. */
export function tallied(tally: Pick<Tally, "made">, work: Strategy): Strategy {
  return async (window) => {
    const fromMs = Date.now();
    const made = await work(window);
    if (made !== null) {
      const { trainingLoss, bytes } = made;
      tally.made({ window, trainingLoss, bytes: bytes.length }, fromMs);
    }
    return made;
  };
}
