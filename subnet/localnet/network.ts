/** @file A local network that runs, and what starting a new one and going on with an old one have in common. */
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { join } from "node:path";
import type { BlobStore } from "../../src/blobs/directory.ts";
import { openStore } from "../../src/neuron/store.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Running } from "../spawn.ts";
import type { Paced } from "./gates.ts";
import { isMiner, type Member } from "./members.ts";
import { Pace, type Pacing } from "./pace.ts";
import type { LocalnetPage } from "./page.ts";
import type { StartedChain } from "./native-chain.ts";
import { type BootParts, type StartedMember } from "./processes.ts";
import { RealTime } from "./real-time.ts";
import { writeTargets } from "./targets.ts";
import { OWNER_BLOBS, type Progress } from "./run-folder.ts";

/** A running local network. */
export type Localnet = {
  readonly folder: string;
  /** As the owner reaches it. */
  readonly subnet: Subnet;
  /** What makes its blocks. */
  readonly pace: Pacing;
  readonly members: readonly Member[];
  readonly nodes: readonly StartedMember[];
  readonly chainProcess: Running;
  /** Of a native chain, the one above among them; none of an embedded one. */
  readonly authorities: readonly Running[];
  readonly endpoint: string;
  readonly manifest: RunManifest;
  readonly runId: Hex;
  /** What browsers are shown. */
  readonly page: LocalnetPage;
  /** What of old blocks its chain keeps. */
  readonly pruning: string;
  /** Pay is counted from this block on: before it a pruned chain, when it was started, may have kept nothing. */
  readonly paidSince: number;
  /** How far the run had come when it was started this time. */
  readonly before: Progress;
};

/** The owner's blobs, as others are to read them. They stay in the folder: it is the run's record. */
export function ownerStore(
  options: Parameters<typeof openStore>[0],
  { folder, lifecycle, step }: Pick<BootParts, "folder" | "lifecycle" | "step">,
): BlobStore {
  const place = { folder: join(folder, OWNER_BLOBS), node: "owner", say: step, mirror: true };
  return openStore(options, { ...place, lifecycle });
}

/** The owner's view of the network on a chain that answers, and what makes its blocks. */
export async function reachLocalnet(
  at: {
    readonly netuid: number;
    readonly chain: StartedChain;
    readonly blockMs: number;
    readonly blobs: BlobStore;
  },
  { lifecycle }: Pick<BootParts, "lifecycle">,
): Promise<Pick<Localnet, "subnet" | "pace" | "endpoint">> {
  const { blobs, netuid, blockMs } = at;
  const { endpoint, genesis, authorities } = at.chain;
  const subnet = await reachSubnet({ netuid, endpoint, genesis }, { lifecycle, blobs });
  const isNative = authorities.length > 0;
  const pace = isNative ? new RealTime(subnet, blockMs) : new Pace(subnet, blockMs);
  return { subnet, endpoint, pace };
}

/** Makes blocks until the lifecycle ends. */
export function startPace(pace: Pacing, { lifecycle }: Pick<BootParts, "lifecycle">): void {
  const pacing = pace.run(lifecycle.signal).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("pace", () => pacing);
}

/** Whom the chain waits for: every started member. */
export function pacedOf(nodes: readonly StartedMember[]): Paced[] {
  return nodes.map(({ member }) => ({
    name: member.name,
    role: isMiner(member.kind) ? "miner" : "validator",
    hotkey: member.hotkey.publicKey,
  }));
}

/** Writes who runs where, for people, for tests that kill nodes, and for whoever goes on with the run. */
export async function writeNodes(
  net: Pick<
    Localnet,
    | "folder"
    | "members"
    | "nodes"
    | "endpoint"
    | "runId"
    | "chainProcess"
    | "authorities"
    | "subnet"
  >,
): Promise<void> {
  const nodes = net.nodes.map(({ member, process: running }) => ({
    name: member.name,
    kind: member.kind,
    role: running.role,
    hotkey: member.hotkey.publicKey,
    ss58: member.hotkey.ss58,
    pid: running.pid,
    args: running.args,
    log: running.logPath,
  }));
  const authorities = net.authorities.map(({ name, pid, logPath }) => ({
    name,
    pid,
    log: logPath,
  }));
  const makers = [net.chainProcess, ...net.authorities].map(({ pid }) => pid);
  const pids = [...new Set(makers), ...nodes.map(({ pid }) => pid)];
  const content = {
    endpoint: net.endpoint,
    netuid: net.subnet.netuid,
    runId: net.runId,
    parent: process.pid,
    pids,
    ...(authorities.length > 0 && { authorities }),
    nodes,
  };
  await writeAtomically(join(net.folder, "nodes.json"), `${JSON.stringify(content, null, 2)}\n`);
  await writeTargets({ ...net, isNative: net.authorities.length > 0 });
}
