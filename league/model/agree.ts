/** @file Whether modelled casts pay what trained ones of the same setting do: by strategy, within the spread of those over seeds. Pure. */
import type { KeptResult } from "./recorded.ts";

/** One cast as it was trained with several seeds. */
export type SeedGroup = Pick<KeptResult, "regime" | "spec"> & {
  readonly results: readonly KeptResult["result"][];
};

/** Shares of all emission: mean and deviation over seeds. */
type Spread = { readonly mean: number; readonly deviation: number };

/** One strategy in one cast. */
export type Agreement = {
  readonly cast: string;
  readonly strategy: string;
  readonly seeds: number;
  readonly trained: Spread;
  readonly modelled: Spread;
  /** The most that the means may lie apart. */
  readonly allowed: number;
  readonly holds: boolean;
};

/** 97.5 % quantiles of Student's t by degrees of freedom, from 1 on. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;
const NORMAL = 1.96;
/** Strategies of a cast without any. */
const ALONE: ReadonlySet<string> = new Set(["honest", "idle"]);
/** Of all emission: below it cheats' pay differs by nothing that anybody would act on, and seeds in which all got nothing have no spread. */
const LEAST = 0.005;

/** Whether anybody but honest miners plays: else all of the pay is theirs, whatever a model says. */
const isContested = ({ rows }: KeptResult["result"]): boolean =>
  rows.some(({ strategy }) => !ALONE.has(strategy));

/** The casts that were trained with at least two seeds, in the order of their names. */
export function seedsOf(kept: readonly KeptResult[]): readonly SeedGroup[] {
  const groups = new Map<string, SeedGroup>();
  for (const { regime, spec, result } of kept) {
    const { seed: _seed, ...setting } = spec;
    const key = JSON.stringify([regime, setting]);
    const known = groups.get(key);
    groups.set(key, { regime, spec, results: [...(known?.results ?? []), result] });
  }
  return [...groups.values()].filter(
    ({ results }) => results.length > 1 && results.every(isContested),
  );
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

const shareOf = ({ rows }: KeptResult["result"], name: string): number =>
  rows.reduce((sum, { strategy, share }) => (strategy === name ? sum + share : sum), 0);

/**
 * Lays trained and modelled runs of a cast side by side. The mean of the model may lie as far from that of the trained ones as one more
 * trained run would in 95 of 100 cases.
 */
export function agreementOf(
  { spec, results }: SeedGroup,
  modelled: readonly KeptResult["result"][],
): readonly Agreement[] {
  const names = new Set(results.flatMap(({ rows }) => rows.map(({ strategy }) => strategy)));
  names.delete("idle");
  return [...names].map((strategy) => {
    const trained = spreadOf(results.map((one) => shareOf(one, strategy)));
    const drawn = spreadOf(modelled.map((one) => shareOf(one, strategy)));
    const seeds = results.length;
    const student = STUDENT[seeds - 2] ?? NORMAL;
    const allowed = Math.max(LEAST, student * trained.deviation * Math.sqrt(1 + 1 / seeds));
    const holds = Math.abs(trained.mean - drawn.mean) <= allowed;
    return { cast: spec.name, strategy, seeds, trained, modelled: drawn, allowed, holds };
  });
}
