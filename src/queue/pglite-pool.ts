/** @file PGlite (PostgreSQL in WebAssembly, in this process) in the shape of a `pg.Pool`, as far as BullMQ looks at it. */
import { EventEmitter } from "node:events";
import type { PGlite } from "@electric-sql/pglite";

/** Rows of a query, in the shape of node-postgres. */
type Rows = { readonly rows: never[]; readonly rowCount: number };

/** A statement without the comments that it begins with. */
const bare = (text: string): string => text.replace(/^(?:\s+|--[^\n]*\n|\/\*[^]*?\*\/)+/, "");

/** One turn after the other: PGlite is a single session, and a transaction must have it alone. */
class Turnstile {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn; what it returns ends it. */
  async enter(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    return resolve;
  }
}

/** What is like a connection of its own: transactions of one client keep out the others. */
export class PGliteClient extends EventEmitter {
  readonly #database: PGlite;
  readonly #turnstile: Turnstile;
  #leave: (() => void) | null = null;
  readonly #unsubscribe: () => void;

  constructor(database: PGlite, turnstile: Turnstile) {
    super();
    this.#database = database;
    this.#turnstile = turnstile;
    this.#unsubscribe = database.onNotification((channel, payload) =>
      this.emit("notification", { channel, payload }),
    );
  }

  async query(text: string, params?: readonly unknown[]): Promise<Rows> {
    const word = /^\w+/.exec(bare(text))?.[0]?.toUpperCase() ?? "";
    const begins = word === "BEGIN" || word === "START";
    const ends = word === "COMMIT" || word === "ROLLBACK";
    const held = this.#leave !== null;
    const leave = this.#leave ?? (await this.#turnstile.enter());
    this.#leave = leave;
    let stays = held || begins;
    try {
      return await this.#run(text, params);
    } catch (error) {
      if (begins) stays = false;
      throw error;
    } finally {
      if (ends || !stays) this.#free();
    }
  }

  async #run(text: string, params: readonly unknown[] | undefined): Promise<Rows> {
    // Several statements in one text are only possible without parameters.
    const result =
      params === undefined || params.length === 0
        ? (await this.#database.exec(text)).at(-1)
        : await this.#database.query(text, [...params]);
    const rows = result?.rows ?? [];
    const rowCount = result?.affectedRows || rows.length;
    return { rows: rows as never[], rowCount };
  }

  #free(): void {
    this.#leave?.();
    this.#leave = null;
  }

  /** Gives it back: an open transaction's turn, and the notifications. */
  release(): void {
    this.#free();
    this.#unsubscribe();
    this.removeAllListeners();
  }
}

/** The pool: every client is a view of the same session. */
export class PGlitePool extends EventEmitter {
  readonly #database: PGlite;
  readonly #turnstile = new Turnstile();

  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  connect(): Promise<PGliteClient> {
    return Promise.resolve(new PGliteClient(this.#database, this.#turnstile));
  }

  async query(text: string, params?: readonly unknown[]): Promise<Rows> {
    const client = await this.connect();
    try {
      return await client.query(text, params);
    } finally {
      client.release();
    }
  }

  /** The database is closed by whoever opened it. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}
