/** @file A validator's desk and its workers as processes: how long they take for all candidates of a window. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { SeenNonces } from "../../src/auth/seen-nonces.ts";
import { Verifier } from "../../src/auth/verifier.ts";
import { urlOf } from "../../src/network/client.ts";
import { type Listening, servePosts } from "../../src/network/signed-posts.ts";
import { KEYS } from "../../src/neuron/gate.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import { readUpdate } from "../../src/protocol/update.ts";
import { JobQueue } from "../../src/queue/jobs.ts";
import { openStore, type Store } from "../../src/queue/store.ts";
import { Desk } from "../../validator/desk/desk.ts";
import { handlersOf } from "../../validator/desk/door.ts";
import { Bench, keysOf, type WindowFacts } from "../../validator/evaluation/bench.ts";
import type { Task } from "../../validator/evaluation/task.ts";
import type { Measurer } from "../../validator/worker/measure.ts";
import { type Candidate, nodeOf, type Size, type Stage, stageOf, THETA, WINDOW } from "./stage.ts";

/** What a worker's process says. */
const saidSchema = z.object({ passMs: z.number(), cpuMs: z.number() });

const SIDE = fileURLToPath(new URL(`./worker-side${import.meta.url.slice(-3)}`, import.meta.url));
/** phases.blockMs of a subnet.toml that does not say another. */
const DEMO_BLOCK_MS = 250;
const RATE = { perKey: 500, total: 1000, burstSeconds: 4 };
const NONCES = { total: 500_000, perHotkey: 200_000, keptNs: 90_000_000_000n };

/** A validator that waits for workers. */
export class Validator {
  readonly #stage: Stage;
  readonly #node: Measurer;
  readonly #store: Store;
  readonly #folder: string;
  readonly #size: Size;
  readonly #signer = signerFromUri("//Alice");
  readonly #workers: ChildProcess[] = [];
  #desk: Desk | null = null;
  #door: Listening | null = null;
  /** CPU time of the validator's process, and of its workers', in the judging that was last. */
  cpuMs = { own: 0, workers: 0 };

  private constructor(
    size: Size,
    parts: { stage: Stage; node: Measurer; store: Store; folder: string },
  ) {
    this.#size = size;
    this.#stage = parts.stage;
    this.#node = parts.node;
    this.#store = parts.store;
    this.#folder = parts.folder;
  }

  /** Opens queue and door for a window of `count` candidates. */
  static async open(size: Size, count: number): Promise<Validator> {
    const folder = mkdtempSync(join(tmpdir(), "assay-workers-"));
    const stage = stageOf(size, count);
    const parts = { stage, folder, node: await nodeOf(stage), store: await openStore({ folder }) };
    const validator = new Validator(size, parts);
    await validator.#listen();
    return validator;
  }

  get store(): string {
    return this.#store.kind;
  }

