/** @file The processes of a local network: the chain, a look for a device, one node for each member. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { listenFault } from "../../base/listen.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import type { LocalnetOptions } from "./options.ts";
import { AssayError } from "../../src/errors.ts";
import { diedOf, type Running, startRole } from "../spawn.ts";
import { isMiner, type Member } from "./members.ts";

/** A member whose process runs. */
export type StartedMember = { readonly member: Member; readonly process: Running };

/** What booting needs: where to write, what ends it, whom to tell. */
export type BootParts = {
  readonly folder: string;
  readonly lifecycle: Lifecycle;
  /** Progress for people, one step a line. */
  readonly step: (text: string) => void;
  /** Every process as soon as it runs. */
  readonly started: (process: Running) => void;
};

/** Everything of a local network listens here. */
export const HOST = "127.0.0.1";
/** The one subnet of a local network. */
export const NETUID = 1;
const GRACE_MS = 5000;
/** Between two node starts: each needs about two seconds of one core to load. */
const STAGGER_MS = 400;
const READY_TIMEOUT_MS = 120_000;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Said here, because the chain's process could only leave it in its log. @throws AssayError port-in-use */
export async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen(port, HOST), "listening");
  } catch (cause) {
    const fault = listenFault(cause, { service: "chain", host: HOST, port });
    throw fault === null ? cause : new AssayError(fault, { cause });
  }
  probe.close();
  await once(probe, "close");
}

/** Starts the embedded chain as a process; resolves once it answers. @throws AssayError node-died */
export async function startChain(
  options: LocalnetOptions,
  genesis: unknown,
  parts: BootParts,
): Promise<Running & { port: number }> {
  const genesisPath = join(parts.folder, "genesis.json");
  await writeFile(genesisPath, JSON.stringify(genesis));
  const logPath = join(parts.folder, "chain.log");
  const args = ["chain", "--port", String(options.port), "--sealing", "manual"];
  args.push(
    "--genesis",
    genesisPath,
    "--database",
    join(parts.folder, "chain.sqlite"),
    "--log-level",
    "warn",
  );
  const running = startRole("subnet", args, { name: "chain", logPath });
  parts.lifecycle.onClose("chain process", () => running.stop(GRACE_MS));
  parts.started(running);
  const message = await running.ready;
  if (message === null || typeof message !== "object" || !("port" in message))
    throw await diedOf(running, "chain");
  // Later too: without its chain the network cannot go on, and the chain's own words say why.
  const watch = async (): Promise<void> => {
    const died = await diedOf(running, "chain");
    if (!parts.lifecycle.signal.aborted) parts.lifecycle.fail(died);
  };
  void watch();
  return { ...running, port: Number(message.port) };
}

const deviceSchema = z.object({ chosen: z.enum(["cuda", "webgpu", "cpu"]) });

/** Looks for a device once, in a process of its own: native libraries write to the terminal as they please. */
export async function findDevice(
  options: LocalnetOptions,
  parts: BootParts,
): Promise<LocalnetOptions["device"]> {
  const logPath = join(parts.folder, "devices.log");
  const probe = startRole("subnet", ["devices", "--device", options.device], {
    name: "devices",
    logPath,
  });
  parts.lifecycle.onClose("device probe", () => probe.stop(GRACE_MS));
  const found = deviceSchema.safeParse(await probe.ready);
  if (!found.success) throw await diedOf(probe, "device probe");
  const { chosen } = found.data;
  parts.step(
    `training on ${chosen}${options.device === "auto" && chosen === "cpu" ? " (no GPU found; why: devices.log)" : ""}`,
  );
  return chosen;
}

/** The command line of a member's node. */
function argsOf(
  member: Member,
  folder: string,
  options: LocalnetOptions & { endpoint: string },
): string[] {
  const args = [
    "--wallet",
    member.name,
    "--wallet-folder",
    join(folder, "wallets"),
    "--netuid",
    String(NETUID),
  ];
  args.push(
    "--endpoint",
    options.endpoint,
    "--state",
    join(folder, "nodes"),
    "--device",
    options.device,
  );
  if (isMiner(member.kind)) args.push("--strategy", member.kind);
  return args;
}

/** Starts one process for each member but the owner. */
export async function startNodes(
  members: readonly Member[],
  options: LocalnetOptions & { endpoint: string },
  parts: BootParts,
): Promise<StartedMember[]> {
  const nodes: StartedMember[] = [];
  for (const member of members) {
    if (member.kind === "owner") continue;
    parts.lifecycle.signal.throwIfAborted();
    const logPath = join(parts.folder, `${member.name}.log`);
    const role = isMiner(member.kind) ? "miner" : "validator";
    const process = startRole(role, argsOf(member, parts.folder, options), {
      name: member.name,
      logPath,
    });
    parts.lifecycle.onClose(member.name, () => process.stop(GRACE_MS));
    parts.started(process);
    nodes.push({ member, process });
    await sleep(STAGGER_MS);
  }
  return nodes;
}

/** Waits until every node has published its axon; a node that ends before is an error that names its log. */
export async function awaitNodes(
  chain: ChainClient,
  nodes: readonly StartedMember[],
  parts: BootParts,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const died = nodes.map(async ({ member, process }) => {
    throw await diedOf(process, member.name);
  });
  for (const one of died) one.catch(() => undefined); // heard below while we wait, ignored afterwards
  for (let shown = -1; ;) {
    parts.lifecycle.signal.throwIfAborted();
    const { neurons } = await chain.metagraph(NETUID);
    const serving = new Set(
      neurons.filter((neuron) => neuron.axon !== null).map((neuron) => neuron.hotkey),
    );
    const ready = nodes.filter(({ member }) => serving.has(member.hotkey.publicKey)).length;
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
