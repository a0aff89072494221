/**
 * @file How fast an axon answers (docs/threats.md#5-network): requests above the rate of their address wait, and are refused only where
 * too many wait. Waiting costs an axon a timer; a refusal would be asked again at once, and costs as much as most answers.
 */
import { remoteOf } from "./address.ts";
import type { PeersAt } from "./quota.ts";

/** Requests a second. */
export type RequestRateLimits = {
  /** Of one address. One that hosts peers may ask as many again for each of them. */
  readonly perRemote: number;
  /** Of all strangers together. */
  readonly strangers: number;
  /** As many as come in this time may come at once. */
  readonly burstMs: number;
  /** Whoever would wait longer is refused. */
  readonly mostWaitMs: number;
};

/** Above this many it is looked which can be forgotten. */
const MANY_ADDRESSES = 1024;

/** The rates of one axon. Times are milliseconds of a clock that does not go back. */
export class RequestRate {
  readonly #limits: RequestRateLimits;
  readonly #peersAt: PeersAt;
  /** When all that an address has asked so far would be due at its rate. */
  readonly #dueAt = new Map<string, number>();
  #strangersDueAt = -Infinity;

  constructor(limits: RequestRateLimits, peersAt: PeersAt) {
    this.#limits = limits;
    this.#peersAt = peersAt;
  }

  /** How long a request of `ip` has to wait from `now` on; null: it is refused, and counts as if it had not come. */
  take(ip: string, now: number): number | null {
    const { perRemote, strangers, burstMs, mostWaitMs } = this.#limits;
    if (this.#dueAt.size > MANY_ADDRESSES) this.#sweep(now);
    const remote = remoteOf(ip);
    const peers = this.#peersAt(remote);
    const ownDueAt = Math.max(now, this.#dueAt.get(remote) ?? now);
    const sharedDueAt = peers > 0 ? now : Math.max(now, this.#strangersDueAt);
    const waitMs = Math.max(0, ownDueAt - burstMs - now, sharedDueAt - burstMs - now);
    if (waitMs > mostWaitMs) return null;
    this.#dueAt.set(remote, ownDueAt + 1000 / (perRemote * (1 + peers)));
    if (peers === 0) this.#strangersDueAt = sharedDueAt + 1000 / strangers;
    return waitMs;
  }

  /** Forgets addresses that owe nothing. Those that owe are few: the rate of all strangers bounds how many can. */
  #sweep(now: number): void {
    for (const [remote, dueAt] of this.#dueAt) if (dueAt <= now) this.#dueAt.delete(remote);
  }
}
