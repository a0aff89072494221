/**
 * @file Validators and miners of a modelled subnet: in each window every validator finds out about every update, votes, scores and
 * weighs by the product's own scorer.
 */
import type { MinerEvidence } from "../../src/gauntlet/evidence.ts";
import { indicatorOf } from "../../src/gauntlet/loss-score.ts";
import {
  emptyScorebook,
  isVotedFor,
  type Score,
  type Scorebook,
  scoreWindow,
  verdictOf,
} from "../../src/gauntlet/scorebook.ts";
import { countVotes, type Voter } from "../../src/protocol/acceptance.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { Vote } from "../../src/protocol/vote.ts";
import type { LossModel } from "./loss-model.ts";
import { type Drawn, LossDraws } from "./loss-draws.ts";
import { Lots } from "./lots.ts";

/** One uid that mines. */
export type Place = {
  readonly strategy: string;
  /** Comes with a new hotkey every so many windows; Infinity: never. */
  readonly lifeWindows: number;
};

/** Who takes part, for how long, and by which rules they are judged. */
export type FieldOptions = {
  readonly seed: number;
  readonly windows: number;
  /** Stake of each validator; they have the first uids. */
  readonly stakesRao: readonly bigint[];
  /** Miners, in the order of their uids. */
  readonly places: readonly Place[];
  readonly scoring: ScoringRules;
  readonly model: LossModel;
};

/** Weights as they go on chain: parallel lists, uids ascending. */
export type Weights = { readonly uids: readonly number[]; readonly values: readonly number[] };

/** What came of a window. */
export type FieldWindow = {
  /** Of each validator; null for one that was away, or to whom nobody has earned anything. */
  readonly weights: readonly (Weights | null)[];
  /** Uids whose updates a majority voted for. */
  readonly accepted: readonly number[];
  /** By place: what the validator with most stake would tell the miner; null: nothing, or it was away. */
  readonly verdicts: readonly (string | null)[];
};

/** Of 100 windows, how many a validator misses: it neither votes nor scores nor weighs. */
const AWAY_PERCENT = 1;
/**
 * What devices round differently, as a part of the unit of falls and of a margin: an assumption. Losses agree between devices to some
 * 1e-5 of themselves, an honest update lowers them by 1e-2.
 */
const ROUNDING = 1e-3;
/** Nobody reads it, so it need not be the digest of anything. */
const DIGEST: Hex = `0x${"00".repeat(32)}`;

/** Streams of a seed. */
const STREAM = { updates: 1, away: 2, rounding: 3 } as const;

/** A validator's memory. */
type Judge = { readonly stake: bigint; book: Scorebook; silence: number; readonly lots: Lots };

/** An update with its sender. */
type Sent = { readonly uid: number; readonly hotkey: Hex; readonly drawn: Drawn };

const hotkeyOf = (place: number, life: number): Hex =>
  blake2b256(new TextEncoder().encode(`modelled miner ${place}, life ${life}`));

/** A subnet whose losses are drawn. Windows are played in order. */
export class Field {
  readonly #options: FieldOptions;
  readonly #draws: LossDraws;
  readonly #judges: readonly Judge[];
  readonly #updates: Lots;
  readonly #away: Lots;
  readonly #hotkeys: Hex[];
  #window = 0;