  async #listen(): Promise<void> {
    const { run } = this.#stage;
    const network = { netuid: run.manifest.netuid, genesis: run.genesis };
    const seen = new SeenNonces(
      join(this.#folder, "nonces"),
      BigInt(Date.now()) * 1_000_000n,
      NONCES,
    );
    this.#door = await servePosts({
      host: "127.0.0.1",
      port: 0,
      bodyLimit: 1 << 20,
      network,
      keys: KEYS,
      verifier: new Verifier({ receiver: this.#signer.ss58, keys: KEYS, seen, rate: RATE }),
      isAllowed: (hotkey) => hotkey === this.#signer.publicKey,
      about: () => ({
        format: "assay/work/1",
        hotkey: this.#signer.ss58,
        ...network,
        runId: run.runId,
      }),
      handlers: handlersOf({ desk: () => this.#desk, say: () => undefined }),
    });
  }

  /** Starts a worker, pinned to a core; milliseconds of one of its forward passes. */
  async start(core: number): Promise<number> {
    if (this.#door === null) throw new Error("there is no door");
    const count = String(this.#stage.candidates.length);
    const words = [SIDE, urlOf(this.#door, ""), `core-${core}`, this.#size, count];
    const child = spawn("taskset", ["-c", String(core), process.execPath, ...words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#workers.push(child);
    child.once("exit", (code) => {
      if (this.#workers.includes(child)) throw new Error(`a worker ended with ${code}`);
    });
    const [message]: unknown[] = await once(child, "message");
    return saidSchema.parse(message).passMs;
  }

  async #facts(): Promise<WindowFacts> {
    const keys = await keysOf(this.#node, WINDOW);
    return { window: WINDOW, keys, hotkeys: this.#stage.hotkeys, rules: this.#stage.run.manifest };
  }

  #tasksOf({ uid, hotkey, digest, bytes }: Candidate) {
    const { run } = this.#stage;
    const reading = readUpdate(bytes, run.updateLayout, run.expectedHeader(WINDOW, hotkey, THETA));
    if (!reading.ok) throw new Error(reading.reason);
    const { update } = reading;
    const factor = run.manifest.outer.alpha * run.manifest.evaluation.factor;
    const applied = { update, factor };
    const task = (pages: Task["pages"]): Task => ({
      window: WINDOW,
      uid,
      hotkey,
      payload: digest,
      theta: THETA,
      rules: rulesDigest(run.manifest),
      factor,
      usual: update.map(() => 1),
      pages,
    });
    const own = { kind: "own", uid, hotkey, window: WINDOW } as const;
    return [
      { task: task({ kind: "noise" }), applied, priority: 1 },
      { task: task(own), applied, priority: 2 },
    ];
  }

  /** From when a vote may be cast on, in blocks of the demo: it must be out a block before the last that counts. */
  get secondsToVote(): number {
    const { judge } = this.#stage.run.manifest.phases;
    return ((judge - 1) * DEMO_BLOCK_MS) / 1000;
  }

  /** Seconds for all candidates, gate and depth, and for the gate alone, once so many workers wait for work. */
  async judge(workers: number): Promise<{ readonly seconds: number; readonly gate: number }> {
    const stop = new AbortController();
    const queue = await JobQueue.open(this.#store, {
      owner: `bench-${performance.now().toFixed(0)}`,
      lockMs: 3000,
      stallMs: 1000,
    });
    const node = { ...this.#node, neuron: { signer: this.#signer } };
    const desk = new Desk({ node, queue, say: console.error, signal: stop.signal });
    this.#desk = desk;
    const facts = await this.#facts();
    // Not the first window of its process, in which it asks the queue for what an earlier one was answered.
    desk.begin({ ...facts, window: WINDOW - 1 });
    desk.begin(facts);
    desk.until(Number.MAX_SAFE_INTEGER);
    const asks = this.#stage.candidates.flatMap((candidate) => this.#tasksOf(candidate));
    while (desk.workers.ready(THETA).length < workers) await sleep(20);
    const before = await this.#workersCpuMs();
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const isOfGate = ({ task }: (typeof asks)[number]): boolean => task.pages.kind === "noise";
    const others = asks.filter((ask) => !isOfGate(ask)).map((ask) => desk.measure(ask));
    await Promise.all(asks.filter(isOfGate).map((ask) => desk.measure(ask)));
    const gate = (performance.now() - start) / 1000;
    await Promise.all(others);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    this.cpuMs = { own: (user + system) / 1000, workers: (await this.#workersCpuMs()) - before };
    this.#desk = null;
    stop.abort();
    await queue.close();
    return { seconds, gate };
  }

  async #workersCpuMs(): Promise<number> {
    let sum = 0;
    for (const child of this.#workers) {
      const said = once(child, "message");
      child.send({});
      const [message]: unknown[] = await said;
      sum += saidSchema.parse(message).cpuMs;
    }
    return sum;
  }

  /** Seconds for the same by the validator's engine alone, in this process. */
  async alone(): Promise<number> {
    const bench = new Bench(this.#node, await this.#facts());
    const start = performance.now();
    for (const { task, applied } of this.#stage.candidates.flatMap((one) => this.#tasksOf(one)))
      await bench.losses(applied, task.pages);
    return (performance.now() - start) / 1000;
  }

  /** Ends all workers. */
  async stopWorkers(): Promise<void> {
    for (const child of this.#workers.splice(0)) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.#door?.close();
    await this.#store.close();
    await this.#node.engine.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
