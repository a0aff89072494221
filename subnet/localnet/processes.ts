/** @file The processes of a local network: the chain, a look for a device, one node for each member. */
import { once } from "node:events";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { listenFault } from "../../base/listen.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { AssayError } from "../../src/errors.ts";
import { statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { diedOf, type Running, startRole } from "../spawn.ts";
import { isMiner, type Member } from "./members.ts";
import type { LocalnetOptions } from "./options.ts";
import { CHAIN_FILE, GENESIS_FILE, WALLETS } from "./run-folder.ts";

/** A member whose process runs. */
export type StartedMember = { readonly member: Member; readonly process: Running };

/** What starting needs: where to write, what ends it, whom to tell. */
export type BootParts = {
  readonly folder: string;
  readonly lifecycle: Lifecycle;
  /** Progress for people, one step a line. */
  readonly step: (text: string) => void;
  /** How far a long step is. */
  readonly far: TellFar;
  /** Every process as soon as it runs. */
  readonly started: (process: Running) => void;
};

/** How the nodes of a network are started. */
export type NodeSettings = Pick<
  LocalnetOptions,
  "device" | "missPercent" | "tensorboard" | "store" | "storeUrl"
> & {
  readonly endpoint: string;
  readonly netuid: number;
  /** Ports of axons by hotkey, for nodes that served before: nobody need be told a new one. */
  readonly ports: ReadonlyMap<Hex, number>;
};

/** Everything of a local network listens here. */
export const HOST = "127.0.0.1";
const GRACE_MS = 5000;
/** Between two node starts: each needs about two seconds of one core to load. */
const STAGGER_MS = 400;
const READY_TIMEOUT_MS = 120_000;
const STATUS_LIMITS = { limitBytes: 8192, timeoutMs: 2500 };

/** Whether `port` can be listened on; when not, `cause` says why. */
async function probePort(port: number): Promise<{ free: true } | { free: false; cause: unknown }> {
  const probe = createServer();
  try {
    await once(probe.listen(port, HOST), "listening");
  } catch (cause) {
    return { free: false, cause };
  }
  probe.close();
  await once(probe, "close");
  return { free: true };
}

/** Said here, because the chain's process could only leave it in its log. @throws AssayError port-in-use */
export async function requireFreePort(port: number): Promise<void> {
  const probed = await probePort(port);
  if (probed.free) return;
  const { cause } = probed;
  const fault = listenFault(cause, { service: "chain", host: HOST, port });
  throw fault === null ? cause : new AssayError(fault, { cause });
}

/** The port, or 0 (any free one) when somebody has taken it meanwhile. */
export async function portIfFree(port: number): Promise<number> {
  return (await probePort(port)).free ? port : 0;
}

/** Starts the embedded chain on genesis.json and chain.sqlite of the folder; resolves once it answers. @throws AssayError node-died */
export async function startChain(
  { port, shield, pruning }: Pick<LocalnetOptions, "port" | "shield" | "pruning">,
  parts: BootParts,
): Promise<Running & { port: number }> {
  const { folder, lifecycle } = parts;
  const args = ["chain", "--port", String(port), "--sealing", "manual", "--log-level", "warn"];
  args.push("--genesis", join(folder, GENESIS_FILE), "--database", join(folder, CHAIN_FILE));
  if (!shield) args.push("--no-shield");
  args.push("--pruning", pruning);
  const running = startRole("subnet", args, { name: "chain", logPath: join(folder, "chain.log") });
  lifecycle.onClose("chain process", () => running.stop(GRACE_MS));
  parts.started(running);
  const message = await running.ready;
  if (message === null || typeof message !== "object" || !("port" in message))
    throw await diedOf(running, "chain");
  // Later too: without its chain the network cannot go on, and the chain's own words say why.
  const watch = async (): Promise<void> => {
    const died = await diedOf(running, "chain");
    if (!lifecycle.signal.aborted) lifecycle.fail(died);
  };
  void watch();
  return { ...running, port: Number(message.port) };
}

const deviceSchema = z.object({ chosen: z.enum(["cuda", "webgpu", "cpu"]) });

/** Looks for a device once, in a process of its own: native libraries write to the terminal as they please. */
export async function findDevice(
  wanted: LocalnetOptions["device"],
  parts: BootParts,
): Promise<LocalnetOptions["device"]> {
  const logPath = join(parts.folder, "devices.log");
  const probe = startRole("subnet", ["devices", "--device", wanted], { name: "devices", logPath });
  parts.lifecycle.onClose("device probe", () => probe.stop(GRACE_MS));
  const found = deviceSchema.safeParse(await probe.ready);
  if (!found.success) throw await diedOf(probe, "device probe");
  const { chosen } = found.data;
  const none = wanted === "auto" && chosen === "cpu" ? " (no GPU found; why: devices.log)" : "";
  parts.step(`training on ${chosen}${none}`);
  return chosen;
}

/** The command line of a member's node. */
async function argsOf(
  { name, kind, hotkey }: Member,
  folder: string,
  { endpoint, netuid, device, missPercent, tensorboard, store, storeUrl, ports }: NodeSettings,
): Promise<string[]> {
  const port = ports.get(hotkey.publicKey);
  const free = port === undefined ? 0 : await portIfFree(port);
  const args = ["--wallet", name, "--wallet-folder", join(folder, WALLETS)];
  args.push("--netuid", String(netuid), "--endpoint", endpoint);
  args.push("--state", join(folder, "nodes"), "--device", device, "--log-format", "json");
  if (free !== 0) args.push("--axon-port", String(free));
  if (store !== undefined) args.push("--store", store);
  if (storeUrl !== undefined) args.push("--store-url", storeUrl);
  if (tensorboard !== undefined) args.push("--tensorboard", resolve(tensorboard, name));
  if (!isMiner(kind)) return args;
  args.push("--strategy", kind);
  if (missPercent !== 0) args.push("--miss-percent", String(missPercent));
  return args;
}

/** Starts one process for each member but the owner. */
export async function startNodes(
  members: readonly Member[],
  settings: NodeSettings,
  parts: BootParts,
): Promise<StartedMember[]> {
  const nodes: StartedMember[] = [];
  // All at once: one after the other, ten slow ones would take ten times as long to stop.
  parts.lifecycle.onClose("nodes", async () => {
    await Promise.all(nodes.map((node) => node.process.stop(GRACE_MS)));
  });
  for (const member of members) {
    if (member.kind === "owner") continue;
    parts.lifecycle.signal.throwIfAborted();
    const logPath = join(parts.folder, `${member.name}.log`);
    const role = isMiner(member.kind) ? "miner" : "validator";
    const args = await argsOf(member, parts.folder, settings);
    const process = startRole(role, args, { name: member.name, logPath });
    parts.started(process);
    nodes.push({ member, process });
    await sleep(STAGGER_MS);
  }
  return nodes;
}

/** Hotkeys whose axon is published. */
export async function publishedAxons(chain: ChainClient, netuid: number): Promise<Set<Hex>> {
  const { neurons } = await chain.metagraph(netuid);
  return new Set(neurons.filter(({ axon }) => axon !== null).map(({ hotkey }) => hotkey));
}

/** Hotkeys that answer at the port they had. */
export async function answeringAxons(ports: ReadonlyMap<Hex, number>): Promise<Set<Hex>> {
  const answers = await Promise.all(
    [...ports].map(async ([hotkey, port]) => {
      const url = urlOf({ ip: HOST, port }, "/status");
      const status = await fetchJson(url, statusSchema, STATUS_LIMITS).catch(() => null);
      return status?.hotkey === hotkey ? [hotkey] : [];
    }),
  );
  return new Set(answers.flat());
}

/** Waits until `serving` names every node; a node that ends before is an error that names its log. */
export async function awaitNodes(
  nodes: readonly StartedMember[],
  serving: () => Promise<ReadonlySet<Hex>>,
  parts: BootParts,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const died = nodes.map(async ({ member, process }): Promise<never> => {
    await process.exited;
    throw await diedOf(process, member.name);
  });
  for (const one of died) one.catch(() => undefined); // heard below while we wait, ignored afterwards
  for (let shown = -1; ;) {
    parts.lifecycle.signal.throwIfAborted();
    const found = await serving();
    const ready = nodes.filter(({ member }) => found.has(member.hotkey.publicKey)).length;
    if (ready !== shown) parts.step(`nodes ready: ${ready} of ${nodes.length}`);
    shown = ready;
    if (ready === nodes.length) return;
    if (performance.now() > deadline)
      throw new AssayError({
        code: "node-died",
        role: "slow node",
        exitCode: null,
        logPath: parts.folder,
      });
    await Promise.race([sleep(500), ...died]);
  }
}
