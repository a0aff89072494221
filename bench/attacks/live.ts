/**
 * @file A siege of a small local network that trains: strangers attack one miner, then one validator, then all of its nodes. What counts is
 * whether windows are missed; beside it how honest peers are served, the nodes' memory, and how long attackers last.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { statusSchema } from "../../src/api/types.ts";
import { fetchBlob, fetchJson, urlOf } from "../../src/network/client.ts";
import { isHex } from "../../src/protocol/digest.ts";
import { windowRecordSchema } from "../../src/protocol/record.ts";
import { type Attack, isCut } from "./attackers.ts";
import type { Order, Outcome } from "./child.ts";

const nodesSchema = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(["miner", "validator", "subnet"]),
      ss58: z.string(),
      pid: z.number(),
    }),
  ),
});
const axonSchema = z.object({ port: z.number() });

/** What a siege of some nodes did. */
export type LiveSiege = {
  readonly target: string;
  readonly attacks: readonly Attack[];
  readonly windows: number;
  /** Windows in which nobody's update was accepted, and updates of honest miners that were not. */
  readonly nullWindows: number;
  readonly missedUpdates: number;
  readonly updates: number;
  readonly fetches: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The most that any of the nodes grew, in bytes. */
  readonly rssGrowthBytes: number;
  readonly connections: number;
  readonly cutWithinMs: number | null;
};

const LIMITS = { limitBytes: 1 << 24, timeoutMs: 5000 };
const START_MS = 240_000;
/** Windows before the first siege: moments and memory have settled. */
const CALM_WINDOWS = 4;
/** Fetched by the honest peer: what is of the size of an update. */
const UPDATE_BYTES = { least: 1000, most: 1_000_000 };

/** A node of the network under attack. */
type Node = {
  readonly name: string;
  readonly role: "miner" | "validator";
  readonly pid: number;
  readonly port: number;
  readonly blobs: string;
};

function parsed<S extends z.ZodType>(path: string, schema: S): z.output<S> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return schema.parse(value);
  } catch {
    return null;
  }
}

/** The folder of a node's state somewhere below the run's. */
function folderOf(output: string, ss58: string): string | null {
  const found = readdirSync(output, { recursive: true, encoding: "utf8" });
  const path = found.find((one) => one.endsWith(join(ss58, "axon.json")));
  return path === undefined ? null : join(output, path, "..");
}

/** Resident bytes of a process now, by the system. */
function rssOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Blobs of a node by size, smallest first. */
function blobsOf(node: Node): { readonly address: `0x${string}`; readonly bytes: number }[] {
  return readdirSync(node.blobs)
    .map((name) => ({ address: `0x${name}` as const, name }))
    .filter(({ address }) => isHex(address, 32))
    .map(({ address, name }) => ({ address, bytes: statSync(join(node.blobs, name)).size }))
    .toSorted((a, b) => a.bytes - b.bytes);
}

/** A local network of two validators and three honest miners. */
export class LiveNetwork {
  readonly #output = mkdtempSync(join(tmpdir(), "assay-live-"));
  readonly #child: ChildProcess;
  nodes: readonly Node[] = [];

  constructor() {
    const script = fileURLToPath(
      new URL(`../../subnet/main${import.meta.url.slice(-3)}`, import.meta.url),
    );
    const flags = ["--windows", "0", "--miners", "3", "--attack", "none", "--no-baseline"];
    const place = ["--port", "0", "--output", this.#output];
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
      this.nodes = this.#found();
      if (this.nodes.length < 5) continue;
      const windows = await Promise.all(this.nodes.map((node) => this.window(node)));
      if (windows.every((window) => window >= CALM_WINDOWS)) return;
    }
    throw new Error("the local network did not come up in time");
  }

