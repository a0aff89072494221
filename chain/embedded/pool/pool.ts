/** @file The transaction pool: extrinsics that wait for a block, in the order blocks may take them. */
import { type ValidTransaction, refusal, requireExtrinsicForm } from "../blocks/validity.ts";
import { type Hex, concat, keyOf, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { u32 } from "../codec/scale.ts";
import { PriorityQueue } from "./priority-queue.ts";

/** Statuses as `author_extrinsicUpdate` words them. */
export type TransactionStatus =
  | "future"
  | "ready"
  | "invalid"
  | "dropped"
  | { readonly usurped: Hex }
  | { readonly inBlock: Hex }
  | { readonly finalized: Hex };

/** A waiting extrinsic. */
export type PoolEntry = {
  readonly hash: Hex;
  readonly bytes: Uint8Array;
  readonly priority: bigint;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** Last block that may include it. */
  readonly validTill: bigint;
  /** Position of arrival. */
  readonly order: number;
};

/** Sizes of the pool. A node's defaults. */
export type PoolLimits = {
  readonly ready: number;
  readonly future: number;
  readonly bytes: number;
  readonly banMs: number;
};

/** What the pool asks of the chain. */
export type PoolHost = {
  /** `validate_transaction` on the head. @throws ChainError extrinsic-invalid */
  readonly validate: (bytes: Uint8Array) => ValidTransaction;
  readonly headNumber: () => number;
  readonly onStatus: (hash: Hex, status: TransactionStatus) => void;
  readonly nowMs: () => number;
};

const DEFAULT_LIMITS: PoolLimits = {
  ready: 8192,
  future: 512,
  bytes: 20 * 1024 * 1024,
  banMs: 30 * 60 * 1000,
};
const MOST_BANS = 2048;

/** Higher priority first, then older first. */
function before(a: PoolEntry, b: PoolEntry): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}

/** Ready extrinsics have every tag they require; future ones wait for a tag (a nonce gap). */
export class TransactionPool {
  readonly #host: PoolHost;
  readonly #limits: PoolLimits;
  readonly #ready = new Map<Hex, PoolEntry>();
  readonly #future = new Map<Hex, PoolEntry>();
  /** Tags the ready extrinsics provide. */
  readonly #tags = new Map<string, PoolEntry>();
  readonly #bans = new Map<Hex, number>();
  #bytes = 0;
  #arrivals = 0;

  constructor(host: PoolHost, limits: Partial<PoolLimits> = {}) {
    this.#host = host;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get readyCount(): number {
    return this.#ready.size;
  }

  get futureCount(): number {
    return this.#future.size;
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
    let valid: ValidTransaction;
    try {
      valid = this.#host.validate(bytes);
    } catch (error) {
      this.ban(hash);
      throw error;
    }
    if (this.#bytes + bytes.length > this.#limits.bytes) throw this.#full();
    this.#place(this.#entry(hash, bytes, valid));
    return hash;
  }

  /** Ready extrinsics in the order a block takes them: dependencies first, then priority, then age. */
  *inOrder(): Generator<PoolEntry> {
    const queue = new PriorityQueue(before);
    const waiting = new Map<string, PoolEntry[]>();
    const missing = new Map<Hex, number>();
    for (const entry of this.#ready.values()) {
      const open = entry.requires.filter((tag) => this.#tags.has(tag));
      missing.set(entry.hash, open.length);
      if (open.length === 0) queue.push(entry);
      for (const tag of open) waiting.set(tag, [...(waiting.get(tag) ?? []), entry]);
    }
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      yield entry;
      for (const next of entry.provides.flatMap((tag) => waiting.get(tag) ?? [])) {
        const left = (missing.get(next.hash) ?? 1) - 1;
        missing.set(next.hash, left);
        if (left === 0) queue.push(next);
      }
    }
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
          queue.set(entry.hash, { ...entry, requires });
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
    this.#bans.set(hash, this.#host.nowMs() + this.#limits.banMs);
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
    return { hash, bytes, priority, requires, provides, validTill, order: this.#arrivals++ };
  }

  #isReady(entry: PoolEntry): boolean {
    return entry.requires.every((tag) => this.#tags.has(tag));
  }

  #place(entry: PoolEntry): void {
    if (!this.#isReady(entry)) {
      if (this.#future.size >= this.#limits.future) throw this.#full();
      this.#future.set(entry.hash, entry);
      this.#bytes += entry.bytes.length;
      this.#host.onStatus(entry.hash, "future");
      return;
    }
    this.#usurp(entry);
    if (this.#ready.size >= this.#limits.ready) throw this.#full();
    this.#bytes += entry.bytes.length;
    this.#makeReady(entry);
    this.#promote();
  }

  /** An extrinsic that provides the same tag (account and nonce) is replaced only by a higher priority. */
  #usurp(entry: PoolEntry): void {
    const rivals = new Set(
      entry.provides.map((tag) => this.#tags.get(tag)).filter((rival) => rival !== undefined),
    );
    let priority = 0n;
    for (const rival of rivals) priority += rival.priority;
    if (rivals.size > 0 && priority >= entry.priority) {
      throw refusal(
        "Priority is too low",
        `(${priority} vs ${entry.priority}) The transaction has too low priority to replace another transaction already in the pool.`,
      );
    }
    for (const rival of rivals) {
      this.#take(rival.hash);
      this.#host.onStatus(rival.hash, { usurped: entry.hash });
    }
  }

  #makeReady(entry: PoolEntry): void {
    this.#ready.set(entry.hash, entry);
    for (const tag of entry.provides) this.#tags.set(tag, entry);
    this.#host.onStatus(entry.hash, "ready");
  }

  /** Moves future extrinsics that lack nothing any more, until none moves. */
  #promote(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const entry of this.#future.values()) {
        if (!this.#isReady(entry)) continue;
        this.#future.delete(entry.hash);
        if (entry.provides.some((tag) => this.#tags.has(tag))) {
          this.#bytes -= entry.bytes.length;
          this.#host.onStatus(entry.hash, "dropped");
          continue;
        }
        this.#makeReady(entry);
        moved = true;
      }
    }
  }

  /** Moves ready extrinsics whose requirement went away back to the future queue. */
  #demote(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const entry of this.#ready.values()) {
        if (this.#isReady(entry)) continue;
        this.#take(entry.hash);
        this.#future.set(entry.hash, entry);
        this.#bytes += entry.bytes.length;
        this.#host.onStatus(entry.hash, "future");
        moved = true;
      }
    }
  }

  #expire(): void {
    const next = BigInt(this.#host.headNumber()) + 1n;
    for (const queue of [this.#ready, this.#future]) {
      for (const entry of queue.values()) {
        if (entry.validTill >= next) continue;
        this.#take(entry.hash);
        this.ban(entry.hash);
        this.#host.onStatus(entry.hash, "invalid");
      }
    }
  }

  #take(hash: Hex): PoolEntry | undefined {
    const entry = this.#ready.get(hash) ?? this.#future.get(hash);
    if (entry === undefined) return undefined;
    this.#bytes -= entry.bytes.length;
    this.#future.delete(hash);
    if (this.#ready.delete(hash)) {
      for (const tag of entry.provides) {
        if (this.#tags.get(tag)?.hash === hash) this.#tags.delete(tag);
      }
    }
    return entry;
  }
}
