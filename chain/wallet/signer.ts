/** @file A key that can sign: made from a seed phrase, a development URI, a seed or a stored private key. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { keyringPackage } from "../polkadot.ts";
import { SS58_FORMAT, ss58Of, verifySignature } from "./account.ts";
import { type Hex, hexOf } from "./hex.ts";
import { expandedSecretOf } from "./private-key.ts";

/**
 * An account of this process. The secret stays inside `pair`: printing, inspecting or serialising a signer
 * shows the address alone.
 */
export type Signer = {
  readonly publicKey: Hex;
  /** SS58 format 42, for display. */
  readonly ss58: string;
  /** Raw sr25519 signature of exactly these bytes (64 bytes, randomised). */
  sign(message: Uint8Array): Uint8Array;
  /** For `chain/client`; nothing else needs it. */
  readonly pair: KeyringPair;
};

const keyring = new keyringPackage.Keyring({ type: "sr25519", ss58Format: SS58_FORMAT });

/** The pair is reached through the prototype, so that no printer or serialiser of own fields meets it. */
class PairSigner implements Signer {
  readonly publicKey: Hex;
  readonly ss58: string;
  readonly sign: (message: Uint8Array) => Uint8Array;
  readonly #pair: KeyringPair;

  constructor(pair: KeyringPair) {
    this.#pair = pair;
    this.publicKey = hexOf(pair.publicKey);
    this.ss58 = ss58Of(this.publicKey);
    this.sign = (message) => pair.sign(message);
  }

  get pair(): KeyringPair {
    return this.#pair;
  }
}

/**
 * Signer of a secret URI: `//Alice`, `<phrase>`, `<phrase>//hard/soft`, or `0x` seed.
 * @throws Error of @polkadot/keyring when the text is none of these (its message does not repeat the text)
 */
export function signerFromUri(uri: string): Signer {
  return new PairSigner(keyring.createFromUri(uri));
}

/** Signer of a 32-byte mini secret. */
export function signerFromSeed(seed: Uint8Array): Signer {
  return new PairSigner(keyring.createFromUri(hexOf(seed)));
}

/**
 * Signer of a 64-byte private key as btwallet stores it, or null when it does not belong to `publicKey`.
 * Nothing at hand derives a public key from this form, so the key has to prove itself by signing.
 */
export function signerFromPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): Signer | null {
  const pair = keyring.createFromPair(
    { publicKey, secretKey: expandedSecretOf(privateKey) },
    {},
    "sr25519",
  );
  const signer = new PairSigner(pair);
  const probe = Buffer.from("assay wallet check");
  return verifySignature(probe, signer.sign(probe), signer.publicKey) ? signer : null;
}
