/** @file How often something may happen: so many a second for one key and in all, with a little saved up. */

/** Limits of a rate, in acts a second; as many as come in `burstSeconds` may come at once. */
export type RateLimits = {
  readonly perKey: number;
  readonly total: number;
  readonly burstSeconds: number;
};

/** What is left of a share, and when it was looked at. */
type Share = { left: number; at: number };

/** Keys that are remembered; those beyond share one. */
const MOST_KEYS = 10_000;

/** A rate for each key and for all. Times are milliseconds of any clock that does not go back. */
export class Rate {
  readonly #limits: RateLimits;
  readonly #shares = new Map<string, Share>();
  readonly #all: Share;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#all = { left: limits.total * limits.burstSeconds, at: Number.NEGATIVE_INFINITY };
  }

  /** Takes one act of `key`; false when it, or all together, has had too many. */
  take(key: string, nowMs: number): boolean {
    const share = this.#shareOf(key, nowMs);
    this.#refill(share, this.#limits.perKey, nowMs);
    this.#refill(this.#all, this.#limits.total, nowMs);
    if (share.left < 1 || this.#all.left < 1) return false;
    share.left -= 1;
    this.#all.left -= 1;
    return true;
  }

  #refill(share: Share, perSecond: number, nowMs: number): void {
    const most = perSecond * this.#limits.burstSeconds;
    const earned = (Math.max(0, nowMs - share.at) / 1000) * perSecond;
    share.left = Math.min(most, share.left + earned);
    share.at = nowMs;
  }

  #shareOf(key: string, nowMs: number): Share {
    const known = this.#shares.get(key);
    if (known !== undefined) return known;
    if (this.#shares.size >= MOST_KEYS) this.#forget(nowMs);
    const name = this.#shares.size >= MOST_KEYS ? "" : key;
    const share = this.#shares.get(name) ?? { left: Infinity, at: nowMs };
    this.#shares.set(name, share);
    return share;
  }

  /** Drops the shares that are full again by now: a new one is equal to them. */
  #forget(nowMs: number): void {
    const { burstSeconds } = this.#limits;
    for (const [key, { at }] of this.#shares)
      if (nowMs - at > burstSeconds * 1000) this.#shares.delete(key);
  }
}
