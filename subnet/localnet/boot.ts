/** @file Brings a local network up: chain, owner, registrations, nodes; then publishes the run. */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { listenFault } from "../../base/listen.ts";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { type BlobStore, openBlobs } from "../../src/blobs/directory.ts";
import type { LocalnetOptions } from "./options.ts";
import { AssayError } from "../../src/errors.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { Heads } from "../../src/run/block-clock.ts";
import { diedOf, type Running, startRole } from "../spawn.ts";
import { createCast, isMiner, kindsOf, type Member } from "./cast.ts";
import { genesisOf } from "./genesis.ts";
import { publishManifest, type Seed, seedRun } from "./seed.ts";

/** A member whose process runs. */
export type StartedMember = { readonly member: Member; readonly process: Running };

/** A running local network. */
export type Localnet = {
  readonly folder: string;
  readonly netuid: number;
  readonly chain: ChainClient;
  readonly heads: Heads;
  readonly members: readonly Member[];
  readonly nodes: readonly StartedMember[];
  readonly chainProcess: Running;
  readonly endpoint: string;
  readonly blobs: BlobStore;
  readonly seed: Seed;
  readonly manifest: RunManifest;
  readonly runId: Hex;
};

/** What booting needs: the option set, where to write, whom to tell. */
export type BootParts = {
  readonly folder: string;
  readonly lifecycle: Lifecycle;
  /** Progress for people, one step a line. */
  readonly step: (text: string) => void;
  /** Every process as soon as it runs. */
  readonly started: (process: Running) => void;
};

const HOST = "127.0.0.1";
const NETUID = 1;
/** One demo window, so that weights count after every window. */
const TEMPO_BLOCKS = 12;
const GRACE_MS = 5000;
/** Between two node starts: each needs about two seconds of one core to load. */
const STAGGER_MS = 400;
/** Blocks between publishing the run and its first window: time to fetch the data and start the engine. */
const LEAD_BLOCKS = 32;
const READY_TIMEOUT_MS = 120_000;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Said here, because the chain's process could only leave it in its log. @throws AssayError port-in-use */
async function requireFreePort(port: number): Promise<void> {
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

async function startChain(
  options: LocalnetOptions,
  genesis: unknown,
  parts: BootParts,
): Promise<Running & { port: number }> {
  const genesisPath = join(parts.folder, "genesis.json");
  await writeFile(genesisPath, JSON.stringify(genesis));
  const logPath = join(parts.folder, "chain.log");
  const args = ["chain", "--port", String(options.port), "--sealing", String(options.blockMs)];
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
  return { ...running, port: Number(message.port) };
}

const deviceSchema = z.object({ chosen: z.enum(["cuda", "webgpu", "cpu"]) });

/** Looks for a device once, in a process of its own: native libraries write to the terminal as they please. */
async function findDevice(
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

async function registerMiners(chain: ChainClient, members: readonly Member[]): Promise<void> {
  // One after the other: uids in the order of the cast, so that tables of two runs read alike.
  for (const { kind, coldkey, hotkey } of members)
    if (isMiner(kind)) await chain.burnedRegister(coldkey, NETUID, hotkey.publicKey);
}

async function serveOwner(
  owner: Member,
  blobs: BlobStore,
  chain: ChainClient,
  lifecycle: Lifecycle,
): Promise<void> {
  const status = {
    role: "owner" as const,
    hotkey: owner.hotkey.publicKey,
    runId: null,
    window: null,
    thetaDigest: null,
    device: "none",
    heldOut: null,
    activity: "hands out the run's manifest, data and first checkpoint",
  };
  const axon = await serveAxon(
    {
      blobs,
      status: () => status,
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
    },
    { host: HOST, port: 0 },
  );
  lifecycle.onClose("owner's axon", () => axon.close());
  await chain.serveAxon(owner.hotkey, NETUID, { ip: HOST, port: axon.port });
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

async function startNodes(
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
async function awaitNodes(
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

/** The owner's chain connection and its view of time. */
async function connectOwner(
  endpoint: string,
  lifecycle: Lifecycle,
): Promise<{ chain: ChainClient; heads: Heads }> {
  const chain = await connectChain({ endpoints: [endpoint], signal: lifecycle.signal });
  lifecycle.onClose("chain client", () => chain.close());
  const heads = new Heads(chain, await chain.head());
  const following = heads.follow(lifecycle.signal).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("heads", () => following);
  return { chain, heads };
}

/** Fixes the run's start, stores its manifest and names it in the subnet's identity. */
async function publishRun(
  parts: BootParts & { chain: ChainClient; heads: Heads; blobs: BlobStore; owner: Member },
  seed: Seed,
  windows: number,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  const startBlock = parts.heads.current.number + LEAD_BLOCKS;
  const when = { netuid: NETUID, startBlock, windows };
  const published = await publishManifest(seed, when, parts.blobs);
  await parts.chain.setSubnetIdentity(parts.owner.coldkey, NETUID, {
    name: "localnet",
    additional: `assay:run=${published.runId}`,
  });
  parts.step(
    `run ${published.runId.slice(0, 18)} published; window 0 starts at block ${startBlock}`,
  );
  return published;
}

/** Starts everything and publishes the run; its first window begins `LEAD_BLOCKS` blocks later. */
export async function bootLocalnet(options: LocalnetOptions, parts: BootParts): Promise<Localnet> {
  const { folder, lifecycle, step } = parts;
  await requireFreePort(options.port);
  await mkdir(join(folder, "wallets"), { recursive: true });
  // The data first: what is wrong with it is said before anything has started.
  const blobs = openBlobs(join(folder, "owner", "blobs"));
  step(`reading text below ${options.data}`);
  const seed = await seedRun(options.data, kindsOf(options).length, blobs);
  const megabytes = (seed.trainingBytes / 1e6).toFixed(1);
  step(
    `${megabytes} MB of text from ${seed.files} files, ${seed.pages} pages, ${seed.parameters} parameters`,
  );
  step("making wallets");
  const members = await createCast(options, join(folder, "wallets"));
  const owner = members.find((member) => member.kind === "owner");
  if (owner === undefined) throw new Error("the cast has no owner");
  step("starting the chain, looking for a GPU");
  const genesis = genesisOf(members, { netuid: NETUID, tempo: TEMPO_BLOCKS });
  const [chainProcess, device] = await Promise.all([
    startChain(options, genesis, parts),
    findDevice(options, parts),
  ]);
  const endpoint = `ws://${HOST}:${chainProcess.port}`;
  step(`chain answers on ${endpoint}; registering miners`);
  const { chain, heads } = await connectOwner(endpoint, lifecycle);
  await registerMiners(chain, members);
  await serveOwner(owner, blobs, chain, lifecycle);
  step("starting validators and miners, one process each");
  const nodes = await startNodes(members, { ...options, device, endpoint }, parts);
  await awaitNodes(chain, nodes, parts);
  const run = await publishRun({ ...parts, chain, heads, blobs, owner }, seed, options.windows);
  const common = { folder, netuid: NETUID, endpoint, chain, heads, members, nodes };
  return { ...common, chainProcess, blobs, seed, ...run };
}
