/** @file The names of what a miner can do, listed once: honest work, and the known cheats that a subnet is tested with. */

/** Every strategy; each is a file of its name in miner/strategies. */
export const STRATEGIES = ["honest", "copy", "noise", "replay"] as const;

/** The strategies that are attacks. */
export const CHEATS: readonly StrategyName[] = STRATEGIES.filter((name) => name !== "honest");

/** Name of a strategy. */
export type StrategyName = (typeof STRATEGIES)[number];
