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

/** Updates are kept decoded up to so many coordinates: each is asked for twice, first on noise and then, when all others were, on its own pages. */
const MOST_COORDINATES = 1 << 25;

/** An update, with the norms of its tensors. */
type Read = { readonly update: SparseUpdate; readonly norms: readonly number[] };

/** A task that this worker cannot do, with the reason. */
export class Unfit extends Error {}

/** Measures the tasks of one window. */
export class WindowMeasurer {
  readonly #node: Measurer;
  readonly #rules: IncentiveRules;
  readonly #window: number;
  readonly #updates = new Map<Hex, Promise<Read>>();
  readonly #coordinates = new Map<Hex, number>();
  #bench: Promise<Bench> | null = null;

  constructor(node: Measurer, window: number, rules: IncentiveRules) {
    this.#node = node;
    this.#window = window;
    this.#rules = rules;
  }

  /** Fetches and draws what a task needs, while another is measured. What fails is tried again, and told, when it is measured. */
  async prepare(task: Task): Promise<void> {
    if (task.window !== this.#window) return;
    const pages = this.#opened().then((bench) => bench.prepare(task.pages));
    await Promise.allSettled([this.#update(task), pages]);
  }

  /** The losses that a task asks for. @throws Unfit where this worker has other parameters or rules, or nobody serves the payload */
  async losses(task: Task): Promise<PairedLosses> {
    const { follower } = this.#node;
    if (task.window !== this.#window || task.theta !== follower.digest)
      throw new Unfit(`this worker stands in window ${this.#window} with ${follower.digest}`);
    if (task.rules !== rulesDigest(this.#rules)) throw new Unfit("other rules are in force here");
    const { update, norms } = await this.#update(task);
    const clipped = clippedUpdate(update, norms, task.usual);
    const bench = await this.#opened();
    return bench.losses({ update: clipped, factor: task.factor }, task.pages);
  }

  #opened(): Promise<Bench> {
    const opening = (this.#bench ??= this.#open());
    opening.catch(() => (this.#bench = null));
    return opening;
  }

  async #open(): Promise<Bench> {
    const [keys, hotkeys] = await Promise.all([
      keysOf(this.#node, this.#window),
      this.#node.record.hotkeys(this.#window),
    ]);
    return new Bench(this.#node, { window: this.#window, rules: this.#rules, keys, hotkeys });
  }

  #update(task: Task): Promise<Read> {
    const { payload } = task;
    const found = this.#updates.get(payload) ?? this.#fetched(task);
    this.#updates.delete(payload);
    this.#updates.set(payload, found);
    found.then(
      ({ update }) => this.#keep(payload, update),
      () => this.#updates.delete(payload),
    );
    return found;
  }

  /** Forgets those that were asked for longest ago, where they are too many. */
  #keep(payload: Hex, update: SparseUpdate): void {
    this.#coordinates.set(
      payload,
      update.reduce((sum, { indices }) => sum + indices.length, 0),
    );
    let sum = 0;
    for (const one of [...this.#updates.keys()].toReversed()) {
      sum += this.#coordinates.get(one) ?? 0;
      if (sum <= MOST_COORDINATES || one === payload) continue;
      this.#updates.delete(one);
      this.#coordinates.delete(one);
    }
  }

  async #fetched({ payload, hotkey }: Task): Promise<Read> {
    const { run, subnet, follower, neuron } = this.#node;
    const limits = { limitBytes: run.maximumUpdateBytes, signal: neuron.signal, owner: hotkey };
    const bytes = await subnet.finder.find(payload, limits);
    const reading = readUpdate(bytes, run.updateLayout, follower.expectedHeader(hotkey));
    if (!reading.ok) throw new Unfit(`its payload is none here: ${reading.reason}`);
    const { update } = reading;
    return { update, norms: tensorNorms(update) };
  }
}
