/**
 * @file Peers first: while an answer to a peer is under way, those to strangers give way after each piece. Shares of bytes alone give a
 * peer among thirty busy downloaders a thirtieth of what the machine can send.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** With pieces of 64 KiB a stranger still gets 6 MB/s of each answer. */
const GIVE_WAY_MS = 10;

/** Who goes first at one axon. */
export class Precedence {
  #peersUnderWay = 0;

  /** The pieces of an answer, in their order. @yields each when its turn has come */
  async *inOrder(pieces: AsyncIterable<Uint8Array>, isPeer: boolean): AsyncGenerator<Uint8Array> {
    if (isPeer) this.#peersUnderWay += 1;
    try {
      for await (const piece of pieces) {
        if (!isPeer && this.#peersUnderWay > 0) await sleep(GIVE_WAY_MS);
        yield piece;
      }
    } finally {
      if (isPeer) this.#peersUnderWay -= 1;
    }
  }
}
