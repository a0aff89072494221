/** @file From the results of casts to what a league is about: who earned what against what they should, and what it cost. */
import { type CastResult, type CastSpec, HONEST, type Row } from "./cast.ts";
import type { Regime } from "./material.ts";
import type { Bound, LeagueStrategy } from "./tools/strategy.ts";

/** A cast that was played. */
export type Played = {
  readonly regime: Regime;
  readonly spec: CastSpec;
  readonly result: CastResult;
};

/** What one strategy, all of its uids together, came to in the mean of its casts. Shares are of all emission, or compute. */
export type Standing = {
  readonly name: string;
  readonly regime: Regime;
  readonly uids: number;
  /** How many workers have these uids: one, but in a field in which a strategy plays several times. */
  readonly workers: number;
  readonly share: number;
  /** As if all uids of the cast were paid alike. */
  readonly fairShare: number;
  readonly computeShare: number;
  /** In shares of the mean honest miner of the same cast. */
  readonly honestShares: number;
  /** The most that it may earn. */
  readonly most: number | null;
  readonly verdicts: Readonly<Record<string, number>>;
};

/** What a cast did to the honest miners and to the model. */
export type Harm = {
  readonly name: string;
  readonly regime: Regime;
  readonly seed: number;
  readonly loss: number | null;
  /** Against the cast without cheats of the same seed and regime; null: there is none. */
  readonly aboveClean: number | null;
  /** Coefficient of variation of honest pay, and its largest deviation from the mean. */
  readonly cv: number;
  readonly maxDeviation: number;
  readonly moved: number;
  readonly windows: number;
};

/** Everything that came of a league. */
export type Standings = {
  readonly strategies: readonly Standing[];
  readonly harms: readonly Harm[];
  readonly payCurve: readonly { readonly steps: number; readonly pay: number }[];
  readonly honest: { readonly cv: number; readonly maxDeviation: number };
  /** What who came late was paid over the mean honest miner, `after` windows after it came and later; null: nobody did. */
  readonly newcomer: { readonly after: number; readonly pay: number } | null;
  /** Null where nothing is trained. */
  readonly lossAboveClean: number | null;
};

const NOTHING = 0.01;
const STEPS = /^steps-([\d.]+)$/;

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : sum(values) / values.length;

const honestRows = ({ result }: Played): readonly Row[] =>
  result.rows.filter(({ strategy }) => strategy === HONEST);

/** Deviation of pay among honest miners. */
function spread(played: Played): { cv: number; maxDeviation: number } {
  const shares = honestRows(played).map(({ share }) => share);
  const middle = mean(shares);
  if (shares.length < 2 || middle === 0) return { cv: 0, maxDeviation: 0 };
  const variance = sum(shares.map((one) => (one - middle) ** 2)) / (shares.length - 1);
  const maxDeviation = Math.max(...shares.map((one) => Math.abs(one / middle - 1)));
  return { cv: Math.sqrt(variance) / middle, maxDeviation };
}

/** Of an honest share: what the steps of a curve may lie above its diagonal, and any work above what its compute is worth. */
export const TOLERANCE = 0.02;
/**
 * Standard errors that luck may explain. One worker in 740 who does the very same as the others is that far above their mean: of the some twenty
 * strategies that do real work one is in one league of forty, where with two errors it would be one in two of three leagues.
 */
const LUCK_ERRORS = 3;
/** Windows that a newcomer has to be paid like the others. */
const NEWCOMER_AFTER = 10;

/**
 * By which part the mean pay of `workers` who do the same as `honest` others may differ from the mean of these, in `casts` casts: the
 * variation is that of all honest miners of the regime, since one cast's few miners do not know their own.
 */
function luckOf(
  cv: number,
  { workers, honest, casts }: Readonly<Record<"workers" | "honest" | "casts", number>>,
): number {
  return workers === 0 || honest === 0
    ? 0
    : LUCK_ERRORS * cv * Math.sqrt((1 / workers + 1 / honest) / casts);
}

/** Variation of honest pay over all casts: root of the mean square, each weighed by the miners that it can vary by. */
function pooledCv(played: readonly Played[]): number {
  const each = played.map((one) => ({ cv: spread(one).cv, free: honestRows(one).length - 1 }));
  const free = sum(each.map((one) => one.free));
  return free > 0 ? Math.sqrt(sum(each.map((one) => one.free * one.cv ** 2)) / free) : 0;
}

/**
 * `own`: of the strategy; `honest`: means of the honest miners of the cast; `luck`: by which part honest work of one miner may
 * earn more than the mean of others.
 */
function mostOf(
  bound: Bound,
  own: { readonly compute: number; readonly workers: number },
  honest: { readonly share: number; readonly compute: number; readonly luck: number },
): number | null {
  if (bound === "honest") return null;
  if (bound === "nothing") return NOTHING;
  if (bound === "one") return own.workers * honest.share;
  // By the pay of honest compute: those of the cast that work for nothing lower everybody else's part of all compute.
  const worth = honest.compute > 0 ? own.compute / honest.compute : 0;
  return Math.max(NOTHING, (worth * (1 + honest.luck) + TOLERANCE) * honest.share);
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of all)
    for (const [verdict, count] of Object.entries(one))
      total[verdict] = (total[verdict] ?? 0) + count;
  return total;
}

