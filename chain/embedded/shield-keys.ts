/** @file The keys that calls are encrypted to, and the file in which they outlive the author's process. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { isDiskFull } from "../../base/files.ts";
import { inLine, reasonOf, systemCodeOf } from "../../base/fault.ts";
import { ChainError } from "../errors.ts";
import { fromHex, keyOf, toHex } from "./codec/bytes.ts";
import { twox128 } from "./codec/hashing.ts";

/** Keys that are still opened: what is encrypted to one lives for eight blocks. */
const KEPT_KEYS = 3;
/** Of an ML-KEM-768 key: its two random halves, from which all else follows. */
const SEED_BYTES = 64;
const OWNER_ALONE = 0o600;

type ShieldKey = { readonly block: number; readonly key: KeyObject };

function publicBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: "raw-public" });
}

const fileSchema = z.array(z.object({ block: z.int(), seed: z.string() }));

/** `[{"block": 1, "seed": "0x…"}]`, the oldest first. @throws Error: it is none of ours */
function keysIn(text: string): ShieldKey[] {
  return fileSchema.parse(JSON.parse(text)).map(({ block, seed }) => {
    const bytes = fromHex(seed);
    if (bytes.length !== SEED_BYTES) throw new TypeError(`a seed has ${bytes.length} bytes`);
    const asymmetricKeyType = "ml-kem-768";
    const key = createPrivateKey({
      key: Buffer.from(bytes),
      format: "raw-seed",
      asymmetricKeyType,
    });
    return { block, key };
  });
}

/** The last keys of an author. A new one is on disk before anybody can read it from a block. */
export class ShieldKeys {
  readonly #path: string | null;
  readonly #keys = new Map<string, ShieldKey>();

  /** @throws ChainError shield-keys-unreadable */
  constructor(path?: string) {
    this.#path = path ?? null;
    for (const one of this.#read()) this.#put(one);
  }

  /** The block for which the newest was made. */
  get newestBlock(): number {
    return [...this.#keys.values()].at(-1)?.block ?? -Infinity;
  }

  /** The key with this hash (twox128 of its public bytes), or null. */
  of(hash: Uint8Array): KeyObject | null {
    return this.#keys.get(keyOf(hash))?.key ?? null;
  }

  /**
   * Makes a key for a block, in place of the oldest; gives its public bytes. Null where the disk is full: the old one goes on, and the
   * database, which needs that disk more, says what is wrong.
   */
  make(block: number): Uint8Array | null {
    const { privateKey } = generateKeyPairSync("ml-kem-768");
    const made = { block, key: privateKey };
    try {
      this.#write([...this.#keys.values(), made].slice(-KEPT_KEYS));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return null;
    }
    this.#put(made);
    for (const old of [...this.#keys.keys()].slice(0, -KEPT_KEYS)) this.#keys.delete(old);
    return publicBytes(privateKey);
  }

  #put(one: ShieldKey): void {
    this.#keys.set(keyOf(twox128(publicBytes(one.key))), one);
  }

  #read(): ShieldKey[] {
    if (this.#path === null) return [];
    try {
      return keysIn(readFileSync(this.#path, "utf8"));
    } catch (cause) {
      if (systemCodeOf(cause) === "ENOENT") return [];
      const fault = {
        code: "shield-keys-unreadable",
        path: this.#path,
        reason: inLine(reasonOf(cause)),
      } as const;
      throw new ChainError(fault, { cause });
    }
  }

  /** A crash leaves the old file or the new one; nobody but the owner ever reads either. */
  #write(keys: readonly ShieldKey[]): void {
    if (this.#path === null) return;
    const list = keys.map(({ block, key }) => {
      return { block, seed: toHex(key.export({ format: "raw-seed" })) };
    });
    const draft = `${this.#path}.draft`;
    const file = openSync(draft, "w", OWNER_ALONE);
    try {
      writeSync(file, `${JSON.stringify(list)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#path);
    const folder = openSync(dirname(this.#path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
