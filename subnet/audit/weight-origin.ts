/**
 * @file When the weights that stand on a chain were fixed: in the block that set them, or, where they were hidden, in that of the commit
 * which was revealed. LastUpdate alone does not say: a commit moves it, a reveal does not.
 */
import type { ChainClient } from "../../chain/client/client.ts";
import type { Commits } from "../../chain/client/commits.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";
import { firstEpochAfter } from "../../src/run/epochs.ts";

/** What finding them needs of an archive. */
type OriginParts = {
  readonly netuid: number;
  readonly chain: Pick<ChainClient, "commits" | "neuronOf" | "nextEpoch" | "lastEpoch">;
  readonly blocks: Pick<BlockClock, "hashOf">;
};

type OpenCommit = Commits["open"][number];

/** Looks back through a hotkey's sets and commits, the newest first. */
export class WeightOrigins {
  readonly #parts: OriginParts;

  constructor(parts: OriginParts) {
    this.#parts = parts;
  }

  /**
   * The block in which the weights of a hotkey were fixed that stand after block `at`; `lastUpdate` is what the chain says of it then.
   * 0: it has fixed none.
   */
  async of(hotkey: Hex, at: number, lastUpdate: number): Promise<number> {
    let [seenAt, block] = [at, lastUpdate];
    while (block > 0) {
      const commit = await this.#unrevealed(hotkey, block, seenAt);
      // No commit, or one that was revealed before `seenAt`.
      if (commit === null) return block;
      if (seenAt < at && (await this.#isRevealedBy(hotkey, commit, at))) return block;
      seenAt = block - 1;
      const neuron = await this.#parts.chain.neuronOf(
        this.#parts.netuid,
        hotkey,
        await this.#parts.blocks.hashOf(seenAt),
      );
      block = neuron?.lastUpdate ?? 0;
    }
    return 0;
  }

  /** The same for every uid whose row of weights is not empty, 0 for the others. */
  async ofAll(
    neurons: readonly { readonly hotkey: Hex; readonly lastUpdate: number }[],
    weights: readonly (readonly unknown[])[],
    at: number,
  ): Promise<readonly number[]> {
    return Promise.all(
      neurons.map(async ({ hotkey, lastUpdate }, uid) =>
        (weights[uid] ?? []).length === 0 ? 0 : this.of(hotkey, at, lastUpdate),
      ),
    );
  }

  /** Commits that lie on the chain after a block, those that have expired too. */
  async #commitsAt(hotkey: Hex, block: number): Promise<Commits & { all: readonly OpenCommit[] }> {
    const { netuid, chain, blocks } = this.#parts;
    const found = await chain.commits(netuid, hotkey, await blocks.hashOf(block));
    return { ...found, all: [...found.expired, ...found.open] };
  }

  /** The commit of `block` that lies there unrevealed after block `at`. */
  async #unrevealed(hotkey: Hex, block: number, at: number): Promise<OpenCommit | null> {
    const { all } = await this.#commitsAt(hotkey, at);
    return all.findLast((one) => one.block === block) ?? null;
  }

  /** Whether a commit is gone by the end of its epoch of reveal, or by `at` where that is not over: before then only reveals remove it. */
  async #isRevealedBy(
    hotkey: Hex,
    { block, hash, revealEpoch }: OpenCommit,
    at: number,
  ): Promise<boolean> {
    let { epoch } = await this.#commitsAt(hotkey, block);
    let end: number | null = block;
    for (; epoch <= revealEpoch && end !== null; epoch++)
      end = await firstEpochAfter(this.#parts, end, at);
    const last = end === null ? at : Math.min(at, end - 1);
    const { all } = await this.#commitsAt(hotkey, last);
    return all.every((one) => one.hash !== hash);
  }
}
