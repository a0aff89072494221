/** @file The SQLite file of a chain: opened by one process at a time, refused by name, written in whole transactions. */
import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { isNewerFormat } from "../../../base/formats.ts";
import { ChainError } from "../../errors.ts";

const FORMAT = "assay-chain-2";
/** What this reads: the older format has no snapshots and nothing that was pruned. */
const FORMATS: readonly unknown[] = ["assay-chain-1", FORMAT];
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
  CREATE TABLE IF NOT EXISTS snapshots (number INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS codes (hash BLOB PRIMARY KEY, code BLOB NOT NULL) STRICT;
  INSERT INTO about VALUES ('format', '${FORMAT}') ON CONFLICT (name) DO UPDATE SET value = excluded.value;
`;
/**
 * One process at a time: two would make two chains in one file.
 *
 * `synchronous = FULL`: a commit returns when the log is on the disk. A block is called final as soon as it is made, and
 * others act on it; with NORMAL a power failure would take back blocks that were announced. A torn last transaction is
 * no transaction to SQLite (checksums of the log), and it was never announced.
 */
const SETTINGS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

/** Primary result codes of SQLite. */
const SQLITE = { busy: 5, readOnly: 8, inputOutput: 10, full: 13, cannotOpen: 14 } as const;

/** The system refuses: SQLite does not say whether for want of rights, of space beyond a limit, or because a disk fails. */
const REFUSALS: readonly number[] = [SQLITE.cannotOpen, SQLITE.readOnly, SQLITE.inputOutput];

/** A row as SQLite gives it. */
export type Row = Record<string, unknown>;

/** Bytes of a column. @throws TypeError */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} holds no bytes`);
  return value;
}

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

/** The format that a database says it has; null: it is new; undefined: it is another program's. */
function formatOf(database: DatabaseSync): unknown {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (tables.length === 0) return null;
  if (!tables.some((table) => table["name"] === "about")) return undefined;
  return database.prepare("SELECT value FROM about WHERE name = 'format'").get()?.["value"];
}

/** @throws ChainError format-newer; Error: it is none of ours */
function requireKnown(path: string, database: DatabaseSync): void {
  const found = formatOf(database);
  if (found === null || FORMATS.includes(found)) return;
  if (isNewerFormat(found, FORMAT))
    throw new ChainError({ code: "format-newer", path, found, known: FORMAT });
  throw new Error("another program's database");
}

/**
 * The file, or a database in memory. Every method @throws ChainError database-unreadable when the file is damaged or not
 * ours, format-newer, database-in-use, database-refused, disk-full
 */
export class ChainFile {
  readonly path: string;
  readonly #database: DatabaseSync;

  constructor(path: string | undefined) {
    this.path = path ?? ":memory:";
    if (path !== undefined) requireRegular(path);
    this.#database = this.guard(() => {
      const database = new DatabaseSync(this.path);
      try {
        database.exec("PRAGMA locking_mode = EXCLUSIVE");
        // Before anything is written: a later release's file stays as it is.
        requireKnown(this.path, database);
        database.exec(SETTINGS);
        database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
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

  /** What `action` gives, its errors as those of a file. */
  guard<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      throw cause instanceof ChainError ? cause : this.unreadable(cause);
    }
  }

  /** A statement for many uses. */
  prepare(sql: string): StatementSync {
    return this.guard(() => this.#database.prepare(sql));
  }

  /** Does all of `action` or nothing of it; what it did is on the disk when this returns. */
  transaction(action: () => void): void {
    this.guard(() => {
      this.#database.exec("BEGIN");
      try {
        action();
        this.#database.exec("COMMIT");
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** A number kept under a name, or 0. */
  numberOf(name: string): number {
    return this.guard(() =>
      Number(
        this.#database.prepare("SELECT value FROM about WHERE name = ?").get(name)?.["value"] ?? 0,
      ),
    );
  }

  /** Keeps a number under a name. */
  keepNumber(name: string, value: number): void {
    this.guard(() =>
      this.#database.prepare("INSERT OR REPLACE INTO about VALUES (?, ?)").run(name, String(value)),
    );
  }

  close(): void {
    this.#database.close();
  }
}
