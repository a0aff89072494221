/** @file Brings a local network up: data, wallets, chain, owner, nodes; then the run is published. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "../../src/blobs/directory.ts";
import type { LocalnetOptions } from "./options.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { windowClock } from "../../src/protocol/window.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Seed } from "../publish/seed.ts";
import type { Running } from "../spawn.ts";
import { genesisOf } from "./genesis.ts";
import { createMembers, isMiner, kindsOf, type Member } from "./members.ts";
import { OWNER_BLOBS, publishRun, registerMiners, serveOwner } from "./owner.ts";
import {
  awaitNodes,
  type BootParts,
  findDevice,
  HOST,
  NETUID,
  requireFreePort,
  startChain,
  type StartedMember,
  startNodes,
} from "./processes.ts";
import { Pace, type Paced } from "./pace.ts";
import { describeSeed, seedDemo } from "./seed.ts";

/** A running local network. */
export type Localnet = {
  readonly folder: string;
  /** As the owner reaches it. */
  readonly subnet: Subnet;
  /** What makes its blocks. */
  readonly pace: Pace;
  readonly members: readonly Member[];
  readonly nodes: readonly StartedMember[];
  readonly chainProcess: Running;
  readonly endpoint: string;
  readonly seed: Seed;
  readonly manifest: RunManifest;
  readonly runId: Hex;
};

/** One demo window, so that weights count after every window. */
const TEMPO_BLOCKS = 12;

/** Whom the chain waits for: every started member. */
function pacedOf(nodes: readonly StartedMember[]): Paced[] {
  return nodes.map(({ member }) => ({
    name: member.name,
    role: isMiner(member.kind) ? "miner" : "validator",
    hotkey: member.hotkey.publicKey,
  }));
}

/** Starts everything and publishes the run; its first window begins some blocks later. */
export async function bootLocalnet(options: LocalnetOptions, parts: BootParts): Promise<Localnet> {
  const { folder, lifecycle, step } = parts;
  await requireFreePort(options.port);
  await mkdir(join(folder, "wallets"), { recursive: true });
  // The data first: what is wrong with it is said before anything has started.
  const blobs = openBlobs(join(folder, OWNER_BLOBS));
  step(`reading text below ${options.data}`);
  const neurons = kindsOf(options).length;
  const seed = await seedDemo({ folder: options.data, neurons }, blobs, {
    progress: ({ files, bytes }) => step(`${bytes} bytes from ${files} files so far`),
    signal: lifecycle.signal,
  });
  step(describeSeed(options.data, seed));
  step("making wallets");
  const members = await createMembers(options, join(folder, "wallets"));
  const owner = members.find((member) => member.kind === "owner");
  if (owner === undefined) throw new Error("nobody owns the subnet");
  step("starting the chain, looking for a GPU");
  const genesis = genesisOf(members, { netuid: NETUID, tempo: TEMPO_BLOCKS });
  const [chainProcess, device] = await Promise.all([
    startChain(options, genesis, parts),
    findDevice(options, parts),
  ]);
  const endpoint = `ws://${HOST}:${chainProcess.port}`;
  step(`chain answers on ${endpoint}; registering miners`);
  const subnet = await reachSubnet({ netuid: NETUID, endpoint }, { lifecycle, blobs });
  const pace = new Pace(subnet, options.blockMs);
  const pacing = pace.run(lifecycle.signal).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("pace", () => pacing);
  await registerMiners(subnet.chain, members);
  await serveOwner(owner, subnet, lifecycle);
  step("starting validators and miners, one process each");
  const nodes = await startNodes(members, { ...options, device, endpoint }, parts);
  await awaitNodes(subnet.chain, nodes, parts);
  const published = await publishRun({ subnet, owner, step }, seed, options.windows);
  pace.follow(windowClock(published.manifest), pacedOf(nodes));
  return { folder, subnet, pace, members, nodes, chainProcess, endpoint, seed, ...published };
}
