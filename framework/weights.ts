/** @file Weights for hotkeys: set at once, or where the subnet hides them (commit-reveal) committed now and revealed in their epoch. */
import { randomFillSync } from "node:crypto";
import { type Commits, commitHash } from "../chain/client/commits.ts";
import type { Head } from "../chain/client/client.ts";
import { isRateLimited } from "../chain/client/refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import { type Vector, vectorOf, VERSION_KEY, weightsRefusal } from "../src/neuron/weights.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { CommitBook } from "./commit-book.ts";

/** What became of weights. `waiting`: the chain takes new ones only later, or is away: send the next; `refused`: in words, told already. */
export type WeightsFate =
  | { readonly kind: "set" | "committed"; readonly block: number }
  | { readonly kind: "nobody" | "waiting" }
  | { readonly kind: "refused"; readonly reason: string };

const MOST_WEIGHT = 65_535;
/** 256 bits, which nobody tries out. */
const SALT_WORDS = 16;
/** Blocks after which a commit that was sent and is nowhere on the chain never will be: twice the life of an extrinsic. */
const LIFETIME_BLOCKS = 256;
/** Refusals of a call: it is nowhere. */
const REFUSED: readonly string[] = ["extrinsic-invalid", "extrinsic-failed"];
/** What waiting may mend. */
const PASSING: readonly string[] = ["chain-unreachable", "extrinsic-timeout", "rpc-failed"];
/** Blocks between two tries of a reveal that failed. */
const RETRY_BLOCKS = 4;

/**
 * Weights in u16 from scores by hotkey, in proportion, the best at 65,535; who scored zero gets none.
 * @throws RangeError a score that is negative or not finite
 */
export function weighed(
  scores: ReadonlyMap<Hex, number>,
): readonly { readonly hotkey: Hex; readonly weight: number }[] {
  const most = Math.max(0, ...scores.values());
  return [...scores].map(([hotkey, score]) => {
    if (!Number.isFinite(score) || score < 0)
      throw new RangeError(`a score is zero or more, not ${score}`);
    return { hotkey, weight: most === 0 ? 0 : Math.round((MOST_WEIGHT * score) / most) };
  });
}

/** Sends the weights of one neuron, and reveals what it committed. */
export class Weights {
  readonly #node: Connected;
  readonly #book: CommitBook;
  #retryAt = 0;

  private constructor(node: Connected, book: CommitBook) {
    this.#node = node;
    this.#book = book;
  }

  /** Opens what an earlier process left to be revealed. @throws AssayError state-corrupt */
  static async open(node: Connected): Promise<Weights> {
    const { chain, netuid } = node.subnet;
    const about = { genesis: chain.genesisHash, netuid };
    return new Weights(node, await CommitBook.open(node.neuron.state.folder, about));
  }

  /**
   * Sends weights for hotkeys, under the uids that they hold now.
   * @throws RangeError a score that is negative or not finite
   */
  async set(scores: ReadonlyMap<Hex, number>): Promise<WeightsFate> {
    const { chain, netuid } = this.#node.subnet;
    const { signer, say } = this.#node.neuron;
    const weights = weighed(scores);
    try {
      const vector = vectorOf(weights, await chain.hotkeys(netuid));
      if (vector.uids.length === 0) return { kind: "nobody" };
      const { commitRevealEnabled } = await chain.hyperparameters(netuid);
      if (commitRevealEnabled) return await this.#commit(vector);
      const { block } = await chain.setWeights(signer, netuid, {
        ...vector,
        versionKey: VERSION_KEY,
      });
      return { kind: "set", block: block.number };
    } catch (error) {
      if (isRateLimited(error)) return { kind: "waiting" };
      if (!(error instanceof ChainError)) throw error;
      if (PASSING.includes(error.code)) {
        say(`weights not sent: ${error.explanation.cause}`);
        return { kind: "waiting" };
      }
      if (!REFUSED.includes(error.code)) throw error;
      const reason = weightsRefusal(error);
      say(`weights refused: ${reason}`);
      return { kind: "refused", reason };
    }
  }

  /** Weights and salt are on disk before their hash is on the chain. */
  async #commit({ uids, values }: Vector): Promise<WeightsFate> {
    const { neuron, subnet } = this.#node;
    const { chain, netuid, blocks } = subnet;
    const salt = [...randomFillSync(new Uint16Array(SALT_WORDS))];
    const weights = { uids, values, salt, versionKey: VERSION_KEY };
    const hash = commitHash(neuron.signer.publicKey, netuid, weights);
    const lastBlock = blocks.current.number + LIFETIME_BLOCKS;
    await this.#book.add({ hash, uids, values, salt, lastBlock });
    try {
      const { block } = await chain.commitWeights(neuron.signer, netuid, weights);
      return { kind: "committed", block: block.number };
    } catch (error) {
      // What was refused is nowhere. After any other failure it may be on the chain, or come there yet.
      if (error instanceof ChainError && REFUSED.includes(error.code))
        await this.#book.drop(new Set([hash]));
      throw error;
    }
  }

  /** Reveals what is due, block by block, until the neuron is told to stop. */
  async follow(): Promise<void> {
    const { neuron, subnet } = this.#node;
    const { signal, log } = neuron;
    try {
      for (let head = subnet.blocks.current; ;) {
        if (this.#book.commits.length > 0 && head.number >= this.#retryAt)
          await this.#step(head).catch((error: unknown) => {
            if (signal.aborted || !(error instanceof ChainError)) throw error;
            log.warn({ error }, "reveal");
            this.#retryAt = head.number + RETRY_BLOCKS;
          });
        head = await subnet.blocks.reached(head.number + 1, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #step({ number, hash }: Head): Promise<void> {
    const { neuron, subnet } = this.#node;
    const found = await subnet.chain.commits(subnet.netuid, neuron.signer.publicKey, hash);
    await this.#dropGone(found, number);
    const due = new Set(
      found.open.filter(({ revealEpoch }) => revealEpoch === found.epoch).map((one) => one.hash),
    );
    const newest = this.#book.commits.findLast((one) => due.has(one.hash));
    if (newest === undefined) return;
    await subnet.chain.revealWeights(neuron.signer, subnet.netuid, {
      ...newest,
      versionKey: VERSION_KEY,
    });
    // The chain drops the ones before with it.
    await this.#book.drop(due);
    neuron.say("weights revealed");
  }

  /** Drops what is on the chain no more, or never came there, in time to be revealed. */
  async #dropGone({ open }: Commits, block: number): Promise<void> {
    const isOpen = new Set(open.map(({ hash }) => hash));
    const gone = this.#book.commits.filter(
      ({ hash, lastBlock }) => !isOpen.has(hash) && block > lastBlock,
    );
    await this.#book.drop(new Set(gone.map(({ hash }) => hash)));
  }
}
