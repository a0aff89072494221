/** @file Where a run stands in each window: what its owner has amended since it began, read from the chain's archive. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { Hex } from "../protocol/digest.ts";
import { rulesDigest } from "../protocol/rules.ts";
import { parseRunText, type RunText } from "../protocol/run-text.ts";
import { firstStanding, nextStanding, type Standing } from "../protocol/standing.ts";
import type { BlockClock } from "./block-clock.ts";
import type { Run } from "./run.ts";

/** Identities that are read at once: a late joiner looks at every window of the past. */
const AT_ONCE = 32;

/** What reading needs. */
export type AmendmentParts = {
  readonly chain: Pick<ChainClient, "subnetIdentity">;
  readonly blocks: Pick<BlockClock, "hashOf" | "reached">;
};

/** The standings of one run, each derived from the one before it, so that all nodes derive the same. */
export class Amendments {
  readonly #run: Run;
  readonly #parts: AmendmentParts;
  readonly #standings: Standing[];

  constructor(run: Run, parts: AmendmentParts) {
    this.#run = run;
    this.#parts = parts;
    this.#standings = [firstStanding(run.manifest)];
  }

  /** What the identity said in the state that `window` depends on: that of the seed block one window earlier. */
  async #textFor(window: number): Promise<RunText> {
    const { chain, blocks } = this.#parts;
    const { clock, manifest } = this.#run;
    const at = await blocks.hashOf(clock.seedBlock(window - 1));
    return parseRunText(await chain.subnetIdentity(manifest.netuid, at));
  }

  /** Where the run stands in `window`; waits until the block that decides it is final. */
  async at(window: number, signal: AbortSignal): Promise<Standing> {
    await this.#parts.blocks.reached(this.#run.clock.seedBlock(window - 1), signal);
    while (this.#standings.length <= window) {
      signal.throwIfAborted();
      const first = this.#standings.length;
      const windows = Array.from(
        { length: Math.min(AT_ONCE, window + 1 - first) },
        (_, index) => first + index,
      );
      const texts = await Promise.all(windows.map((one) => this.#textFor(one)));
      // Two callers may read the same windows; each standing is derived once.
      for (const [index, text] of texts.entries()) this.#step(first + index, text);
    }
    const standing = this.#standings[window];
    if (standing === undefined) throw new RangeError(`a run has no window ${window}`);
    return standing;
  }

  /** rulesDigest of a window whose standing is known already, else null. */
  digestAt(window: number): Hex | null {
    const standing = this.#standings[window];
    return standing === undefined ? null : rulesDigest(standing.rules);
  }

  #step(window: number, text: RunText): void {
    const before = this.#standings[window - 1];
    if (before === undefined || this.#standings.length !== window) return;
    this.#standings.push(nextStanding(before, this.#run, { window, text }));
  }
}
