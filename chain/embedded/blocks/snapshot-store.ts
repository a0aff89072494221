/** @file Whole states in the database, so that no state is further than a stretch of changes away. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type StatementSync } from "node:sqlite";
import { type Hex, fromHex, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import {
  type StorageChange,
  type StorageChanges,
  decodeChanges,
  encodeChanges,
} from "../state/storage-changes.ts";
import { type TrieRoot, trieApply, trieGet, trieKeys, valueBytes } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { type ChainFile, bytesOf } from "./chain-file.ts";

/** A state and the block after which it is. */
export type Snapshot = { readonly number: number; readonly state: TrieRoot };

/** All entries of a state. */
export function entriesOf(state: TrieRoot): StorageChanges {
  return Array.from(trieKeys(state, ""), (key) => {
    const value = trieGet(state, key);
    return [key, value === null ? null : valueBytes(value)];
  });
}

type Statements = Readonly<
  Record<
    "insert" | "code" | "keepCode" | "nearest" | "above" | "drop" | "dropBefore",
    StatementSync
  >
>;

/**
 * Snapshots, compressed. The code of the runtime, which would be most of each and does not compress, is kept once; its hash
 * stands in for it. Every method @throws ChainError as {@link ChainFile} does.
 */
export class SnapshotStore {
  readonly #file: ChainFile;
  readonly #sql: Statements;
  /** States share the code that they have in common. */
  readonly #codes = new Map<Hex, Uint8Array>();

  constructor(file: ChainFile) {
    this.#file = file;
    this.#sql = {
      insert: file.prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?)"),
      code: file.prepare("SELECT code FROM codes WHERE hash = ?"),
      keepCode: file.prepare("INSERT OR IGNORE INTO codes VALUES (?, ?)"),
      nearest: file.prepare(
        "SELECT number, state FROM snapshots WHERE number <= ? ORDER BY number DESC LIMIT 1",
      ),
      above: file.prepare(
        "SELECT number FROM snapshots WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
      ),
      drop: file.prepare("DELETE FROM snapshots WHERE number >= ?"),
      dropBefore: file.prepare("DELETE FROM snapshots WHERE number < ?"),
    };
  }

  /** Writes the state after block `number`; returns its bytes. */
  put(number: number, state: TrieRoot): number {
    return this.#file.guard(() => {
      const entries = entriesOf(state).map((entry) => this.#withoutCode(entry));
      const bytes = zstdCompressSync(encodeChanges(entries));
      this.#sql.insert.run(number, bytes);
      return bytes.length;
    });
  }

  #withoutCode([key, value]: StorageChange): StorageChange {
    if (key !== CODE_KEY || value === null) return [key, value];
    const hash = blake2b256(value);
    this.#sql.keepCode.run(hash, value);
    this.#codes.set(toHex(hash), value);
    return [key, hash];
  }

  /** The nearest snapshot at or before block `number`, and its bytes; null when there is none. */
  nearest(number: number): (Snapshot & { readonly bytes: number }) | null {
    return this.#file.guard(() => {
      const row = this.#sql.nearest.get(number);
      if (row === undefined) return null;
      const bytes = bytesOf(row, "state");
      const entries = decodeChanges(zstdDecompressSync(bytes));
      const state = trieApply(
        null,
        entries.map((entry) => this.#withCode(entry)),
      );
      return { number: Number(row["number"]), state, bytes: bytes.length };
    });
  }

  #withCode([key, value]: StorageChange): StorageChange {
    return key === CODE_KEY && value !== null ? [key, this.#code(toHex(value))] : [key, value];
  }

  #code(hash: Hex): Uint8Array {
    const known = this.#codes.get(hash);
    if (known !== undefined) return known;
    const row = this.#sql.code.get(fromHex(hash));
    if (row === undefined) throw new Error(`code ${hash} is missing`);
    const code = bytesOf(row, "code");
    this.#codes.set(hash, code);
    return code;
  }

  /** Whether there is a snapshot of block `number` itself. */
  has(number: number): boolean {
    return this.above(number - 1, number, 1).length > 0;
  }

  /** Numbers of the first `count` snapshots above `from`, up to `to`. */
  above(from: number, to: number, count: number): number[] {
    return this.#file.guard(() =>
      this.#sql.above.all(from, to, count).map((row) => Number(row["number"])),
    );
  }

  /** Forgets the snapshots from block `number` on. */
  drop(number: number): void {
    this.#file.guard(() => this.#sql.drop.run(number));
  }

  /** Forgets the snapshots before block `number`. */
  dropBefore(number: number): void {
    this.#file.guard(() => this.#sql.dropBefore.run(number));
  }
}
