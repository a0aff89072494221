/** @file A network of real processes to put faults into: chain, validators, miners, each axon behind a relay. */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Status, statusSchema } from "../../src/api/types.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { rulesDigest, rulesOf } from "../../src/protocol/rules.ts";
import { windowClock, type WindowClock } from "../../src/protocol/window.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { genesisOf } from "../../subnet/localnet/genesis.ts";
import {
  type Cast,
  createMembers,
  isMiner,
  type Member,
  ownerOf,
} from "../../subnet/localnet/members.ts";
import { publishRun, registerMiners, serveOwner } from "../../subnet/localnet/owner.ts";
import { planOf } from "../../subnet/localnet/plan.ts";
import { seedPlan } from "../../subnet/localnet/seed.ts";
import { BlockMaker } from "./block-maker.ts";
import { NodeProcess } from "./node-process.ts";
import { openRelay, type Relay } from "./relay.ts";

/** Blocks of a window in the demo's phases. */
const BLOCKS_PER_WINDOW = 12;
/** While nothing is trained yet, blocks are made faster. */
const BOOT_BLOCK_MS = 100;
const HOST = "127.0.0.1";
/** Blocks between publishing the run and its first window. */
const LEAD_BLOCKS = 4;
const CAST: Cast = { validators: 2, miners: 4, attack: "none" };
/** More windows than any case takes. */
const WINDOWS = 600;
const READY_MS = 180_000;
const GRACE_MS = 15_000;
const STAGGER_MS = 300;
const STATUS_LIMITS = { limitBytes: 1 << 16, timeoutMs: 2000 };

/** A validator or miner of the network. */
export type NetworkNode = {
  readonly name: string;
  readonly member: Member;
  readonly process: NodeProcess;
  readonly port: number;
  readonly relay: Relay;
};

/** What a network is started with. */
export type NetworkOptions = {
  readonly folder: string;
  readonly windowMs: number;
  /** key=value of a subnet.toml. */
  readonly set: readonly string[];
  readonly step: (text: string) => void;
  /** Who takes part; two validators and four miners. */
  readonly cast?: Cast;
  /** By what nodes reach the chain at an endpoint; that endpoint. */
  readonly reachedBy?: (endpoint: string) => Promise<string>;
};

/** A network that trains. */
export type Network = {
  readonly folder: string;
  readonly windowMs: number;
  readonly chain: NodeProcess;
  readonly nodes: readonly NetworkNode[];
  readonly blocks: BlockMaker;
  readonly subnet: Subnet;
  readonly clock: WindowClock;
  /** Digest of the run's rules, which nobody amends. */
  readonly rules: Hex;
  readonly members: readonly Member[];
  readonly signal: AbortSignal;
  readonly step: (text: string) => void;
  /** Ends everything; exit codes by name, null: it had to be killed. */
  close(): Promise<ReadonlyMap<string, number | null>>;
};

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, HOST), "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startChain(folder: string): Promise<{ chain: NodeProcess; endpoint: string }> {
  const port = await freePort();
  const args = ["chain", "--port", String(port), "--sealing", "manual", "--log-level", "warn"];
  args.push("--genesis", join(folder, "genesis.json"), "--database", join(folder, "chain.sqlite"));
  const logPath = join(folder, "chain.log");
  const chain = new NodeProcess({ name: "chain", role: "subnet", args, logPath });
  chain.start();
  if ((await chain.ready) === null) throw new Error(`the chain did not start: ${logPath}`);
  return { chain, endpoint: `ws://${HOST}:${port}` };
}

async function nodeOf(
  member: Member,
  at: { readonly folder: string; readonly endpoint: string; readonly netuid: number },
): Promise<NetworkNode> {
  const { folder, endpoint, netuid } = at;
  const { name } = member;
  const port = await freePort();
  const relay = await openRelay(port);
  const args = ["--wallet", name, "--wallet-folder", join(folder, "wallets"), "--device", "cpu"];
  args.push("--netuid", String(netuid), "--endpoint", endpoint, "--state", join(folder, "nodes"));
  args.push("--axon-port", String(port), "--axon-external-port", String(relay.port));
  const role = isMiner(member.kind) ? "miner" : "validator";
  const logPath = join(folder, `${name}.log`);
  return { name, member, port, relay, process: new NodeProcess({ name, role, args, logPath }) };
}

/** What a node says of itself, asked without its relay; null: it does not answer. */
export function statusOf({ port }: NetworkNode): Promise<Status | null> {
  const url = urlOf({ ip: HOST, port }, "/status");
  return fetchJson(url, statusSchema, STATUS_LIMITS).catch(() => null);
}

/** The node of a name. */
export function nodeNamed({ nodes }: Pick<Network, "nodes">, name: string): NetworkNode {
  const found = nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
}

