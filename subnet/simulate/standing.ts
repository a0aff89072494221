/** @file What an owner asks of an outcome: who earned more than they may, and what all cheats together took. */
import type { SimulateOptions } from "./options.ts";
import type { Outcome, PlayedStrategy } from "./outcome.ts";

/** What was asked, and what came of it: of the file, or of each value of a sweep. */
export type Simulated = {
  readonly options: Pick<
    SimulateOptions,
    "file" | "set" | "miners" | "cheats" | "windows" | "seed" | "regime" | "sweep"
  >;
  readonly runs: readonly { readonly setting: string | null; readonly outcome: Outcome }[];
};

/** Whether a strategy earned more than it may. */
export function isOver({ most, share }: Pick<PlayedStrategy, "most" | "share">): boolean {
  return most !== null && share > most;
}

/** Strategies with a bound, which is all that is no honest work. */
export function boundedOf({ strategies }: Outcome): readonly PlayedStrategy[] {
  return strategies.filter(({ most }) => most !== null);
}

/** Honest work, but less of it: no cheat. */
const LESS_WORK = /^steps-/;

/** What cheats earned, in the mean of the casts that had one; 0 without such a cast. */
export function cheatShareOf(outcome: Outcome): number {
  const names = boundedOf(outcome).map(({ name }) => name.replace(/^plateau\//, ""));
  const cheats = new Set(names.filter((name) => !LESS_WORK.test(name)));
  const taken = outcome.casts.flatMap(({ rows }) => {
    const own = rows.filter(({ strategy }) => cheats.has(strategy));
    return own.length === 0 ? [] : [own.reduce((sum, { share }) => sum + share, 0)];
  });
  return taken.length === 0 ? 0 : taken.reduce((sum, one) => sum + one, 0) / taken.length;
}
