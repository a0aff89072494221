/** @file Faults of real processes: each puts in a fault, takes it out again and starts what it killed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { WindowStep } from "../../src/api/types.ts";
import { type Network, type NetworkNode, nodeNamed, statusOf, until } from "./network.ts";
import { holdsPort } from "./relay.ts";

/** Length of a pause in windows: a minute at windows of ten seconds. */
const PAUSE_WINDOWS = 6;
const STALL_WINDOWS = 20;
const DAY_MS = 86_400_000;
/** A step comes once a window; nodes may need some windows to begin. */
const STEP_WINDOWS = 6;
const MAJORITY = "validator-1";
const MINORITY = "validator-2";
const MINER = "miner-1";

/** One fault. */
export type RealFault = {
  readonly name: string;
  readonly about: string;
  /** Resolves when everything runs again. */
  readonly run: (net: Network) => Promise<void>;
};

async function windows(net: Network, count: number): Promise<void> {
  await sleep(count * net.windowMs);
}

async function pause(net: Network, nodes: readonly NetworkNode[]): Promise<void> {
  for (const { process } of nodes) process.pause();
  try {
    await windows(net, PAUSE_WINDOWS);
  } finally {
    for (const { process } of nodes) process.resume();
  }
}

const pauseOf =
  (name: string) =>
  (net: Network): Promise<void> =>
    pause(net, [nodeNamed(net, name)]);

/** Waits until a node has just done a step of a window that is not over. */
async function stepDone(net: Network, name: string, step: WindowStep): Promise<void> {
  const node = nodeNamed(net, name);
  let first: number | null | undefined;
  await until(
    `${name}: ${step}`,
    async () => {
      const progress = (await statusOf(node))?.progress;
      const window = progress?.step === step ? progress.window : null;
      // A step that was done before anybody looked may be long over.
      first ??= window ?? -1;
      return window !== null && window !== first;
    },
    STEP_WINDOWS * net.windowMs,
  );
}

async function killAfter(net: Network, name: string, step: WindowStep): Promise<void> {
  await stepDone(net, name, step);
  const { process } = nodeNamed(net, name);
  await process.kill();
  net.step(`${name} killed after "${step}"; started again`);
  process.start();
}

async function killChain(net: Network): Promise<void> {
  await net.chain.kill();
  net.step("chain killed");
  await windows(net, PAUSE_WINDOWS / 2);
  net.chain.start();
  await net.chain.ready;
  net.step("chain started again");
}

async function stallChain(net: Network): Promise<void> {
  net.blocks.holdAt(net.subnet.blocks.current.number);
  await windows(net, STALL_WINDOWS);
  net.blocks.release();
}

async function fillDisk(net: Network): Promise<void> {
  const { process } = nodeNamed(net, MAJORITY);
  process.fillDisk();
  await Promise.race([process.exited, windows(net, PAUSE_WINDOWS)]);
  if (process.runs) throw new Error(`${MAJORITY} goes on without disk space`);
  const code = await process.exited;
  net.step(`${MAJORITY} ended with ${code} for want of disk space`);
  if (code !== 1) throw new Error(`${MAJORITY} ended with ${code} on a full disk, not 1`);
  await windows(net, 1);
  process.start();
}

/** The majority validator and half of the miners on one side, the others on the other; the chain answers both. */
async function partition(net: Network): Promise<void> {
  const left = new Set([MAJORITY, "miner-1", "miner-2"]);
  for (const node of net.nodes) {
    const others = net.nodes.filter(({ name }) => left.has(name) !== left.has(node.name));
    node.relay.cut((port) => others.some(({ process: { pid } }) => holdsPort(pid ?? -1, port)));
  }
  net.step(`partition: ${[...left].join(", ")} on one side`);
  await windows(net, PAUSE_WINDOWS);
  for (const { relay } of net.nodes) relay.cut(() => false);
  net.step("partition over");
}

/** A validator a month ahead and a miner a month behind, for the rest of the case. */
async function shiftClocks(net: Network): Promise<void> {
  for (const [name, days] of [
    [MAJORITY, 30],
    [MINER, -30],
  ] as const) {
    const { process } = nodeNamed(net, name);
    await process.stop(PAUSE_WINDOWS * net.windowMs);
    const preload = new URL(`./shifted-clock${import.meta.url.slice(-3)}`, import.meta.url);
    preload.searchParams.set("ms", String(days * DAY_MS));
    process.start(["--import", preload.href]);
  }
}

async function killEverything(net: Network): Promise<void> {
  const all = [net.chain, ...net.nodes.map(({ process }) => process)];
  await Promise.all(all.map((process) => process.kill()));
  net.step("every process killed");
  await windows(net, 1);
  net.chain.start();
  await net.chain.ready;
  for (const { process } of net.nodes) process.start();
  net.step("every process started again");
}

/** The chosen cases. */
export const REAL_FAULTS: readonly RealFault[] = [
  {
    name: "validator-paused",
    about: "SIGSTOP of a validator without a majority for six windows",
    run: pauseOf(MINORITY),
  },
  {
    name: "majority-paused",
    about: "SIGSTOP of the validator with most of the stake for six windows",
    run: pauseOf(MAJORITY),
  },
  { name: "miner-paused", about: "SIGSTOP of a miner for six windows", run: pauseOf(MINER) },
  {
    name: "all-paused",
    about: "SIGSTOP of all nodes for six windows, while blocks go on",
    run: (net) => pause(net, net.nodes),
  },
  {
    name: "validator-killed",
    about: "SIGKILL of the majority's validator between its vote and its record",
    run: (net) => killAfter(net, MAJORITY, "voted"),
  },
  {
    name: "miner-killed",
    about: "SIGKILL of a miner between its commitment and its reveal",
    run: (net) => killAfter(net, MINER, "committed"),
  },
  { name: "chain-killed", about: "SIGKILL of the chain, back after three windows", run: killChain },
  {
    name: "chain-stalled",
    about: "no block for the time of twenty windows, while the chain answers",
    run: stallChain,
  },
  {
    name: "disk-full",
    about: "no disk space for the majority's validator, which ends and is started again",
    run: fillDisk,
  },
  {
    name: "partition",
    about: "two halves of the nodes without a line between them for six windows",
    run: partition,
  },
  {
    name: "clock-off",
    about: "a validator a month ahead, a miner a month behind, to the end",
    run: shiftClocks,
  },
  {
    name: "all-killed",
    about: "SIGKILL of every process at once, the chain's too",
    run: killEverything,
  },
];