/** Waits for something that must come. @throws Error when it does not within `limitMs` */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  limitMs: number,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await sleep(25);
  }
}

/** Waits until all nodes stand in the run, in the window that `now` says or later. */
async function allIn(nodes: readonly NetworkNode[], now: () => number): Promise<void> {
  const waiting = new Set(nodes);
  await until(
    "all nodes are in the run",
    async () => {
      for (const node of waiting) {
        if (!node.process.runs)
          throw new Error(`${node.name} ended: ${node.process.launch.logPath}`);
        const window = (await statusOf(node))?.window ?? null;
        if (window !== null && window >= now()) waiting.delete(node);
      }
      return waiting.size === 0;
    },
    READY_MS,
  );
}

/** Waits until all nodes have caught up with the window that is running. */
export function allBack({ nodes, clock, subnet }: Network): Promise<void> {
  return allIn(nodes, () => clock.windowOf(subnet.blocks.current.number));
}

/** Everything that was opened, closed in reverse. */
class Opened {
  readonly processes: NodeProcess[] = [];
  readonly relays: Relay[] = [];
  readonly lifecycle = new Lifecycle();

  /** Exit codes by name. */
  async close(): Promise<ReadonlyMap<string, number | null>> {
    const codes = new Map<string, number | null>();
    const end = async (one: NodeProcess): Promise<void> => {
      codes.set(one.launch.name, await one.stop(GRACE_MS));
    };
    const [chain, ...nodes] = this.processes;
    await Promise.all(nodes.map(end));
    await this.lifecycle.close();
    if (chain !== undefined) await end(chain);
    for (const relay of this.relays) relay.close();
    return codes;
  }
}

/** Brings a network up and publishes its run; resolves when its first window begins. */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const opened = new Opened();
  try {
    return await boot(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** A process for each member but the owner. */
async function startNodes(
  members: readonly Member[],
  place: { readonly folder: string; readonly endpoint: string; readonly netuid: number },
  opened: Opened,
): Promise<readonly NetworkNode[]> {
  const nodes: NetworkNode[] = [];
  for (const member of members.filter(({ kind }) => kind !== "owner")) {
    const node = await nodeOf(member, place);
    opened.relays.push(node.relay);
    opened.processes.push(node.process);
    node.process.start();
    nodes.push(node);
    await sleep(STAGGER_MS);
  }
  return nodes;
}

async function boot(options: NetworkOptions, opened: Opened): Promise<Network> {
  const { folder, windowMs, step } = options;
  const { lifecycle } = opened;
  const { signal } = lifecycle;
  mkdirSync(join(folder, "wallets"), { recursive: true });
  const plan = planOf({ windows: WINDOWS, set: [...options.set], data: undefined }, null);
  const blobs = openBlobs(join(folder, "owner", "blobs"));
  const members = await createMembers(options.cast ?? CAST, join(folder, "wallets"));
  const seed = await seedPlan(plan.config, { neurons: members.length, blobs });
  writeFileSync(join(folder, "genesis.json"), JSON.stringify(genesisOf(members, plan.config)));
  const { chain, endpoint } = await startChain(folder);
  opened.processes.push(chain);
  const { netuid } = plan.config.chain;
  const subnet = await reachSubnet({ netuid, endpoint }, { lifecycle, blobs, patient: true });
  const blocks = new BlockMaker(subnet.chain, BOOT_BLOCK_MS);
  const making = blocks.run(signal);
  lifecycle.onClose("blocks", () => making);
  await registerMiners(subnet, members);
  await serveOwner(ownerOf(members), subnet, lifecycle);
  const reachedBy = (await options.reachedBy?.(endpoint)) ?? endpoint;
  const nodes = await startNodes(members, { folder, endpoint: reachedBy, netuid }, opened);
  let published: RunManifest | null = null;
  await publishRun(plan, seed, {
    subnet,
    owner: ownerOf(members),
    pace: {
      leadBlocks: LEAD_BLOCKS,
      hold: (heard) => blocks.hold(heard),
      // The first window waits for everybody.
      release: () => blocks.holdAt((published?.startBlock ?? 0) - 1),
    },
    onManifest: (manifest) => (published = manifest),
    step,
    signal,
  });
  const manifest = published as RunManifest | null;
  if (manifest === null) throw new Error("no run was published");
  await allIn(nodes, () => 0);
  blocks.blockMs = windowMs / BLOCKS_PER_WINDOW;
  blocks.release();
  return {
    folder,
    windowMs,
    chain,
    nodes,
    blocks,
    subnet,
    clock: windowClock(manifest),
    rules: rulesDigest(rulesOf(manifest)),
    members,
    signal,
    step,
    close: () => opened.close(),
  };
}
