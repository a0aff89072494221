/** @file PGlite (PostgreSQL in WebAssembly, in a thread of this process) in the shape of a `pg.Pool`, as far as BullMQ looks at it. */
import { EventEmitter } from "node:events";
import type { Database } from "./database.ts";

/** Rows of a query, in the shape of node-postgres. */
type Rows<R> = { readonly rows: R[]; readonly rowCount: number };

/** A statement without the comments that it begins with. */
const bare = (text: string): string => text.replace(/^(?:\s+|--[^\n]*\n|\/\*[^]*?\*\/)+/, "");

/** What a statement does to the turn that it is made in. */
function turnOf(text: string): "begins" | "ends" | "stays" {
  const [word = ""] = /^\w+/.exec(bare(text)) ?? [];
  if (/^(?:begin|start)$/i.test(word)) return "begins";
  return /^(?:commit|rollback)$/i.test(word) ? "ends" : "stays";
}

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
  readonly #database: Database;
  readonly #turnstile: Turnstile;
  #leave: (() => void) | null = null;
  readonly #unsubscribe: () => void;

  constructor(database: Database, turnstile: Turnstile) {
    super();
    this.#database = database;
    this.#turnstile = turnstile;
    this.#unsubscribe = database.onNotification((channel, payload) =>
      this.emit("notification", { channel, payload }),
    );
  }

  async query<R>(text: string, params: readonly unknown[] = []): Promise<Rows<R>> {
    const does = turnOf(text);
    const isWithin = this.#leave !== null;
    this.#leave ??= await this.#turnstile.enter();
    let stays = isWithin || does === "begins";
    try {
      return await this.#run<R>(text, params);
    } catch (error) {
      stays = isWithin;
      throw error;
    } finally {
      if (does === "ends" || !stays) this.#free();
    }
  }

  async #run<R>(text: string, params: readonly unknown[]): Promise<Rows<R>> {
    // Several statements in one text change things and answer nothing.
    if (params.length === 0 && /;\s*\S/.test(text)) {
      await this.#database.exec(text);
      return { rows: [], rowCount: 0 };
    }
    const { rows, affectedRows } = await this.#database.query(text, params);
    return { rows, rowCount: affectedRows || rows.length };
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
  readonly #database: Database;
  readonly #turnstile: Turnstile;

  constructor(database: Database, turnstile: Turnstile = new Turnstile()) {
    super();
    this.#database = database;
    this.#turnstile = turnstile;
  }

  /** The same for one more user. BullMQ listens to a pool and never stops: what it leaves behind goes with the view. */
  view(): PGlitePool {
    return new PGlitePool(this.#database, this.#turnstile);
  }

  connect(): Promise<PGliteClient> {
    return Promise.resolve(new PGliteClient(this.#database, this.#turnstile));
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<Rows<R>> {
    const client = await this.connect();
    try {
      return await client.query<R>(text, params);
    } finally {
      client.release();
    }
  }

  /** The database is closed by whoever opened it. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}
