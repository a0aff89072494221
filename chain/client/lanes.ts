/** @file The queues of accounts: of what one account signs one thing waits for a block at a time. */
import type { Hex } from "../wallet/hex.ts";
import type { Signed } from "./sign.ts";

/** An extrinsic that a block may still take, as far as anybody knows. */
export type Open = {
  readonly signed: Signed;
  /** When it was given up, on the clock of its lane; null while a call follows it. */
  givenUpAt: number | null;
};

/** The queue of one account. */
export type Lane = {
  /** Resolves when a block has what was queued last, or nobody waits for it any more. */
  tail: Promise<unknown>;
  /** Resolves when what was queued last is in a pool. */
  pooled: Promise<unknown>;
  /** Calls that have not ended. */
  underWay: number;
  /** The least nonce that is free, as far as this client has used it; null while nothing is under way. */
  free: number | null;
  /** Counts calls that are made and extrinsics that are given up, so that it is known which was first. */
  clock: number;
  /** The oldest first. */
  readonly open: Set<Open>;
};

/** One queue for each account. */
export class Lanes {
  readonly #byAccount = new Map<Hex, Lane>();

  of(account: Hex): Lane {
    const known = this.#byAccount.get(account);
    if (known !== undefined) return known;
    const done = Promise.resolve();
    const queue = { tail: done, pooled: done, underWay: 0, free: null };
    const lane: Lane = { ...queue, clock: 0, open: new Set() };
    this.#byAccount.set(account, lane);
    return lane;
  }
}

/** Steps of what is sent, told as they come. */
export type Steps = { readonly pooled: () => void; readonly included: () => void };

/**
 * Does `work` when a block has all that is before it in the queue, or already when all that is in a pool (`behindPool`). What comes
 * after it waits until it tells of its steps or ends.
 */
export async function inTurn<T>(
  lane: Lane,
  { behindPool }: { readonly behindPool: boolean },
  work: (steps: Steps) => Promise<T>,
): Promise<T> {
  const [pooled, included] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const before = behindPool ? lane.pooled : lane.tail;
  const done = before.then(async () =>
    work({ pooled: () => pooled.resolve(), included: () => included.resolve() }),
  );
  // The queue goes on after a failure, which belongs to the caller of that turn alone.
  const over = done.catch(() => undefined);
  lane.pooled = Promise.all([lane.pooled, Promise.race([pooled.promise, included.promise, over])]);
  lane.tail = Promise.all([lane.tail, Promise.race([included.promise, over])]);
  return done;
}
