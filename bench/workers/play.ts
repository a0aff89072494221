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
import { openStore, type Store, type StoreKind } from "../../src/queue/store.ts";
import { Desk } from "../../validator/desk/desk.ts";
import { handlersOf } from "../../validator/desk/door.ts";
import { Bench, keysOf, type WindowFacts } from "../../validator/evaluation/bench.ts";
import type { Task } from "../../validator/evaluation/task.ts";
import type { Measurer } from "../../validator/worker/measure.ts";
import { type Candidate, nodeOf, type Size, type Stage, stageOf, THETA, WINDOWS } from "./stage.ts";

/** What a worker's process says. */
const saidSchema = z.object({ passMs: z.number(), cpuMs: z.number() });

const SIDE = fileURLToPath(new URL(`./worker-side${import.meta.url.slice(-3)}`, import.meta.url));
/** phases.blockMs of a subnet.toml that does not say another. */
const DEMO_BLOCK_MS = 250;
/** More than the desk holds a request for. */
const HELD_MS = 1300;
const RATE = { perKey: 500, total: 1000, burstSeconds: 4 };
const NONCES = { total: 500_000, perHotkey: 200_000, keptNs: 90_000_000_000n };

/** What a judging took. */
type Judged = { readonly seconds: number; readonly gate: number; readonly passMs: number };

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

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

  /** Opens queue and door for a window of `count` candidates. @param store which kind; the first that is there unless told */
  static async open(size: Size, count: number, store?: StoreKind): Promise<Validator> {
    const folder = mkdtempSync(join(tmpdir(), "assay-workers-"));
    const stage = stageOf(size, count);
    const [node, opened] = [await nodeOf(stage), await openStore({ folder, only: store })];
    const parts = { stage, folder, node, store: opened };
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

  /** Starts a worker, pinned to a core. */
  async start(core: number): Promise<void> {
    if (this.#door === null) throw new Error("there is no door");
    const count = String(this.#stage.hotkeys.length);
    const words = [SIDE, urlOf(this.#door, ""), `core-${core}`, this.#size, count];
    const child = spawn("taskset", ["-c", String(core), process.execPath, ...words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#workers.push(child);
    child.once("exit", (code) => {
      if (this.#workers.includes(child)) throw new Error(`a worker ended with ${code}`);
    });
    await once(child, "message");
  }

  async #facts(window: number): Promise<WindowFacts> {
    const keys = await keysOf(this.#node, window);
    return { window, keys, hotkeys: this.#stage.hotkeys, rules: this.#stage.run.manifest };
  }

  #tasksOf(window: number, { uid, hotkey, digest, bytes }: Candidate) {
    const { run } = this.#stage;
    const reading = readUpdate(bytes, run.updateLayout, run.expectedHeader(window, hotkey, THETA));
    if (!reading.ok) throw new Error(reading.reason);
    const { update } = reading;
    const factor = run.manifest.outer.alpha * run.manifest.evaluation.factor;
    const applied = { update, factor };
    const task = (pages: Task["pages"]): Task => ({
      window,
      uid,
      hotkey,
      payload: digest,
      theta: THETA,
      rules: rulesDigest(run.manifest),
      factor,
      usual: update.map(() => 1),
      pages,
    });
    const own = { kind: "own", uid, hotkey, window } as const;
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

  /**
   * Seconds for all candidates, gate and depth, and for the gate alone, once so many workers wait for work and have served in a window
   * before; what a forward pass of theirs took before and after.
   */
  async judge(workers: number): Promise<Judged> {
    const stop = new AbortController();
    const queue = await JobQueue.open(this.#store, {
      owner: `bench-${performance.now().toFixed(0)}`,
      lockMs: 3000,
      stallMs: 1000,
    });
    const node = { ...this.#node, neuron: { signer: this.#signer } };
    const desk = new Desk({ node, queue, say: console.error, signal: stop.signal });
    this.#desk = desk;
    const before = await this.#passesMs();
    let seconds = { seconds: 0, gate: 0 };
    for (const window of WINDOWS) {
      desk.begin(await this.#facts(window));
      desk.until(Number.MAX_SAFE_INTEGER);
      while (desk.workers.ready(THETA).length < workers) await sleep(20);
      seconds = await this.#judged(desk, window);
      await this.#hear("next");
      // What they asked for in the window before holds the same parameters here, and would get tasks that nobody waits for.
      await sleep(HELD_MS);
    }
    this.#desk = null;
    stop.abort();
    await queue.close();
    const after = await this.#passesMs();
    return { ...seconds, passMs: meanOf([...before, ...after]) };
  }

  async #judged(desk: Desk, window: number): Promise<{ seconds: number; gate: number }> {
    const asks = this.#asksOf(window);
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
    return { seconds, gate };
  }

  #asksOf(window: number) {
    const candidates = this.#stage.candidates[window] ?? [];
    return candidates.flatMap((candidate) => this.#tasksOf(window, candidate));
  }

  async #workersCpuMs(): Promise<number> {
    const said = await this.#hear("said");
    return said.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  }

  async #passesMs(): Promise<readonly number[]> {
    return (await this.#hear("passes")).map(({ passMs }) => passMs);
  }

  /** Asks the workers something, one after the other. */
  async #hear(asked: "said" | "passes" | "next"): Promise<readonly z.output<typeof saidSchema>[]> {
    const all = [];
    for (const child of this.#workers) {
      const answered = once(child, "message");
      child.send(asked);
      const [message]: unknown[] = await answered;
      all.push(saidSchema.parse(message));
    }
    return all;
  }

  /** Seconds for the same by the validator's engine alone, in this process. */
  async alone(): Promise<number> {
    const window = WINDOWS[1];
    const bench = new Bench(this.#node, await this.#facts(window));
    const start = performance.now();
    for (const { task, applied } of this.#asksOf(window)) await bench.losses(applied, task.pages);
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
