/** @file The hash functions of Substrate storage, from one WASM library (fast on short inputs). */
import { leanCrypto } from "../../lean-crypto.ts";

const { blake2AsU8a, cryptoWaitReady, xxhashAsU8a } = leanCrypto;
/** Left out, the library makes one of an empty text at every call. */
const NO_KEY = new Uint8Array(0);

/** Loads the hash and signature library. Await it once before anything else here. */
export async function cryptoReady(): Promise<void> {
  await cryptoWaitReady();
}

/** BLAKE2b with 32 bytes. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  return blake2AsU8a(bytes, 256, NO_KEY);
}

/** BLAKE2b with 16 bytes. */
export function blake2b128(bytes: Uint8Array): Uint8Array {
  return blake2AsU8a(bytes, 128, NO_KEY);
}

/** xxHash64 with seed 0, 8 bytes. */
export function twox64(bytes: Uint8Array): Uint8Array {
  return xxhashAsU8a(bytes, 64);
}

/** Two xxHash64 with seeds 0 and 1, 16 bytes. */
export function twox128(bytes: Uint8Array): Uint8Array {
  return xxhashAsU8a(bytes, 128);
}

/** Four xxHash64, 32 bytes. */
export function twox256(bytes: Uint8Array): Uint8Array {
  return xxhashAsU8a(bytes, 256);
}
