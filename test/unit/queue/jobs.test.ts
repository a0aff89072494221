/** @file The queue on each of its stores: added once, taken by one, found again after a crash, gone without harm. */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { type Job, JobQueue, type Leased } from "../../../src/queue/jobs.ts";
import { openStore, type Store, type StorePlace } from "../../../src/queue/store.ts";
import { isAssayError } from "../../../src/errors.ts";
import { freePort } from "../../support/ports.ts";

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const NO_REDIS = hasRedis
  ? false
  : "redis-server is not installed (Debian: apt-get install redis-server)";
const LOCK_MS = 2000;
const STALL_MS = 250;

const job = (id: string, priority = 1, window = 7): Job => ({
  id,
  window,
  priority,
  body: `body of ${id}`,
});

/** PostgreSQL in WebAssembly takes seconds for a step where the machine is busy; who dawdles loses the lock. */
const lockMsOf = ({ kind }: Store): number => (kind === "pglite" ? 3 * LOCK_MS : LOCK_MS);

const open = (store: Store, owner = "one"): Promise<JobQueue> =>
  JobQueue.open(store, {
    owner,
    lockMs: lockMsOf(store),
    stallMs: STALL_MS,
    patienceMs: lockMsOf(store),
  });

/** Asks until there is a job. */
async function taken(queue: JobQueue): Promise<Leased> {
  for (const until = performance.now() + 20_000; performance.now() < until; await sleep(20)) {
    const found = await queue.take();
    if (found !== null) return found;
  }
  throw new Error("no job came");
}

/** Tries again while the store is away. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await call();
    } catch (error) {
      if (tries === 3) throw error;
    }
}

/** What must hold on every store. */
async function suite(t: TestContext, store: Store): Promise<void> {
  let queue = await open(store);

  await t.test("a job is added once and taken in the order of its priority", async () => {
    await queue.add([job("0x0b", 2), job("0x0a", 1)]);
    await queue.add([job("0x0b", 2)]);
    assert.equal(await queue.unfinished(), 2);
    const first = await taken(queue);
    assert.deepEqual(
      { ...first, token: "" },
      { id: "0x0a", window: 7, body: "body of 0x0a", token: "" },
    );
    const second = await taken(queue);
    assert.equal(second.id, "0x0b");
    assert.equal(await queue.take(), null);
    assert.equal(await queue.unfinished(), 2, "what somebody has is not finished");
    assert.equal(await queue.result("0x0a"), null);
    assert.equal(await queue.finish(first, "done"), true);
    assert.equal(await queue.finish(second, "done too"), true);
    assert.equal(await queue.unfinished(), 0);
  });

  await t.test("a result is counted once, and stays", async () => {
    await queue.add([job("0x0a")]);
    assert.equal(await queue.take(), null, "a job that is done is not done again");
    assert.equal(await queue.result("0x0a"), "done");
    assert.equal(await queue.finish({ id: "0x0a", token: "another" }, "other"), false);
    assert.equal(await queue.result("0x0a"), "done");
  });

  await t.test("a job that is given back is the next one", async () => {
    await queue.add([job("0x1a")]);
    await queue.giveBack(await taken(queue));
    const again = await taken(queue);
    assert.equal(again.id, "0x1a");
    assert.equal(await queue.remove("0x1a"), false, "somebody has it");
    assert.equal(await queue.finish(again, ""), true);
    assert.equal(await queue.remove("0x1a"), true);
  });

  await t.test("who renews keeps a job, who falls silent loses it", async () => {
    await queue.add([job("0x2a")]);
    await queue.add([job("0x2b")]);
    const [kept, lost] = [await taken(queue), await taken(queue)];
    const renewing = setInterval(() => void queue.renew([kept]), LOCK_MS / 4);
    try {
      const again = await taken(queue);
      assert.equal(again.id, lost.id);
      assert.equal(await queue.finish(lost, "late"), false);
      assert.equal(await queue.finish(again, "in time"), true);
      assert.equal(await queue.take(), null);
      assert.equal(await queue.finish(kept, "long"), true);
    } finally {
      clearInterval(renewing);
    }
    assert.equal(await queue.result(lost.id), "in time");
  });

  await t.test("owners do not see each other's jobs", async () => {
    const other = await open(store, "two");
    await queue.add([job("0x3a")]);
    assert.equal(await other.take(), null);
    await other.close();
    assert.equal(await queue.remove("0x3a"), true);
  });

  await t.test("a queue that is opened again has its results and what waits", async () => {
    await queue.add([job("0x4a")]);
    await queue.close();
    queue = await open(store);
    assert.equal(await queue.result("0x0a"), "done");
    assert.equal((await taken(queue)).id, "0x4a");
  });

  await t.test("one job that cannot be removed keeps no other", async () => {
    const remove = queue.remove.bind(queue);
    await queue.add([job("0x6a", 1, 6), job("0x6b", 2, 6), job("0x6c", 3, 6)]);
    const before = await queue.unfinished();
    queue.remove = async (id) => {
      if (id === "0x6b") throw new Error("it is damaged");
      return remove(id);
    };
    await queue.prune(8);
    queue.remove = remove;
    assert.equal(await queue.unfinished(), before - 2);
    await queue.remove("0x6b");
    assert.equal(await queue.unfinished(), before - 3);
  });

  await t.test("other windows are forgotten", async () => {
    await queue.add([job("0x5a", 1, 8)]);
    await queue.prune(8);
    assert.equal(await queue.result("0x0a"), null);
    assert.equal((await taken(queue)).id, "0x5a");
  });
  await queue.close();
}

