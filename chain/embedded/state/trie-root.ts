/**
 * @file State roots as a Substrate node computes them: node encoding of sp-trie (layouts V0 and V1, BLAKE2b-256).
 * A node's hash is kept in the node, so a new root costs only the paths that changed.
 */
import { keyOf } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { compact, putCompact } from "../codec/scale.ts";
import { type TrieNode, type TrieRoot, nibbleAt, trieSet, valueBytes } from "./trie.ts";

/** `RuntimeVersion.system_version` as a trie layout: 0 keeps values in nodes, 1 hashes values above 32 bytes. */
export type StateVersion = 0 | 1;

/** Trie layout of a system version: any above 0 means V1, as in `RuntimeVersion::state_version`. */
export function layoutOf(systemVersion: number): StateVersion {
  return systemVersion === 0 ? 0 : 1;
}

const HASH_BYTES = 32;
/** No length here needs more. */
const COMPACT_BYTES = 8;
const EMPTY_NODE = Uint8Array.of(0);

/** Header bits of a node kind, and how many bits of the first byte they leave for the partial key's length. */
type Kind = { readonly bits: number; readonly lengthBits: number };
const LEAF: Kind = { bits: 0b0100_0000, lengthBits: 6 };
const BRANCH: Kind = { bits: 0b1000_0000, lengthBits: 6 };
const BRANCH_WITH_VALUE: Kind = { bits: 0b1100_0000, lengthBits: 6 };
const LEAF_WITH_HASH: Kind = { bits: 0b0010_0000, lengthBits: 5 };
const BRANCH_WITH_HASH: Kind = { bits: 0b0001_0000, lengthBits: 4 };

/** A buffer that is reused for every node; nodes are written one at a time, children first. */
class Scratch {
  #bytes = new Uint8Array(4096);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  compact(value: number): void {
    this.#room(COMPACT_BYTES);
    this.#length = putCompact(this.#bytes, this.#length, value);
  }

  /** Nibbles of a key, two a byte; the first stands alone where their number is odd. */
  nibbles(key: string, start: number, end: number): void {
    this.#room((end - start + 1) >> 1);
    const bytes = this.#bytes;
    let at = this.#length;
    let index = start;
    if (((end - index) & 1) === 1) bytes[at++] = nibbleAt(key, index++);
    if ((index & 1) === 0) {
      for (let char = index >> 1; char < end >> 1; char++) bytes[at++] = key.charCodeAt(char);
    } else {
      let left = key.charCodeAt(index >> 1) & 15;
      for (; index < end; index += 2) {
        const next = key.charCodeAt((index >> 1) + 1);
        bytes[at++] = (left << 4) | (next >> 4);
        left = next & 15;
      }
    }
    this.#length = at;
  }

  put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array((this.#length + more) * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

const scratch = new Scratch();
/** Hashes of large values: `:code` changes place in the tree at every block, its bytes do not. */
const valueHashes = new WeakMap<Uint8Array, Uint8Array>();

function hashOfValue(value: Uint8Array): Uint8Array {
  let hash = valueHashes.get(value);
  if (hash === undefined) {
    hash = blake2b256(value);
    valueHashes.set(value, hash);
  }
  return hash;
}

function kindOf(node: TrieNode, hashed: boolean): Kind {
  if (node.children === null) return hashed ? LEAF_WITH_HASH : LEAF;
  if (node.value === null) return BRANCH;
  return hashed ? BRANCH_WITH_HASH : BRANCH_WITH_VALUE;
}

function putHeader(kind: Kind, nibbles: number): void {
  const most = (1 << kind.lengthBits) - 1;
  if (nibbles < most) {
    scratch.byte(kind.bits | nibbles);
    return;
  }
  scratch.byte(kind.bits | most);
  let rest = nibbles - most;
  while (rest >= 255) {
    scratch.byte(255);
    rest -= 255;
  }
  scratch.byte(rest);
}

function putValue(value: Uint8Array, hashed: boolean): void {
  if (hashed) {
    scratch.put(hashOfValue(value));
    return;
  }
  scratch.compact(value.length);
  scratch.put(value);
}

/** Which children there are, a bit each; every one has its reference after this, as the scratch buffer serves one node. */
function childrenOf(node: TrieNode, version: StateVersion): number {
  let bitmap = 0;
  if (node.children === null) return bitmap;
  for (let index = 0; index < node.children.length; index++) {
    const child = node.children[index] ?? null;
    if (child === null) continue;
    bitmap |= 1 << index;
    if (child.reference === null) referenceOf(child, version);
  }
  return bitmap;
}

function putReferences(children: readonly TrieRoot[]): void {
  for (const child of children) {
    const reference = child?.reference ?? null;
    if (reference === null) continue;
    scratch.byte(reference.length << 2);
    scratch.put(reference);
  }
}

/** Whether a value stands in its node as a hash. */
export function isHashedValue(value: Uint8Array, version: StateVersion): boolean {
  return version === 1 && value.length > HASH_BYTES;
}

/** The node's encoding in the scratch buffer. */
function encode(node: TrieNode, version: StateVersion): Uint8Array {
  const bitmap = childrenOf(node, version);
  const value = node.value === null ? null : valueBytes(node.value);
  const hashed = value !== null && isHashedValue(value, version);
  scratch.reset();
  putHeader(kindOf(node, hashed), node.end - node.start);
  scratch.nibbles(node.sample, node.start, node.end);
  if (node.children !== null) {
    scratch.byte(bitmap & 0xff);
    scratch.byte(bitmap >> 8);
  }
  if (value !== null) putValue(value, hashed);
  if (node.children !== null) putReferences(node.children);
  return scratch.written();
}

/** A node as sp-trie encodes it. */
export function nodeEncoding(node: TrieNode, version: StateVersion): Uint8Array {
  return encode(node, version).slice();
}

/** Hash of a node, or its encoding when that is shorter than a hash. */
export function referenceOf(node: TrieNode, version: StateVersion): Uint8Array {
  if (node.reference === null) {
    const encoding = encode(node, version);
    node.reference = encoding.length < HASH_BYTES ? encoding.slice() : blake2b256(encoding);
  }
  return node.reference;
}

/**
 * Root hash, 32 bytes. One tree must always be hashed with the same `version`: nodes cache their hash.
 */
export function trieRootHash(root: TrieRoot, version: StateVersion): Uint8Array {
  if (root === null) return blake2b256(EMPTY_NODE);
  const reference = referenceOf(root, version);
  return reference.length < HASH_BYTES ? blake2b256(reference) : reference;
}

/** Root of a list: keys are the compact-encoded positions (`blake2_256_ordered_root`). */
export function orderedRoot(items: readonly Uint8Array[], version: StateVersion): Uint8Array {
  let root: TrieRoot = null;
  items.forEach((item, index) => {
    root = trieSet(root, keyOf(compact(index)), item);
  });
  return trieRootHash(root, version);
}
