/** @file From what a person types (phrase, URI) to what a wallet file stores (phrase, seed, private key). */
import { keyringPackage, utilCrypto } from "../polkadot.ts";
import { privateKeyOf } from "./private-key.ts";

const { DEV_PHRASE } = keyringPackage;
const {
  keyExtractSuri,
  keyFromPath,
  mnemonicGenerate,
  mnemonicToMiniSecret,
  mnemonicValidate,
  sr25519PairFromSeed,
} = utilCrypto;

/** Everything a wallet file may hold about one key. Never log it. */
export type Secret = {
  readonly publicKey: Uint8Array;
  /** 64 bytes, sp-core form. */
  readonly privateKey: Uint8Array;
  /** Absent for keys derived by a path: such a key has neither phrase nor seed of its own. */
  readonly phrase?: string;
  readonly seed?: Uint8Array;
};

/** A fresh phrase of 12 words from the system's random source. */
export function newPhrase(): string {
  return mnemonicGenerate(12);
}

/** The secret of a 32-byte mini secret. */
export function secretOfSeed(seed: Uint8Array): Secret {
  const pair = sr25519PairFromSeed(seed);
  return { publicKey: pair.publicKey, privateKey: privateKeyOf(pair.secretKey), seed };
}

/** The secret of what a person gave: a `0x` seed of 32 bytes, else as secretOfText. */
export function secretGiven(text: string): Secret | null {
  const trimmed = text.trim();
  if (!/^0x[0-9a-fA-F]{64}$/.test(trimmed)) return secretOfText(text);
  return secretOfSeed(new Uint8Array(Buffer.from(trimmed.slice(2), "hex")));
}

/**
 * The secret of a phrase or of a development URI such as `//Alice` or `<phrase>//miner/1`; null when the text is
 * neither. Returned, not thrown, so that no error can carry the text.
 */
export function secretOfText(text: string): Secret | null {
  const trimmed = text.trim().replace(/\s+/g, " ");
  const suri = trimmed.startsWith("/") ? `${DEV_PHRASE}${trimmed}` : trimmed;
  // The library's pattern backtracks badly on long junk.
  if (suri.length > 1024) return null;
  try {
    const { phrase, path, password } = keyExtractSuri(suri);
    if (!mnemonicValidate(phrase)) return null;
    const seed = mnemonicToMiniSecret(phrase, password);
    const own = secretOfSeed(seed);
    if (path.length === 0) return password === undefined ? { ...own, phrase } : own;
    const derived = keyFromPath(sr25519PairFromSeed(seed), path, "sr25519");
    return { publicKey: derived.publicKey, privateKey: privateKeyOf(derived.secretKey) };
  } catch {
    return null;
  }
}
