/** @file Waiting extrinsics of one queue (ready, or future), by account in the order of their nonces, within limits. */
import { type Hex } from "../codec/bytes.ts";
import { goesBefore, type PoolEntry, weightAt } from "./entry.ts";

/** Most of a queue. */
export type LaneLimits = {
  readonly count: number;
  readonly bytes: number;
  /** Entries of one account. */
  readonly perAccount: number;
};

type Last = { readonly entry: PoolEntry; readonly weight: number };

/** A queue of which the lightest entry gives way when it is full. */
export class Lanes {
  readonly #limits: LaneLimits;
  readonly #entries = new Map<Hex, PoolEntry>();
  readonly #lanes = new Map<string, PoolEntry[]>();
  #bytes = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(hash: Hex): boolean {
    return this.#entries.has(hash);
  }

  get(hash: Hex): PoolEntry | undefined {
    return this.#entries.get(hash);
  }

  /** The entries as they are now: what happens to the queue meanwhile does not change the list. */
  values(): readonly PoolEntry[] {
    return [...this.#entries.values()];
  }

  /** Takes an entry in, or its new version in its old place; limits are the caller's business. */
  add(entry: PoolEntry): void {
    this.take(entry.hash);
    this.#entries.set(entry.hash, entry);
    this.#bytes += entry.bytes.length;
    const lane = this.#lanes.get(entry.account) ?? [];
    // The newest entry of an account nearly always has its highest nonce.
    let at = lane.length;
    while (at > 0 && isBehind(lane[at - 1], entry)) at--;
    lane.splice(at, 0, entry);
    this.#lanes.set(entry.account, lane);
  }

  /** Removes an entry; undefined when there is none. */
  take(hash: Hex): PoolEntry | undefined {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return undefined;
    this.#entries.delete(hash);
    this.#bytes -= entry.bytes.length;
    const lane = this.#lanes.get(entry.account) ?? [];
    lane.splice(lane.indexOf(entry), 1);
    if (lane.length === 0) this.#lanes.delete(entry.account);
    return entry;
  }

  /**
   * What has to go so that `entry` fits: nothing, or the last entries of the accounts whose last weighs least.
   * Null when `entry` itself weighs least, or its account has its share.
   */
  victimsFor(entry: PoolEntry): readonly PoolEntry[] | null {
    const own = this.#lanes.get(entry.account)?.length ?? 0;
    if (own >= this.#limits.perAccount || entry.bytes.length > this.#limits.bytes) return null;
    const candidate = { entry, weight: weightAt(entry, own + 1) };
    const victims: PoolEntry[] = [];
    const gone = new Map<string, number>();
    let bytes = this.#bytes + entry.bytes.length;
    while (this.size - victims.length >= this.#limits.count || bytes > this.#limits.bytes) {
      const lightest = this.#lightest(gone);
      if (lightest === null || !goesBefore(candidate, lightest)) return null;
      const { account } = lightest.entry;
      // Its own predecessor must stay, or it could not be included.
      if (account === entry.account) return null;
      gone.set(account, (gone.get(account) ?? 0) + 1);
      victims.push(lightest.entry);
      bytes -= lightest.entry.bytes.length;
    }
    return victims;
  }

  /** The last entry of an account that weighs least, where the `gone` last ones of an account are no longer counted. */
  #lightest(gone: ReadonlyMap<string, number>): Last | null {
    let found: Last | null = null;
    for (const [account, lane] of this.#lanes) {
      const depth = lane.length - (gone.get(account) ?? 0);
      const entry = lane[depth - 1];
      if (entry === undefined) continue;
      const last = { entry, weight: weightAt(entry, depth) };
      if (found === null || goesBefore(found, last)) found = last;
    }
    return found;
  }
}

function isBehind(one: PoolEntry | undefined, other: PoolEntry): boolean {
  if (one === undefined) return false;
  return one.nonce === other.nonce ? one.order > other.order : one.nonce > other.nonce;
}
