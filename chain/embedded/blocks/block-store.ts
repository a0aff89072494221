/** @file Blocks and their state changes in node:sqlite; a database in memory when there is no path. */
import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ChainError } from "../../errors.ts";
import { type Hex, fromHex, toHex } from "../codec/bytes.ts";
import { ScaleReader, byteVectors } from "../codec/scale.ts";
import { type StorageChanges, decodeChanges, encodeChanges } from "../state/storage-changes.ts";

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

const FORMAT = "assay-chain-1";
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS blocks (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    header BLOB NOT NULL,
    extrinsics BLOB NOT NULL,
    changes BLOB NOT NULL,
    state_root BLOB NOT NULL
  ) STRICT;
`;

type Row = Record<string, unknown>;

function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} holds no bytes`);
  return value;
}

function blockOf(row: Row): StoredBlock {
  const hex = (column: string): Hex => toHex(bytesOf(row, column));
  return {
    number: Number(row["number"]),
    hash: hex("hash"),
    header: bytesOf(row, "header"),
    extrinsics: new ScaleReader(bytesOf(row, "extrinsics")).list((item) => item.bytes()),
    changes: decodeChanges(bytesOf(row, "changes")),
    stateRoot: hex("state_root"),
  };
}

/** Primary result codes of SQLite. */
const SQLITE = { busy: 5, readOnly: 8, inputOutput: 10, full: 13, cannotOpen: 14 } as const;

/** The system refuses: SQLite does not say whether for want of rights, of space beyond a limit, or because a disk fails. */
const REFUSALS: readonly number[] = [SQLITE.cannotOpen, SQLITE.readOnly, SQLITE.inputOutput];

/**
 * Refuses what is there and no file: SQLite would put a journal beside a device.
 * @throws ChainError database-refused
 */
function requireRegular(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const reason = found.isDirectory() ? "it is a folder" : "it is not a regular file";
  throw new ChainError({ code: "database-refused", path, reason });
}

/**
 * The block table. Every method @throws ChainError database-unreadable when the file is damaged or not ours,
 * database-in-use, database-refused, disk-full
 */
export class BlockStore {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #byNumber: StatementSync;
  readonly #byHash: StatementSync;
  readonly #changes: StatementSync;

  constructor(path: string | undefined) {
    this.path = path ?? ":memory:";
    if (path !== undefined) requireRegular(path);
    const prepared = this.#guard(() => {
      const database = new DatabaseSync(this.path);
      try {
        // A crash may lose the last blocks, never the file: they are made again.
        // One process at a time: two would make two chains in one file.
        database.exec(
          "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        );
        if (!isNewOrOurs(database)) throw new Error("another program's database");
        database.exec(SCHEMA);
        database.prepare("INSERT OR IGNORE INTO about VALUES ('format', ?)").run(FORMAT);
        return {
          database,
          insert: database.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?, ?)"),
          byNumber: database.prepare("SELECT * FROM blocks WHERE number = ?"),
          byHash: database.prepare("SELECT * FROM blocks WHERE hash = ?"),
          changes: database.prepare(
            "SELECT changes FROM blocks WHERE number BETWEEN ? AND ? ORDER BY number",
          ),
        };
      } catch (error) {
        database.close();
        throw error;
      }
    });
    this.#database = prepared.database;
    this.#insert = prepared.insert;
    this.#byNumber = prepared.byNumber;
    this.#byHash = prepared.byHash;
    this.#changes = prepared.changes;
  }

  /** Error for a file that cannot be used: in use, not to be opened, no space left, else damaged or not ours. */
  unreadable(cause: unknown): ChainError {
    const { path } = this;
    const reason = cause instanceof Error ? cause.message : String(cause);
    // SQLite's primary result code is the low byte of the extended one.
    const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
    if (code === SQLITE.busy) return new ChainError({ code: "database-in-use", path }, { cause });
    if (code === SQLITE.full) return new ChainError({ code: "disk-full", path }, { cause });
    if (REFUSALS.includes(code))
      return new ChainError({ code: "database-refused", path, reason }, { cause });
    return new ChainError({ code: "database-unreadable", path }, { cause });
  }

  #guard<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      throw cause instanceof ChainError ? cause : this.unreadable(cause);
    }
  }

  /** Writes a block, or writes it again. */
  put(block: StoredBlock): void {
    this.#guard(() =>
      this.#insert.run(
        block.number,
        fromHex(block.hash),
        block.header,
        byteVectors(block.extrinsics),
        encodeChanges(block.changes),
        fromHex(block.stateRoot),
      ),
    );
  }

  /** Block `number`, or null. */
  block(number: number): StoredBlock | null {
    return this.#guard(() => {
      const row = this.#byNumber.get(number);
      return row === undefined ? null : blockOf(row);
    });
  }

  /** The block with this hash, or null. */
  blockByHash(hash: Hex): StoredBlock | null {
    return this.#guard(() => {
      const row = this.#byHash.get(fromHex(hash));
      return row === undefined ? null : blockOf(row);
    });
  }

  /** Changes of blocks `first` .. `last`, in order. */
  changes(first: number, last: number): StorageChanges[] {
    return this.#guard(() =>
      this.#changes.all(first, last).map((row) => decodeChanges(bytesOf(row, "changes"))),
    );
  }

  /** Every block in order. */
  *all(): Generator<StoredBlock> {
    const rows = this.#guard(() =>
      this.#database.prepare("SELECT * FROM blocks ORDER BY number").iterate(),
    );
    for (;;) {
      const step = this.#guard(() => rows.next());
      if (step.done === true) return;
      const { value } = step;
      yield this.#guard(() => blockOf(value));
    }
  }

  /** Forgets the blocks above `number`. */
  truncate(number: number): void {
    this.#guard(() => this.#database.prepare("DELETE FROM blocks WHERE number > ?").run(number));
  }

  close(): void {
    this.#database.close();
  }
}

function isNewOrOurs(database: DatabaseSync): boolean {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (tables.length === 0) return true;
  if (!tables.some((table) => table["name"] === "about")) return false;
  const format = database.prepare("SELECT value FROM about WHERE name = 'format'").get();
  return format?.["value"] === FORMAT;
}
