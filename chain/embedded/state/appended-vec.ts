/** @file A SCALE vector that grows at its end without being copied at every append (System.Events). */
import { concat } from "../codec/bytes.ts";
import { ScaleReader, compact } from "../codec/scale.ts";

const FIRST_CAPACITY = 256;

/** Item bytes shared by successive versions of one vector; a version sees only its own first `length` bytes. */
type Shared = { bytes: Uint8Array; used: number };

/**
 * An immutable value whose successors share one growing buffer. Only the version that ends where the buffer
 * ends may extend it in place; any other (after a rolled back transaction) copies first.
 */
export class AppendedVec {
  readonly #shared: Shared;
  readonly #length: number;
  readonly #count: number;
  #whole: Uint8Array | null = null;

  private constructor(shared: Shared, length: number, count: number) {
    this.#shared = shared;
    this.#length = length;
    this.#count = count;
  }

  /**
   * The vector encoded in `value`. Bytes without a readable length prefix count as an empty vector, as in
   * Substrate's `StorageAppend`.
   */
  static from(value: Uint8Array | null): AppendedVec {
    if (value === null || value.length === 0) {
      return new AppendedVec({ bytes: new Uint8Array(FIRST_CAPACITY), used: 0 }, 0, 0);
    }
    try {
      const reader = new ScaleReader(value);
      const count = reader.compact();
      const items = value.subarray(reader.offset);
      const bytes = new Uint8Array(Math.max(FIRST_CAPACITY, items.length * 2));
      bytes.set(items);
      return new AppendedVec({ bytes, used: items.length }, items.length, count);
    } catch {
      return AppendedVec.from(null);
    }
  }

  /** This vector with one more encoded item. */
  append(item: Uint8Array): AppendedVec {
    const end = this.#length + item.length;
    let shared = this.#shared;
    if (shared.used !== this.#length || end > shared.bytes.length) {
      const bytes = new Uint8Array(Math.max(FIRST_CAPACITY, end * 2));
      bytes.set(shared.bytes.subarray(0, this.#length));
      shared = { bytes, used: this.#length };
    }
    shared.bytes.set(item, this.#length);
    shared.used = end;
    return new AppendedVec(shared, end, this.#count + 1);
  }

  /** The SCALE bytes, made on first use. */
  bytes(): Uint8Array {
    this.#whole ??= concat(compact(this.#count), this.#shared.bytes.subarray(0, this.#length));
    return this.#whole;
  }
}
