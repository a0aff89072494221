/** @file The names of what a miner can do, listed once: honest work, and the known cheats that a subnet is tested with. */

/** Every strategy; each is a file of its name in miner/strategies. */
export const STRATEGIES = ["honest", "copy", "noise", "replay", "lazy", "stale", "poison"] as const;

/** Name of a strategy. */
export type StrategyName = (typeof STRATEGIES)[number];
/** Name of an attack. */
export type CheatName = Exclude<StrategyName, "honest">;

/** The strategies that are attacks. */
export const CHEATS: readonly CheatName[] = STRATEGIES.filter(isCheat);

/** The attacks that the demo meets. */
export const DEMO_CHEATS: readonly CheatName[] = ["copy", "noise", "replay"];

/** Whether a word names an attack. */
export function isCheat(word: string): word is CheatName {
  return word !== "honest" && STRATEGIES.some((name) => name === word);
}
