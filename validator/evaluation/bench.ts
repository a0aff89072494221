/** @file Measuring updates on one machine: what a window's losses are measured on is drawn once, and theta's own losses on it computed once. */
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { IncentiveRules } from "../../src/protocol/rules.ts";
import type { WindowKeys } from "../../src/run/run.ts";
import { type Applied, lossesWith } from "./losses.ts";
import type { Pages } from "./task.ts";

/** What is fixed for all updates of a window. */
export type WindowFacts = {
  readonly window: number;
  readonly keys: WindowKeys;
  /** uid -> hotkey. */
  readonly hotkeys: readonly Hex[];
  readonly rules: IncentiveRules;
};

/** Who measures: the run, its chain and an engine that holds the window's parameters. */
export type BenchNode = Pick<Participant, "run" | "engine" | "record" | "subnet">;

/** The keys of a window whose evaluation block is final. */
export async function keysOf(
  { run, subnet }: Pick<Participant, "run" | "subnet">,
  window: number,
): Promise<WindowKeys> {
  const [windowHash, evaluation] = await Promise.all([
    subnet.blocks.hashOf(run.clock.seedBlock(window)),
    subnet.blocks.hashOf(run.clock.evaluationSeedBlock(window)),
  ]);
  return run.keys(window, { window: windowHash, evaluation });
}

/** Text that names pages within a window. */
function nameOf(pages: Pages): string {
  return pages.kind === "noise" ? "noise" : `${pages.window} ${pages.uid} ${pages.hotkey}`;
}

/** What was made for a key, made once; what failed is tried again. */
async function once<T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  try {
    return await found;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

/** A sequence whose loss is asked for. */
type Single = {
  readonly tokens: Int32Array;
  readonly resolve: (loss: number) => void;
  readonly reject: (error: unknown) => void;
};

/** Measures updates of one window. */
export class Bench {
  readonly #node: BenchNode;
  readonly #facts: WindowFacts;
  readonly #batches = new Map<string, Promise<Int32Array>>();
  readonly #before = new Map<string, Promise<readonly number[]>>();
  /** The same of single sequences, by pages and place. */
  readonly #beforeOne = new Map<string, Promise<number>>();
  /** Those that wait for the engine. */
  readonly #singles: Single[] = [];
  #isRunning = false;

  constructor(node: BenchNode, facts: WindowFacts) {
    this.#node = node;
    this.#facts = facts;
  }

  get window(): number {
    return this.#facts.window;
  }

  /** Losses of each sequence of certain pages, before and after an update; NaN after one that makes any of them infinite. */
  async losses(applied: Applied, pages: Pages): Promise<PairedLosses> {
    const { engine } = this.#node;
    const tokens = await this.#tokens(pages);
    const before = await once(this.#before, nameOf(pages), async () =>
      Array.from(await engine.losses({ tokens })),
    );
    const after = await lossesWith(engine, applied, { tokens, sequences: before.length });
    return { before, after };
  }

  /** How many sequences certain pages have. */
  async sequences(pages: Pages): Promise<number> {
    return (await this.#tokens(pages)).length / this.#tokensOfSequence;
  }

  /** The same losses of some sequences only, by their places. Theta's own are measured once a place. */
  async lossesOf(applied: Applied, pages: Pages, places: readonly number[]): Promise<PairedLosses> {
    const tokens = await this.#tokens(pages);
    const before = await this.#beforeOf(tokens, pages, places);
    const batch = { tokens: this.#some(tokens, places), sequences: places.length };
    return { before, after: await lossesWith(this.#node.engine, applied, batch) };
  }

  async #beforeOf(
    tokens: Int32Array,
    pages: Pages,
    places: readonly number[],
  ): Promise<readonly number[]> {
    const whole = await this.#before.get(nameOf(pages));
    if (whole !== undefined) return places.map((place) => whole[place] ?? Number.NaN);
    return Promise.all(
      places.map((place) =>
        once(this.#beforeOne, `${nameOf(pages)} ${place}`, () =>
          this.#single(this.#some(tokens, [place])),
        ),
      ),
    );
  }

  /** Theta's loss of one sequence. What is asked while the engine is at others goes to it together. */
  #single(tokens: Int32Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#singles.push({ tokens, resolve, reject });
    void this.#runSingles();
    return promise;
  }

  async #runSingles(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#singles.length > 0) {
      const some = this.#singles.splice(0);
      const length = this.#tokensOfSequence;
      const tokens = new Int32Array(some.length * length);
      for (const [at, one] of some.entries()) tokens.set(one.tokens, at * length);
      try {
        const losses = await this.#node.engine.losses({ tokens });
        for (const [at, { resolve }] of some.entries()) resolve(losses[at] ?? Number.NaN);
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    this.#isRunning = false;
  }

  /** The tokens of some sequences. */
  #some(tokens: Int32Array, places: readonly number[]): Int32Array {
    const length = this.#tokensOfSequence;
    const some = new Int32Array(places.length * length);
    for (const [at, place] of places.entries())
      some.set(tokens.subarray(place * length, (place + 1) * length), at * length);
    return some;
  }

  /** Draws the tokens of certain pages before they are needed. */
  async prepare(pages: Pages): Promise<void> {
    await this.#tokens(pages);
  }

  get #tokensOfSequence(): number {
    return this.#node.run.manifest.model.context + 1;
  }

  #tokens(pages: Pages): Promise<Int32Array> {
    return once(this.#batches, nameOf(pages), () => this.#drawn(pages));
  }

  async #drawn(pages: Pages): Promise<Int32Array> {
    const { run } = this.#node;
    const { rules, window: now, keys, hotkeys } = this.#facts;
    if (pages.kind === "noise") return run.noiseTokens(keys, hotkeys.length, rules);
    const { uid, hotkey, window } = pages;
    const isNow = window === now;
    const drawn = isNow ? keys : await keysOf(this.#node, window);
    const { length: neurons } = isNow ? hotkeys : await this.#node.record.hotkeys(window);
    return run.ownTokens(drawn, { uid, hotkey, neurons }, rules);
  }
}
