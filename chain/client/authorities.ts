/** @file Who makes blocks, and who votes on which are final. */
import { type Hex, hexOf } from "../wallet/hex.ts";
import { blockOf, type ClientParts } from "./parts.ts";
import { type ScaleReader } from "./scale.ts";
import { type StorageItem } from "./storage-item.ts";

/** Public keys of a chain's authorities. */
type AuthoritySets = {
  /** Who makes blocks, in turn (Aura, sr25519). */
  readonly makers: readonly Hex[];
  /** Who votes, each with one vote (GRANDPA, ed25519). */
  readonly voters: readonly Hex[];
  /** How often the voters changed; a change that is pending is counted. */
  readonly setId: bigint;
  /** Whether a change of voters waits for its block, or was set too late for it and waits in vain. */
  readonly isChanging: boolean;
};

/** Reads of consensus. */
export type Consensus = {
  authorities(at?: Hex): Promise<AuthoritySets>;
};

const KEY_BYTES = 32;
const KEY_SHAPE = "[u8;32]";
const keyOf = (reader: ScaleReader): Hex => hexOf(reader.bytes(KEY_BYTES));

const makersItem: StorageItem<readonly Hex[]> = {
  pallet: "Aura",
  name: "Authorities",
  shape: `Vec<${KEY_SHAPE}>`,
  decode: (reader) => reader.vec(keyOf),
};
const votersItem: StorageItem<readonly Hex[]> = {
  pallet: "Grandpa",
  name: "Authorities",
  shape: `Vec<(${KEY_SHAPE},u64)>`,
  decode: (reader) =>
    reader.vec((one) => {
      const key = keyOf(one);
      one.u64();
      return key;
    }),
};
const setIdItem: StorageItem<bigint> = {
  pallet: "Grandpa",
  name: "CurrentSetId",
  shape: "u64",
  decode: (reader) => reader.u64(),
};
const pendingItem: StorageItem<true> = {
  pallet: "Grandpa",
  name: "PendingChange",
  shape: `{scheduled_at:u32,delay:u32,next_authorities:Vec<(${KEY_SHAPE},u64)>,forced:enum Option}`,
  decode: () => true,
};

/** The group over a connected chain. */
export function consensusOf({ state }: ClientParts): Consensus {
  return {
    async authorities(at) {
      const batch = state.batch();
      const makers = batch.askValue(makersItem);
      const voters = batch.askValue(votersItem);
      const setId = batch.askValue(setIdItem);
      const pending = batch.ask(pendingItem);
      await batch.read(await blockOf(state, at));
      return { makers: makers(), voters: voters(), setId: setId(), isChanging: pending() !== null };
    },
  };
}
