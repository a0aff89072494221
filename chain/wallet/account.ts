/** @file Accounts: public keys as hex inside, SS58 text (format 42) for people, and sr25519 verification. */
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "./hex.ts";

const { cryptoWaitReady, decodeAddress, encodeAddress, sr25519Verify } = utilCrypto;

/** Every Substrate chain of Bittensor writes addresses in the generic format. */
export const SS58_FORMAT = 42;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

// The signature code is WASM; after this the functions of this folder are synchronous.
await cryptoWaitReady();

/** SS58 text (format 42) of a 32-byte public key. */
export function ss58Of(publicKey: Hex): string {
  return encodeAddress(bytesOf(publicKey), SS58_FORMAT);
}

/**
 * Public key of an SS58 address of any format, or of the 64 hex digits themselves.
 * @throws ChainError invalid-address
 */
export function publicKeyOf(text: string): Hex {
  const trimmed = text.trim();
  if (/^0x[0-9a-fA-F]{64}$/.test(trimmed)) return hexOf(Buffer.from(trimmed.slice(2), "hex"));
  try {
    const bytes = /^[1-9A-HJ-NP-Za-km-z]{40,60}$/.test(trimmed) ? decodeAddress(trimmed) : null;
    if (bytes?.length === PUBLIC_KEY_BYTES) return hexOf(bytes);
  } catch (cause) {
    throw new ChainError({ code: "invalid-address", text: trimmed.slice(0, 80) }, { cause });
  }
  throw new ChainError({ code: "invalid-address", text: trimmed.slice(0, 80) });
}

/**
 * Whether `signature` (64 bytes, sr25519, context "substrate") is by `publicKey` over exactly these bytes.
 * Malformed keys and signatures are false, never an exception; `<Bytes>` wrapping is not tried (btauth/1).
 */
export function verifySignature(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Hex,
): boolean {
  const key = bytesOf(publicKey);
  if (signature.length !== SIGNATURE_BYTES || key.length !== PUBLIC_KEY_BYTES) return false;
  try {
    return sr25519Verify(message, signature, key);
  } catch {
    return false;
  }
}
