/** @file Host functions of `sp_io::hashing` and `sp_io::crypto`. */
import { leanCrypto } from "../../lean-crypto.ts";
import { concat } from "../codec/bytes.ts";
import { remembering } from "../codec/short-hashes.ts";
import { blake2b128, blake2b256, twox128, twox256, twox64 } from "../codec/hashing.ts";
import { type HostContext, type HostFunctions, giveFat, givePointer } from "./host-context.ts";
import {
  type SignatureCheck,
  checkEcdsa,
  checkEd25519,
  checkSr25519,
  recoverEcdsa,
  recoverEcdsaExpanded,
} from "./signatures.ts";

const { keccakAsU8a, sha256AsU8a } = leanCrypto;
const OK = Uint8Array.of(0);

/** Hash functions: bytes in, a pointer to the digest out. */
export function hashingFunctions(host: HostContext): HostFunctions {
  const hash =
    (digest: (bytes: Uint8Array) => Uint8Array) =>
    (bytes: bigint): number =>
      givePointer(host, digest(host.memory.look(bytes)));
  const short = (digest: (bytes: Uint8Array) => Uint8Array): ((bytes: bigint) => number) => {
    const remembered = remembering(digest);
    return (bytes) => givePointer(host, remembered(host.memory.key(bytes)));
  };
  return {
    ext_hashing_blake2_128_version_1: short(blake2b128),
    ext_hashing_blake2_256_version_1: hash(blake2b256),
    ext_hashing_keccak_256_version_1: hash((bytes) => keccakAsU8a(bytes, 256)),
    ext_hashing_keccak_512_version_1: hash((bytes) => keccakAsU8a(bytes, 512)),
    ext_hashing_sha2_256_version_1: hash((bytes) => sha256AsU8a(bytes)),
    ext_hashing_twox_64_version_1: short(twox64),
    ext_hashing_twox_128_version_1: short(twox128),
    ext_hashing_twox_256_version_1: hash(twox256),
  };
}

/** Signature checks: 1 for a good one, 0 for anything else. */
export function cryptoFunctions(host: HostContext): HostFunctions {
  const { memory } = host;
  const verify =
    (check: (input: SignatureCheck) => boolean, signatureBytes: number, keyBytes: number) =>
    (signature: number, message: bigint, publicKey: number): number =>
      check({
        signature: memory.at(signature, signatureBytes),
        message: memory.copy(message),
        publicKey: memory.at(publicKey, keyBytes),
      })
        ? 1
        : 0;
  const recover =
    (method: typeof recoverEcdsa) =>
    (signature: number, hash: number): bigint => {
      const key = method(memory.at(signature, 65), memory.at(hash, 32));
      return giveFat(host, typeof key === "number" ? Uint8Array.of(1, key) : concat(OK, key));
    };
  return {
    ext_crypto_sr25519_verify_version_1: verify(checkSr25519, 64, 32),
    ext_crypto_sr25519_verify_version_2: verify(checkSr25519, 64, 32),
    ext_crypto_ed25519_verify_version_1: verify(checkEd25519, 64, 32),
    ext_crypto_ecdsa_verify_version_2: verify(checkEcdsa, 65, 33),
    ext_crypto_secp256k1_ecdsa_recover_version_2: recover(recoverEcdsaExpanded),
    ext_crypto_secp256k1_ecdsa_recover_compressed_version_2: recover(recoverEcdsa),
  };
}
