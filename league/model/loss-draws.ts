/** @file Losses drawn from the fitted model: what an update of a strategy does in a window of a run of any length. */
import type { Rejection } from "../../src/gauntlet/verdict.ts";
import { type Finding, isMeasured, type LossModel } from "./loss-model.ts";
import type { Lots } from "./lots.ts";

/** An update as it is, before any validator measures it: a verdict, or falls as parts of the loss. */
export type Drawn =
  | { readonly refused: Rejection }
  | {
      readonly refused: null;
      readonly own: number;
      readonly noise: number;
      readonly margin: number;
      readonly share: number;
    };

/** A uid that sends nothing: in no model, since there is nothing to fit. */
export const IDLE = "idle";

/** Part of a run that is its beginning: trust and credit are young, the learning rate warms up. */
const BEGINNING = 1 / 3;
/** Recorded windows around the wanted one that are drawn from: a deviation; less at the very beginning. */
const NEAR = 2;
/** Of a strategy's deviation. */
const BLUR = 0.25;

/**
 * The place in a recorded run of `recorded` windows that is like `window` of a run of `windows`: the same one at the beginning, in proportion
 * after it, since the learning rate's schedule is stretched over a run.
 */
export function placeOf(window: number, windows: number, recorded: number): number {
  const begins = Math.min(windows, recorded) * BEGINNING;
  if (window < begins) return window;
  const [left, right] = [windows - 1 - begins, recorded - 1 - begins];
  return left <= 0 ? recorded - 1 : begins + ((window - begins) / left) * right;
}

/** Findings of one strategy by window, a window without any from the nearest that has some; and how far they lie apart. */
type Recorded = {
  readonly byWindow: readonly (readonly Finding[])[];
  readonly deviations: readonly [own: number, noise: number, margin: number];
};

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}

function recordedOf(findings: readonly Finding[], windows: number): Recorded {
  const known = new Map<number, Finding[]>();
  for (const one of findings) known.set(one[0], [...(known.get(one[0]) ?? []), one]);
  const places = [...known.keys()];
  const byWindow = Array.from({ length: windows }, (_, window) => {
    const [nearest = window] = places.toSorted(
      (a, b) => Math.abs(a - window) - Math.abs(b - window) || a - b,
    );
    return known.get(nearest) ?? [];
  });
  const measured = findings.filter(isMeasured);
  return {
    byWindow,
    deviations: [
      deviation(measured.map(([, own]) => own)),
      deviation(measured.map(([, , noise]) => noise)),
      deviation(measured.map(([, , , margin]) => margin)),
    ],
  };
}

/** Draws updates for a run of so many windows. */
export class LossDraws {
  readonly #model: LossModel;
  readonly #windows: number;
  readonly #recorded: ReadonlyMap<string, Recorded>;

  constructor(model: LossModel, windows: number) {
    this.#model = model;
    this.#windows = windows;
    this.#recorded = new Map(
      [...model.strategies].map(([name, { findings }]) => [
        name,
        recordedOf(findings, model.windows),
      ]),
    );
  }

  /** A recorded window that is like this one. */
  #near(window: number, lots: Lots): number {
    const { windows } = this.#model;
    const place = placeOf(window, this.#windows, windows);
    const wanted = Math.round(place + Math.min(NEAR, place / 2) * lots.normal());
    return Math.max(0, Math.min(windows - 1, wanted));
  }

  /** By which part of the loss honest work lowers it in a window, as a rule: the unit of all that is drawn for it. */
  level(window: number, lots: Lots): number {
    const levels = this.#model.levels[this.#near(window, lots)] ?? [];
    return levels[lots.below(levels.length)] ?? 0;
  }

  /** An update of a strategy. @throws RangeError for a strategy that is not in the model */
  update(strategy: string, window: number, level: number, lots: Lots): Drawn {
    if (strategy === IDLE) return { refused: "no-commitment" };
    const recorded = this.#recorded.get(strategy);
    if (recorded === undefined) throw new RangeError(`"${strategy}" is in no recorded window`);
    const near = recorded.byWindow[this.#near(window, lots)] ?? [];
    const found = near[lots.below(near.length)];
    if (found === undefined) throw new RangeError(`"${strategy}" has no finding`);
    if (!isMeasured(found)) return { refused: found[1] };
    const [, own, noise, margin, share] = found;
    const [ownApart, noiseApart, marginApart] = recorded.deviations;
    const blurred = (value: number, apart: number): number => value + BLUR * apart * lots.normal();
    return {
      refused: null,
      own: level * blurred(own, ownApart),
      noise: level * blurred(noise, noiseApart),
      margin: blurred(margin, marginApart),
      share,
    };
  }
}
