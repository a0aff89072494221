/** @file Where a run stands in each window: what its owner has amended since it began, read from the chain's archive. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
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
export type StandingAt = { readonly window: number; readonly standing: Standing };

/** Where a run stood in a window; `later`: where it changed after it, ascending, up to the window `to` (that of the standing without it). */
export type KnownStanding = StandingAt & {
  readonly later?: readonly StandingAt[];
  readonly to?: number;
};

/** Standings of one window after the other, each derived from the one before it. */
class Fold {
  readonly from: number;
  readonly #standings: Standing[];

  constructor({ window, standing, later = [], to = window }: KnownStanding) {
    this.from = window;
    this.#standings = [standing];
    for (let one = window + 1; one <= to; one++) {
      const changed = later.find((change) => change.window === one);
      this.#standings.push(changed?.standing ?? this.#standings.at(-1) ?? standing);
    }
  }

  /** The first window whose standing is not derived yet. */
  get next(): number {
    return this.from + this.#standings.length;
  }

  held(window: number): Standing | undefined {
    return window < this.from ? undefined : this.#standings[window - this.from];
  }

  /** Takes the standing of the next window. */
  push(standing: Standing): void {
    this.#standings.push(standing);
  }
}

/** The standings of one run, each derived from the one before it, so that all nodes derive the same. */
export class Amendments {
  readonly #run: AmendedRun;
  readonly #parts: AmendmentParts;
  /** From the standing that was known, or from the beginning. */
  readonly #fold: Fold;
  /** From the beginning, where that was asked for and is not the same. */
  #early: Fold | null = null;

  /** @param known - a standing that this very fold gave before, to go on from instead of from the beginning */
  constructor(run: AmendedRun, parts: AmendmentParts, known: KnownStanding | null = null) {
    this.#run = run;
    this.#parts = parts;
    this.#fold = known === null ? this.#first() : new Fold(known);
  }

  #first(): Fold {
    return new Fold({ window: 0, standing: firstStanding(this.#run.manifest) });
  }

  /** What a later start can go on from, as of `window` or, if that is not known here, of the first window that is. */
  knownFrom(window: number): KnownStanding {
    const from = Math.max(this.#fold.from, Math.min(window, this.#fold.next - 1));
    const to = this.#fold.next - 1;
    const standing = this.#held(from);
    const windows = Array.from({ length: to - from }, (_, index) => from + 1 + index);
    const later = windows.flatMap((one): readonly StandingAt[] => {
      const [before, now] = [this.#held(one - 1), this.#held(one)];
      return now === undefined || isDeepStrictEqual(before, now)
        ? []
        : [{ window: one, standing: now }];
    });
    if (standing === undefined) throw new RangeError(`nothing is known of window ${from}`);
    return { window: from, standing, later, to };
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
    // What is asked of the past must not cost what is known of the present: a pruned chain cannot tell it again.
    const fold = window < this.#fold.from ? (this.#early ??= this.#first()) : this.#fold;
    while (fold.next <= window) {
      signal.throwIfAborted();
      const first = fold.next;
      const windows = Array.from(
        { length: Math.min(AT_ONCE, window + 1 - first) },
        (_, index) => first + index,
      );
      const texts = await Promise.all(windows.map((one) => this.#textFor(one)));
      // Two callers may read the same windows; each standing is derived once.
      for (const [index, text] of texts.entries()) this.#step(fold, first + index, text);
    }
    const standing = fold.held(window);
    if (standing === undefined) throw new RangeError(`a run has no window ${window}`);
    return standing;
  }

  #held(window: number): Standing | undefined {
    return this.#fold.held(window) ?? this.#early?.held(window);
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

  #step(fold: Fold, window: number, text: RunText): void {
    const before = fold.held(window - 1);
    if (before === undefined || fold.next !== window) return;
    fold.push(nextStanding(before, this.#run, { window, text }));
  }
}
