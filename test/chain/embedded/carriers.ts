/** @file Test helper: extrinsics that are encrypted to an author's key, as clients make them. */
import { createPublicKey, encapsulate, randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { concat, fromHex, type Hex, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, twox128 } from "../../../chain/embedded/codec/hashing.ts";
import { key, requireCall, signerFor, storagePrefix, transfer } from "./dev-chain.ts";

const KEY_BYTES = 1184;

/** What MevShield.NextKey holds, without the length before it. */
export function nextKey(chain: EmbeddedChain): Uint8Array | null {
  const value = chain.storageAt(toHex(storagePrefix("MevShield", "NextKey")));
  return value === null ? null : fromHex(value).subarray(-KEY_BYTES);
}

/** Encrypts as clients do. */
export function shielded(extrinsic: Uint8Array, encKey: Uint8Array): Uint8Array {
  const publicKey = createPublicKey({
    key: Buffer.from(encKey),
    format: "raw-public",
    asymmetricKeyType: "ml-kem-768",
  });
  const { sharedKey, ciphertext } = encapsulate(publicKey);
  const nonce = randomBytes(24);
  const length = Uint8Array.of(ciphertext.length & 255, ciphertext.length >> 8);
  const sealed = xchacha20poly1305(sharedKey, nonce).encrypt(extrinsic);
  return concat(twox128(encKey), length, ciphertext, nonce, sealed);
}

/** A carrier of a transfer, both signed by Alice, and the hash of what it carries. */
export function carried(
  chain: EmbeddedChain,
  encKey: Uint8Array,
): { readonly carrier: Uint8Array; readonly inner: Hex } {
  const alice = "//Alice";
  const signer = signerFor(chain);
  const nonce = chain.nextNonce(key(alice).publicKey);
  const inner = transfer(signer, key(alice), nonce + 1, 12_345);
  const call = requireCall(signer, "mevShield", "submitEncrypted");
  const ciphertext = toHex(shielded(inner, encKey));
  const carrier = signer.sign(key(alice), call(ciphertext), nonce);
  return { carrier, inner: toHex(blake2b256(inner)) };
}
