/**
 * @file An immutable radix-16 tree over storage keys. One structure serves as key index, as archive (old roots
 * stay valid) and as the Substrate trie (trie-root.ts hashes it; untouched nodes keep their hashes).
 */
import { AppendedVec } from "./appended-vec.ts";

/** What a key holds. */
export type TrieValue = Uint8Array | AppendedVec;

/** One of the 16 branches of a node. */
type TrieChildren = readonly (TrieNode | null)[];

/**
 * A node. Its partial key is nibbles [start, end) of `sample`, a key at or below it (possibly one that is gone):
 * so no partial key is ever copied. A node with a value has its whole key as sample, and end = 2 * bytes.
 */
export type TrieNode = {
  readonly sample: string;
  readonly start: number;
  readonly end: number;
  readonly value: TrieValue | null;
  readonly children: TrieChildren | null;
  /** Cache of trie-root.ts: the node's hash, or its encoding when that is shorter than 32 bytes. */
  reference: Uint8Array | null;
};

/** A whole tree; null is the empty one. */
export type TrieRoot = TrieNode | null;

const BRANCHES = 16;

/** Nibble `index` of a key, high half of a byte first. */
export function nibbleAt(key: string, index: number): number {
  const byte = key.charCodeAt(index >> 1);
  return (index & 1) === 0 ? byte >> 4 : byte & 15;
}

/** First nibble in [from, to) where the keys differ, or `to`. */
function divergence(a: string, b: string, from: number, to: number): number {
  let index = from;
  if (index < to && (index & 1) === 1) {
    if (nibbleAt(a, index) !== nibbleAt(b, index)) return index;
    index++;
  }
  while (index < to) {
    const difference = a.charCodeAt(index >> 1) ^ b.charCodeAt(index >> 1);
    if (difference !== 0) return Math.min(difference > 15 ? index : index + 1, to);
    index += 2;
  }
  return to;
}

/** The bytes a value stands for. */
export function valueBytes(value: TrieValue): Uint8Array {
  return value instanceof AppendedVec ? value.bytes() : value;
}

/** The value under `key`, or null. Descends by branch nibbles alone and compares the key once at the end. */
export function trieGet(root: TrieRoot, key: string): TrieValue | null {
  const length = key.length * 2;
  let node: TrieRoot = root;
  while (node !== null) {
    if (node.end >= length) return node.end === length && node.sample === key ? node.value : null;
    if (node.children === null) return null;
    node = node.children[nibbleAt(key, node.end)] ?? null;
  }
  return null;
}

/** The tree with `key` set. */
export function trieSet(root: TrieRoot, key: string, value: TrieValue): TrieNode {
  return insert(root, 0, key, value);
}

function leaf(start: number, key: string, value: TrieValue): TrieNode {
  return { sample: key, start, end: key.length * 2, value, children: null, reference: null };
}

function insert(node: TrieRoot, start: number, key: string, value: TrieValue): TrieNode {
  if (node === null) return leaf(start, key, value);
  const length = key.length * 2;
  const at = divergence(key, node.sample, start, Math.min(node.end, length));
  if (at < node.end) return split(node, at, key, value);
  if (at === length) {
    return { sample: key, start, end: at, value, children: node.children, reference: null };
  }
  const children = withChild(node.children, nibbleAt(key, at), (child) =>
    insert(child, at + 1, key, value),
  );
  const { sample, end } = node;
  return { sample, start, end, value: node.value, children, reference: null };
}

function withChild(
  children: TrieChildren | null,
  index: number,
  change: (child: TrieRoot) => TrieRoot,
): TrieChildren {
  const copy = children === null ? emptyChildren() : children.slice();
  copy[index] = change(copy[index] ?? null);
  return copy;
}

function emptyChildren(): TrieRoot[] {
  return Array.from({ length: BRANCHES }, () => null);
}

/** A branch at nibble `at`, where `key` leaves the partial key of `node`. */
function split(node: TrieNode, at: number, key: string, value: TrieValue): TrieNode {
  const children = emptyChildren();
  children[nibbleAt(node.sample, at)] = { ...node, start: at + 1, reference: null };
  const ends = at === key.length * 2;
  if (!ends) children[nibbleAt(key, at)] = leaf(at + 1, key, value);
  return {
    sample: key,
    start: node.start,
    end: at,
    value: ends ? value : null,
    children,
    reference: null,
  };
}

/** The tree without `key`; the same object when the key is not there. */
export function trieRemove(node: TrieRoot, key: string): TrieRoot {
  if (node === null) return null;
  const length = key.length * 2;
  if (node.end >= length) {
    const here = node.end === length && node.sample === key && node.value !== null;
    return here ? settle(node, null, node.children) : node;
  }
  if (node.children === null) return node;
  const index = nibbleAt(key, node.end);
  const child = node.children[index] ?? null;
  const rest = trieRemove(child, key);
  if (rest === child) return node;
  const children = node.children.slice();
  children[index] = rest;
  return settle(node, node.value, children);
}

/** Keeps the tree canonical: no empty node, no branch with one child and no value. */
function settle(node: TrieNode, value: TrieValue | null, children: TrieChildren | null): TrieRoot {
  let only: TrieRoot = null;
  let count = 0;
  for (const child of children ?? []) {
    if (child !== null) {
      only = child;
      count++;
    }
  }
  if (only === null) {
    return value === null ? null : { ...node, value, children: null, reference: null };
  }
  if (value === null && count === 1) return { ...only, start: node.start, reference: null };
  return { ...node, value, children, reference: null };
}

function smallest(from: TrieNode): string | null {
  let node: TrieRoot = from;
  while (node !== null) {
    if (node.value !== null) return node.sample;
    node = node.children?.find((child) => child !== null) ?? null;
  }
  return null;
}

function smallestFrom(children: TrieChildren, index: number): string | null {
  for (let i = index; i < BRANCHES; i++) {
    const child = children[i] ?? null;
    if (child !== null) return smallest(child);
  }
  return null;
}

/** The smallest key greater than `key`, or null. */
export function trieNext(node: TrieRoot, key: string): string | null {
  if (node === null) return null;
  const length = key.length * 2;
  const limit = Math.min(node.end, length);
  const at = divergence(key, node.sample, node.start, limit);
  if (at < limit) return nibbleAt(node.sample, at) > nibbleAt(key, at) ? smallest(node) : null;
  if (length < node.end) return smallest(node);
  if (node.children === null) return null;
  if (length === node.end) return smallestFrom(node.children, 0);
  const index = nibbleAt(key, node.end);
  return trieNext(node.children[index] ?? null, key) ?? smallestFrom(node.children, index + 1);
}

/** Keys that start with `prefix`, in order, greater than `after` if given. */
export function* trieKeys(root: TrieRoot, prefix: string, after?: string): Generator<string> {
  const start = after !== undefined && after > prefix ? after : prefix;
  let key =
    start === prefix && after !== prefix && trieGet(root, prefix) !== null
      ? prefix
      : trieNext(root, start);
  while (key !== null && key.startsWith(prefix)) {
    yield key;
    key = trieNext(root, key);
  }
}

/** The tree with a list of changes applied; null removes a key. */
export function trieApply(
  root: TrieRoot,
  changes: Iterable<readonly [key: string, value: Uint8Array | null]>,
): TrieRoot {
  let next = root;
  for (const [key, value] of changes) {
    next = value === null ? trieRemove(next, key) : trieSet(next, key, value);
  }
  return next;
}
