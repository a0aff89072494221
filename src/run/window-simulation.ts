/**
 * @file A window of a run, simulated event by event in the order of miner/loop.ts: what was accepted last is fetched and applied, the
 * pages come meanwhile (miner/ahead.ts), steps, compression, commitment, reveal, validators' fetching and gate, votes. Pure.
 */
import { Flows, type Line } from "./flows.ts";

/** A window in steady state: every miner and every validator alike. */
export type WindowSetting = {
  readonly miners: number;
  readonly validators: number;
  /** Whether an update is sent once, to a store with enough bandwidth, or by its miner to every node. */
  readonly delivery: "direct" | "store";
  /** Of every miner, and of every validator. */
  readonly line: Line;
  readonly validatorLine: Line;
  readonly updateBytes: number;
  /** Of the pages that a miner trains on in a window. */
  readonly pageBytes: number;
  /** Seconds of a node: inner steps, cutting an update, judging one update at the gate, the outer step, the digest of the parameters. */
  readonly seconds: {
    readonly compute: number;
    readonly compress: number;
    readonly gate: number;
    readonly outerStep: number;
    readonly digest: number;
  };
  /** Seconds of a block, and blocks after which one is final; 0 and 0: nothing waits for a chain. */
  readonly blockSeconds: number;
  readonly finalityBlocks: number;
};

/** What a miner does, or waits for, one after the other. */
export const STAGES = [
  "download",
  "outerStep",
  "digest",
  "pages",
  "compute",
  "compress",
  "commit",
  "upload",
  "judge",
] as const;

/** Seconds of each, which add up to the window. */
export type StageSeconds = Readonly<Record<(typeof STAGES)[number], number>>;

/** A line that nothing waits for. */
export const UNLIMITED: Line = { uplinkMbps: Infinity, downlinkMbps: Infinity };

const linesOf = (count: number, line: Line): Line[] => Array.from({ length: count }, () => line);

/** One window while it runs. Nodes: miners, then validators, then the store. */
class Window {
  readonly #flows: Flows;
  readonly #setting: WindowSetting;
  readonly #store: number;
  /** When the first miner ended each stage: all are alike, and what differs between them is what they wait for together. */
  readonly ends: Partial<Record<(typeof STAGES)[number], number>> = {};
  #compressed = 0;
  #judged = 0;

  constructor(setting: WindowSetting) {
    const { miners, validators, line, validatorLine } = setting;
    this.#setting = setting;
    this.#store = miners + validators;
    this.#flows = new Flows([
      ...linesOf(miners, line),
      ...linesOf(validators, validatorLine),
      UNLIMITED,
    ]);
  }

  run(): void {
    for (let miner = 0; miner < this.#setting.miners; miner++) this.#begin(miner);
    this.#flows.run();
  }

  #end(stage: (typeof STAGES)[number], miner: number): void {
    if (miner === 0) this.ends[stage] = this.#flows.now;
  }

  /** Calls `then` when it was called so often. */
  #all(count: number, then: () => void): () => void {
    let left = count;
    if (count === 0) this.#flows.after(0, then);
    return () => {
      if (--left === 0) then();
    };
  }

  /** What the last window accepted, then the outer step; the pages on the same line. */
  #begin(miner: number): void {
    const { miners, delivery, updateBytes, pageBytes, seconds } = this.#setting;
    const ready = this.#all(2, () => this.#train(miner));
    this.#flows.send(this.#store, miner, pageBytes, ready);
    const arrived = this.#all(miners - 1, () => {
      this.#end("download", miner);
      this.#flows.after(seconds.outerStep, () => {
        this.#end("outerStep", miner);
        this.#flows.after(seconds.digest, () => {
          this.#end("digest", miner);
          ready();
        });
      });
    });
    for (let other = 0; other < miners; other++)
      if (other !== miner)
        this.#flows.send(delivery === "store" ? this.#store : other, miner, updateBytes, arrived);
  }

  #train(miner: number): void {
    const { miners, seconds } = this.#setting;
    this.#end("pages", miner);
    this.#flows.after(seconds.compute, () => {
      this.#end("compute", miner);
      this.#flows.after(seconds.compress, () => {
        this.#end("compress", miner);
        // Payloads are handed out, and the gate's pages drawn, once the block after the deadline is final.
        if (++this.#compressed === miners) this.#onChain(2, () => this.#reveal());
      });
    });
  }

  /** What everybody sends to the chain now is in its next block; `then` when that, or so many blocks with it, are final. */
  #onChain(blocks: number, then: () => void): void {
    const { blockSeconds, finalityBlocks } = this.#setting;
    const { now } = this.#flows;
    const last = blockSeconds === 0 ? 0 : Math.floor(now / blockSeconds);
    const final = (last + blocks + finalityBlocks) * blockSeconds;
    this.#flows.after(Math.max(0, final - now), then);
  }

  #reveal(): void {
    const { miners, validators, delivery, updateBytes } = this.#setting;
    this.#end("commit", 0);
    const queues = Array.from({ length: validators }, () => this.#judging());
    for (let miner = 0; miner < miners; miner++) {
      const sent = this.#all(delivery === "store" ? 1 : validators, () =>
        this.#end("upload", miner),
      );
      const toValidators = (from: number, each: () => void): void => {
        for (const [index, arrived] of queues.entries())
          this.#flows.send(from, miners + index, updateBytes, () => {
            arrived();
            each();
          });
      };
      if (delivery === "direct") toValidators(miner, sent);
      else
        this.#flows.send(miner, this.#store, updateBytes, () => {
          sent();
          toValidators(this.#store, () => undefined);
        });
    }
  }

  /** A validator: judges one update after the other as they come; votes after the last. */
  #judging(): () => void {
    const { miners, validators, seconds } = this.#setting;
    let freeAt = 0;
    let left = miners;
    return () => {
      freeAt = Math.max(freeAt, this.#flows.now) + seconds.gate;
      if (--left > 0) return;
      this.#flows.after(freeAt - this.#flows.now, () => {
        if (++this.#judged === validators) this.#onChain(1, () => this.#end("judge", 0));
      });
    };
  }
}

/**
 * Simulates a window of a run that has been going on: it begins when the outcome of the one before is final and ends when its own is.
 * @throws RangeError without a validator or with a line of nothing
 */
export function simulateWindow(setting: WindowSetting): StageSeconds {
  if (setting.validators < 1 || setting.miners < 1)
    throw new RangeError("a window needs a miner and a validator");
  const window = new Window(setting);
  window.run();
  let before = 0;
  const seconds = STAGES.map((stage): [string, number] => {
    const end = window.ends[stage] ?? before;
    const took = end - before;
    before = end;
    return [stage, took];
  });
  return stagesOf(Object.fromEntries(seconds));
}

function stagesOf(found: Readonly<Record<string, number>>): StageSeconds {
  const of = (stage: (typeof STAGES)[number]): number => found[stage] ?? 0;
  return {
    download: of("download"),
    outerStep: of("outerStep"),
    digest: of("digest"),
    pages: of("pages"),
    compute: of("compute"),
    compress: of("compress"),
    commit: of("commit"),
    upload: of("upload"),
    judge: of("judge"),
  };
}

/** Seconds of the whole window. */
export function windowSeconds(stages: StageSeconds): number {
  return STAGES.reduce((sum, stage) => sum + stages[stage], 0);
}

/** The part of a window in which devices compute. */
export function utilisationOf(stages: StageSeconds): number {
  return stages.compute / windowSeconds(stages);
}
