/** @file Signature checks as sp-io does them. Malformed input is a wrong signature, never an exception. */
import { leanCrypto } from "../../lean-crypto.ts";
import { concat, keyOf, sameBytes } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";

const { ed25519Verify, secp256k1Expand, secp256k1Recover, sr25519Verify } = leanCrypto;

/** A signature over `message` by `publicKey` (32 bytes; 33 for ecdsa). */
export type SignatureCheck = {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
};

/** `EcdsaVerifyError`. */
const ECDSA_ERRORS = { badRS: 0, badV: 1, badSignature: 2 } as const;

/** More than a full pool holds, so that a block checks no signature a second time; some 4 MB. */
const REMEMBERED = 32_768;
/** Order of secp256k1, big endian. */
const CURVE_ORDER = new Uint8Array(
  Buffer.from("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "hex"),
);

function safely(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/**
 * The last signatures that were right. Each is checked when it enters the pool and again in the block; a check costs
 * milliseconds and always gives the same answer. Wrong ones never come to a block.
 */
const remembered = new Set<string>();
/** Names of those that were right since somebody began to listen. */
let heard: string[] | null = null;

function rememberedCheck(
  scheme: string,
  { signature, message, publicKey }: SignatureCheck,
  check: () => boolean,
): boolean {
  const name = scheme + keyOf(blake2b256(concat(publicKey, signature, message)));
  if (!remembered.has(name)) {
    if (!safely(check)) return false;
    remember(name);
  }
  heard?.push(name);
  return true;
}

function remember(name: string): void {
  if (remembered.size >= REMEMBERED) {
    for (const oldest of remembered) {
      remembered.delete(oldest);
      break;
    }
  }
  remembered.add(name);
}

/** Does `work`, and names the signatures that were right in it, for {@link rememberRight} in another thread of this process. */
export function rightSignatures<Result>(work: () => Result): {
  readonly result: Result;
  readonly names: readonly string[];
} {
  const names: string[] = [];
  heard = names;
  try {
    return { result: work(), names };
  } finally {
    heard = null;
  }
}

/** Takes another thread's word for signatures that it found right. */
export function rememberRight(names: readonly string[]): void {
  for (const name of names) if (!remembered.has(name)) remember(name);
}

/** sr25519, substrate context, by the code that nodes run. */
export function checkSr25519(input: SignatureCheck): boolean {
  return rememberedCheck("s", input, () =>
    sr25519Verify(input.signature, input.message, input.publicKey),
  );
}

/** ed25519 by the ZIP-215 rules nodes use: the JavaScript implementation follows them, the WASM one does not. */
export function checkEd25519(input: SignatureCheck): boolean {
  return rememberedCheck("e", input, () =>
    ed25519Verify(input.message, input.signature, input.publicKey, true),
  );
}

/** Public key of a recoverable 65-byte signature over a 32-byte hash: 33 bytes, or an EcdsaVerifyError. */
export function recoverEcdsa(signature: Uint8Array, hash: Uint8Array): Uint8Array | 0 | 1 | 2 {
  const last = signature[64] ?? 255;
  const recovery = last > 26 ? last - 27 : last;
  if (recovery > 3) return ECDSA_ERRORS.badV;
  const rs = signature.subarray(0, 64);
  if (
    Buffer.compare(rs.subarray(0, 32), CURVE_ORDER) >= 0 ||
    Buffer.compare(rs.subarray(32), CURVE_ORDER) >= 0
  ) {
    return ECDSA_ERRORS.badRS;
  }
  try {
    return secp256k1Recover(hash, rs, recovery);
  } catch {
    return ECDSA_ERRORS.badSignature;
  }
}

/** As {@link recoverEcdsa}, with the key as 64 bytes without prefix. */
export function recoverEcdsaExpanded(
  signature: Uint8Array,
  hash: Uint8Array,
): Uint8Array | 0 | 1 | 2 {
  const recovered = recoverEcdsa(signature, hash);
  return typeof recovered === "number" ? recovered : secp256k1Expand(recovered).subarray(-64);
}

/** ECDSA over BLAKE2b-256 of the message. */
export function checkEcdsa({ signature, message, publicKey }: SignatureCheck): boolean {
  const recovered = recoverEcdsa(signature, blake2b256(message));
  return typeof recovered !== "number" && sameBytes(recovered, publicKey);
}
