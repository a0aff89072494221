/** @file What came of a benchmark. */
import { type Benchmark } from "./api.ts";
import { type Measured } from "./fit.ts";

/**
 * What came of a benchmark: the median of each point, or why there is none. `elsewhereNs`: what others already declare for a
 * part of what was measured.
 */
export type Outcome =
  | {
      readonly benchmark: Benchmark;
      readonly measured: readonly Measured[];
      readonly elsewhereNs?: number;
    }
  | { readonly benchmark: Benchmark; readonly reason: string };

/** Of two looks at the same benchmark the quicker at each point: a busy machine makes it slower, nothing makes it quicker. */
export function quicker(first: Outcome, second: Outcome): Outcome {
  if (!("measured" in first) || !("measured" in second)) return first;
  const measured = first.measured.map(({ point, ns }, index) => ({
    point,
    ns: Math.min(ns, second.measured[index]?.ns ?? ns),
  }));
  return { ...first, measured };
}
