/** @file Serving: where a neuron is reached, and when it may say so again. */
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { type Axon, AXON_SHAPE } from "./metagraph.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { countItem, subtensorItem } from "./storage-item.ts";

/** Reads and calls of serving. */
export type Serving = {
  /**
   * Publishes the address of a neuron. Within the subnet's rate limit of its last `serveAxon` the chain refuses
   * with ServingRateLimitExceeded, for which `isRateLimited` of `refusal.ts` is true: call again from the block that
   * `servableFrom` names.
   * @throws ChainError invalid-address, extrinsic-failed, extrinsic-invalid
   */
  serveAxon(hotkey: Signer, netuid: number, axon: Axon): Promise<Submitted>;
  /** First block in which the rate limit lets a hotkey serve; 0 when it never did. */
  servableFrom(netuid: number, hotkey: AccountText, at?: Hex): Promise<number>;
};

const axonBlock = subtensorItem("Axons", AXON_SHAPE, (reader) => Number(reader.u64()));
const servingRateLimit = countItem("ServingRateLimit");

/** The group over a connected chain. */
export function servingOf(parts: ClientParts): Serving {
  const { state } = parts;
  return {
    serveAxon: async (hotkey, netuid, axon) =>
      submitted(parts, hotkey, calls.serveAxon(netuid, axon)),
    servableFrom: async (netuid, hotkey, at) => {
      const batch = state.batch();
      const last = batch.ask(axonBlock, netuid, publicKeyOf(hotkey));
      const limit = batch.askValue(servingRateLimit, netuid);
      await batch.read(await blockOf(state, at));
      const block = last() ?? 0;
      return block === 0 ? 0 : block + limit();
    },
  };
}
