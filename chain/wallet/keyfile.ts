/**
 * @file The JSON inside a wallet file. Written with strings only, because btwallet up to 4.0 reads a map of
 * strings; read tolerantly, because 4.1 and SDK 11 add numbers.
 */
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { publicKeyOf, ss58Of } from "./account.ts";
import { bytesOf, type Hex, hexOf } from "./hex.ts";
import { type Secret, secretOfText } from "./secret.ts";
import { signerFromPrivateKey, signerFromSeed, type Signer } from "./signer.ts";

const text = z.string().max(2048).nullish();
const keyfileSchema = z.looseObject({
  accountId: text,
  publicKey: text,
  privateKey: text,
  secretPhrase: text,
  secretSeed: text,
  ss58Address: text,
  // Numbers since btwallet 4.1: 0 ed25519, 1 sr25519, 2 ecdsa.
  cryptoType: z.union([z.number(), z.string()]).nullish(),
});
type Keyfile = z.infer<typeof keyfileSchema>;

const SR25519 = "1";

function unreadable(path: string, reason: string): ChainError {
  return new ChainError({ code: "wallet-unreadable", path, reason });
}

function parsed(content: Uint8Array, path: string): Keyfile {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    // No cause: the engine's message quotes the text, which may hold a secret.
    throw unreadable(path, "it is not JSON");
  }
  const result = keyfileSchema.safeParse(json);
  if (!result.success) throw unreadable(path, "its fields are not those of a wallet file");
  const type = result.data.cryptoType;
  if (type !== null && type !== undefined && String(type) !== SR25519)
    throw new ChainError({
      code: "wallet-unsupported",
      path,
      format: `a key of crypto type ${String(type).slice(0, 20)}`,
    });
  return result.data;
}

function hexBytes(field: string | null | undefined, length: number): Uint8Array | null {
  if (field === null || field === undefined) return null;
  const digits = field.startsWith("0x") ? field.slice(2) : field;
  if (digits.length !== 2 * length || !/^[0-9a-fA-F]*$/.test(digits)) return null;
  return new Uint8Array(Buffer.from(digits, "hex"));
}

function statedPublicKey(keyfile: Keyfile): Hex | null {
  const key = hexBytes(keyfile.publicKey, 32) ?? hexBytes(keyfile.accountId, 32);
  if (key !== null) return hexOf(key);
  return keyfile.ss58Address ? publicKeyOf(keyfile.ss58Address) : null;
}

/**
 * Public key that a wallet file states.
 * @throws ChainError wallet-unreadable, wallet-unsupported
 */
export function publicKeyIn(content: Uint8Array, path: string): Hex {
  const keyfile = parsed(content, path);
  let key: Hex | null = null;
  try {
    key = statedPublicKey(keyfile);
  } catch (cause) {
    throw new ChainError(
      { code: "wallet-unreadable", path, reason: "its address is malformed" },
      { cause },
    );
  }
  if (key === null) throw unreadable(path, "it states no public key");
  return key;
}

function secretSigner(keyfile: Keyfile, path: string): Signer {
  if (keyfile.secretPhrase) {
    const seed = secretOfText(keyfile.secretPhrase)?.seed;
    if (seed === undefined) throw unreadable(path, "its secretPhrase is not a BIP39 phrase");
    return signerFromSeed(seed);
  }
  if (keyfile.secretSeed) {
    const seed = hexBytes(keyfile.secretSeed, 32);
    if (seed === null) throw unreadable(path, "its secretSeed is not 32 bytes of hex");
    return signerFromSeed(seed);
  }
  if (!keyfile.privateKey) throw unreadable(path, "it holds no secret, only an address");
  const privateKey = hexBytes(keyfile.privateKey, 64);
  const publicKey = statedPublicKey(keyfile);
  const signer =
    privateKey === null || publicKey === null
      ? null
      : signerFromPrivateKey(privateKey, bytesOf(publicKey));
  if (signer === null) throw unreadable(path, "its privateKey does not belong to its address");
  return signer;
}

/**
 * Signer of a decrypted wallet file, in btwallet's order: phrase, seed, private key. The result must match the
 * address that the file states, else a damaged file would sign as somebody else.
 * @throws ChainError wallet-unreadable, wallet-unsupported
 */
export function signerIn(content: Uint8Array, path: string): Signer {
  const keyfile = parsed(content, path);
  try {
    const signer = secretSigner(keyfile, path);
    const stated = statedPublicKey(keyfile);
    if (stated !== null && stated !== signer.publicKey)
      throw unreadable(path, "its secret does not belong to its address");
    return signer;
  } catch (cause) {
    if (cause instanceof ChainError && cause.fault.code !== "invalid-address") throw cause;
    throw unreadable(path, "its key is malformed");
  }
}

function jsonBytes(fields: Record<string, string>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(fields));
}

function publicFields(publicKey: Uint8Array): Record<string, string> {
  const hex = hexOf(publicKey);
  return { accountId: hex, publicKey: hex, ss58Address: ss58Of(hex) };
}

/** Content of a `...pub.txt` file. */
export function publicKeyfile(publicKey: Uint8Array): Uint8Array {
  return jsonBytes(publicFields(publicKey));
}

/** Content of a key file before encryption. */
export function secretKeyfile(secret: Secret): Uint8Array {
  return jsonBytes({
    ...publicFields(secret.publicKey),
    privateKey: hexOf(secret.privateKey),
    ...(secret.phrase === undefined ? {} : { secretPhrase: secret.phrase }),
    ...(secret.seed === undefined ? {} : { secretSeed: hexOf(secret.seed) }),
  });
}
