/**
 * @file `$NACL` encryption of coldkey files, byte-compatible with btwallet: Argon2i v1.3 with a constant salt,
 * then XSalsa20-Poly1305. The constant salt is the format's weakness, kept for compatibility.
 */
import { argon2 } from "node:crypto";
import { promisify } from "node:util";
import { utilCrypto } from "../polkadot.ts";

const { naclDecrypt, naclEncrypt } = utilCrypto;
const MAGIC = Buffer.from("$NACL");
const NONCE_BYTES = 24;
const SALT = Buffer.from("137183dff15a09bc9c90b5518739e9b1", "hex");
const argon2Async = promisify(argon2);

/** How a wallet file starts when it is encrypted in one of the known ways. */
export type Encryption = "nacl" | "ansible" | "fernet" | "none";

/** Tells the encryption of a file from its first bytes. */
export function encryptionOf(file: Uint8Array): Encryption {
  const head = Buffer.from(file.subarray(0, 14)).toString("latin1");
  if (head.startsWith("$NACL")) return "nacl";
  if (head.startsWith("$ANSIBLE_VAULT")) return "ansible";
  if (head.startsWith("gAAAAA")) return "fernet";
  return "none";
}

/**
 * The 32-byte key of a password. Takes seconds and 512 MiB on a thread of the pool; the event loop stays free.
 * The salt is constant, so one key opens every file with this password: derive once, pass it on.
 */
export async function derivePasswordKey(password: string): Promise<Uint8Array> {
  const key = await argon2Async("argon2i", {
    message: Buffer.from(password, "utf8"),
    nonce: SALT,
    parallelism: 1,
    tagLength: 32,
    memory: 524_288,
    passes: 8,
  });
  return new Uint8Array(key);
}

/** Encrypts file content; the nonce is random unless a test fixes it. */
export function sealed(content: Uint8Array, key: Uint8Array, nonce?: Uint8Array): Uint8Array {
  const box = naclEncrypt(content, key, nonce);
  return new Uint8Array(Buffer.concat([MAGIC, box.nonce, box.encrypted]));
}

/** The content of a `$NACL` file, or null when the key is wrong or a byte was changed. */
export function unsealed(file: Uint8Array, key: Uint8Array): Uint8Array | null {
  const nonce = file.subarray(MAGIC.length, MAGIC.length + NONCE_BYTES);
  const box = file.subarray(MAGIC.length + NONCE_BYTES);
  // A box is never shorter than its authentication tag; the library would read past the end.
  if (nonce.length < NONCE_BYTES || box.length < 16) return null;
  return naclDecrypt(box, nonce, key);
}
