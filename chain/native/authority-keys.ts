/**
 * @file Keys of an authority: one that signs the blocks it makes (Aura, sr25519), one for its votes on what is final
 * (GRANDPA, ed25519), and its identity in the network (ed25519). None of them owns anything.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { keyringPackage, utilCrypto } from "../polkadot.ts";
import { SS58_FORMAT } from "../wallet/account.ts";
import { type Hex, hexOf } from "../wallet/hex.ts";

const SEED_BYTES = 32;
/** Multihash "identity" of 36 bytes: a protobuf of key type ed25519 (field 1) and the 32 bytes of the key (field 2). */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** What others have to know of an authority. */
export const authoritySchema = z.strictObject({
  /** SS58. */
  aura: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{47,48}$/, "must be an SS58 address"),
  /** SS58. */
  grandpa: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{47,48}$/, "must be an SS58 address"),
  /** Of its node, as in `/p2p/...` of an address. */
  peerId: z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, "must be a peer id"),
});

/** What others have to know of an authority. */
export type Authority = z.output<typeof authoritySchema>;

/** A file of a node's keystore: its name says which key, its content is the secret. */
type KeystoreFile = { readonly name: string; readonly content: string };

/** Keys of an authority, as they lie in its folder. Never log them. */
export type AuthorityKeys = {
  readonly authority: Authority;
  /** For the folder after `--keystore-path`. */
  readonly keystore: readonly KeystoreFile[];
  /** Hex, for the file after `--node-key-file`. */
  readonly nodeKey: string;
};

type KeyType = "aura" | "gran";
type Crypto = "sr25519" | "ed25519";

/** Hex without 0x of the text's bytes and the key. */
function keystoreFile(type: KeyType, publicKey: Uint8Array, secret: string): KeystoreFile {
  const name = `${Buffer.from(type).toString("hex")}${hexOf(publicKey).slice(2)}`;
  return { name, content: JSON.stringify(secret) };
}

/** The peer id of a node's public key (libp2p's specification of peer ids). */
export function peerIdOf(publicKey: Uint8Array): string {
  return utilCrypto.base58Encode(Buffer.concat([PEER_ID_PREFIX, publicKey]));
}

function publicKeyOf(secret: string, type: Crypto): Uint8Array {
  const keyring = new keyringPackage.Keyring({ type, ss58Format: SS58_FORMAT });
  return keyring.createFromUri(secret, {}, type).publicKey;
}

function newSeed(): Hex {
  return hexOf(randomBytes(SEED_BYTES));
}

/** A seed that follows from a development name, for a node's identity: whoever knows the name knows it. */
function seedOfName(name: string): Hex {
  return hexOf(utilCrypto.blake2AsU8a(`${name}//node`, 256));
}

/**
 * Keys of a new authority, from the system's random source; with a development name (`//Alice`) the ones that everybody
 * knows. Needs `cryptoWaitReady`, which importing `chain/wallet` waits for.
 */
export function authorityKeys(developmentName?: string): AuthorityKeys {
  const [aura, grandpa] = [developmentName ?? newSeed(), developmentName ?? newSeed()];
  const node = developmentName === undefined ? newSeed() : seedOfName(developmentName);
  const keys = {
    aura: publicKeyOf(aura, "sr25519"),
    grandpa: publicKeyOf(grandpa, "ed25519"),
    node: publicKeyOf(node, "ed25519"),
  };
  return {
    authority: {
      aura: utilCrypto.encodeAddress(keys.aura, SS58_FORMAT),
      grandpa: utilCrypto.encodeAddress(keys.grandpa, SS58_FORMAT),
      peerId: peerIdOf(keys.node),
    },
    keystore: [keystoreFile("aura", keys.aura, aura), keystoreFile("gran", keys.grandpa, grandpa)],
    nodeKey: node.slice(2),
  };
}

/** What a genesis says of its authorities, each with one vote. */
export function authoritiesPatch(authorities: readonly Authority[]): {
  readonly aura: { readonly authorities: string[] };
  readonly grandpa: { readonly authorities: [string, number][] };
} {
  return {
    aura: { authorities: authorities.map(({ aura }) => aura) },
    grandpa: { authorities: authorities.map(({ grandpa }) => [grandpa, 1]) },
  };
}

/** How many authorities may be away before finality stands still: less than a third. */
export function sparedBy(authorities: number): number {
  return Math.max(0, Math.floor((authorities - 1) / 3));
}
