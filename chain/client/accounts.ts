/** @file Accounts: what they own freely, and transfers between them. */
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { type StorageItem } from "./storage-item.ts";

/** How a transfer treats the sender's account. */
export type TransferOptions = {
  /** Whether to fail rather than close the account, which falls below the existential deposit otherwise; true. */
  readonly keepAlive?: boolean;
};

/** Reads and calls of accounts. Amounts are rao. */
export type Accounts = {
  /** Free balance; 0 for an account that does not exist. @throws ChainError invalid-address */
  balance(account: AccountText, at?: Hex): Promise<bigint>;
  /** An account with less than this does not exist. */
  existentialDeposit(): Promise<bigint>;
  /** @throws ChainError invalid-address, extrinsic-invalid, extrinsic-failed */
  transfer(
    coldkey: Signer,
    to: AccountText,
    amountRao: bigint,
    options?: TransferOptions,
  ): Promise<Submitted>;
  /** Moves everything but the fee and, with `keepAlive` (the default), the existential deposit. */
  transferAll(coldkey: Signer, to: AccountText, options?: TransferOptions): Promise<Submitted>;
};

/** Free balance of an account. */
export const freeBalance: StorageItem<bigint> = {
  pallet: "System",
  name: "Account",
  shape:
    "{nonce:u32,consumers:u32,providers:u32,sufficients:u32,data:{free:u64,reserved:u64,frozen:u64,flags:u128}}",
  decode: (reader) => {
    reader.bytes(16);
    return reader.u64();
  },
};

/** Least balance of an account that exists. */
export const existentialDeposit: StorageItem<bigint> = {
  pallet: "Balances",
  name: "ExistentialDeposit",
  shape: "u64",
  decode: (reader) => reader.u64(),
};

/** The group over a connected chain. */
export function accountsOf(parts: ClientParts): Accounts {
  const { state } = parts;
  return {
    balance: async (owner, at) => {
      const batch = state.batch();
      const free = batch.askValue(freeBalance, publicKeyOf(owner));
      await batch.read(await blockOf(state, at));
      return free();
    },
    existentialDeposit: async () => state.runtime.constant(existentialDeposit),
    transfer: async (coldkey, to, amountRao, options = {}) =>
      submitted(
        parts,
        coldkey,
        calls.transfer(publicKeyOf(to), amountRao, options.keepAlive ?? true),
      ),
    transferAll: async (coldkey, to, options = {}) =>
      submitted(parts, coldkey, calls.transferAll(publicKeyOf(to), options.keepAlive ?? true)),
  };
}
