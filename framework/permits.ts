/** @file Who had a validator's permit lately: read again every so many blocks, for questions that are asked of a synchronous server. */
import { ChainError } from "../chain/errors.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import type { Hex } from "../src/protocol/digest.ts";

/** Permits change with epochs; a few blocks late is early enough to share room by. */
const EVERY_BLOCKS = 10;

/** Hotkeys of a subnet that have a permit. */
export class Permits {
  #hotkeys: ReadonlySet<Hex> = new Set();

  has(hotkey: Hex): boolean {
    return this.#hotkeys.has(hotkey);
  }

  /** Reads them until the neuron is told to stop; what cannot be read leaves them as they are. */
  async follow({ neuron, subnet }: Connected): Promise<void> {
    const { signal, log } = neuron;
    const { chain, netuid, blocks } = subnet;
    try {
      for (let head = blocks.current; ;) {
        try {
          const { neurons } = await chain.metagraph(netuid);
          this.#hotkeys = new Set(
            neurons.flatMap(({ hotkey, validatorPermit }) => (validatorPermit ? [hotkey] : [])),
          );
        } catch (error) {
          if (signal.aborted || !(error instanceof ChainError)) throw error;
          log.debug({ error }, "permits");
        }
        head = await blocks.reached(head.number + EVERY_BLOCKS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
