/** @file Brings a local network up again in the folder of its run: same chain, same wallets, same ports, same state. */
import { join } from "node:path";
import type { Hex } from "../../src/protocol/digest.ts";
import { windowClock } from "../../src/protocol/window.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { openMembers, ownerOf } from "./members.ts";
import {
  type Localnet,
  ownerStore,
  pacedOf,
  reachLocalnet,
  startPace,
  writeNodes,
} from "./network.ts";
import { blockMsOf, requireChain, startChosenChain } from "./native-chain.ts";
import { requireUnoccupied } from "./occupants.ts";
import type { ResumeOptions } from "./options.ts";
import { serveOwner } from "./owner.ts";
import { LocalnetPage } from "./page.ts";
import {
  answeringAxons,
  awaitNodes,
  type BootParts,
  requireFreePort,
  startNodes,
} from "./processes.ts";
import { manifestOf, requireHeight } from "./resumable.ts";
import { readProgress, readRun, type RunFile, WALLETS, writeRun } from "./run-folder.ts";

/** Where the axons listened when the chain stopped. */
async function portsOf({ chain, netuid }: Subnet): Promise<ReadonlyMap<Hex, number>> {
  const { neurons } = await chain.metagraph(netuid);
  return new Map(
    neurons.flatMap(({ hotkey, axon }) => (axon === null ? [] : [[hotkey, axon.port] as const])),
  );
}

/**
 * Goes on with a run: the chain stands where it stood, and makes no block before everybody is back.
 * @throws AssayError bad-option: no run in the folder, or it still runs; run-damaged
 */
export async function resumeLocalnet(
  options: ResumeOptions & { readonly folder: string },
  parts: BootParts,
): Promise<Localnet> {
  const { folder, lifecycle, step } = parts;
  const run: RunFile = readRun(folder);
  const blockMs = blockMsOf(run, options.blockMs);
  await requireUnoccupied(folder, lifecycle.signal);
  const wanted = options.port ?? run.port;
  await requireFreePort(wanted);
  const manifest = await manifestOf(folder, run.runId);
  const members = await openMembers(run, join(folder, WALLETS));
  step("starting the chain where it stopped");
  const { netuid, device, runId, missPercent } = run;
  requireChain({ ...run, blockMs });
  const started = await startChosenChain({ ...run, blockMs, port: wanted }, parts);
  const { chainProcess, authorities, port } = started;
  const blobs = ownerStore({}, parts);
  const reached = await reachLocalnet({ netuid, chain: started, blockMs, blobs }, parts);
  const { subnet, pace, endpoint } = reached;
  const clock = windowClock(manifest);
  const height = subnet.blocks.current.number;
  requireHeight(folder, manifest, height);
  step(`chain answers on ${endpoint} at block ${height}, in window ${clock.windowOf(height)}`);
  const { tensorboard } = options;
  const ports = await portsOf(subnet);
  const settings = { device, missPercent, tensorboard, endpoint, netuid, ports };
  step("starting validators and miners with the state they had");
  const nodes = await startNodes(members, settings, parts);
  // A node whose port was taken meanwhile publishes its new one in the first block.
  const same = nodes.filter(({ process }) => process.args.includes("--axon-port"));
  await awaitNodes(same, () => answeringAxons(settings.ports), parts);
  pace.follow(clock, pacedOf(nodes), true);
  startPace(pace, parts);
  const page = new LocalnetPage(members, subnet, pace);
  lifecycle.onClose("page", async () => page.close());
  const shown = { page, metrics: page.metrics(folder) };
  step(`page: ${await serveOwner(ownerOf(members), subnet, lifecycle, shown)}`);
  await writeRun(folder, { ...withoutFormat(run), port, blockMs });
  const before = readProgress(folder);
  page.follow({ runId, manifest }, before.heldOut);
  const { pruning } = run;
  // Half of what is kept: by the first look the chain may have forgotten the rest.
  const paidSince =
    pruning === "archive" ? 0 : Math.max(0, height - Math.floor(Number(pruning) / 2));
  const parties = { members, nodes, chainProcess, authorities };
  const kept = { pruning, paidSince };
  const net = { folder, ...parties, ...kept, before, page, manifest, runId, ...reached };
  await writeNodes(net);
  return net;
}

function withoutFormat({ format: _format, ...rest }: RunFile): Omit<RunFile, "format"> {
  return rest;
}
