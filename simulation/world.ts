/** @file A whole subnet in one process: chain, clock, network, and nodes that run the product's own loops. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Participant } from "../src/neuron/participant.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { WindowRecord } from "../src/protocol/record.ts";
import type { Run } from "../src/run/run.ts";
import { resume } from "../miner/resume.ts";
import type { Strategy } from "../miner/strategies/strategy.ts";
import { validate } from "../validator/loop.ts";
import { HiddenWeights } from "../validator/hidden-weights.ts";
import { type Memory, memoryOf } from "../validator/memory.ts";
import { Permit } from "../validator/permit.ts";
import { Unseen } from "../validator/unseen.ts";
import { SimulatedChain, seated } from "./chain.ts";
import { LossMemo } from "./engine.ts";
import type { Material } from "./material.ts";
import { SimulatedNetwork } from "./network.ts";
import { type NodeOptions, SimulatedNode, type Surroundings } from "./node.ts";
import { SimulatedTime } from "./time.ts";

/** How a world is made. */
export type WorldOptions = {
  readonly seed: number;
  readonly material: Material;
  /** Blocks become final in steps of so many; 1. */
  readonly finalityStep?: number;
  /** Where real files go; a temporary folder that is removed again. */
  readonly folder?: string;
};

/** A validator to be. */
export type ValidatorSpec = { readonly name: string; readonly stakeRao: bigint };

/** A miner to be. */
export type MinerSpec = Pick<NodeOptions, "serves"> & {
  readonly name: string;
  readonly strategy: (miner: Participant) => Strategy;
};

/** A validator's node, and what it remembers. */
export type ValidatorNode = {
  readonly node: SimulatedNode;
  readonly memory: () => Memory;
  /** Its log, oldest window first. */
  readonly records: () => readonly WindowRecord[];
};

/** Simulated time between two blocks: long against the pauses of the loops, short against none of them. */
export const BLOCK_MS = 1000;
/** Blocks before window 0 at which a world begins. */
const EARLY_BLOCKS = 4;

/** A subnet with its nodes. Seats are taken in the order in which nodes are added: that is their uid. */
export class World {
  readonly chain: SimulatedChain;
  readonly network = new SimulatedNetwork();
  readonly time = new SimulatedTime();
  readonly run: Run;
  readonly #around: Surroundings;
  readonly #folder: string;
  readonly #nodes: SimulatedNode[] = [];
  readonly #due = new Map<number, (() => unknown)[]>();
  #lateMs = 0;
  /** What is under way because of a block: kills take a while. */
  #reactions: Promise<unknown>[] = [];

  constructor(options: WorldOptions) {
    const { seed, material, finalityStep = 1 } = options;
    const { startBlock } = material.manifest;
    const { train, commit, reveal, judge } = material.manifest.phases;
    this.chain = new SimulatedChain({
      seed,
      height: startBlock - EARLY_BLOCKS,
      tempo: train + commit + reveal + judge,
      finalityStep,
    });
    this.run = material.on(this.chain.genesisHash);
    this.#folder = options.folder ?? mkdtempSync(join(tmpdir(), "assay-simulation-"));
    this.#around = {
      chain: this.chain,
      network: this.network,
      time: this.time,
      memo: new LossMemo(),
      run: this.run,
      genesis: material.genesis,
    };
  }

  /** All nodes, in the order in which they were added. */
  get nodes(): readonly SimulatedNode[] {
    return this.#nodes;
  }

  #add(options: Omit<NodeOptions, "folder">): SimulatedNode {
    const folder = join(this.#folder, String(this.#nodes.length));
    const node = new SimulatedNode({ ...options, folder }, this.#around);
    this.#nodes.push(node);
    return node;
  }

  /** Adds a validator; it starts with the world. */
  validator({ name }: Pick<ValidatorSpec, "name">): ValidatorNode {
    let memory: Memory | null = null;
    const node = this.#add({
      name,
      role: "validator",
      live: async (participant) => {
        const permit = new Permit(participant);
        const recalled = await memoryOf(participant);
        memory = recalled;
        const hidden = await HiddenWeights.open(participant);
        await hidden.joined(participant.run, recalled);
        const unseen = new Unseen(participant);
        const weightNews = new Reminder(participant.neuron.say);
        await validate({
          node: participant,
          memory: recalled,
          weigh: null,
          permit,
          hidden,
          unseen,
          weightNews,
        });
      },
    });
    const known = (): Memory => {
      if (memory === null) throw new Error(`${name} has judged nothing yet`);
      return memory;
    };
    const records = (): readonly WindowRecord[] => {
      const log = known().records;
      return log.windows.flatMap((window) => log.get(window)?.record ?? []);
    };
    return { node, memory: known, records };
  }

  /** Adds a miner; it starts with the world. */
  miner({ name, strategy, serves }: MinerSpec): SimulatedNode {
    return this.#add({
      name,
      role: "miner",
      live: (miner) => resume(miner, strategy(miner)),
      ...(serves !== undefined && { serves }),
    });
  }

  /** Gives nodes the uids 0, 1, ...; before the first block. */
  seat(seats: readonly { readonly node: SimulatedNode; readonly stakeRao?: bigint }[]): void {
    this.chain.found(
      seats.map(({ node, stakeRao = 0n }) => ({
        hotkey: node.hotkey,
        stakeRao,
        permit: node.role === "validator",
        registeredAt: 0,
      })),
    );
  }

  /** Registers a node's hotkey: with the next uid, or with one whose holder goes. */
  register(node: SimulatedNode, uid = Number.MAX_SAFE_INTEGER): void {
    const seat = { hotkey: node.hotkey, stakeRao: 0n, permit: node.role === "validator" };
    void this.chain.call(seated(uid, seat));
  }

  /** Does something when a block is made, before any node hears of it. */
  atBlock(block: number, what: () => unknown): void {
    this.#due.set(block, [...(this.#due.get(block) ?? []), what]);
  }

  /** Lets the chain make blocks until `block` is final and everybody has done with it. @throws what ended a process */
  async runTo(block: number): Promise<void> {
    let isAsked = false;
    await this.time.run(() => {
      this.#throwFailure();
      if (this.chain.height >= block) return true;
      if (!isAsked) {
        isAsked = true;
        const afterMs = BLOCK_MS + this.#lateMs;
        this.#lateMs = 0;
        this.time.after(afterMs, () => {
          isAsked = false;
          this.#makeBlock();
        });
      }
      return false;
    });
    await Promise.all(this.#reactions.splice(0));
  }

  /** Runs until window `window` is over for everybody. */
  async runWindow(window: number): Promise<void> {
    await this.runTo(this.run.clock.lastJudgeBlock(window) + 2);
  }

  /** The chain makes its next block so many blocks' time late. */
  stall(blocks: number): void {
    this.#lateMs += blocks * BLOCK_MS;
  }

  #makeBlock(): void {
    const due = this.#due.get(this.chain.height + 1) ?? [];
    for (const what of due) this.#reactions.push(this.time.during(async () => what()));
    this.chain.makeBlock();
  }

  #throwFailure(): void {
    const failed = this.#nodes.find((one) => one.failure !== null && !one.expectsFailure);
    if (failed !== undefined)
      throw new Error(`the process of ${failed.name} ended`, { cause: failed.failure });
  }

  /** Digest of theta at each window that a node derived itself. */
  digestsOf({ participant }: SimulatedNode): ReadonlyMap<number, Hex> {
    const known = participant?.follower.digests(0) ?? [];
    return new Map(known.map(({ window, digest }) => [window, digest]));
  }

  /** Ends all processes and removes their folders. */
  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
