/** @file What miners are worth from window to window, as mode credit moves it: the same for every validator that judges. */
import type { Draws } from "../../src/protocol/draws.ts";

/** How weights move: quality of a miner, luck of a window, new hotkeys (of all, in an epoch), the average, floor and confidence of mode credit. */
const MODEL = { quality: 0.06, luck: 0.45, churn: 0.02, alpha: 0.1, floor: 0.35, ripe: 6 } as const;

/** What each miner is worth after a window, and the window in which its hotkey came. */
export type Moment = { readonly worth: readonly number[]; readonly since: readonly number[] };

/** Of the standard normal distribution, by Box and Muller. */
export function normal(draws: Draws): number {
  const uniform = (): number => (draws.below(2 ** 32) + 1) / (2 ** 32 + 1);
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Part of full confidence that a hotkey has after so many windows. */
export function ripeness(windows: number): number {
  return Math.min(1, windows / MODEL.ripe);
}

/** `windows` moments of `miners` miners; `perEpoch` windows share the new hotkeys of an epoch. */
export function moments(
  draws: Draws,
  { miners, windows, perEpoch }: Readonly<Record<"miners" | "windows" | "perEpoch", number>>,
): readonly Moment[] {
  const quality = Array.from({ length: miners }, () => 1 + MODEL.quality * normal(draws));
  const credit = quality.map(() => 0);
  const since = quality.map(() => 0);
  return Array.from({ length: windows }, (_, window): Moment => {
    for (const [uid, good] of quality.entries()) {
      if (draws.below(100_000) < (100_000 * MODEL.churn) / perEpoch)
        [credit[uid], since[uid]] = [0, window];
      const fall = Math.min(2, Math.max(0, good * (1 + MODEL.luck * normal(draws))));
      const alpha = Math.max(MODEL.alpha, 1 / (window - (since[uid] ?? 0) + 1));
      credit[uid] = (credit[uid] ?? 0) + alpha * (fall - (credit[uid] ?? 0));
    }
    const reference = credit.toSorted((a, b) => b - a)[Math.floor(miners / 4) - 1] ?? 0;
    const worth = credit.map(
      (value, uid) =>
        Math.max(0, value - MODEL.floor * reference) * ripeness(window - (since[uid] ?? 0) + 1),
    );
    return { worth, since: [...since] };
  });
}
