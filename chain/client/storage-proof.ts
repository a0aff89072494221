/**
 * @file Proofs of storage, checked: what a state holds, computed from its root and the nodes of its tree that somebody handed
 * over, who need not be trusted. Node encoding of sp-trie, layouts V0 and V1, BLAKE2b-256. Pure.
 */
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { ScaleReader } from "./scale.ts";

const { blake2AsU8a } = utilCrypto;
const HASH_BYTES = 32;
const BRANCHES = 16;

/** A value in its node, or the hash of one that is a part of the proof by itself. */
type Value = { readonly bytes: Uint8Array; readonly isHash: boolean };
type Node = {
  /** Partial key, a nibble an entry. */
  readonly nibbles: readonly number[];
  readonly value: Value | null;
  /** A node's encoding, or its hash where that has {@link HASH_BYTES}; null where there is none. */
  readonly children: readonly (Uint8Array | null)[];
};

/** What the first byte of a node says by its highest bits. */
type Kind = {
  readonly bits: number;
  /** Bits of the first byte that are left for the length of the partial key. */
  readonly lengthBits: number;
  readonly isBranch: boolean;
  readonly value: "none" | "inline" | "hash";
};

/** The longest prefix first: each is told from the next by a bit more. */
const KINDS: readonly Kind[] = [
  { bits: 0b01, lengthBits: 6, isBranch: false, value: "inline" },
  { bits: 0b10, lengthBits: 6, isBranch: true, value: "none" },
  { bits: 0b11, lengthBits: 6, isBranch: true, value: "inline" },
  { bits: 0b001, lengthBits: 5, isBranch: false, value: "hash" },
  { bits: 0b0001, lengthBits: 4, isBranch: true, value: "hash" },
];

function nibblesOf(key: Uint8Array): number[] {
  return [...key].flatMap((byte) => [byte >> 4, byte & 15]);
}

function readNibbles(reader: ScaleReader, first: number, lengthBits: number): number[] {
  const most = (1 << lengthBits) - 1;
  let length = first & most;
  if (length === most) {
    for (let more = 255; more === 255; length += more) more = reader.u8();
  }
  const nibbles = nibblesOf(reader.bytes((length + 1) >> 1));
  // An odd number of nibbles stands behind a half byte of zero.
  if (nibbles.length > length && nibbles.shift() !== 0) throw new RangeError("a key is not padded");
  return nibbles;
}

function readValue(reader: ScaleReader, kind: Kind["value"]): Value | null {
  if (kind === "none") return null;
  const isHash = kind === "hash";
  return { isHash, bytes: isHash ? reader.bytes(HASH_BYTES) : reader.blob() };
}

function readChildren(reader: ScaleReader, bitmap: number): (Uint8Array | null)[] {
  return Array.from({ length: BRANCHES }, (_, index) =>
    (bitmap & (1 << index)) === 0 ? null : reader.blob(),
  );
}

/** A node; null for the empty tree's. @throws RangeError on bytes that are none */
function readNode(encoding: Uint8Array): Node | null {
  const reader = new ScaleReader(encoding);
  const first = reader.u8();
  const kind = KINDS.find(({ bits, lengthBits }) => first >> lengthBits === bits);
  if (kind === undefined) {
    if (first === 0 && reader.done) return null;
    throw new RangeError(`a node of unknown kind ${first}`);
  }
  const nibbles = readNibbles(reader, first, kind.lengthBits);
  const bitmap = kind.isBranch ? reader.u16() : 0;
  const value = readValue(reader, kind.value);
  const children = readChildren(reader, bitmap);
  if (!reader.done) throw new RangeError("a node has more bytes than it needs");
  return { nibbles, value, children };
}

/** What is known of a tree: the parts of a proof by their hashes. */
class KnownNodes {
  readonly #parts: ReadonlyMap<string, Uint8Array>;

  constructor(proof: readonly Hex[]) {
    const parts = proof.map(bytesOf);
    this.#parts = new Map(parts.map((part) => [hexOf(blake2AsU8a(part, 256)), part]));
  }

  /** @throws RangeError when it is not in the proof */
  part(hash: Uint8Array): Uint8Array {
    const part = this.#parts.get(hexOf(hash));
    if (part === undefined) throw new RangeError(`it lacks what hashes to ${hexOf(hash)}`);
    return part;
  }

  /** The value under `key` in the tree below `root`, or null. @throws RangeError when the proof does not say */
  value(root: Uint8Array, key: Uint8Array): Uint8Array | null {
    const path = nibblesOf(key);
    let at = 0;
    let node = readNode(this.part(root));
    while (node !== null) {
      const { nibbles, value, children } = node;
      if (nibbles.some((nibble, index) => path[at + index] !== nibble)) return null;
      at += nibbles.length;
      const next = path[at];
      if (next === undefined)
        return value === null || !value.isHash ? (value?.bytes ?? null) : this.part(value.bytes);
      const child = children[next] ?? null;
      if (child === null) return null;
      node = readNode(child.length === HASH_BYTES ? this.part(child) : child);
      at++;
    }
    return null;
  }
}

/**
 * What `keys` hold in the state with this root, null for nothing: as `proof` (what `state_getReadProof` gives, in any order)
 * shows. Neither the proof nor whoever sent it is trusted, the root is.
 * @throws ChainError proof-invalid: the proof says nothing of a key, or it is none
 */
export function provenValues(
  stateRoot: Hex,
  proof: readonly Hex[],
  keys: readonly Hex[],
): ReadonlyMap<Hex, Hex | null> {
  const nodes = new KnownNodes(proof);
  const root = bytesOf(stateRoot);
  return new Map(
    keys.map((key) => {
      try {
        const value = nodes.value(root, bytesOf(key));
        return [key, value === null ? null : hexOf(value)];
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new ChainError({ code: "proof-invalid", key, reason: cause.message }, { cause });
      }
    }),
  );
}