  constructor(options: FieldOptions) {
    const { seed, windows, stakesRao, places, scoring, model } = options;
    this.#options = options;
    this.#draws = new LossDraws(model, windows);
    this.#updates = new Lots(seed, STREAM.updates);
    this.#away = new Lots(seed, STREAM.away);
    this.#judges = stakesRao.map((stake, uid) => ({
      stake,
      book: emptyScorebook(scoring),
      silence: 0,
      lots: new Lots(seed, STREAM.rounding + uid),
    }));
    this.#hotkeys = places.map((_, place) => hotkeyOf(place, 0));
  }

  /** Plays the next window. @throws RangeError for a strategy that is not in the model */
  play(): FieldWindow {
    const window = this.#window++;
    const level = this.#draws.level(window, this.#updates);
    const sent = this.#sent(window, level);
    const present = this.#judges.map(() => this.#away.below(100) >= AWAY_PERCENT);
    const evidence = this.#judges.map((judge, at) =>
      present[at] === true ? sent.map((one) => found(one, level, judge.lots)) : null,
    );
    const accepted = this.#accepted(window, evidence);
    const scores = this.#judges.map((judge, at) => {
      const miners = evidence[at];
      if (miners === null || miners === undefined) return null;
      const isNull = accepted.length === 0;
      const scored = scoreWindow(judge.book, { window, miners, isNull }, this.#options.scoring);
      judge.book = scored.book;
      return scored.scores;
    });
    return {
      weights: scores.map((own) => (own === null ? null : weightsOf(own))),
      accepted,
      verdicts: this.#verdicts(scores[0] ?? null, new Set(accepted)),
    };
  }

  #sent(window: number, level: number): readonly Sent[] {
    const { places, stakesRao } = this.#options;
    return places.map(({ strategy, lifeWindows }, place) => {
      if (window > 0 && window % lifeWindows === 0)
        this.#hotkeys[place] = hotkeyOf(place, window / lifeWindows);
      const drawn = this.#draws.update(strategy, window, level, this.#updates);
      return { uid: stakesRao.length + place, hotkey: this.#hotkeys[place] ?? DIGEST, drawn };
    });
  }

  /** By the votes of all validators that are there, counted as every node counts them. */
  #accepted(
    window: number,
    evidence: readonly (readonly MinerEvidence[] | null)[],
  ): readonly number[] {
    const { scoring } = this.#options;
    const voters = this.#judges.map((judge, uid): Voter => {
      const miners = evidence[uid] ?? null;
      judge.silence = miners === null ? judge.silence + 1 : 0;
      const acceptedUids = (miners ?? [])
        .filter(
          ({ kind, hotkey }) => kind === "evaluated" && isVotedFor(judge.book, hotkey, scoring),
        )
        .map((one) => one.uid);
      const vote: Vote = {
        window,
        rulesDigest: DIGEST,
        recordDigest: DIGEST,
        acceptedUids,
        thetaDigest: DIGEST,
      };
      const { stake, silence } = judge;
      return { uid, stake, permit: true, silence, votes: miners === null ? [] : [vote] };
    });
    return countVotes({ window, rules: DIGEST, voters }).accepted;
  }

  #verdicts(
    scores: readonly Score[] | null,
    accepted: ReadonlySet<number>,
  ): readonly (string | null)[] {
    const { places, scoring, stakesRao } = this.#options;
    const told = places.map((): string | null => null);
    for (const score of scores ?? [])
      told[score.uid - stakesRao.length] = verdictOf(score, {
        applied: accepted.has(score.uid),
        scoring,
      });
    return told;
  }
}

/** What a validator finds out about an update, by its own device. */
function found({ uid, hotkey, drawn }: Sent, level: number, lots: Lots): MinerEvidence {
  if (drawn.refused !== null) return { kind: "rejected", uid, hotkey, reason: drawn.refused };
  const off = (): number => ROUNDING * (2 * lots.uniform() - 1);
  const margin = drawn.margin + off();
  const score = {
    own: drawn.own + level * off(),
    noise: drawn.noise + level * off(),
    indicator: indicatorOf(margin),
    margin,
  };
  if (score.noise > 0) return { kind: "evaluated", uid, hotkey, score, share: drawn.share };
  const { noise } = score;
  return { kind: "rejected", uid, hotkey, reason: "loss-not-lowered", noise, score };
}

function weightsOf(scores: readonly Score[]): Weights | null {
  const earning = scores.filter(({ weight }) => weight > 0);
  if (earning.length === 0) return null;
  return { uids: earning.map(({ uid }) => uid), values: earning.map(({ weight }) => weight) };
}
