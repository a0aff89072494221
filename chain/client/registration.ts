/** @file Registration: the price of a uid, buying one, and the neuron that holds it. */
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { type MetagraphReader, type Neuron } from "./metagraph.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { u64Item } from "./storage-item.ts";

/** Reads and calls of registration. */
export type Registration = {
  /** Rao that `burnedRegister` burns now, beside the fee; it rises with each registration and decays by block. */
  burnCost(netuid: number, at?: Hex): Promise<bigint>;
  /** Gives `hotkey` a uid and makes the coldkey its owner. */
  burnedRegister(coldkey: Signer, netuid: number, hotkey: AccountText): Promise<Submitted>;
  /** The neuron of a hotkey, null when it has no uid on the subnet. @throws ChainError invalid-address */
  neuronOf(netuid: number, hotkey: AccountText, at?: Hex): Promise<Neuron | null>;
};

const burn = u64Item("Burn");

/** The group over a connected chain. */
export function registrationOf(parts: ClientParts, graphs: MetagraphReader): Registration {
  const { state } = parts;
  return {
    burnCost: async (netuid, at) => {
      const batch = state.batch();
      const price = batch.askValue(burn, netuid);
      await batch.read(await blockOf(state, at));
      return price();
    },
    burnedRegister: async (coldkey, netuid, hotkey) =>
      submitted(parts, coldkey, calls.burnedRegister(netuid, publicKeyOf(hotkey))),
    neuronOf: async (netuid, hotkey, at) =>
      graphs.neuron(netuid, publicKeyOf(hotkey), await blockOf(state, at)),
  };
}
