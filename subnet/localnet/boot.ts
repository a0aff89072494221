/** @file Brings a new local network up: data, wallets, chain, owner, nodes; then the run is published. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "../../src/blobs/directory.ts";
import { windowClock } from "../../src/protocol/window.ts";
import type { Seed } from "../publish/seed.ts";
import { genesisOf } from "./genesis.ts";
import { createMembers, kindsOf, ownerOf } from "./members.ts";
import {
  type Localnet,
  ownerStore,
  pacedOf,
  reachLocalnet,
  startPace,
  writeNodes,
} from "./network.ts";
import { LocalnetPage } from "./page.ts";
import { startChosenChain } from "./native-chain.ts";
import type { LocalnetOptions } from "./options.ts";
import { hideWeights, publishRun, registerMiners, serveOwner } from "./owner.ts";
import type { Plan } from "./plan.ts";
import {
  awaitNodes,
  type BootParts,
  findDevice,
  publishedAxons,
  requireFreePort,
  startNodes,
} from "./processes.ts";
import { GENESIS_FILE, OWNER_BLOBS, readProgress, WALLETS, writeRun } from "./run-folder.ts";
import { describeSeed, seedPlan } from "./seed.ts";

/** The text and theta_0. First of all: what is wrong with the data is said before anything has started. */
async function storeSeed(options: LocalnetOptions, plan: Plan, parts: BootParts): Promise<Seed> {
  const { folder, lifecycle, step, far } = parts;
  const { config } = plan;
  step(`reading text below ${config.data.folder}`);
  const store = { neurons: kindsOf(options).length, blobs: openBlobs(join(folder, OWNER_BLOBS)) };
  const seed = await seedPlan(config, store, {
    progress: ({ bytes }) => far({ what: "reading text", done: bytes, of: null, unit: "bytes" }),
    signal: lifecycle.signal,
  });
  step(describeSeed(config, seed));
  return seed;
}

/** What whoever goes on with the run has to know of its options. */
function keptOf(
  options: LocalnetOptions,
): Omit<Parameters<typeof writeRun>[1], "runId" | "netuid" | "port" | "blockMs" | "device"> {
  const { miners, validators, attack, partTime, missPercent, shield, pruning, chain } = options;
  return { miners, validators, attack, partTime, missPercent, shield, pruning, chain };
}

/** Starts everything and publishes the run; its first window begins some blocks later. */
export async function bootLocalnet(
  options: LocalnetOptions,
  plan: Plan,
  parts: BootParts,
): Promise<Localnet> {
  const { folder, lifecycle, step } = parts;
  const { netuid } = plan.config.chain;
  const { blockMs } = plan;
  await requireFreePort(options.port);
  const seed = await storeSeed(options, plan, parts);
  step("making wallets");
  const members = await createMembers(options, join(folder, WALLETS));
  step("starting the chain, looking for a GPU");
  const genesis = genesisOf(members, plan.config);
  await writeFile(join(folder, GENESIS_FILE), JSON.stringify(genesis));
  const [started, device] = await Promise.all([
    startChosenChain({ ...options, blockMs }, parts),
    findDevice(options.device, parts),
  ]);
  const { chainProcess, authorities, port } = started;
  const { store, storeUrl } = options;
  const blobs = ownerStore({ store, storeUrl }, parts);
  const reached = await reachLocalnet({ netuid, chain: started, blockMs, blobs }, parts);
  const { subnet, pace, endpoint } = reached;
  step(`chain answers on ${endpoint}; registering miners`);
  startPace(pace, parts);
  await registerMiners(subnet, members);
  const owner = ownerOf(members);
  await hideWeights(subnet, owner, plan.config);
  const page = new LocalnetPage(members, subnet, pace);
  lifecycle.onClose("page", async () => page.close());
  const shown = { page, metrics: page.metrics(folder) };
  step(`page: ${await serveOwner(owner, subnet, lifecycle, shown)}`);
  step("starting validators and miners, one process each");
  const { missPercent, pruning, tensorboard } = options;
  const told = { device, missPercent, tensorboard, store, storeUrl };
  const settings = { ...told, endpoint, netuid, ports: new Map() };
  const nodes = await startNodes(members, settings, parts);
  await awaitNodes(nodes, () => publishedAxons(subnet.chain, netuid), parts);
  const published = await publishRun(plan, seed, {
    subnet,
    owner,
    pace,
    step,
    signal: lifecycle.signal,
    onManifest: (manifest) => pace.follow(windowClock(manifest), pacedOf(nodes)),
  });
  const { runId } = published;
  await blobs.enter?.(runId);
  page.follow(published);
  await writeRun(folder, { ...keptOf(options), runId, netuid, port, blockMs, device });
  const before = readProgress(folder);
  const kept = { pruning, paidSince: 0 };
  const parties = { members, nodes, chainProcess, authorities };
  const net = { folder, ...parties, ...kept, before, page, ...reached, ...published };
  await writeNodes(net);
  return net;
}
