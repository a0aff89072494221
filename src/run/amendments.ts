/** @file Where a run stands in each window: what its owner has amended since it began, read from the chain's archive. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Hex } from "../protocol/digest.ts";
import { rulesDigest } from "../protocol/rules.ts";
import { ChainError } from "../../chain/errors.ts";
import { parseRunText, type RunText } from "../protocol/run-text.ts";
import { firstStanding, nextStanding, type Standing } from "../protocol/standing.ts";
import type { BlockClock } from "./block-clock.ts";
import type { Run } from "./run.ts";

/** Identities that are read at once: a late joiner looks at every window of the past. */
const AT_ONCE = 32;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** What reading needs. */
export type AmendmentParts = {
  readonly chain: Pick<ChainClient, "subnetIdentity">;
  readonly blocks: Pick<BlockClock, "hashOf" | "reached">;
};

/** What the fold needs of a run. */
export type AmendedRun = Pick<Run, "runId" | "manifest" | "clock">;

/** Where a run stood in a window. */
export type KnownStanding = { readonly window: number; readonly standing: Standing };

/** The standings of one run, each derived from the one before it, so that all nodes derive the same. */
export class Amendments {
  readonly #run: AmendedRun;
  readonly #parts: AmendmentParts;
  /** Window of the first standing that is held. */
  #from = 0;
  #standings: Standing[];

  /** @param known - a standing that this very fold gave before, to go on from instead of from the beginning */
  constructor(run: AmendedRun, parts: AmendmentParts, known: KnownStanding | null = null) {
    this.#run = run;
    this.#parts = parts;
    this.#standings = [firstStanding(run.manifest)];
    if (known === null) return;
    this.#from = known.window;
    this.#standings = [known.standing];
  }

  /** The first window whose standing is known; what lies before it would have to be derived from the beginning. */
  get from(): number {
    return this.#from;
  }

  /** What the identity said in the state that `window` depends on: that of the seed block one window earlier. */
  async #textFor(window: number): Promise<RunText> {
    const { chain, blocks } = this.#parts;
    const { clock, manifest } = this.#run;
    for (let attempt = 1; ; attempt++) {
      try {
        const at = await blocks.hashOf(clock.seedBlock(window - 1));
        return parseRunText(await chain.subnetIdentity(manifest.netuid, at));
      } catch (error) {
        // One refused read among the thousands of a late joiner must not end it.
        if (!(error instanceof ChainError) || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE_MS * attempt);
      }
    }
  }

  /** Where the run stands in `window`; waits until the block that decides it is final. */
  async at(window: number, signal: AbortSignal): Promise<Standing> {
    await this.#parts.blocks.reached(this.#run.clock.seedBlock(window - 1), signal);
    if (window < this.#from) {
      this.#from = 0;
      this.#standings = [firstStanding(this.#run.manifest)];
    }
    while (this.#next() <= window) {
      signal.throwIfAborted();
      const first = this.#next();
      const windows = Array.from(
        { length: Math.min(AT_ONCE, window + 1 - first) },
        (_, index) => first + index,
      );
      const texts = await Promise.all(windows.map((one) => this.#textFor(one)));
      // Two callers may read the same windows; each standing is derived once.
      for (const [index, text] of texts.entries()) this.#step(first + index, text);
    }
    const standing = this.#held(window);
    if (standing === undefined) throw new RangeError(`a run has no window ${window}`);
    return standing;
  }

  /** The first window whose standing is not derived yet. */
  #next(): number {
    return this.#from + this.#standings.length;
  }

  #held(window: number): Standing | undefined {
    return this.#standings[window - this.#from];
  }

  /** Whether other rules hold in a window than in the one before it, as far as both were derived. */
  isChange(window: number): boolean {
    const [before, now] = [this.#held(window - 1), this.#held(window)];
    return before !== undefined && now !== undefined && before.rules !== now.rules;
  }

  /** Reads rulesDigest of any window of the run, until `signal` aborts: what votes are counted by. */
  reader(signal: AbortSignal): (window: number) => Promise<Hex> {
    return async (window) => rulesDigest((await this.at(window, signal)).rules);
  }

  /** Where the run stands in a window, where that is known already, else null: for whoever must not make the node read for it. */
  standingAt(window: number): Standing | null {
    return this.#held(window) ?? null;
  }

  /** rulesDigest of a window whose standing is known already, else null. */
  digestAt(window: number): Hex | null {
    const standing = this.standingAt(window);
    return standing === null ? null : rulesDigest(standing.rules);
  }

  #step(window: number, text: RunText): void {
    const before = this.#held(window - 1);
    if (before === undefined || this.#next() !== window) return;
    this.#standings.push(nextStanding(before, this.#run, { window, text }));
  }
}
