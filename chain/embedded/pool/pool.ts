/** @file The transaction pool: extrinsics that wait for a block, in the order blocks may take them. */
import {
  type ValidTransaction,
  isBare,
  refusal,
  requireExtrinsicForm,
} from "../blocks/validity.ts";
import { type Hex, concat, keyOf, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { u32 } from "../codec/scale.ts";
import { ChainError } from "../../errors.ts";
import { Allowance } from "./allowance.ts";
import { ownerOf, type PoolEntry } from "./entry.ts";
import { type LaneLimits, Lanes } from "./lanes.ts";
import { blockOrder } from "./order.ts";

/** Statuses as `author_extrinsicUpdate` words them. */
export type TransactionStatus =
  | "future"
  | "ready"
  | "invalid"
  | "dropped"
  | { readonly usurped: Hex }
  | { readonly inBlock: Hex }
  | { readonly finalized: Hex };

/** Sizes of the pool: a node's where nodes have them. */
export type PoolLimits = {
  readonly ready: number;
  readonly readyBytes: number;
  readonly readyPerAccount: number;
  readonly future: number;
  readonly futureBytes: number;
  readonly futurePerAccount: number;
  readonly banMs: number;
  /** Milliseconds of each second for looking at extrinsics without a signature; as many may be spent at once. */
  readonly bareMs: number;
};

/** What the pool asks of the chain. */
export type PoolHost = {
  /** `validate_transaction` on the head. @throws ChainError extrinsic-invalid */
  readonly validate: (bytes: Uint8Array) => ValidTransaction;
  readonly headNumber: () => number;
  readonly onStatus: (hash: Hex, status: TransactionStatus) => void;
  readonly nowMs: () => number;
  /** Of a clock that never goes back. */
  readonly clockMs: () => number;
  /** Processor time of the thread that validates. */
  readonly workMs: () => number;
};

const MIB = 1024 * 1024;
const DEFAULT_LIMITS: PoolLimits = {
  ready: 8192,
  readyBytes: 20 * MIB,
  readyPerAccount: 512,
  future: 512,
  futureBytes: 2 * MIB,
  futurePerAccount: 64,
  banMs: 30 * 60 * 1000,
  bareMs: 100,
};
const MOST_BANS = 2048;
const NO_TIME =
  "there is no time now for more extrinsics without a signature: send it again later, or signed";

function limitsOf(limits: PoolLimits): { readonly ready: LaneLimits; readonly future: LaneLimits } {
  const { ready, readyBytes, readyPerAccount, future, futureBytes, futurePerAccount } = limits;
  return {
    ready: { count: ready, bytes: readyBytes, perAccount: readyPerAccount },
    future: { count: future, bytes: futureBytes, perAccount: futurePerAccount },
  };
}

/** Ready extrinsics have every tag they require; future ones wait for a tag (a nonce gap). */
export class TransactionPool {
  readonly #host: PoolHost;
  readonly #banMs: number;
  readonly #ready: Lanes;
  readonly #future: Lanes;
  /** Tags the ready extrinsics provide. */
  readonly #tags = new Map<string, PoolEntry>();
  readonly #bans = new Map<Hex, number>();
  /** Nobody pays for those without a signature, and a false pulse of a beacon takes milliseconds to tell. */
  readonly #bare: Allowance;
  #arrivals = 0;

  constructor(host: PoolHost, limits: Partial<PoolLimits> = {}) {
    this.#host = host;
    const all = { ...DEFAULT_LIMITS, ...limits };
    const { ready, future } = limitsOf(all);
    this.#banMs = all.banMs;
    const { clockMs, workMs } = host;
    this.#bare = new Allowance({ msPerSecond: all.bareMs, mostMs: all.bareMs }, clockMs, workMs);
    this.#ready = new Lanes(ready);
    this.#future = new Lanes(future);
  }

  get readyCount(): number {
    return this.#ready.size;
  }

  get futureCount(): number {
    return this.#future.size;
  }

  /** All that wait: ready ones, then future ones. */
  entries(): readonly PoolEntry[] {
    return [...this.#ready.values(), ...this.#future.values()];
  }

  /** What waits under a hash, or null. */
  entry(hash: Hex): PoolEntry | null {
    return this.#ready.get(hash) ?? this.#future.get(hash) ?? null;
  }

  /** Where a hash stands, or null when it is not in the pool. */
  status(hash: Hex): "ready" | "future" | null {
    if (this.#ready.has(hash)) return "ready";
    return this.#future.has(hash) ? "future" : null;
  }

  /**
   * Checks an extrinsic on the head and takes it in. Returns its hash (BLAKE2b-256 of the bytes).
   * @throws ChainError extrinsic-invalid
   */
  submit(bytes: Uint8Array): Hex {
    requireExtrinsicForm(bytes);
    const hash = toHex(blake2b256(bytes));
    this.#requireUnknown(hash);
    // Not banned: it has not been looked at.
    if (isBare(bytes) && this.#bare.isSpent) throw refusal("Immediately Dropped", NO_TIME);
    let valid: ValidTransaction;
    try {
      valid = this.#looked(bytes);
    } catch (error) {
      this.ban(hash);
      throw error;
    }
    this.#place(this.#entry(hash, bytes, valid));
    return hash;
  }

  #looked(bytes: Uint8Array): ValidTransaction {
    const look = (): ValidTransaction => this.#host.validate(bytes);
    return isBare(bytes) ? this.#bare.spend(look) : look();
  }

  /** Ready extrinsics in the order a block takes them: dependencies first, then weight, then age. */
  inOrder(): Generator<PoolEntry> {
    return blockOrder(this.#ready.values(), (tag) => this.#tags.has(tag));
  }

  /** Extrinsics in the pool: ready ones in order, then future ones. */
  pending(): Uint8Array[] {
    return [...this.inOrder(), ...this.#future.values()].map((entry) => entry.bytes);
  }

  /**
   * How many nonces from `nonce` on the ready queue already holds for an account (32 bytes). Tags of
   * CheckNonce are the account followed by the nonce.
   */
  consecutive(account: Uint8Array, nonce: number): number {
    let count = 0;
    while (this.#tags.has(keyOf(concat(account, u32(nonce + count))))) count++;
    return count;
  }

  /** Forgets what a block took. What required their tags no longer waits for them. */
  included(hashes: readonly Hex[]): void {
    const tags = new Set<string>();
    for (const hash of hashes) {
      const entry = this.#take(hash);
      for (const tag of entry?.provides ?? []) tags.add(tag);
    }
    if (tags.size > 0) {
      for (const queue of [this.#ready, this.#future]) {
        for (const entry of queue.values()) {
          if (!entry.requires.some((tag) => tags.has(tag))) continue;
          const requires = entry.requires.filter((tag) => !tags.has(tag));
          this.#replace(queue, { ...entry, requires });
        }
      }
    }
    this.#expire();
    this.#promote();
  }

  /** Removes what a block refused. Extrinsics that built on it are checked anew. */
  refuse(hash: Hex): void {
    const entry = this.#take(hash);
    if (entry === undefined) return;
    this.ban(hash);
    this.#host.onStatus(hash, "invalid");
    const lost = new Set(entry.provides);
    this.revalidate((other) => other.requires.some((tag) => lost.has(tag)));
  }

  /** Checks entries anew on the head (all, or those `which` picks): needed when the state changed by hand. */
  revalidate(which: (entry: PoolEntry) => boolean = () => true): void {
    const chosen = [...this.#ready.values(), ...this.#future.values()].filter(which);
    for (const { hash } of chosen) this.#take(hash);
    for (const entry of chosen) {
      try {
        const valid = this.#host.validate(entry.bytes);
        this.#place({ ...this.#entry(entry.hash, entry.bytes, valid), order: entry.order });
      } catch {
        this.ban(entry.hash);
        this.#host.onStatus(entry.hash, "invalid");
      }
    }
    this.#demote();
  }

  /** Refuses this hash for a while. */
  ban(hash: Hex): void {
    this.#bans.set(hash, this.#host.nowMs() + this.#banMs);
    if (this.#bans.size <= MOST_BANS) return;
    for (const oldest of this.#bans.keys()) {
      this.#bans.delete(oldest);
      break;
    }
  }

  #requireUnknown(hash: Hex): void {
    const until = this.#bans.get(hash);
    if (until !== undefined && until > this.#host.nowMs()) {
      throw refusal("Transaction is temporarily banned", "");
    }
    this.#bans.delete(hash);
    if (this.status(hash) !== null) throw refusal("Transaction Already Imported", hash);
  }

  #full(): Error {
    return refusal(
      "Immediately Dropped",
      "The transaction couldn't enter the pool because of the limit",
    );
  }

  #entry(hash: Hex, bytes: Uint8Array, valid: ValidTransaction): PoolEntry {
    const { priority, requires, provides, longevity } = valid;
    const validTill = BigInt(this.#host.headNumber()) + longevity;
    const order = this.#arrivals++;
    const owner = ownerOf(provides, hash);
    return { hash, bytes, priority, requires, provides, validTill, order, ...owner };
  }

  #isReady(entry: PoolEntry): boolean {
    return entry.requires.every((tag) => this.#tags.has(tag));
  }

  /** @throws ChainError extrinsic-invalid when there is no room for it */
  #place(entry: PoolEntry): void {
    if (this.#isReady(entry)) {
      this.#enter(entry);
      this.#promote();
      return;
    }
    const victims = this.#future.victimsFor(entry);
    if (victims === null) throw this.#full();
    for (const victim of victims) this.#drop(victim);
    this.#future.add(entry);
    this.#host.onStatus(entry.hash, "future");
  }

  /** Takes an entry into the ready queue, in the place of others where it must. */
  #enter(entry: PoolEntry): void {
    const rivals = this.#rivals(entry);
    // They go first: a replacement needs no further room.
    for (const rival of rivals) this.#take(rival.hash);
    const victims = this.#ready.victimsFor(entry);
    if (victims === null) {
      for (const rival of rivals) this.#hold(rival);
      throw this.#full();
    }
    for (const rival of rivals) this.#host.onStatus(rival.hash, { usurped: entry.hash });
    for (const victim of victims) this.#drop(victim);
    this.#hold(entry);
    this.#host.onStatus(entry.hash, "ready");
    // Victims are the last of their accounts: nothing waits for them.
    if (rivals.length > 0) this.#demote();
  }

  /**
   * Those that an entry would replace: they provide a tag that it provides too (account and nonce, or the one free call of
   * its kind). Only a higher priority does, and never that of a predecessor.
   */
  #rivals(entry: PoolEntry): readonly PoolEntry[] {
    const holders = entry.provides.map((tag) => this.#tags.get(tag));
    const rivals = [...new Set(holders.filter((holder) => holder !== undefined))];
    const priority = rivals.reduce((sum, rival) => sum + rival.priority, 0n);
    const needsOne = rivals.some(
      (rival) => rival.account === entry.account && rival.nonce < entry.nonce,
    );
    if (rivals.length > 0 && (needsOne || priority >= entry.priority)) {
      throw refusal(
        "Priority is too low",
        `(${priority} vs ${entry.priority}) The transaction has too low priority to replace another transaction already in the pool.`,
      );
    }
    return rivals;
  }

  #hold(entry: PoolEntry): void {
    this.#ready.add(entry);
    for (const tag of entry.provides) this.#tags.set(tag, entry);
  }

  /** A new version of an entry. */
  #replace(queue: Lanes, entry: PoolEntry): void {
    if (queue === this.#ready) this.#hold(entry);
    else queue.add(entry);
  }

  #drop(entry: PoolEntry): void {
    this.#take(entry.hash);
    this.#host.onStatus(entry.hash, "dropped");
  }

  /** Moves future extrinsics that lack nothing any more, until none moves. */
  #promote(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const entry of this.#future.values()) {
        if (!this.#future.has(entry.hash) || !this.#isReady(entry)) continue;
        this.#future.take(entry.hash);
        moved = this.#promoted(entry) || moved;
      }
    }
  }

  #promoted(entry: PoolEntry): boolean {
    try {
      this.#enter(entry);
      return true;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      this.#host.onStatus(entry.hash, "dropped");
      return false;
    }
  }

  /** Moves ready extrinsics whose requirement went away back to the future queue. */
  #demote(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const entry of this.#ready.values()) {
        if (this.#isReady(entry)) continue;
        this.#take(entry.hash);
        const victims = this.#future.victimsFor(entry);
        for (const victim of victims ?? []) this.#drop(victim);
        if (victims !== null) this.#future.add(entry);
        this.#host.onStatus(entry.hash, victims === null ? "dropped" : "future");
        moved = true;
      }
    }
  }

  #expire(): void {
    const next = BigInt(this.#host.headNumber()) + 1n;
    const before = this.#ready.size;
    for (const queue of [this.#ready, this.#future]) {
      for (const entry of queue.values()) {
        if (entry.validTill >= next) continue;
        this.#take(entry.hash);
        this.ban(entry.hash);
        this.#host.onStatus(entry.hash, "invalid");
      }
    }
    // What came after one that is gone has to wait for another in its place.
    if (this.#ready.size < before) this.#demote();
  }

  #take(hash: Hex): PoolEntry | undefined {
    const future = this.#future.take(hash);
    if (future !== undefined) return future;
    const entry = this.#ready.take(hash);
    for (const tag of entry?.provides ?? []) {
      if (this.#tags.get(tag)?.hash === hash) this.#tags.delete(tag);
    }
    return entry;
  }
}
