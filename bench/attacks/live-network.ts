/** @file A small local network that trains, as somebody sees it who may look into its folder and its processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";

const hexSchema = z.custom<Hex>((value) => typeof value === "string" && value.startsWith("0x"));
const nodesSchema = z.object({
  endpoint: z.string(),
  netuid: z.number(),
  runId: hexSchema,
  nodes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(["miner", "validator"]),
      hotkey: hexSchema,
      ss58: z.string(),
      pid: z.number(),
    }),
  ),
});
const axonSchema = z.object({ port: z.number() });

const STATUS_LIMITS = { limitBytes: 1 << 16, timeoutMs: 5000 };
const START_MS = 240_000;
/** Windows before the first siege: moments and memory have settled. */
const CALM_WINDOWS = 4;
const NODES = 5;
const SAMPLE_MS = 500;

/** A node of the network. */
export type Node = {
  readonly name: string;
  readonly role: "miner" | "validator";
  readonly hotkey: Hex;
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
};

/** Where its subnet is. */
export type Place = { readonly endpoint: string; readonly netuid: number; readonly runId: Hex };

function parsed<S extends z.ZodType>(path: string, schema: S): z.output<S> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return schema.parse(value);
  } catch {
    return null;
  }
}

/** Resident bytes of a process now, by the system; 0 when it is gone. */
function rssOf(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Blobs of a node by size, smallest first. */
export function blobsOf({ folder }: Node): { readonly address: Hex; readonly bytes: number }[] {
  const blobs = join(folder, "blobs");
  return readdirSync(blobs)
    .map((name) => ({ address: `0x${name}` as const, name }))
    .filter(({ address }) => isHex(address, 32))
    .map(({ address, name }) => ({ address, bytes: statSync(join(blobs, name)).size }))
    .toSorted((a, b) => a.bytes - b.bytes);
}

/** A local network of two validators and three honest miners. */
export class LiveNetwork {
  readonly #output = mkdtempSync(join(tmpdir(), "assay-live-"));
  readonly #child: ChildProcess;
  readonly #peaks = new Map<number, number>();
  #sampler: NodeJS.Timeout | undefined;
  nodes: readonly Node[] = [];
  place: Place = { endpoint: "", netuid: 0, runId: "0x" };

  /** @param blockMs the least time between two blocks */
  constructor(blockMs: number) {
    const script = fileURLToPath(
      new URL(`../../subnet/main${import.meta.url.slice(-3)}`, import.meta.url),
    );
    const flags = ["--windows", "0", "--miners", "3", "--attack", "none", "--no-baseline"];
    const place = ["--port", "0", "--output", this.#output, "--block-ms", String(blockMs)];
    this.#child = spawn(process.execPath, [script, "localnet", ...flags, ...place], {
      stdio: "ignore",
    });
  }

  /** Waits until the network has trained some windows. */
  async ready(): Promise<void> {
    const until = performance.now() + START_MS;
    while (performance.now() < until) {
      await sleep(1000);
      if (this.#child.exitCode !== null) throw new Error("the local network ended early");
      this.#find();
      if (this.nodes.length < NODES) continue;
      const windows = await Promise.all(this.nodes.map((node) => this.#windowOf(node)));
      if (!windows.every((window) => window >= CALM_WINDOWS)) continue;
      this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS);
      return;
    }
    throw new Error("the local network did not come up in time");
  }

  /** The run's folder; null while there is none. */
  get folder(): string | null {
    const [run] = readdirSync(this.#output);
    return run === undefined ? null : join(this.#output, run);
  }

  #find(): void {
    const { folder } = this;
    const known = folder === null ? null : parsed(join(folder, "nodes.json"), nodesSchema);
    if (folder === null || known === null) return;
    const { endpoint, netuid, runId } = known;
    this.place = { endpoint, netuid, runId };
    this.nodes = known.nodes.flatMap(({ name, role, hotkey, ss58, pid }): Node[] => {
      const own = join(folder, "nodes", ss58);
      const port = parsed(join(own, "axon.json"), axonSchema)?.port;
      return port === undefined ? [] : [{ name, role, hotkey, pid, port, folder: own }];
    });
  }

  #sample(): void {
    for (const { pid } of this.nodes)
      this.#peaks.set(pid, Math.max(this.#peaks.get(pid) ?? 0, rssOf(pid)));
  }

  /** The most memory of each process since this was asked last. */
  takePeaks(): ReadonlyMap<number, number> {
    this.#sample();
    const peaks = new Map(this.#peaks);
    this.#peaks.clear();
    return peaks;
  }

  async #windowOf({ port }: Node): Promise<number> {
    const url = urlOf({ ip: "127.0.0.1", port }, "/status");
    const status = await fetchJson(url, statusSchema, STATUS_LIMITS).catch(() => null);
    return status?.window ?? -1;
  }

  /** The newest window that a node stands in. */
  async window(): Promise<number> {
    for (;;) {
      const windows = await Promise.all(this.nodes.map((node) => this.#windowOf(node)));
      const newest = Math.max(...windows);
      if (newest >= 0) return newest;
      await sleep(200);
    }
  }

  /** What validators recorded, by window. */
  records(): ReadonlyMap<number, WindowRecord> {
    const found = new Map<number, WindowRecord>();
    for (const { folder } of this.nodes.filter(({ role }) => role === "validator"))
      for (const name of readdirSync(folder).filter((one) => /^records-.*\.jsonl$/.test(one)))
        for (const line of readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1)) {
          const record = windowRecordSchema.parse(JSON.parse(line));
          found.set(record.window, found.get(record.window) ?? record);
        }
    return found;
  }

  async close(): Promise<void> {
    clearInterval(this.#sampler);
    this.#child.kill("SIGINT");
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    rmSync(this.#output, { recursive: true, force: true });
  }
}
