/** @file The table of blocks: headers for good, bodies and state changes until they are pruned. */
import { type StatementSync } from "node:sqlite";
import { type Hex, fromHex, toHex } from "../codec/bytes.ts";
import { ScaleReader, byteVectors } from "../codec/scale.ts";
import { type StorageChanges, decodeChanges, encodeChanges } from "../state/storage-changes.ts";
import { type ChainFile, type Row, bytesOf } from "./chain-file.ts";

/** What is kept of a block. */
export type StoredBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly header: Uint8Array;
  readonly extrinsics: readonly Uint8Array[];
  /** Changes against the parent's state; the whole state for block 0. */
  readonly changes: StorageChanges;
  /** Root of the state after the block: the header's, unless storage was patched by hand. */
  readonly stateRoot: Hex;
};

/** How much lies behind a block: so much is replayed from there. */
export type Stretch = { readonly blocks: number; readonly bytes: number };

function extrinsicsIn(row: Row): Uint8Array[] {
  return new ScaleReader(bytesOf(row, "extrinsics")).list((item) => item.bytes());
}

function blockOf(row: Row): StoredBlock {
  const hex = (column: string): Hex => toHex(bytesOf(row, column));
  return {
    number: Number(row["number"]),
    hash: hex("hash"),
    header: bytesOf(row, "header"),
    extrinsics: extrinsicsIn(row),
    changes: decodeChanges(bytesOf(row, "changes")),
    stateRoot: hex("state_root"),
  };
}

type Statements = Readonly<
  Record<
    | "insert"
    | "byNumber"
    | "byHash"
    | "changes"
    | "after"
    | "last"
    | "stretch"
    | "truncate"
    | "between"
    | "remove",
    StatementSync
  >
>;

const NOTHING = new Uint8Array(0);

/** The block table. Every method @throws ChainError as {@link ChainFile} does. */
export class BlockStore {
  readonly #file: ChainFile;
  readonly #sql: Statements;

  constructor(file: ChainFile) {
    this.#file = file;
    this.#sql = {
      insert: file.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?, ?)"),
      byNumber: file.prepare("SELECT * FROM blocks WHERE number = ?"),
      byHash: file.prepare("SELECT number FROM blocks WHERE hash = ?"),
      changes: file.prepare(
        "SELECT changes FROM blocks WHERE number BETWEEN ? AND ? ORDER BY number",
      ),
      after: file.prepare("SELECT * FROM blocks WHERE number > ? ORDER BY number"),
      last: file.prepare("SELECT max(number) AS number FROM blocks"),
      stretch: file.prepare(
        "SELECT count(*) AS blocks, total(length(changes)) AS bytes FROM blocks WHERE number > ?",
      ),
      truncate: file.prepare("DELETE FROM blocks WHERE number > ?"),
      between: file.prepare(
        "SELECT * FROM blocks WHERE number BETWEEN ? AND ? AND length(extrinsics) > 0",
      ),
      remove: file.prepare("DELETE FROM blocks WHERE number = ?"),
    };
  }

  /** Writes a block, or writes it again. Returns the bytes of its changes. */
  put(block: StoredBlock): number {
    const changes = encodeChanges(block.changes);
    this.#file.guard(() =>
      this.#sql.insert.run(
        block.number,
        fromHex(block.hash),
        block.header,
        byteVectors(block.extrinsics),
        changes,
        fromHex(block.stateRoot),
      ),
    );
    return changes.length;
  }

  #row<Result>(number: number, read: (row: Row) => Result): Result | null {
    return this.#file.guard(() => {
      const row = this.#sql.byNumber.get(number);
      return row === undefined ? null : read(row);
    });
  }

  /** Block `number`, which was not pruned, or null. */
  block(number: number): StoredBlock | null {
    return this.#row(number, blockOf);
  }

  /** Hash of block `number`, or null. */
  hash(number: number): Hex | null {
    return this.#row(number, (row) => toHex(bytesOf(row, "hash")));
  }

  /** SCALE bytes of the header of block `number`, or null. */
  header(number: number): Uint8Array | null {
    return this.#row(number, (row) => bytesOf(row, "header"));
  }

  /** Root of the state after block `number`, or null. */
  stateRoot(number: number): Hex | null {
    return this.#row(number, (row) => toHex(bytesOf(row, "state_root")));
  }

  /** Extrinsics of block `number`, or null: there is no such block, or it was pruned. */
  extrinsics(number: number): readonly Uint8Array[] | null {
    return this.#row(number, (row) =>
      bytesOf(row, "extrinsics").length === 0 ? null : extrinsicsIn(row),
    );
  }

  /** Number of the block with this hash, or null. */
  number(hash: Hex): number | null {
    return this.#file.guard(() => {
      const row = this.#sql.byHash.get(fromHex(hash));
      return row === undefined ? null : Number(row["number"]);
    });
  }

  /** The highest number; -1 when there is no block. */
  last(): number {
    return this.#file.guard(() => Number(this.#sql.last.get()?.["number"] ?? -1));
  }

  /** Changes of blocks `first` .. `last`, none of them pruned, in order. */
  changes(first: number, last: number): StorageChanges[] {
    return this.#file.guard(() =>
      this.#sql.changes.all(first, last).map((row) => decodeChanges(bytesOf(row, "changes"))),
    );
  }

  /** Every block above `number`, in order. */
  *after(number: number): Generator<StoredBlock> {
    const rows = this.#file.guard(() => this.#sql.after.iterate(number));
    for (;;) {
      const step = this.#file.guard(() => rows.next());
      if (step.done === true) return;
      const { value } = step;
      yield this.#file.guard(() => blockOf(value));
    }
  }

  /** What lies behind block `number`. */
  stretch(number: number): Stretch {
    return this.#file.guard(() => {
      const row = this.#sql.stretch.get(number);
      return { blocks: Number(row?.["blocks"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) };
    });
  }

  /** Forgets the blocks above `number`. */
  truncate(number: number): void {
    this.#file.guard(() => this.#sql.truncate.run(number));
  }

  /**
   * Forgets bodies and changes of blocks `first` .. `last`; part of a transaction. Rows are removed and written again: SQLite joins pages that are nearly
   * empty when rows go, not when they become shorter, and would keep a page for every block and a half.
   */
  strip(first: number, last: number): void {
    this.#file.guard(() => {
      const rows = this.#sql.between.all(first, last);
      for (const { number } of rows) this.#sql.remove.run(number ?? null);
      for (const row of rows) {
        const kept = [bytesOf(row, "hash"), bytesOf(row, "header")];
        const root = bytesOf(row, "state_root");
        this.#sql.insert.run(row["number"] ?? null, ...kept, NOTHING, NOTHING, root);
      }
    });
  }
}
