/** @file The queues of accounts: what one account signs goes out one after the other, by its nonces. */
import type { Hex } from "../wallet/hex.ts";

/** The queue of one account. `next` is its next nonce while something is under way. */
export type Lane = { tail: Promise<unknown>; underWay: number; next: number | null };

/** One queue for each account. */
export class Lanes {
  readonly #byAccount = new Map<Hex, Lane>();

  of(account: Hex): Lane {
    const known = this.#byAccount.get(account);
    if (known !== undefined) return known;
    const lane: Lane = { tail: Promise.resolve(), underWay: 0, next: null };
    this.#byAccount.set(account, lane);
    return lane;
  }
}

/** Does `work` when all before it in the queue is done. */
export async function inTurn<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  const turn = lane.tail.then(work);
  // The queue goes on after a failure, which belongs to the caller of that turn alone.
  lane.tail = turn.catch(() => undefined);
  return turn;
}