/** A store in a folder of its own, for as long as `body` takes. */
async function within(
  place: Omit<StorePlace, "folder">,
  body: (store: Store) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "assay-queue-"));
  const store = await openStore({ folder, ...place });
  try {
    await body(store);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a private Redis", { skip: NO_REDIS }, (t) =>
  within({ only: "private-redis" }, async (store) => {
    assert.equal(store.kind, "private-redis");
    await suite(t, store);
  }),
);

test("PostgreSQL inside the process", (t) =>
  within({ only: "pglite" }, async (store) => {
    assert.equal(store.kind, "pglite");
    await suite(t, store);
  }));

test("queues that come and go leave no listeners on a database", async () => {
  const warned: string[] = [];
  const note = ({ name }: Error): number => warned.push(name);
  process.on("warning", note);
  await within({ only: "pglite" }, async (store) => {
    for (let run = 0; run < 6; run++) await (await open(store)).close();
  });
  process.off("warning", note);
  assert.deepEqual(warned, []);
});

test("a Redis that others use too", { skip: NO_REDIS }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-redis-"));
  const port = await freePort();
  const settings = ["--port", `${port}`, "--save", "", "--dir", folder];
  const server = spawn("redis-server", settings, { stdio: "ignore" });
  const redisUrl = `redis://127.0.0.1:${port}/2`;
  try {
    for (let tries = 0; tries < 100; tries++) {
      const client = new Redis(port, { lazyConnect: true, retryStrategy: () => null });
      client.on("error", () => undefined);
      const is = await client.connect().then(
        () => true,
        () => false,
      );
      client.disconnect();
      if (is) break;
      await sleep(20);
    }
    const stranger = new Redis(redisUrl);
    await stranger.set("somebody's", "own");
    await within({ redisUrl }, async (store) => {
      assert.equal(store.kind, "redis");
      await suite(t, store);
    });
    const keys = await stranger.keys("*");
    assert.equal(await stranger.get("somebody's"), "own");
    assert.deepEqual(
      keys.filter((key) => !key.startsWith("assay:evaluations-")),
      ["somebody's"],
    );
    stranger.disconnect();
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a Redis that nobody runs is one clear error", async () => {
  const redisUrl = `redis://user:secret@127.0.0.1:${await freePort()}`;
  await assert.rejects(
    within({ redisUrl }, () => Promise.resolve()),
    (error) =>
      isAssayError(error, "queue-unavailable") &&
      /ECONNREFUSED/.test(error.message) &&
      !error.message.includes("secret"),
  );
});

