/** @file What a subnet's state says at a block of a run, each thing read from the chain once. */
import type { ChainClient } from "../../chain/client/client.ts";
import { LOOK_BACK_WINDOWS } from "../protocol/acceptance.ts";
import type { Hex } from "../protocol/digest.ts";
import type { BlockClock } from "./block-clock.ts";

/** Answers kept of each kind: more than a window ever looks back. */
const REMEMBERED = 2 * LOOK_BACK_WINDOWS;

/** Remembers the newest answers by number. A failed one is forgotten, so that it is asked again. */
export class Memo<T> {
  readonly #answers = new Map<number, Promise<T>>();

  /** The answer for `key`, asked for once. */
  async of(key: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = ask();
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}

/** Reads of one subnet at finalised blocks. */
export class ChainState {
  readonly #netuid: number;
  readonly #chain: Pick<ChainClient, "hotkeys" | "validatorPermits" | "stakes">;
  readonly #blocks: Pick<BlockClock, "hashOf">;
  readonly #hotkeys = new Memo<readonly Hex[]>();
  readonly #permits = new Memo<readonly boolean[]>();
  readonly #stakes = new Memo<ReadonlyMap<Hex, bigint>>();

  constructor(
    netuid: number,
    parts: {
      readonly chain: Pick<ChainClient, "hotkeys" | "validatorPermits" | "stakes">;
      readonly blocks: Pick<BlockClock, "hashOf">;
    },
  ) {
    this.#netuid = netuid;
    this.#chain = parts.chain;
    this.#blocks = parts.blocks;
  }

  /** uid -> hotkey. */
  async hotkeys(block: number): Promise<readonly Hex[]> {
    return this.#hotkeys.of(block, async () =>
      this.#chain.hotkeys(this.#netuid, await this.#blocks.hashOf(block)),
    );
  }

  /** uid -> whether it has a validator permit. */
  async permits(block: number): Promise<readonly boolean[]> {
    return this.#permits.of(block, async () =>
      this.#chain.validatorPermits(this.#netuid, await this.#blocks.hashOf(block)),
    );
  }

  /** Stake in rao by hotkey, of the hotkeys that hold a uid at that block. */
  async stakes(block: number): Promise<ReadonlyMap<Hex, bigint>> {
    return this.#stakes.of(block, async () => {
      const hotkeys = await this.hotkeys(block);
      const at = await this.#blocks.hashOf(block);
      const stakes = await this.#chain.stakes(this.#netuid, hotkeys, at);
      return new Map(hotkeys.map((hotkey, uid) => [hotkey, stakes[uid] ?? 0n]));
    });
  }
}
