/** @file Weights that nobody reads before the block that holds them is made: encrypted to the key that the chain's author announces. */
import { createPublicKey, encapsulate, randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { type Hex, hexOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { blockOf, type ClientParts, type Submitted } from "./parts.ts";
import { OPENS_NONE } from "./pool-refusal.ts";
import { u16Bytes } from "./scale.ts";
import { type StorageItem } from "./storage-item.ts";
import { type CallSpec } from "./submit.ts";

/** Reads and calls of encrypted weights. */
export type Shielding = {
  /** The key to encrypt to, of ML-KEM-768; null where nobody opens encrypted calls. */
  shieldKey(at?: Hex): Promise<Uint8Array | null>;
  /**
   * Sets weights as `setWeights` does, in an encrypted carrier of the hotkey's, which pays its fee. In block `before` and later the
   * chain takes neither: null where it came too late, and then it cost nothing and nobody has read it.
   * @throws ChainError extrinsic-invalid (no key, a hotkey that cannot pay, refused weights), extrinsic-failed
   */
  setShieldedWeights(
    hotkey: Signer,
    netuid: number,
    weights: calls.WeightVector,
    before: number,
  ): Promise<Submitted | null>;
};

const NONCE_BYTES = 24;
const KEY_HASH_BITS = 128;

const nextKey: StorageItem<Uint8Array> = {
  pallet: "MevShield",
  name: "NextKey",
  shape: "Vec<u8>",
  decode: (reader) => reader.bytes(reader.compact()),
};

/** An extrinsic for the holder of the key alone: which key, the shared secret under it, and the bytes under that. */
function sealed(extrinsic: Uint8Array, key: Uint8Array): Uint8Array {
  const publicKey = createPublicKey({
    key: Buffer.from(key),
    format: "raw-public",
    asymmetricKeyType: "ml-kem-768",
  });
  const { sharedKey, ciphertext } = encapsulate(publicKey);
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([
    utilCrypto.xxhashAsU8a(key, KEY_HASH_BITS),
    u16Bytes(ciphertext.length),
    ciphertext,
    nonce,
    xchacha20poly1305(sharedKey, nonce).encrypt(extrinsic),
  ]);
}

/** The group over a connected chain. */
export function shieldingOf({ state, submitter }: ClientParts): Shielding {
  const shieldKey = async (at?: Hex): Promise<Uint8Array | null> => {
    if (!state.runtime.has(nextKey)) return null;
    const batch = state.batch();
    const key = batch.ask(nextKey);
    await batch.read(await blockOf(state, at));
    return key();
  };
  return {
    shieldKey,
    setShieldedWeights: async (hotkey, netuid, weights, before) => {
      const key = await shieldKey();
      if (key === null)
        throw new ChainError({
          code: "extrinsic-invalid",
          reason: OPENS_NONE,
          detail: "",
        });
      const carrierOf = (extrinsic: Uint8Array): CallSpec => ({
        pallet: "MevShield",
        name: "submit_encrypted",
        args: [hexOf(sealed(extrinsic, key))],
      });
      const call = calls.setWeights(netuid, weights);
      const found = await submitter.submitCarried(hotkey, call, { carrierOf, before });
      return found === null ? null : { block: found.block };
    },
  };
}
