/** @file Puts the address of a node on the chain: not again when it stands there, later when the chain says "too soon". */
import type { ChainClient } from "../../chain/client/client.ts";
import { isRateLimited } from "../../chain/client/refusal.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import type { AxonAddress } from "../../src/network/client.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";

/** What publishing needs. */
export type AxonParts = {
  readonly chain: Pick<ChainClient, "neuronOf" | "serveAxon" | "servableFrom">;
  readonly blocks: Pick<BlockClock, "reached">;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** Blocks to wait at least between two tries, should the chain's answers contradict each other. */
const LEAST_WAIT_BLOCKS = 2;

/**
 * Publishes where `hotkey` serves on a subnet; waits as long as its rate limit asks for.
 * @throws ChainError for any other refusal
 */
export async function publishAxon(
  hotkey: Signer,
  { netuid, axon }: { readonly netuid: number; readonly axon: AxonAddress },
  { chain, blocks, signal, say }: AxonParts,
): Promise<void> {
  for (;;) {
    const known = (await chain.neuronOf(netuid, hotkey.publicKey))?.axon;
    if (known?.ip === axon.ip && known.port === axon.port) return;
    try {
      await chain.serveAxon(hotkey, netuid, axon);
      say(`published ${axon.ip}:${axon.port} on the chain`);
      return;
    } catch (error) {
      if (!isRateLimited(error)) throw error;
      const from = await chain.servableFrom(netuid, hotkey.publicKey);
      say(`the chain takes a new address from block ${from} on; it is published then`);
      const head = await blocks.reached(0, signal);
      await blocks.reached(Math.max(from - 1, head.number + LEAST_WAIT_BLOCKS), signal);
    }
  }
}
