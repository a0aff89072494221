/** @file The stores that a validator's queue can lie in, with what a test does to them: killed, emptied, full. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { PrivateRedis } from "../../src/queue/private-redis.ts";
import { freePort } from "../support/ports.ts";
import { type Node, redisOf, until } from "./network.ts";

/** Why there is no Redis here; false where there is one. */
export const NO_REDIS =
  spawnSync("redis-server", ["--version"]).status === 0
    ? false
    : "redis-server is not installed (Debian: apt-get install redis-server)";

/** A store that a network is started with. */
export type TestStore = {
  readonly env: NodeJS.ProcessEnv;
  /** Kills the store that the validator uses, so that it comes back with all that it held or with nothing; false where it cannot be killed alone. */
  kill(validator: Node, folder: string): Promise<boolean>;
  /** From now on it takes nothing new, or everything again; false where it is never full. */
  fill(isFull: boolean, validator: Node, folder: string): Promise<boolean>;
  close(): Promise<void>;
};

async function limit(client: Redis, isFull: boolean): Promise<void> {
  client.on("error", () => undefined);
  await client.config("SET", "maxmemory-policy", "noeviction");
  await client.config("SET", "maxmemory", isFull ? "1" : "0");
  client.disconnect();
}

const socketOf = ({ ss58 }: Node, folder: string): string =>
  new PrivateRedis(join(folder, "nodes", ss58, "queue")).socket;

/** A Redis of the validator's own, which it starts again. */
export function ownRedis(): TestStore {
  return {
    env: { ASSAY_QUEUE: "private-redis" },
    async kill(validator) {
      const pid = redisOf(validator);
      if (pid === null) throw new Error("the validator has no redis-server");
      process.kill(pid, "SIGKILL");
      await until("another redis-server", () => ![null, pid].includes(redisOf(validator)));
      return true;
    },
    async fill(isFull, validator, folder) {
      await limit(new Redis(socketOf(validator, folder)), isFull);
      return true;
    },
    close: () => Promise.resolve(),
  };
}

/** A Redis that others run, and that forgets all when it dies. */
export async function sharedRedis(): Promise<TestStore> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "assay-shared-redis-"));
  const start = (): ChildProcess =>
    spawn("redis-server", ["--port", `${port}`, "--save", "", "--dir", folder], {
      stdio: "ignore",
    });
  let server = start();
  const end = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  return {
    env: { REDIS_URL: `redis://127.0.0.1:${port}/3` },
    async kill() {
      await end();
      // Longer than a call to the queue may take.
      await sleep(3000);
      server = start();
      return true;
    },
    async fill(isFull) {
      await limit(new Redis(port), isFull);
      return true;
    },
    async close() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A database inside the validator, which dies with it alone. */
export function ownDatabase(): TestStore {
  return {
    env: { ASSAY_QUEUE: "pglite" },
    kill: () => Promise.resolve(false),
    fill: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}
