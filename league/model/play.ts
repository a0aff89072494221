/** @file A modelled cast: a field whose losses are drawn, on a chain that is real. */
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { LeagueStrategy } from "../tools/strategy.ts";
import { Field, type Place, type Weights } from "./field.ts";
import { Ledger } from "./ledger.ts";
import type { LossModel } from "./loss-model.ts";

/** Who plays, and for how long: what a cast of the league says. */
export type ModelledSpec = {
  readonly seed: number;
  readonly windows: number;
  /** By name; each takes as many uids as it needs. They get the uids before the honest miners'. */
  readonly strategies: readonly string[];
  readonly honest: number;
};

/** What became of a uid: shares of the compute of all, and of what was paid to all, in the whole run and by window. */
type Row = {
  readonly strategy: string;
  readonly uid: number;
  readonly compute: number;
  readonly share: number;
  readonly shares: readonly number[];
  /** How many windows ended in each verdict of the validator with most stake. */
  readonly verdicts: Readonly<Record<string, number>>;
};

/** What became of a modelled cast, as of one that trains; there is no model that has a loss. */
export type ModelledResult = {
  readonly rows: readonly Row[];
  readonly loss: null;
  /** Windows in which updates were accepted. */
  readonly moved: number;
};

/** What a modelled cast is played by. */
export type ModelledParts = {
  readonly model: LossModel;
  readonly validators: number;
  readonly scoring: ScoringRules;
  /** Blocks of a window, as the subnet's tempo is. */
  readonly tempo: number;
  readonly strategies: ReadonlyMap<string, LeagueStrategy>;
  readonly onWindow?: (window: number) => void;
};

const HONEST = "honest";
/** All that validators have. */
const STAKED_RAO = 10n ** 15n;
/** Nothing but the activity cutoff, which nobody reaches, counts blocks: more of them only take longer. */
const MOST_BLOCKS = 12;
/** An epoch's block must not be the one that takes the weights. */
const LEAST_BLOCKS = 2;
/** Windows that are scored before their chain has paid the ones before. */
const AHEAD = 8;

/** Falling stakes: 60 and 40 % for two, as in the trained league. */
export function stakesOf(validators: number): readonly bigint[] {
  const parts = Array.from(
    { length: validators },
    (_, index) => 2n ** BigInt(index) * 3n ** BigInt(validators - 1 - index),
  );
  const all = parts.reduce((sum, part) => sum + part, 0n);
  return parts.map((part) => (STAKED_RAO * part) / all);
}

/** Who has which uid, as a trained cast seats them: strategies first, then honest miners. */
export function placesOf(
  { strategies, honest }: Pick<ModelledSpec, "strategies" | "honest">,
  known: ReadonlyMap<string, LeagueStrategy>,
): readonly Place[] {
  const names = [...strategies, ...Array.from({ length: honest }, () => HONEST)];
  return names.flatMap((strategy) => {
    const { uids = 1, lifeWindows = Infinity } = known.get(strategy) ?? {};
    return Array.from({ length: uids }, () => ({ strategy, lifeWindows }));
  });
}

const sharesOf = (values: readonly number[]): readonly number[] => {
  const sum = values.reduce((all, one) => all + one, 0);
  return values.map((one) => (sum > 0 ? one / sum : 0));
};

/** What was played, counted. */
class Tally {
  readonly verdicts: Record<string, number>[];
  readonly paidRao: number[][] = [];
  moved = 0;

  constructor(places: number) {
    this.verdicts = Array.from({ length: places }, () => ({}));
  }

  /** Verdicts of one window, by place. */
  told(verdicts: readonly (string | null)[]): void {
    for (const [place, verdict] of verdicts.entries()) {
      const counts = this.verdicts[place];
      if (verdict !== null && counts !== undefined) counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  }

  rows(places: readonly Place[], { validators, model }: ModelledParts): readonly Row[] {
    const byWindow = this.paidRao.map(sharesOf);
    const whole = places.map((_, place) =>
      this.paidRao.reduce((sum, paid) => sum + (paid[place] ?? 0), 0),
    );
    const shares = sharesOf(whole);
    const compute = sharesOf(
      places.map(({ strategy }) => model.strategies.get(strategy)?.compute ?? 0),
    );
    return places.map(({ strategy }, place) => ({
      strategy,
      uid: validators + place,
      compute: compute[place] ?? 0,
      share: shares[place] ?? 0,
      shares: byWindow.map((window) => window[place] ?? 0),
      verdicts: this.verdicts[place] ?? {},
    }));
  }
}

/**
 * Plays a modelled cast to its end. What a window's scores say is paid by the epoch of the next one, as in a run: weights come when a window is over.
 * @throws RangeError for a strategy that the model does not know; Error when the chain takes no weights
 */
export async function playModelled(
  spec: ModelledSpec,
  parts: ModelledParts,
): Promise<ModelledResult> {
  const { model, validators, scoring, strategies } = parts;
  const places = placesOf(spec, strategies);
  const stakesRao = stakesOf(validators);
  const { seed, windows } = spec;
  const field = new Field({ seed, windows, stakesRao, places, scoring, model });
  const tempo = Math.max(LEAST_BLOCKS, Math.min(MOST_BLOCKS, parts.tempo));
  const ledger = new Ledger({ stakesRao, miners: places.length, tempo });
  const tally = new Tally(places.length);
  try {
    const paid: Promise<readonly number[]>[] = [];
    let weights: readonly (Weights | null)[] = stakesRao.map(() => null);
    for (let window = 0; window < windows; window++) {
      const pay = ledger.paid(window, weights);
      // It is waited for some windows later, when it may have failed long since.
      pay.catch(() => undefined);
      paid.push(pay);
      const played = field.play();
      ({ weights } = played);
      tally.told(played.verdicts);
      if (played.accepted.length > 0) tally.moved++;
      // Waiting lets the thread's answers in.
      await paid[window - AHEAD];
      parts.onWindow?.(window);
    }
    for (const one of paid) tally.paidRao.push((await one).slice(validators));
    return { rows: tally.rows(places, parts), loss: null, moved: tally.moved };
  } finally {
    await ledger.close();
  }
}
