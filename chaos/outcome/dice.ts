/** @file Seeded choices: the same seed gives the same faults. */

/** Draws of one seed. */
export type Dice = {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** One of a list that is not empty. */
  readonly one: <T>(of: readonly T[]) => T;
};

/** Mulberry32: short, and good enough for choosing whom to kill. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[Math.floor(fraction() * of.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  };
  return { fraction, one };
}
