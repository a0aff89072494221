/**
 * @file Faults around a desk, with its real queue, its real door and the real loop of workers, in this process: only losses follow a rule.
 * Whatever dies, lies, stands still or is full, each evaluation has one result, and it is the right one.
 */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { signerFromUri } from "../../../../chain/wallet/signer.ts";
import { SeenNonces } from "../../../../src/auth/seen-nonces.ts";
import { Verifier } from "../../../../src/auth/verifier.ts";
import type { PairedLosses } from "../../../../src/gauntlet/loss-score.ts";
import { urlOf } from "../../../../src/network/client.ts";
import { servePosts } from "../../../../src/network/signed-posts.ts";
import { KEYS } from "../../../../src/neuron/gate.ts";
import { JobQueue } from "../../../../src/queue/jobs.ts";
import { openStore, type Store, type StoreKind } from "../../../../src/queue/store.ts";
import type { Desk } from "../../../../validator/desk/desk.ts";
import { handlersOf } from "../../../../validator/desk/door.ts";
import { DeskClient, deskAt } from "../../../../validator/worker/desk-client.ts";
import { Service } from "../../../../validator/worker/serve.ts";
import { Tempo } from "../../../../validator/worker/tempo.ts";
import { deskWith, RUN, THETA, truth } from "./scene.ts";

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
const NO_REDIS = hasRedis
  ? false
  : "redis-server is not installed (Debian: apt-get install redis-server)";
const NETWORK = { netuid: 3, genesis: RUN };
const SIGNER = signerFromUri("//Alice");
const TASKS = 60;
const TASK_MS = 15;
const RATE = { perKey: 1000, total: 2000, burstSeconds: 4 };
const NONCES = { total: 100_000, perHotkey: 100_000, keptNs: 90_000_000_000n };

/** A worker in this process. */
class TestWorker {
  /** Ends without a word, as a process that is killed. */
  readonly #dies = new AbortController();
  readonly #name: string;
  readonly #answers: (right: PairedLosses) => PairedLosses;
  /** Requests wait for it: a process that stands still. */
  #stands = Promise.resolve();
  done: Promise<unknown> = Promise.resolve();
  measured = 0;

  constructor(name: string, answers: (right: PairedLosses) => PairedLosses = (right) => right) {
    this.#name = name;
    this.#answers = answers;
  }

  async start(url: string): Promise<void> {
    const { signal } = this.#dies;
    const place = await deskAt(url, NETWORK, SIGNER);
    const about = { runId: RUN, device: "cpu", lossesPerSecond: 1, memoryBytes: 1 };
    const client = new DeskClient(place, this.#name, () => about);
    await client.hello(signal);
    const standing =
      <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        await this.#stands;
        signal.throwIfAborted();
        return call(...args);
      };
    const service = new Service({
      client: {
        origin: client.origin,
        take: standing((theta, said, over) => client.take(theta, said, over)),
        keep: standing((tokens, over) => client.keep(tokens, over)),
      },
      measurer: {
        prepare: () => Promise.resolve(),
        losses: async ({ uid }) => {
          await sleep(TASK_MS);
          await this.#stands;
          this.measured += 1;
          return this.#answers(truth(uid));
        },
      },
      tempo: new Tempo(),
      theta: THETA,
      say: () => undefined,
      signal,
    });
    this.done = service.until(signal).catch((error: unknown) => error);
  }

  kill(): void {
    this.#dies.abort(new Error("killed"));
  }

  standStill(milliseconds: number): void {
    this.#stands = sleep(milliseconds);
  }
}

