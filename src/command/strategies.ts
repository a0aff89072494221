/** @file The names of what a miner can do, listed once: honest work, shares of it, and the known cheats that a subnet is tested with. */

/** Honest work with a share of the inner steps, which the name says: points of the pay curve. */
export const PART_TIME = ["steps-0.1", "steps-0.25", "steps-0.5", "steps-0.75"] as const;

/** Every strategy; each cheat is a file of its name in miner/strategies. */
export const STRATEGIES = [
  "honest",
  "copy",
  "noise",
  "replay",
  "lazy",
  "stale",
  "poison",
  ...PART_TIME,
] as const;

/** Name of a strategy. */
export type StrategyName = (typeof STRATEGIES)[number];
/** Name of honest work with a share of the inner steps. */
export type PartTimeName = (typeof PART_TIME)[number];
/** Name of an attack. */
export type CheatName = Exclude<StrategyName, "honest" | PartTimeName>;

/** The strategies that are attacks. */
export const CHEATS: readonly CheatName[] = STRATEGIES.filter(isCheat);

/** The attacks that the demo meets. */
export const DEMO_CHEATS: readonly CheatName[] = ["copy", "noise", "replay"];

/** Whether a word names honest work with a share of the inner steps. */
export function isPartTime(word: string): word is PartTimeName {
  return PART_TIME.some((name) => name === word);
}

/** Whether a word names an attack. */
export function isCheat(word: string): word is CheatName {
  return word !== "honest" && !isPartTime(word) && STRATEGIES.some((name) => name === word);
}