/** One strategy in one of `casts` casts, of which the mean will be taken; `cv`: the variation of honest pay in all of the regime. */
function standingIn(
  played: Played,
  name: string,
  { bound = "honest", uids = 1 }: Partial<Pick<LeagueStrategy, "bound" | "uids">>,
  { casts, cv }: { readonly casts: number; readonly cv: number },
): Standing {
  const { rows } = played.result;
  const own = rows.filter(({ strategy }) => strategy === name);
  const share = sum(own.map((row) => row.share));
  const computeShare = sum(own.map((row) => row.compute));
  const honestOnes = honestRows(played);
  const honest = mean(honestOnes.map((row) => row.share));
  const honestCompute = mean(honestOnes.map((row) => row.compute));
  const workers = own.length / uids;
  const luck = luckOf(cv, { workers, honest: honestOnes.length, casts });
  return {
    name,
    regime: played.regime,
    uids: own.length,
    workers,
    share,
    fairShare: own.length / rows.length,
    computeShare,
    honestShares: honest > 0 ? share / honest : 0,
    most: mostOf(
      bound,
      { compute: computeShare, workers },
      { share: honest, compute: honestCompute, luck },
    ),
    verdicts: added(own.map(({ verdicts }) => verdicts)),
  };
}

/** The mean over casts of one strategy. */
function averaged(all: readonly Standing[]): Standing | null {
  const [first] = all;
  if (first === undefined) return null;
  const of = (pick: (one: Standing) => number): number => mean(all.map(pick));
  return {
    ...first,
    share: of((one) => one.share),
    fairShare: of((one) => one.fairShare),
    computeShare: of((one) => one.computeShare),
    honestShares: of((one) => one.honestShares),
    most: first.most === null ? null : of((one) => one.most ?? 0),
    verdicts: added(all.map(({ verdicts }) => verdicts)),
  };
}

const aboveOf = (loss: number | null, clean: number | null): number | null =>
  loss === null || clean === null ? null : loss / clean - 1;

function harmOf(played: Played, all: readonly Played[]): Harm {
  const { regime, spec, result } = played;
  const clean = all.find(
    (one) =>
      one.spec.name === "clean" &&
      one.regime === regime &&
      one.spec.seed === spec.seed &&
      one.spec.honest === spec.honest,
  );
  return {
    name: spec.name,
    regime,
    seed: spec.seed,
    loss: result.loss,
    aboveClean: aboveOf(result.loss, clean?.result.loss ?? null),
    ...spread(played),
    moved: result.moved,
    windows: spec.windows,
  };
}

/** Adds it all up. */
export function standingsOf(
  played: readonly Played[],
  known: ReadonlyMap<string, LeagueStrategy>,
): Standings {
  const regimes: readonly Regime[] = ["learning", "plateau"];
  const names = [
    ...new Set(played.flatMap(({ result }) => result.rows.map((row) => row.strategy))),
  ];
  const strategies = regimes.flatMap((regime) => {
    const there = played.filter((one) => one.regime === regime);
    const cv = pooledCv(there);
    return names.flatMap((name) => {
      const casts = there.filter(({ result }) => result.rows.some((row) => row.strategy === name));
      const rules = known.get(name) ?? {};
      const found = averaged(
        casts.map((cast) => standingIn(cast, name, rules, { casts: casts.length, cv })),
      );
      return found === null || name === "idle" ? [] : [found];
    });
  });
  const harms = played.map((one) => harmOf(one, played));
  const learning = harms.filter(({ regime }) => regime === "learning");
  return {
    strategies,
    harms,
    payCurve: curveOf(strategies),
    newcomer: newcomerOf(played),
    honest: {
      cv: mean(learning.map(({ cv }) => cv)),
      maxDeviation: mean(learning.map(({ maxDeviation }) => maxDeviation)),
    },
    lossAboveClean: harms.every(({ loss }) => loss === null)
      ? null
      : Math.max(0, ...learning.map(({ aboveClean }) => aboveClean ?? 0)),
  };
}

/** Pay of those who came late, from `NEWCOMER_AFTER` windows after they came on. */
function newcomerOf(played: readonly Played[]): Standings["newcomer"] {
  const pays = played.flatMap(({ regime, spec, result }) => {
    if (spec.newcomer === null || regime === "plateau") return [];
    const from = spec.newcomer + NEWCOMER_AFTER;
    const paid = (row: Row): number => sum(row.shares.slice(from));
    const late = result.rows.filter(({ strategy }) => strategy === "newcomer");
    const others = mean(result.rows.filter(({ strategy }) => strategy === HONEST).map(paid));
    return others > 0 ? late.map((row) => paid(row) / others) : [];
  });
  return pays.length === 0 ? null : { after: NEWCOMER_AFTER, pay: mean(pays) };
}

/** Pay by share of the steps, in honest shares. */
function curveOf(strategies: readonly Standing[]): Standings["payCurve"] {
  const points = strategies.flatMap(({ name, regime, honestShares, workers }) => {
    const steps = STEPS.exec(name)?.[1];
    return steps === undefined || regime === "plateau"
      ? []
      : [{ steps: Number(steps), pay: honestShares / workers }];
  });
  return points.length === 0
    ? []
    : [...points, { steps: 1, pay: 1 }].toSorted((a, b) => a.steps - b.steps);
}
