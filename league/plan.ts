/** @file Which casts a league plays: every strategy in one of them, and one without any cheat beside them. */
import type { CastSpec } from "./cast.ts";
import type { Regime } from "./material.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

/** The shape of a league. */
export type Shape = {
  /** Miners of a cast, and how many of them cheat. */
  readonly miners: number;
  readonly cheats: number;
  readonly seed: number;
  readonly windows: number;
};

/** A cast and where it is played. */
export type PlannedCast = { readonly regime: Regime; readonly spec: CastSpec };

/** Shares of the steps: the pay curve. */
const CURVE: readonly string[] = ["steps-0.1", "steps-0.25", "steps-0.5", "steps-0.75"];
/** Seeds of the curve in a league of one: a point of it is one worker, whose luck in one run is as large as what is asked. */
const CURVE_SEEDS = 3;
const MISS_PERCENT = 5;
const NEWCOMER_WINDOW = 20;
/** What is tried on the plateau: where nothing can be gained, doing next to nothing is what tempts. */
const PLATEAU: readonly (readonly string[])[] = [["near-zero", "zero", "lazy"]];

/** Strategies in casts: those with several uids alone, the others `size` together. */
function packed(strategies: readonly LeagueStrategy[], size: number): readonly string[][] {
  const many = strategies.filter(({ uids = 1 }) => uids > 1);
  const single = strategies.filter(({ uids = 1 }) => uids === 1);
  // Every so-and-so-many-th together, so that no cast is all of one file's kind.
  const casts = Math.ceil(single.length / size);
  const groups = Array.from({ length: casts }, (_, at) =>
    single.filter((_one, index) => index % casts === at).map(({ name }) => name),
  );
  return [...groups, ...many.map(({ name }) => [name])];
}

/** One cast of a shape: cheats, and honest miners in the other places. */
export function castOf(
  strategies: readonly string[],
  shape: Shape,
  known: ReadonlyMap<string, LeagueStrategy>,
): CastSpec {
  const uids = strategies.reduce((sum, name) => sum + (known.get(name)?.uids ?? 1), 0);
  const idle = Math.max(0, shape.cheats - uids);
  const honest = shape.miners - Math.max(shape.cheats, uids);
  const names = [...strategies, ...Array.from({ length: idle }, () => "idle")];
  return {
    name: strategies.length === 0 ? "clean" : strategies.join(" + "),
    seed: shape.seed,
    windows: shape.windows,
    strategies: names,
    // A worker with as many uids as there are places still has somebody to compare with.
    honest: Math.max(honest, 4),
    missPercent: MISS_PERCENT,
    newcomer: null,
  };
}

/** A cast for a field of any size: its strategies take turns until as many uids as are asked for do not work honestly. */
export function filledCastOf(
  names: readonly string[],
  shape: Shape,
  known: ReadonlyMap<string, LeagueStrategy>,
): CastSpec {
  const strategies = [...names];
  const uidsOf = (name: string | undefined): number => known.get(name ?? "")?.uids ?? 1;
  let uids = names.reduce((sum, name) => sum + uidsOf(name), 0);
  for (let turn = 0; names.length > 0 && uids < shape.cheats; turn++) {
    const name = names[turn % names.length];
    if (name !== undefined) strategies.push(name);
    uids += uidsOf(name);
  }
  const { name } = castOf(names, shape, known);
  return { ...castOf(strategies, { ...shape, cheats: uids }, known), name };
}

/** The casts of one shape; `all`: also of the strategies that only a full league tries. */
export function planOf(
  shape: Shape,
  known: ReadonlyMap<string, LeagueStrategy>,
  how: { readonly all: boolean; readonly regimes: readonly Regime[] },
): readonly PlannedCast[] {
  const tried = [...known.values()].filter(
    ({ name, bound, rare = false }) =>
      bound !== "honest" && !CURVE.includes(name) && (how.all || !rare),
  );
  const learning = [[], CURVE, ...packed(tried, shape.cheats)].map((names) =>
    castOf(names, shape, known),
  );
  const others = new Set(learning.map(({ honest }) => honest));
  others.delete(shape.miners - shape.cheats);
  // What a cast with fewer honest miners is compared with.
  if (how.all)
    for (const honest of others)
      learning.push(castOf([], { ...shape, cheats: shape.miners - honest }, known));
  // A full league has its seeds.
  for (let more = 1; !how.all && more < CURVE_SEEDS; more++)
    learning.push(castOf(CURVE, { ...shape, seed: shape.seed + more }, known));
  const newcomer = { ...castOf([], shape, known), name: "newcomer", newcomer: NEWCOMER_WINDOW };
  const plateau = [[], ...PLATEAU].map((names) => castOf(names, shape, known));
  const casts = {
    learning: shape.windows > NEWCOMER_WINDOW ? [...learning, newcomer] : learning,
    plateau,
  };
  return how.regimes.flatMap((regime) => casts[regime].map((spec) => ({ regime, spec })));
}
