/** @file A worker's part of a task: the payload from whoever has it, the pages from the chain's draws, the losses from its own engine. */
import { clippedUpdate, tensorNorms } from "../../src/gauntlet/norms.ts";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type IncentiveRules, rulesDigest } from "../../src/protocol/rules.ts";
import { readUpdate } from "../../src/protocol/update.ts";
import { Bench, keysOf } from "../evaluation/bench.ts";
import type { Task } from "../evaluation/task.ts";

/** What a worker measures with. */
export type Measurer = Pick<Participant, "run" | "engine" | "record" | "subnet" | "follower"> & {
  readonly neuron: Pick<Participant["neuron"], "signal">;
};

/** Updates that are kept decoded: each is asked for twice, first on noise and then on its own pages. */
const KEPT_UPDATES = 32;

/** A task that this worker cannot do, with the reason. */
export class Unfit extends Error {}

/** Measures the tasks of one window. */
export class WindowMeasurer {
  readonly #node: Measurer;
  readonly #rules: IncentiveRules;
  readonly #window: number;
  readonly #updates = new Map<Hex, Promise<SparseUpdate>>();
  #bench: Promise<Bench> | null = null;

  constructor(node: Measurer, window: number, rules: IncentiveRules) {
    this.#node = node;
    this.#window = window;
    this.#rules = rules;
  }

  /** The losses that a task asks for. @throws Unfit where this worker has other parameters or rules, or nobody serves the payload */
  async losses(task: Task): Promise<PairedLosses> {
    const { follower } = this.#node;
    if (task.window !== this.#window || task.theta !== follower.digest)
      throw new Unfit(`this worker stands in window ${this.#window} with ${follower.digest}`);
    if (task.rules !== rulesDigest(this.#rules)) throw new Unfit("other rules are in force here");
    const update = await this.#update(task);
    const clipped = clippedUpdate(update, tensorNorms(update), task.usual);
    this.#bench ??= this.#open();
    const bench = await this.#bench;
    return bench.losses({ update: clipped, factor: task.factor }, task.pages);
  }

  async #open(): Promise<Bench> {
    const [keys, hotkeys] = await Promise.all([
      keysOf(this.#node, this.#window),
      this.#node.record.hotkeys(this.#window),
    ]);
    return new Bench(this.#node, { window: this.#window, rules: this.#rules, keys, hotkeys });
  }

  #update(task: Task): Promise<SparseUpdate> {
    const found = this.#updates.get(task.payload) ?? this.#fetched(task);
    this.#updates.delete(task.payload);
    this.#updates.set(task.payload, found);
    found.catch(() => this.#updates.delete(task.payload));
    const [oldest] = this.#updates.keys();
    if (this.#updates.size > KEPT_UPDATES && oldest !== undefined) this.#updates.delete(oldest);
    return found;
  }

  async #fetched({ payload, hotkey }: Task): Promise<SparseUpdate> {
    const { run, subnet, follower, neuron } = this.#node;
    const limits = { limitBytes: run.maximumUpdateBytes, signal: neuron.signal, owner: hotkey };
    const bytes = await subnet.finder.find(payload, limits);
    const reading = readUpdate(bytes, run.updateLayout, follower.expectedHeader(hotkey));
    if (!reading.ok) throw new Unfit(`its payload is none here: ${reading.reason}`);
    return reading.update;
  }
}
