/** @file Runs `subnet localnet` as a user would, and looks at its nodes from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { digestsSchema, statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { windowRecordSchema } from "../../src/protocol/record.ts";

const nodesSchema = z.object({
  endpoint: z.string(),
  netuid: z.number(),
  runId: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      role: z.enum(["miner", "validator", "subnet"]),
      hotkey: z.string(),
      ss58: z.string(),
      pid: z.number(),
      args: z.array(z.string()),
      log: z.string(),
    }),
  ),
});

/** What a running local network wrote about itself. */
export type Nodes = z.output<typeof nodesSchema>;

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };

/** A local network that runs as a child of the test. */
export class RunningLocalnet {
  readonly output: string;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = "";
  stderr = "";
  /** Time from the start of the process to its first words, in milliseconds. */
  firstWordsMs = Infinity;

  /**
   * @param resumed - the output of a run that goes on, in whose folder `args` are those of `localnet resume`
   * @param root - folder of the sources that run it, where those are others than these
   */
  constructor(args: readonly string[], resumed: string | null = null, root?: string) {
    this.output = resumed ?? mkdtempSync(join(tmpdir(), "assay-e2e-"));
    const words =
      resumed === null
        ? ["localnet", "--port", "0", "--output", this.output]
        : ["localnet", "resume", this.folder ?? ""];
    const all = ["subnet/main.ts", ...words, ...args];
    this.child = spawn(process.execPath, all, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(root !== undefined && { cwd: root }),
    });
    const startedAt = performance.now();
    const heard = (): void => {
      this.firstWordsMs = Math.min(this.firstWordsMs, performance.now() - startedAt);
    };
    this.child.stdout?.once("data", heard);
    this.child.stderr?.once("data", heard);
    this.child.stdout?.on("data", (part: Buffer) => (this.stdout += part.toString()));
    this.child.stderr?.on("data", (part: Buffer) => (this.stderr += part.toString()));
    this.exited = new Promise((resolve) => this.child.once("exit", (code) => resolve(code)));
  }

  /** The run's folder, once there is one. */
  get folder(): string | null {
    const [name] = readdirSync(this.output);
    return name === undefined ? null : join(this.output, name);
  }

  /** Waits until the nodes are up and the run is published. */
  async nodes(timeoutMs = 120_000): Promise<Nodes> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const path = this.folder === null ? null : join(this.folder, "nodes.json");
      if (path !== null && existsSync(path))
        return nodesSchema.parse(JSON.parse(readFileSync(path, "utf8")));
      if (this.child.exitCode !== null)
        throw new Error(`localnet ended early:\n${this.stdout}\n${this.stderr}`);
      await sleep(250);
    }
    throw new Error("localnet did not come up in time");
  }

  /** Waits until a run that goes on has other processes than `before`. */
  async newNodes(before: Nodes, timeoutMs = 120_000): Promise<Nodes> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const now = await this.nodes(timeoutMs);
      if (now.nodes[0]?.pid !== before.nodes[0]?.pid) return now;
      await sleep(250);
    }
    throw new Error(`localnet did not go on:\n${this.stderr}`);
  }

  /** The object on the last line of standard output (`--json`). */
  summary(): Record<string, unknown> {
    return z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(this.stdout.trim().split("\n").at(-1) ?? ""));
  }
}

/** Looks at a local network through its chain and its axons, as any stranger can. */
export class Observer {
  readonly #chain: ChainClient;
  readonly #nodes: Nodes;

  private constructor(chain: ChainClient, nodes: Nodes) {
    this.#chain = chain;
    this.#nodes = nodes;
  }

  static async connect(nodes: Nodes): Promise<Observer> {
    return new Observer(await connectChain({ endpoints: [nodes.endpoint] }), nodes);
  }

  close(): Promise<void> {
    return this.#chain.close();
  }

  async #axon(name: string): Promise<{ ip: string; port: number } | null> {
    const hotkey = this.#nodes.nodes.find((node) => node.name === name)?.hotkey;
    const { neurons } = await this.#chain.metagraph(this.#nodes.netuid);
    return neurons.find((neuron) => neuron.hotkey === hotkey)?.axon ?? null;
  }

  async uid(name: string): Promise<number> {
    const hotkey = this.#nodes.nodes.find((node) => node.name === name)?.hotkey;
    return (await this.#chain.metagraph(this.#nodes.netuid)).neurons.findIndex(
      (neuron) => neuron.hotkey === hotkey,
    );
  }

  /** `GET /status` of a node, or null when it does not answer. */
  async status(name: string): Promise<z.output<typeof statusSchema> | null> {
    const axon = await this.#axon(name);
    return axon === null
      ? null
      : fetchJson(urlOf(axon, "/status"), statusSchema, LIMITS).catch(() => null);
  }

  async digests(name: string): Promise<z.output<typeof digestsSchema>> {
    const axon = await this.#axon(name);
    const found =
      axon === null ? null : await fetchJson(urlOf(axon, "/digests?from=0"), digestsSchema, LIMITS);
    return found ?? [];
  }

  /** The record of a window by a validator, or null while there is none. */
  async record(
    validator: string,
    window: number,
  ): Promise<z.output<typeof windowRecordSchema> | null> {
    const axon = await this.#axon(validator);
    if (axon === null) return null;
    return fetchJson(urlOf(axon, `/records/${window}`), windowRecordSchema, LIMITS).catch(
      () => null,
    );
  }

  /** Waits until a node holds the parameters of `window` or later; returns the window it holds then. */
  async reached(name: string, window: number, timeoutMs: number): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const now = (await this.status(name))?.window ?? -1;
      if (now >= window) return now;
      await sleep(250);
    }
    throw new Error(`${name} did not reach window ${window} within ${timeoutMs} ms`);
  }
}

/** Pids of living processes whose command line contains `text`. */
export function livingWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}
