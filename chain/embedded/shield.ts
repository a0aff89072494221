/** @file An author that calls can be encrypted to: it announces ML-KEM-768 keys and opens what is sent to them. */
import { decapsulate } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ChainError } from "../errors.ts";
import {
  type BlockAuthor,
  type BlockSlot,
  type Inherent,
  type Opened,
  type RuntimeCall,
  slotAuthor,
} from "./blocks/author.ts";
import { ShieldKeys } from "./shield-keys.ts";
import { byteVector, compact, ScaleReader } from "./codec/scale.ts";

/** A new key every so many blocks: clients have that long between reading one and sending, and more, since older ones are kept. */
const ROTATION_BLOCKS = 16;
/** A carrier is no shorter: twox128 of the key, u16, ML-KEM ciphertext, nonce, tag of the cipher. */
const LEAST_CARRIER_BYTES = 16 + 2 + 1088 + 24 + 16;
const HASH_BYTES = 16;
const NONCE_BYTES = 24;
const KEY_INHERENT = "shieldky";

/** An encrypted call in its parts. */
type Shielded = {
  readonly keyHash: Uint8Array;
  readonly encapsulated: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
};

/** Reads `Option<ShieldedTransaction>`. */
function shieldedOf(answer: Uint8Array): Shielded | null {
  const reader = new ScaleReader(answer);
  if (reader.u8() === 0) return null;
  const keyHash = reader.take(HASH_BYTES);
  const encapsulated = reader.bytes();
  const ciphertext = reader.bytes();
  return { keyHash, encapsulated, ciphertext, nonce: reader.take(NONCE_BYTES) };
}

/** What an extrinsic carries; null: it is no carrier, no extrinsic at all, or the runtime knows of none. */
function shieldedIn(extrinsic: Uint8Array, call: RuntimeCall): Shielded | null {
  try {
    return shieldedOf(call("ShieldApi_try_decode_shielded_tx", extrinsic));
  } catch (error) {
    if (error instanceof ChainError && error.code === "runtime-trap") return null;
    throw error;
  }
}

/** An extrinsic with its length prefix, which clients may leave out. */
function withLength(bytes: Uint8Array): Uint8Array {
  const isPrefixed = [1, 2, 4].some((width) => {
    const length = compact(bytes.length - width);
    return length.length === width && length.every((byte, at) => byte === bytes[at]);
  });
  return isPrefixed ? bytes : byteVector(bytes);
}

/** Opens what is encrypted to keys that it keeps, in its process or in a file. */
export class ShieldAuthor implements BlockAuthor {
  readonly #keys: ShieldKeys;

  /** @param path where its keys outlive the process; left out: nobody opens after its end what was sent to them. @throws ChainError shield-keys-unreadable */
  constructor(path?: string) {
    this.#keys = new ShieldKeys(path);
  }

  inherents(block: BlockSlot): readonly Inherent[] {
    const inherents = slotAuthor.inherents(block);
    const key = this.#keyFor(block.number);
    return key === null
      ? inherents
      : [...inherents, { identifier: KEY_INHERENT, value: byteVector(key) }];
  }

  open(extrinsic: Uint8Array, call: RuntimeCall): Opened {
    if (extrinsic.length < LEAST_CARRIER_BYTES) return { kind: "plain" };
    const shielded = shieldedIn(extrinsic, call);
    if (shielded === null) return { kind: "plain" };
    const inner = this.#decrypted(shielded);
    return inner === null ? { kind: "unreadable" } : { kind: "carrier", inner: withLength(inner) };
  }

  /** The key to announce in a block, in bytes; null: the last one goes on. A block made anew has its key announced again. */
  #keyFor(number: number): Uint8Array | null {
    const age = number - this.#keys.newestBlock;
    return age > 0 && age < ROTATION_BLOCKS ? null : this.#keys.make(number);
  }

  #decrypted({ keyHash, encapsulated, nonce, ciphertext }: Shielded): Uint8Array | null {
    const key = this.#keys.of(keyHash);
    if (key === null) return null;
    try {
      return xchacha20poly1305(decapsulate(key, encapsulated), nonce).decrypt(ciphertext);
    } catch {
      // Not encrypted to this key, or not whole.
      return null;
    }
  }
}
