/** @file The epochs that a subnet has had, one after the other: they come when the tempo says, unless an owner or a full block moves them. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlockClock } from "./block-clock.ts";

/** What finding epochs needs of a chain. */
export type EpochSource = {
  readonly netuid: number;
  readonly chain: Pick<ChainClient, "nextEpoch" | "lastEpoch">;
  readonly blocks: Pick<BlockClock, "hashOf">;
};

/**
 * Block of the first epoch after block `from`, not after block `upTo`; null when there is none. The chain's own
 * announcement is only where the search begins: a changed tempo or a triggered epoch moves it, a full block defers it.
 * @throws ChainError
 */
export async function firstEpochAfter(
  { netuid, chain, blocks }: EpochSource,
  from: number,
  upTo: number,
): Promise<number | null> {
  const lastAt = async (block: number): Promise<number> =>
    chain.lastEpoch(netuid, await blocks.hashOf(block));
  let [block, found] = [from, 0];
  while (block < upTo && found <= from) {
    const announced = await chain.nextEpoch(netuid, await blocks.hashOf(block));
    block = announced === null || announced <= block ? upTo : Math.min(announced, upTo);
    found = await lastAt(block);
  }
  if (found <= from) return null;
  for (;;) {
    const before = await lastAt(found - 1);
    if (before <= from) return found;
    found = before;
  }
}
