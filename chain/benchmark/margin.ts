/** @file Whether what is declared is enough: declared / measured at every measured point. */
import { type Outcome, quicker } from "./outcome.ts";
import { type Declared, declaredNs } from "./weight-file.ts";

/** Least declared / measured. */
const LEAST_RATIO = 1.5;
/** So often a benchmark that is short is measured again. */
const SECOND_LOOKS = 3;

/** A benchmark where it declares the least for what it takes. */
export type Margin = {
  readonly name: string;
  readonly declaredNs: number;
  readonly measuredNs: number;
  readonly ratio: number;
};

function tightest(outcome: Outcome, declared: Declared): Margin | null {
  if (!("measured" in outcome)) return null;
  const { pallet, name } = outcome.benchmark;
  const margins = outcome.measured.map(({ point, ns }) => {
    const known = declaredNs(declared, point) + (outcome.elsewhereNs ?? 0);
    return { name: `${pallet}::${name}`, declaredNs: known, measuredNs: ns, ratio: known / ns };
  });
  return margins.toSorted((a, b) => a.ratio - b.ratio)[0] ?? null;
}

/**
 * The tightest point of a benchmark; none where nothing was measured or its pallet declares nothing for it. Where it is
 * short, `again` measures it anew and the quicker of both counts.
 */
export function marginsOf(
  outcome: Outcome,
  declared: ReadonlyMap<string, Declared>,
  again: () => Outcome,
): Margin[] {
  const known = declared.get(outcome.benchmark.name);
  if (known === undefined) return [];
  let best = outcome;
  let margin = tightest(best, known);
  for (let look = 0; look < SECOND_LOOKS && margin !== null; look++) {
    if (margin.ratio >= LEAST_RATIO) break;
    best = quicker(best, again());
    margin = tightest(best, known);
  }
  return margin === null ? [] : [margin];
}

/** Those that declare too little. */
export function shortIn(margins: readonly Margin[]): Margin[] {
  return margins.filter(({ ratio }) => ratio < LEAST_RATIO);
}
