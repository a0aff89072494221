/** @file What waits in the author's pool, as a reader knows it from the author's events. */
import { type Hex, concat, keyOf } from "../codec/bytes.ts";
import { u32 } from "../codec/scale.ts";
import { type PoolEntry } from "../pool/entry.ts";
import { blockOrder } from "../pool/order.ts";
import { type PoolPlace } from "./messages.ts";

/** A copy of the pool that is never asked to decide anything. */
export class PoolMirror {
  readonly #places = new Map<Hex, PoolPlace>();
  /** Tags that ready extrinsics provide. */
  readonly #tags = new Map<string, Hex>();

  /** Where an extrinsic waits now; null: nowhere. */
  put(hash: Hex, place: PoolPlace | null): void {
    for (const tag of this.#places.get(hash)?.entry.provides ?? []) {
      if (this.#tags.get(tag) === hash) this.#tags.delete(tag);
    }
    this.#places.delete(hash);
    if (place === null) return;
    this.#places.set(hash, place);
    if (place.queue === "future") return;
    for (const tag of place.entry.provides) this.#tags.set(tag, hash);
  }

  has(hash: Hex): boolean {
    return this.#places.has(hash);
  }

  /** Extrinsics in the pool: ready ones in the order of blocks, then future ones. */
  pending(): readonly Uint8Array[] {
    const places = [...this.#places.values()];
    const of = (queue: PoolPlace["queue"]): readonly PoolEntry[] =>
      places.filter((place) => place.queue === queue).map(({ entry }) => entry);
    const ready = blockOrder(of("ready"), (tag) => this.#tags.has(tag));
    return [...ready, ...of("future")].map(({ bytes }) => bytes);
  }

  /** How many nonces from `nonce` on are there for an account (32 bytes). */
  consecutive(account: Uint8Array, nonce: number): number {
    let count = 0;
    while (this.#tags.has(keyOf(concat(account, u32(nonce + count))))) count++;
    return count;
  }
}