/** A desk that workers reach, and its store, until `body` is over. */
async function scene(
  only: StoreKind,
  body: (parts: {
    readonly desk: Desk;
    readonly store: Store;
    readonly said: readonly string[];
    readonly url: string;
    readonly judge: () => Promise<void>;
    readonly measuredHere: () => number;
  }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "assay-desk-"));
  const store = await openStore({ folder, only });
  const queue = await JobQueue.open(store, { owner: "desk", lockMs: 3000, stallMs: 250 });
  const parts = deskWith(queue, { number: 10 }, SIGNER.publicKey);
  const { desk } = parts;
  desk.until(Number.MAX_SAFE_INTEGER);
  const seen = new SeenNonces(join(folder, "nonces"), 0n, NONCES);
  const door = await servePosts({
    host: "127.0.0.1",
    port: 0,
    bodyLimit: 1 << 20,
    network: NETWORK,
    keys: KEYS,
    verifier: new Verifier({ receiver: SIGNER.ss58, keys: KEYS, seen, rate: RATE }),
    isAllowed: (hotkey) => hotkey === SIGNER.publicKey,
    about: () => ({ format: "assay/work/1", hotkey: SIGNER.ss58, ...NETWORK, runId: RUN }),
    handlers: handlersOf({ desk: () => desk, say: () => undefined }),
  });
  /** All evaluations of a window: right, each settled once. */
  const judge = async (): Promise<void> => {
    const uids = Array.from({ length: TASKS }, (_, at) => at + 1);
    const found = await Promise.all(uids.map((uid) => parts.measure(uid)));
    assert.deepEqual(
      found,
      uids.map((uid) => truth(uid)),
    );
  };
  try {
    await body({ ...parts, store, url: urlOf(door, ""), judge });
  } finally {
    parts.end();
    await door.close();
    await queue.close();
    await store.close();
    seen.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts workers, and ends them behind `body`. */
async function working(
  url: string,
  workers: readonly TestWorker[],
  body: () => Promise<void>,
): Promise<void> {
  for (const worker of workers) await worker.start(url);
  // Until the desk knows what they hold.
  await sleep(100);
  try {
    await body();
  } finally {
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ done }) => done));
  }
}

const halved = ({ before, after }: PairedLosses): PairedLosses => ({
  before,
  after: after.map((loss) => loss / 2),
});

/** The database takes a minute to begin on a busy machine; the slow suite has both (test/workers). */
const KIND: StoreKind = hasRedis ? "private-redis" : "pglite";

test(`one of four workers dies, one lies, one stands still: ${KIND}`, () =>
  scene(KIND, async ({ desk, said, url, judge, measuredHere }) => {
    const [dead, liar, still, steady] = [
      new TestWorker("dead"),
      new TestWorker("liar", halved),
      new TestWorker("still"),
      new TestWorker("steady"),
    ] as const;
    const workers = [dead, liar, still, steady];
    await working(url, workers, async () => {
      setTimeout(() => dead.kill(), 60);
      setTimeout(() => still.standStill(4000), 60);
      await judge();
      assert.match(said.join("\n"), /worker liar .* gives wrong losses and is refused/);
      assert.equal(desk.workers.refusal(SIGNER.publicKey, "steady"), null);
      assert.equal(desk.workers.refusal(SIGNER.publicKey, "still"), null);
      assert.match(String(await liar.done), /wrong losses/);
      assert.ok(steady.measured > 0 && steady.measured + measuredHere() <= TASKS);
    });
  }));

test("the queue is killed, emptied and full while workers work", { skip: NO_REDIS }, () =>
  scene("private-redis", async ({ store, url, judge, said, measuredHere }) => {
    const client = new Redis(store.place);
    client.on("error", () => undefined);
    const pid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
    const workers = [new TestWorker("one"), new TestWorker("two")];
    await working(url, workers, async () => {
      setTimeout(() => process.kill(pid, "SIGKILL"), 100);
      setTimeout(() => void client.flushall().catch(() => undefined), 250);
      await judge();
      const [one, two] = workers;
      assert.ok((one?.measured ?? 0) > 0 && (two?.measured ?? 0) > 0);
      assert.ok(measuredHere() < TASKS);
    });
    client.disconnect();
    assert.doesNotMatch(said.join("\n"), /refused/);
  }),
);

test(
  "a queue that is full from the beginning: the validator does what workers cannot be given",
  { skip: NO_REDIS },
  () =>
    scene("private-redis", async ({ desk, store, url, judge, said }) => {
      const client = new Redis(store.place);
      await client.config("SET", "maxmemory", "1");
      const worker = new TestWorker("one");
      await working(url, [worker], async () => {
        setTimeout(() => desk.until(0), 300);
        await judge();
      });
      assert.match(said.join("\n"), /does not answer \(.*OOM/);
      client.disconnect();
    }),
);
