/** @file Brings a local network up: data, wallets, chain, owner, nodes; then the run is published. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "../../src/blobs/directory.ts";
import type { LocalnetOptions } from "../../src/command/options.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Seed } from "../publish/seed.ts";
import type { Running } from "../spawn.ts";
import { genesisOf } from "./genesis.ts";
import { createMembers, kindsOf, type Member } from "./members.ts";
import { connectOwner, OWNER_BLOBS, publishRun, registerMiners, serveOwner } from "./owner.ts";
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
import { describeSeed, seedDemo } from "./seed.ts";

/** A running local network. */
export type Localnet = {
  readonly folder: string;
  /** As the owner reaches it. */
  readonly subnet: Subnet;
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
  const subnet = await connectOwner(endpoint, blobs, lifecycle);
  await registerMiners(subnet.chain, members);
  await serveOwner(owner, subnet, lifecycle);
  step("starting validators and miners, one process each");
  const nodes = await startNodes(members, { ...options, device, endpoint }, parts);
  await awaitNodes(subnet.chain, nodes, parts);
  const published = await publishRun({ subnet, owner, step }, seed, options.windows);
  return { folder, subnet, members, nodes, chainProcess, endpoint, seed, ...published };
}
