/** @file Where jobs lie: Redis at an address, a Redis of our own, or PostgreSQL inside this process. */
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  runMigrations,
} from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import { AssayError } from "../errors.ts";
import { Database } from "./database.ts";
import { PGlitePool } from "./pglite-pool.ts";
import { PrivateRedis } from "./private-redis.ts";

/** Which of the three it is. */
export type StoreKind = "redis" | "private-redis" | "pglite";

/** An open store: what BullMQ is given to reach it. */
export type Store = {
  readonly kind: StoreKind;
  /** What people may read of it; no password. */
  readonly place: string;
  readonly connection: ConnectionOptions;
  readonly backend: BackendFactory;
  close(): Promise<void>;
};

/** Where a store is looked for. */
export type StorePlace = {
  /** A Redis that others use too; without it, one of our own. */
  readonly redisUrl?: string | undefined;
  /** A folder of ours alone. */
  readonly folder: string;
  /** Takes this kind and no other; for tests. Without it the first that is there. */
  readonly only?: StoreKind;
};

const CONNECT_MS = 3000;
const MOST_PAUSE_MS = 1000;

/** Waits in ever longer steps; `lost` is told each time. */
function redisOptions(lost: () => void): RedisOptions {
  return {
    // A call waits for the connection; whoever calls bounds the wait.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    retryStrategy(times) {
      lost();
      return Math.min(50 * times, MOST_PAUSE_MS);
    },
  };
}

/** Fails where nobody answers at first; afterwards an absent Redis is waited for. */
async function reached(client: Redis): Promise<string | null> {
  let reason = "no answer";
  client.on("error", (error) => (reason = error.message));
  const silence = Promise.withResolvers<string>();
  const timer = setTimeout(() => silence.resolve(reason), CONNECT_MS);
  const pong = client.ping().then(
    () => null,
    (error: unknown) => String(error),
  );
  const found = await Promise.race([pong, silence.promise]);
  clearTimeout(timer);
  if (found !== null) client.disconnect();
  return found;
}

/** An address without what is secret in it. */
function shown(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "an address that is none" : `${parsed.protocol}//${parsed.host}`;
}

async function openRedis(url: string): Promise<Store> {
  const place = shown(url);
  if (!/^rediss?:\/\//.test(url))
    throw new AssayError({ code: "queue-unavailable", place, reason: "it is no redis:// address" });
  const client = new Redis(
    url,
    redisOptions(() => undefined),
  );
  const reason = await reached(client);
  if (reason !== null) throw new AssayError({ code: "queue-unavailable", place, reason });
  return {
    kind: "redis",
    place,
    connection: client,
    backend: createRedisBackend,
    close: async () => client.disconnect(),
  };
}

async function openPrivateRedis(folder: string): Promise<Store | null> {
  const server = new PrivateRedis(folder);
  if (!(await server.ensure())) return null;
  let closing = false;
  const restart = (): void => {
    if (!closing) void server.ensure();
  };
  const client = new Redis(server.socket, redisOptions(restart));
  if ((await reached(client)) !== null) return null;
  return {
    kind: "private-redis",
    place: server.socket,
    connection: client,
    backend: createRedisBackend,
    async close() {
      closing = true;
      // The answer to this is the end of the connection.
      const ended = once(client, "close");
      if (client.status === "ready") {
        client.shutdown("NOSAVE").catch(() => undefined);
        await Promise.race([ended, sleep(CONNECT_MS, undefined, { ref: false })]);
      }
      client.disconnect();
    },
  };
}

/** Whether it is installed: it is optional. */
function hasPGlite(): boolean {
  try {
    import.meta.resolve("@electric-sql/pglite");
    return true;
  } catch {
    return false;
  }
}

/** A database in a folder, ready for jobs; closed again where it cannot be. */
async function openPool(path: string): Promise<{ database: Database; pool: PGlitePool }> {
  const database = await Database.open(path);
  try {
    const pool = new PGlitePool(database);
    const client = await pool.connect();
    await runMigrations(client);
    client.release();
    await pool.query("SET search_path TO bullmq, public");
    return { database, pool };
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

async function openPGlite(folder: string): Promise<Store | null> {
  if (!hasPGlite()) return null;
  const path = join(folder, "pglite");
  // The queue is a cache: one that is damaged is begun anew.
  const { database, pool } = await openPool(path).catch(async () => {
    try {
      rmSync(path, { recursive: true, force: true });
      return await openPool(path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AssayError({ code: "queue-unavailable", place: path, reason }, { cause });
    }
  });
  return {
    kind: "pglite",
    place: path,
    connection: {},
    backend: (name, options, more) =>
      createPostgresBackend(name, { ...options, connection: pool.view() }, more),
    close: () => database.close(),
  };
}

/**
 * The store of a place: what `redisUrl` names; else a private Redis where `redis-server` is installed; else PGlite.
 * @throws AssayError queue-unavailable
 */
export async function openStore({ redisUrl, folder, only }: StorePlace): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (redisUrl !== undefined && (only ?? "redis") === "redis") return openRedis(redisUrl);
  const own = (only ?? "private-redis") === "private-redis" ? await openPrivateRedis(folder) : null;
  if (own !== null) return own;
  const last = (only ?? "pglite") === "pglite" ? await openPGlite(folder) : null;
  if (last !== null) return last;
  const reason = "there is neither redis-server nor @electric-sql/pglite";
  throw new AssayError({ code: "queue-unavailable", place: "this machine", reason });
}
