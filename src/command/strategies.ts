/** @file The one list of what a miner can do in a window: honest work, or a known cheat that a subnet is tested with. */

/** Names of the strategies; every one but the first is a cheat. */
export const STRATEGIES = ["honest", "copy", "noise", "replay"] as const;

/** What a miner does. */
export type StrategyName = (typeof STRATEGIES)[number];
/** A known cheat. */
export type CheatName = Exclude<StrategyName, "honest">;

/** The cheats, in the order in which a local network starts them. */
export const CHEATS: readonly CheatName[] = STRATEGIES.filter(isCheat);

/** Whether a word names a cheat. */
export function isCheat(word: string): word is CheatName {
  return word !== "honest" && STRATEGIES.some((name) => name === word);
}