test(
  "a private Redis that is killed comes back with what it held; one that was emptied is filled again",
  {
    skip: NO_REDIS,
  },
  () =>
    within({ only: "private-redis" }, async (store) => {
      const queue = await open(store);
      await queue.add([job("0x0a")]);
      await queue.finish(await taken(queue), "done");
      await queue.add([job("0x0b")]);
      await sleep(1100); // appendfsync everysec
      const client = new Redis(store.place);
      client.on("error", () => undefined);
      const pid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
      process.kill(pid, "SIGKILL");
      const lost = await patiently(() => taken(queue));
      assert.equal(lost.id, "0x0b");
      assert.equal(await queue.result("0x0a"), "done");
      await client.flushall();
      assert.equal(await queue.result("0x0a"), null);
      assert.equal(await queue.finish(lost, "of a job that nobody knows"), false);
      await queue.renew([lost]);
      await queue.add([job("0x0b")]);
      assert.equal((await taken(queue)).id, "0x0b");
      client.disconnect();
      await queue.close();
    }),
);

test(
  "a queue in a store that stands still opens all the same, and works when it is back",
  { skip: NO_REDIS },
  () =>
    within({ only: "private-redis" }, async (store) => {
      const client = new Redis(store.place);
      const pid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
      process.kill(pid, "SIGSTOP");
      const troubles: string[] = [];
      const queue = await JobQueue.open(store, {
        owner: "one",
        lockMs: LOCK_MS,
        stallMs: STALL_MS,
        patienceMs: 200,
        onTrouble: (error) => troubles.push(error.message),
      });
      assert.match(troubles.join("\n"), /did not answer within 200 ms/);
      await assert.rejects(queue.add([job("0x0a")]), /did not answer/);
      process.kill(pid, "SIGCONT");
      await patiently(() => queue.add([job("0x0a")]));
      assert.equal((await taken(queue)).id, "0x0a");
      client.disconnect();
      await queue.close();
    }),
);

test("a Redis that is full refuses and nothing else happens", { skip: NO_REDIS }, () =>
  within({ only: "private-redis" }, async (store) => {
    const troubles: string[] = [];
    const queue = await JobQueue.open(store, {
      owner: "one",
      lockMs: LOCK_MS,
      stallMs: STALL_MS,
      onTrouble: (error) => troubles.push(error.message),
    });
    const client = new Redis(store.place);
    await client.config("SET", "maxmemory", "1");
    await assert.rejects(queue.add([job("0x0a")]), /OOM|maxmemory/);
    await client.config("SET", "maxmemory", "0");
    await queue.add([job("0x0a")]);
    assert.equal((await taken(queue)).id, "0x0a");
    client.disconnect();
    await queue.close();
  }),
);

test("a damaged PGlite folder is begun anew; one that cannot be is named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-queue-"));
  try {
    const path = join(folder, "pglite");
    mkdirSync(path);
    writeFileSync(join(path, "PG_VERSION"), "garbage");
    const store = await openStore({ folder, only: "pglite" });
    const queue = await open(store);
    await queue.add([job("0x0a")]);
    assert.equal((await taken(queue)).id, "0x0a");
    await queue.close();
    await store.close();
    // The folder's path is as long as a path may be: nothing can be made in it.
    let long = folder;
    while (long.length < 4090) long = join(long, "x".repeat(Math.min(200, 4091 - long.length)));
    await assert.rejects(openStore({ folder: long, only: "pglite" }), (error: unknown) => {
      assert.ok(isAssayError(error) && error.fault.code === "queue-unavailable", String(error));
      assert.equal(error.fault.place, join(long, "pglite"));
      return true;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
