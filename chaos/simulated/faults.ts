/** @file Puts the faults of a cell into a stage, takes them out again, and knows who was there in each window. */
import type { SimulatedNode } from "../../simulation/node.ts";
import type { Dice } from "../outcome/dice.ts";
import { restaked } from "../../simulation/chain.ts";
import { FOR_GOOD, type FaultPhase, type SimulatedFault, type What, type Whom } from "./plan.ts";
import type { Stage } from "./stage.ts";

/** Windows that are trained before a fault. */
export const FAULT_WINDOW = 3;

const MONTH_MS = 30 * 86_400_000;
/** Steps of a window's work are fewer. */
const MOST_STEPS = 24;

/** Who is away, or on which side of a wall, in which blocks. */
export type Trouble = {
  readonly fault: SimulatedFault;
  readonly from: number;
  readonly to: number;
  /** Who is away, or walled off from all others. */
  readonly nodes: readonly SimulatedNode[];
};

function nodesOf({ majority, minority, miners, world }: Stage, whom: Whom): SimulatedNode[] {
  const groups: { readonly [W in Whom]: readonly SimulatedNode[] } = {
    majority: [majority.node],
    minority: [minority.node],
    miner: miners.slice(0, 1),
    everybody: world.nodes,
    half: [majority.node, ...miners.slice(0, 2)],
    chain: [],
  };
  return [...groups[whom]];
}

function blockOf({ world }: Stage, window: number, phase: FaultPhase): number {
  const { clock } = world.run;
  const first = {
    train: clock.startBlock,
    commit: clock.firstCommitBlock,
    reveal: clock.firstRevealBlock,
    judge: clock.firstJudgeBlock,
  }[phase](window);
  // The phase has begun for everybody.
  return first + 1;
}

/** When a fault begins and ends, and whom it meets. */
export function troubleOf(stage: Stage, fault: SimulatedFault): Trouble {
  const { phase, windows, whom, what } = fault;
  const from = blockOf(stage, FAULT_WINDOW, phase);
  // While the chain stands still there are no blocks to count by.
  const isBrief = what === "chain-stall" || what === "stake-moved";
  const last = windows === FOR_GOOD ? FOR_GOOD : blockOf(stage, FAULT_WINDOW + windows, phase);
  const to = isBrief ? from : last;
  return { fault, from, to, nodes: nodesOf(stage, whom) };
}

/** What makes a node end by itself is over: its process is tidied up and started again. */
async function restarted(node: SimulatedNode): Promise<void> {
  await node.kill();
  node.disk.isFull = false;
  node.expectsFailure = false;
  node.start();
}

/** What a fault does to a node when it begins, and when it is over. */
const ON_NODES: {
  readonly [W in What]?: {
    begin(node: SimulatedNode, dice: Dice): unknown;
    end(node: SimulatedNode): unknown;
  };
} = {
  stop: { begin: (node) => node.kill(), end: (node) => node.start() },
  // Anywhere between two steps of its work.
  kill: {
    begin: (node, dice) => node.killAfter(Math.floor(dice.fraction() * MOST_STEPS)),
    end: restarted,
  },
  pause: { begin: (node) => node.pause(), end: (node) => node.continue() },
  "disk-full": {
    begin(node) {
      node.expectsFailure = true;
      node.disk.isFull = true;
    },
    end: restarted,
  },
};

/** Ten times the stake in the very block in which votes are counted, and back in the next. */
function moveStake(world: Stage["world"], nodes: readonly SimulatedNode[]): void {
  const { chain, run } = world;
  const block = run.clock.lastJudgeBlock(FAULT_WINDOW + 1);
  for (const { hotkey } of nodes) {
    const own = (): bigint =>
      chain.stateAt().seats.find((seat) => seat.hotkey === hotkey)?.stakeRao ?? 0n;
    world.atBlock(block, () => void chain.call(restaked(hotkey, own() * 10n)));
    world.atBlock(block + 1, () => void chain.call(restaked(hotkey, own() / 10n)));
  }
}

/** Puts one fault into the stage; call it before the first block. */
export function arrange({ world }: Stage, trouble: Trouble, dice: Dice): void {
  const { fault, from, to, nodes } = trouble;
  const onNodes = ON_NODES[fault.what];
  if (onNodes !== undefined) {
    world.atBlock(from, () => Promise.all(nodes.map((node) => onNodes.begin(node, dice))));
    world.atBlock(to, () => Promise.all(nodes.map((node) => onNodes.end(node))));
  }
  if (fault.what === "partition") {
    const inside = nodes.map(({ hotkey }) => hotkey);
    const all = world.nodes.map(({ hotkey }) => hotkey);
    const outside = all.filter((one) => !inside.includes(one));
    world.atBlock(from, () => world.network.partition([inside, outside]));
    world.atBlock(to, () => world.network.heal());
  }
  if (fault.what === "chain-stall")
    world.atBlock(from, () => world.stall(fault.windows * world.run.clock.blocksPerWindow));
  if (fault.what === "stake-moved") moveStake(world, nodes);
  if (fault.what === "clock-off") {
    const right = Date.now;
    const shiftMs = (fault.windows % 2 === 0 ? 1 : -1) * MONTH_MS;
    world.atBlock(from, () => (Date.now = () => right() + shiftMs));
    world.atBlock(to, () => (Date.now = right));
  }
}
