/** @file Who copied whom, and who did one work under several names: by what similar updates do on each other's pages (docs/gauntlet.md#similar-updates). */
import { MOST_COMPARISONS, type Other, type SimilarPair } from "./similar.ts";

/** Margin from which an update is known to hold work on certain pages: chance alone reaches it once in 120 times. */
export const PROOF_MARGIN = 3;

/** What the update of `uid` did on the own pages of `other`. */
export type Comparison = {
  readonly uid: number;
  readonly other: Other;
  /** Share of the coordinates that the two have in common. */
  readonly overlap: number;
  /** As of a loss score, with the other's own pages in place of its own; null if a loss is not finite. */
  readonly margin: number | null;
};

/** What comparisons prove. */
export type Findings = {
  /** uid -> the comparison that proves that its update holds the work of another. */
  readonly copied: ReadonlyMap<number, Comparison>;
  /** Uids whose updates hold one and the same work, each list ascending and of two or more. They share one credit. */
  readonly groups: readonly (readonly number[])[];
  /** How many updates of its window each uid's was compared with. */
  readonly compared: ReadonlyMap<number, number>;
};

/** Margin of each uid's update on its own pages; null or missing if a loss is not finite. */
export type OwnMargins = ReadonlyMap<number, number | null>;

const isProof = (margin: number | null | undefined): boolean => (margin ?? 0) >= PROOF_MARGIN;

/** The order of the members of a group does not matter; each group is one array that all its members name. */
class Groups {
  readonly #groupOf = new Map<number, Set<number>>();

  join(a: number, b: number): void {
    const joined = new Set([...this.of(a), ...this.of(b)]);
    for (const uid of joined) this.#groupOf.set(uid, joined);
  }

  of(uid: number): ReadonlySet<number> {
    return this.#groupOf.get(uid) ?? new Set([uid]);
  }

  all(): Iterable<ReadonlySet<number>> {
    return new Set(this.#groupOf.values());
  }
}

/** All that has been found so far, comparison by comparison. */
class Case {
  readonly copied = new Map<number, Comparison>();
  readonly groups = new Groups();
  readonly compared = new Map<number, number>();
  readonly #own: OwnMargins;
  readonly #half = new Map<string, Comparison>();

  constructor(own: OwnMargins) {
    this.#own = own;
  }

  add(window: number, one: Comparison): void {
    if (one.other.window < window) this.#addEarlier(one);
    else this.#addHalf(one);
  }

  /** Work of an earlier window was there before this one's pages were known: who holds it, and none on its own pages, copied it. */
  #addEarlier(one: Comparison): void {
    const isCopy = isProof(one.margin) && !isProof(this.#own.get(one.uid));
    if (isCopy) this.copied.set(one.uid, one);
  }

  /** A pair is two comparisons: one says nothing. */
  #addHalf(one: Comparison): void {
    const back = this.#half.get(`${one.other.uid} ${one.uid}`);
    if (back === undefined) this.#half.set(`${one.uid} ${one.other.uid}`, one);
    else this.#addPair(back, one);
  }

  #addPair(there: Comparison, back: Comparison): void {
    for (const { uid } of [there, back]) this.compared.set(uid, (this.compared.get(uid) ?? 0) + 1);
    const [isThere, isBack] = [isProof(there.margin), isProof(back.margin)];
    if (isThere && isBack) this.groups.join(there.uid, back.uid);
    else if (isThere) this.#accuse(there);
    else if (isBack) this.#accuse(back);
  }

  /** An update that does nothing on its own pages holds nothing that could have been copied. */
  #accuse(one: Comparison): void {
    if (isProof(this.#own.get(one.other.uid))) this.copied.set(one.uid, one);
  }
}

function caseOf(window: number, own: OwnMargins, comparisons: readonly Comparison[]): Case {
  const found = new Case(own);
  for (const one of comparisons) found.add(window, one);
  return found;
}

/**
 * What the comparisons of a window prove, in the order in which they were made.
 *
 * i copied j when i's update has a margin of 3 or more on j's own pages, j's has one there too, and j's has none on i's. When both
 * have one on the other's pages, they are one work. When neither has, both stand: coordinates alone prove nothing. Work of an
 * earlier window is copied by who has such a margin on its sender's pages of that window, and none on its own of this.
 */
export function judgeComparisons(
  window: number,
  own: OwnMargins,
  comparisons: readonly Comparison[],
): Findings {
  const { copied, groups, compared } = caseOf(window, own, comparisons);
  const standing = [...groups.all()]
    .map((group) => [...group].filter((uid) => !copied.has(uid)).toSorted((a, b) => a - b))
    .filter((group) => group.length > 1)
    .toSorted(([a = 0], [b = 0]) => a - b);
  return { copied, groups: standing, compared };
}

/**
 * The pair to measure next, or null when no more are: the most similar one of which neither copied, that was not compared yet and
 * is not known to be one work, unless one of both was compared with eight others already.
 */
export function nextPair(
  pairs: readonly SimilarPair[],
  { copied, groups, compared }: Findings,
  done: ReadonlySet<SimilarPair>,
): SimilarPair | null {
  const isFree = (uid: number): boolean =>
    !copied.has(uid) && (compared.get(uid) ?? 0) < MOST_COMPARISONS;
  const isOneWork = ({ low, high }: SimilarPair): boolean =>
    groups.some((group) => group.includes(low) && group.includes(high));
  const next = pairs.find(
    (pair) => !done.has(pair) && isFree(pair.low) && isFree(pair.high) && !isOneWork(pair),
  );
  return next ?? null;
}

/** The share of one credit that an update is worth: as many as hold the same work have one together. */
export function shareOf(uid: number, { groups }: Pick<Findings, "groups">): number {
  const group = groups.find((one) => one.includes(uid));
  return group === undefined ? 1 : 1 / group.length;
}
