/** @file Numbers for people, and the ticks of an axis. */

const STEPS = [1, 2, 2.5, 5, 10] as const;

/** A share (0 to 1) in percent, `+` before it where `signed` and above 0. */
export function percent(share: number, { places = 1, signed = false } = {}): string {
  const text = (100 * share).toFixed(places);
  const shown = Number(text) === 0 ? (0).toFixed(places) : text;
  return `${signed && Number(shown) > 0 ? "+" : ""}${shown} %`;
}

/** Round numbers from 0 up to the first at or above `most`, at about `parts` steps. */
export function ticksTo(most: number, parts = 4): readonly number[] {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1];
  const least = most / parts;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = (STEPS.find((one) => one * power >= least * (1 - 1e-9)) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Ticks of a share in percent: as many places as their step needs. */
export function percentTick(tick: number, ticks: readonly number[]): string {
  const step = 100 * ((ticks[1] ?? 1) - (ticks[0] ?? 0));
  const places =
    step >= 1 && Number.isInteger(Number(step.toPrecision(9))) ? 0 : step >= 0.1 ? 1 : 2;
  return percent(tick, { places });
}