  #found(): readonly Node[] {
    const [run] = readdirSync(this.#output);
    const known = run && parsed(join(this.#output, run, "nodes.json"), nodesSchema);
    if (!known) return [];
    return known.nodes.flatMap(({ name, role, ss58, pid }): Node[] => {
      const folder = role === "subnet" ? null : folderOf(this.#output, ss58);
      const port =
        folder === null ? undefined : parsed(join(folder, "axon.json"), axonSchema)?.port;
      if (folder === null || port === undefined || role === "subnet") return [];
      return [{ name, role, pid, port, blobs: join(folder, "blobs") }];
    });
  }

  /** The window that a node stands in; -1 while it does not say. */
  async window({ port }: Node): Promise<number> {
    const url = urlOf({ ip: "127.0.0.1", port }, "/status");
    const status = await fetchJson(url, statusSchema, LIMITS).catch(() => null);
    return status?.window ?? -1;
  }

  /** What a validator recorded of windows, as far as it serves them. */
  async records(first: number, last: number): Promise<z.output<typeof windowRecordSchema>[]> {
    const validators = this.nodes.filter(({ role }) => role === "validator");
    const found: z.output<typeof windowRecordSchema>[] = [];
    for (let window = first; window <= last; window++)
      for (const { port } of validators) {
        const url = urlOf({ ip: "127.0.0.1", port }, `/records/${window}`);
        const record = await fetchJson(url, windowRecordSchema, LIMITS).catch(() => null);
        if (record === null) continue;
        found.push(record);
        break;
      }
    return found;
  }

  async close(): Promise<void> {
    this.#child.kill("SIGINT");
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    rmSync(this.#output, { recursive: true, force: true });
  }
}

/** An honest peer that fetches updates of all victims in turn. */
async function serve(
  victims: readonly Node[],
  ms: number,
): Promise<{ took: number[]; failures: number }> {
  const until = performance.now() + ms;
  const took: number[] = [];
  let failures = 0;
  for (let index = 0; performance.now() < until; index++) {
    const victim = victims[index % victims.length];
    const blob = victim && blobsOf(victim).findLast(({ bytes }) => bytes <= UPDATE_BYTES.most);
    if (victim === undefined || blob === undefined) break;
    const began = performance.now();
    const axon = { ip: "127.0.0.1", port: victim.port };
    if ((await fetchBlob(axon, blob.address, LIMITS).catch(() => null)) === null) failures += 1;
    took.push(performance.now() - began);
    await sleep(50);
  }
  return { took: took.toSorted((a, b) => a - b), failures };
}

/** Attackers of one node each, in processes of their own. */
function attack(victims: readonly Node[], attacks: readonly Attack[]): () => Promise<Outcome[]> {
  const script = fileURLToPath(new URL(`./child${import.meta.url.slice(-3)}`, import.meta.url));
  const children = victims.map((victim) => {
    const child = fork(script, ["attackers"]);
    const large = `/blobs/${blobsOf(victim).at(-1)?.address ?? ""}`;
    const text = victim.role === "validator" ? "/records/1" : "/digests";
    const order: Order = { attacks, target: { port: victim.port, large, text } };
    child.send(order);
    return child;
  });
  return () =>
    Promise.all(
      children.map(async (child) => {
        child.send("stop");
        const [outcome]: Outcome[] = await once(child, "message");
        child.disconnect();
        return outcome ?? {};
      }),
    );
}

/** Attacks some nodes of a network in all these ways at once; without any it measures the network left alone. */
export async function besiegeLive(
  network: LiveNetwork,
  victims: { readonly name: string; readonly nodes: readonly Node[] },
  { attacks, ms }: { readonly attacks: readonly Attack[]; readonly ms: number },
): Promise<LiveSiege> {
  const [observer] = network.nodes.filter(({ role }) => role === "validator");
  if (observer === undefined) throw new Error("the network has no validator");
  const first = (await network.window(observer)) + 1;
  const calm = new Map(victims.nodes.map(({ pid }) => [pid, rssOf(pid)]));
  let rssGrowthBytes = 0;
  const sampler = setInterval(() => {
    for (const [pid, before] of calm)
      rssGrowthBytes = Math.max(rssGrowthBytes, rssOf(pid) - before);
  }, 500);
  const stop = attacks.length === 0 ? null : attack(victims.nodes, attacks);
  const { took, failures } = await serve(victims.nodes, ms);
  clearInterval(sampler);
  const outcomes = (await stop?.()) ?? [];
  // The last window of the siege is recorded, and served, some windows later.
  const last = (await network.window(observer)) - 1;
  for (let second = 0; second < 60 && (await network.window(observer)) < last + 4; second++)
    await sleep(1000);
  const at = (share: number): number => took[Math.floor(share * (took.length - 1))] ?? 0;
  const damages = attacks
    .filter(isCut)
    .flatMap((name) => outcomes.flatMap((outcome) => outcome[name] ?? []));
  return {
    target: victims.name,
    attacks,
    ...tallied(await network.records(first, last), network.nodes, last - first + 1),
    fetches: took.length,
    failures,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    rssGrowthBytes,
    connections: damages.reduce((sum, { cuts }) => sum + cuts, 0),
    cutWithinMs: damages.length === 0 ? null : Math.max(...damages.map((one) => one.longestMs)),
  };
}

/** What records say of some windows; one that nobody recorded counts as null. */
function tallied(
  records: readonly z.output<typeof windowRecordSchema>[],
  nodes: readonly Node[],
  windows: number,
): Pick<LiveSiege, "windows" | "nullWindows" | "missedUpdates" | "updates"> {
  const accepted = records.map((record) => record.accepted.length);
  const filled = accepted.filter((count) => count > 0);
  const miners = nodes.filter(({ role }) => role === "miner").length;
  const updates = accepted.reduce((sum, count) => sum + count, 0);
  const nullWindows = windows - filled.length;
  return { windows, nullWindows, updates, missedUpdates: windows * miners - updates };
}
