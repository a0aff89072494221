/** @file Similar updates: each is tried on the other's own pages, so that nobody is blamed for coordinates alone. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { scoreLosses } from "../src/gauntlet/loss-score.ts";
import {
  type Comparison,
  type Findings,
  judgeComparisons,
  nextPair,
  PROOF_MARGIN,
} from "../src/gauntlet/pairs.ts";
import {
  inOrder,
  mostSimilar,
  type Other,
  overlapsEarlier,
  pairsOf,
  type SimilarEarlier,
  type SimilarPair,
} from "../src/gauntlet/similar.ts";
import {
  type Fate,
  isLive,
  type Judgement,
  type LiveFate,
  type MeasuredComparison,
} from "./fate.ts";
import { Measure } from "./measure.ts";
import type { Validator } from "./validator.ts";

/** Blocks before the last one in which a vote counts: from there on voting matters more than one more comparison. */
const BLOCKS_TO_VOTE = 2;

/** The comparisons of one window while they are made. */
class Trial {
  readonly #validator: Validator;
  readonly #judgement: Judgement;
  readonly #measure: Measure;
  readonly #live: Map<number, LiveFate>;
  readonly measured: MeasuredComparison[] = [];
  readonly #comparisons: Comparison[] = [];

  constructor(validator: Validator, judgement: Judgement) {
    this.#validator = validator;
    this.#judgement = judgement;
    this.#measure = new Measure(validator, judgement);
    // Without a gate there was no time to measure it, so there is none to compare it.
    const live = judgement.fates.filter(isLive).filter(({ gate }) => gate !== null);
    this.#live = new Map(live.map((fate) => [fate.commit.uid, fate]));
  }

  get live(): readonly LiveFate[] {
    return [...this.#live.values()];
  }

  /** A live fate, with what was measured of it since. */
  fateOf(uid: number): LiveFate | null {
    return this.#live.get(uid) ?? null;
  }

  get findings(): Findings {
    const own = new Map(this.live.map((fate) => [fate.commit.uid, marginOf(fate, fate.own)]));
    return judgeComparisons(this.#judgement.window, own, this.#comparisons);
  }

  /** Whether a vote would come too late if more was measured first. */
  isLate(): boolean {
    const { node } = this.#validator;
    const last = node.run.clock.lastJudgeBlock(this.#judgement.window);
    return node.subnet.blocks.current.number >= last - BLOCKS_TO_VOTE;
  }

  /** An update's margin on its own pages. */
  async own(uid: number): Promise<number | null> {
    const fate = this.#live.get(uid);
    if (fate === undefined) return null;
    const found = fate.own === null ? { ...fate, own: await this.#measure.own(fate) } : fate;
    this.#live.set(uid, found);
    return marginOf(found, found.own);
  }

  /** Tries the update of `uid` on the own pages of `other`. */
  async compare(uid: number, other: Other, overlap: number): Promise<void> {
    const fate = this.#live.get(uid);
    if (fate === undefined) return;
    const losses = await this.#measure.on(fate, other);
    this.measured.push({ uid, other, overlap, losses });
    this.#comparisons.push({ uid, other, overlap, margin: marginOf(fate, losses) });
  }
}

/** Updates that one is held against before whoever asks this node something has a turn: some milliseconds with a model of a million parameters. */
const AT_ONCE = 32;

/** What `find` makes of all, some at a time. */
async function inTurns<T, U>(
  all: readonly T[],
  find: (some: readonly T[]) => readonly U[],
): Promise<U[]> {
  const found: U[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await nextTurn();
    found.push(...find(all.slice(at, at + AT_ONCE)));
  }
  return found;
}

/** The margin of an update with these losses in place of its own; null if a loss is not finite. */
function marginOf({ gate }: Fate, losses: Fate["own"]): number | null {
  if (gate === null || losses === null) return null;
  return scoreLosses({ own: losses, noise: gate.noise })?.margin ?? null;
}

/** Others' earlier work: who works on its own pages now did not copy it, whatever the coordinates. */
async function compareEarlier(
  trial: Trial,
  uid: number,
  similar: readonly SimilarEarlier[],
): Promise<void> {
  for (const { other, overlap } of similar) {
    if (trial.isLate() || ((await trial.own(uid)) ?? 0) >= PROOF_MARGIN) return;
    await trial.compare(uid, other, overlap);
    if (trial.findings.copied.has(uid)) return;
  }
}

async function comparePairs(trial: Trial, pairs: readonly SimilarPair[]): Promise<void> {
  const done = new Set<SimilarPair>();
  for (;;) {
    const pair = trial.isLate() ? null : nextPair(pairs, trial.findings, done);
    if (pair === null) return;
    done.add(pair);
    const [low, high] = [trial.fateOf(pair.low), trial.fateOf(pair.high)];
    if (low === null || high === null) continue;
    for (const { commit } of [low, high]) await trial.own(commit.uid);
    for (const [one, other] of [
      [low, high],
      [high, low],
    ] as const) {
      const { uid, hotkey, window } = other.payload.fingerprint;
      await trial.compare(one.commit.uid, { uid, hotkey, window }, pair.overlap);
    }
  }
}

/** What proves that the work is another's, in words. */
function copiedText(window: number, { other, overlap, margin }: Comparison): string {
  const share = Math.round(100 * overlap);
  const when = other.window === window ? "" : ` of window ${other.window}`;
  return `the update helps the pages of uid ${other.uid}${when} with margin ${(margin ?? 0).toFixed(1)}, and shares ${share} % of its coordinates`;
}

function judged(fate: Fate, trial: Trial, { copied, groups }: Findings, window: number): Fate {
  const { uid } = fate.commit;
  const found = trial.fateOf(uid) ?? fate;
  const proof = copied.get(uid);
  if (proof !== undefined)
    return { ...found, refusal: { reason: "copied", detail: copiedText(window, proof) } };
  const group = groups.find((one) => one.includes(uid));
  return group === undefined ? found : { ...found, group };
}

/**
 * Compares updates that passed the gate with others' work that they resemble: of the last windows, and of this one. Usually there is
 * none, and nothing is measured.
 */
export async function compare(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const { scoring } = judgement.rules;
  const { work } = validator.memory;
  const trial = new Trial(validator, judgement);
  for (const { commit, payload } of trial.live) {
    const found = await inTurns(work.fingerprints, (some) =>
      overlapsEarlier(payload.fingerprint, some, scoring),
    );
    await compareEarlier(trial, commit.uid, mostSimilar(found));
  }
  const { copied } = trial.findings;
  const standing = trial.live.filter(({ commit }) => !copied.has(commit.uid));
  const updates = standing.map(({ payload }) => payload.fingerprint);
  const pairs: SimilarPair[] = [];
  for (const update of updates)
    pairs.push(...(await inTurns(updates, (some) => pairsOf(update, some, scoring))));
  await comparePairs(trial, inOrder(pairs));
  const { findings } = trial;
  const fates = judgement.fates.map((fate) => judged(fate, trial, findings, judgement.window));
  return { ...judgement, fates, comparisons: trial.measured };
}
