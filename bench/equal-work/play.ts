/** @file Plays one cast: a local network as `npm start` starts it, from its first process to what it left behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import { type Cast, localnetArgs } from "./casts.ts";
import { Newcomer } from "./newcomer.ts";
import {
  type Nodes,
  type Outcome,
  outcomeOf,
  readNodes,
  readReplay,
  readSummary,
} from "./outcome.ts";
import { Command, runCommand } from "./process.ts";

/** How casts are played. */
export type PlayParts = {
  /** A folder for this run alone. */
  readonly folder: string;
  readonly isKept: boolean;
  /** Shortest time between two blocks where a newcomer comes: the chain waits for members only. */
  readonly newcomerBlockMs: number;
  readonly signal: AbortSignal;
};

const placeSchema = z.object({ endpoint: z.string(), netuid: z.number() });
const axonSchema = z.object({ port: z.number() });
const STATUS_LIMITS = { limitBytes: 1 << 16, timeoutMs: 3000 };
const LOOK_MS = 1000;
/** A uid taken while a window runs counts from the next one, and a miner takes seconds to load. */
const EARLY_WINDOWS = 2;

/** The folder that the run made below `output`; null while there is none. */
function runFolder(output: string): string | null {
  const [name] = existsSync(output) ? readdirSync(output) : [];
  return name === undefined ? null : join(output, name);
}

/** The records of one run, one of each window: those of the validator with most stake, others' where it has none. */
function recordsOf(folder: string, { nodes }: Nodes): readonly WindowRecord[] {
  const found = new Map<number, WindowRecord>();
  for (const { ss58 } of nodes.filter(({ role }) => role === "validator")) {
    const own = join(folder, "nodes", ss58);
    const logs = existsSync(own) ? readdirSync(own) : [];
    for (const name of logs.filter((one) => /^records-.*\.jsonl$/.test(one)))
      for (const line of readFileSync(join(own, name), "utf8").split("\n").slice(0, -1)) {
        const record = windowRecordSchema.parse(JSON.parse(line));
        found.set(record.window, found.get(record.window) ?? record);
      }
  }
  return [...found.values()].toSorted((a, b) => a.window - b.window);
}

/** The newest window that a node of the run says it stands in; -1 while nobody says so. */
async function windowOf(folder: string, { nodes }: Nodes): Promise<number> {
  const windows = nodes.map(async ({ ss58 }) => {
    const path = join(folder, "nodes", ss58, "axon.json");
    if (!existsSync(path)) return -1;
    const { port } = axonSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    const url = urlOf({ ip: "127.0.0.1", port }, "/status");
    const status = await fetchJson(url, statusSchema, STATUS_LIMITS).catch(() => null);
    return status?.window ?? -1;
  });
  return Math.max(-1, ...(await Promise.all(windows)));
}

/** Waits until `ready` gives something; null once the network has ended. */
async function until<T>(network: Command, ready: () => Promise<T | null>): Promise<T | null> {
  for (; network.runs; await sleep(LOOK_MS)) {
    const found = await ready();
    if (found !== null) return found;
  }
  return null;
}

/** Brings a stranger into the network in time; stops it once the network has ended. */
async function bringNewcomer(
  network: Command,
  output: string,
  { joins, folder, logPath }: { joins: number; folder: string; logPath: string },
): Promise<void> {
  const nodesPath = async (): Promise<string | null> => {
    const path = join(runFolder(output) ?? "", "nodes.json");
    return existsSync(path) ? path : null;
  };
  const path = await until(network, nodesPath);
  const run = runFolder(output);
  if (path === null || run === null) return;
  const text = readFileSync(path, "utf8");
  const nodes = readNodes(text);
  const place = placeSchema.parse(JSON.parse(text));
  const newcomer = new Newcomer({ ...place, folder, logPath });
  await newcomer.prepare();
  const isTime = async (): Promise<true | null> =>
    (await windowOf(run, nodes)) >= joins - EARLY_WINDOWS ? true : null;
  if ((await until(network, isTime)) === null) return;
  const miner = await newcomer.join();
  await network.exited;
  await miner.stop();
}

/**
 * Plays a cast.
 * @throws Error when it ends without a summary
 */
export async function play(cast: Cast, repeat: number, parts: PlayParts): Promise<Outcome> {
  const { folder, isKept, newcomerBlockMs, signal } = parts;
  const output = join(folder, "localnet");
  mkdirSync(output, { recursive: true });
  const words = ["localnet", ...localnetArgs(cast), "--no-baseline", "--json"];
  words.push("--port", "0", "--output", output);
  if (cast.newcomer !== null) words.push("--block-ms", String(newcomerBlockMs));
  const network = new Command("subnet", words, join(folder, "localnet.log"));
  const stop = (): void => void network.stop();
  signal.addEventListener("abort", stop);
  try {
    const logPath = join(folder, "newcomer.log");
    const joining =
      cast.newcomer === null
        ? Promise.resolve()
        : bringNewcomer(network, output, { joins: cast.newcomer.joins, folder, logPath });
    // Without its newcomer the rest of the run is worth nothing.
    joining.catch(stop);
    await network.exited;
    await joining;
    const found = runFolder(output);
    if (found === null || !existsSync(join(found, "summary.json")))
      throw network.failure("ended without a summary");
    const summary = readSummary(network.stdout);
    const nodes = readNodes(readFileSync(join(found, "nodes.json"), "utf8"));
    const replay =
      cast.newcomer === null
        ? null
        : readReplay(await runCommand("subnet", ["replay", found, "--json"], logPath));
    return outcomeOf(cast, repeat, { summary, nodes, records: recordsOf(found, nodes), replay });
  } finally {
    signal.removeEventListener("abort", stop);
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  }
}
