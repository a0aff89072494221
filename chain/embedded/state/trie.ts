/**
 * @file A radix-16 tree over storage keys. One structure serves as key index, as archive (old roots stay valid) and as
 * the Substrate trie (trie-root.ts hashes it; untouched nodes keep their hashes). Whoever changes a tree under a number
 * of its own ({@link newEdit}) changes the nodes that it made itself in place; everybody else's are never touched.
 */
import { AppendedVec } from "./appended-vec.ts";

/** What a key holds. */
export type TrieValue = Uint8Array | AppendedVec;

/** The 16 branches of a node. */
type TrieChildren = (TrieNode | null)[];

/**
 * A node. Its partial key is nibbles [start, end) of `sample`, a key at or below it (possibly one that is gone):
 * so no partial key is ever copied. A node with a value has its whole key as sample, and end = 2 * bytes.
 */
export type TrieNode = {
  sample: string;
  readonly start: number;
  readonly end: number;
  value: TrieValue | null;
  readonly children: TrieChildren | null;
  /** Which edit made the node and its list of children, and may change them; 0 = none. */
  readonly edit: number;
  /** Cache of trie-root.ts: the node's hash, or its encoding when that is shorter than 32 bytes. */
  reference: Uint8Array | null;
};

/** A whole tree; null is the empty one. */
export type TrieRoot = TrieNode | null;

const BRANCHES = 16;
/** Nodes of this edit belong to everybody. */
const NOBODY = 0;

let lastEdit = NOBODY;

/** A number that no node carries yet. Whoever hands a tree on takes a new one before the next change. */
export function newEdit(): number {
  return ++lastEdit;
}

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

/** Nibble `index` of the key that lies in `bytes` from `from` on. */
function nibbleIn(bytes: Uint8Array, from: number, index: number): number {
  const byte = bytes[from + (index >> 1)] ?? 0;
  return (index & 1) === 0 ? byte >> 4 : byte & 15;
}

function isKey(text: string, bytes: Uint8Array, from: number): boolean {
  for (let index = text.length - 1; index >= 0; index--) {
    if (text.charCodeAt(index) !== bytes[from + index]) return false;
  }
  return true;
}

/** {@link trieGet} for the `size` bytes of a key from `from` on: the node that holds its value, or null. */
export function trieFind(
  root: TrieRoot,
  bytes: Uint8Array,
  from: number,
  size: number,
): TrieNode | null {
  const length = size * 2;
  let node: TrieRoot = root;
  while (node !== null) {
    const { end } = node;
    if (end >= length) {
      if (end !== length || node.value === null) return null;
      return isKey(node.sample, bytes, from) ? node : null;
    }
    if (node.children === null) return null;
    node = node.children[nibbleIn(bytes, from, end)] ?? null;
  }
  return null;
}

/** The tree with `key` set; nodes made under `edit` are changed where they are. */
export function trieSet(root: TrieRoot, key: string, value: TrieValue, edit = NOBODY): TrieNode {
  return insert(root, 0, { key, value, edit });
}

/** What is set under which key, by whom. */
type Insertion = { readonly key: string; readonly value: TrieValue; readonly edit: number };

function leaf(start: number, { key, value, edit }: Insertion): TrieNode {
  return { sample: key, start, end: key.length * 2, value, children: null, edit, reference: null };
}

function isOwn(node: TrieNode, edit: number): boolean {
  return node.edit === edit && edit !== NOBODY;
}

function insert(node: TrieRoot, start: number, insertion: Insertion): TrieNode {
  if (node === null) return leaf(start, insertion);
  const { key, value, edit } = insertion;
  const length = key.length * 2;
  const at = divergence(key, node.sample, start, Math.min(node.end, length));
  if (at < node.end) return split(node, at, insertion);
  const own = ownNode(node, edit);
  if (at === length) {
    own.sample = key;
    own.value = value;
  } else if (own.children !== null) {
    const index = nibbleAt(key, at);
    own.children[index] = insert(own.children[index] ?? null, at + 1, insertion);
  } else {
    const children = emptyChildren();
    children[nibbleAt(key, at)] = leaf(at + 1, insertion);
    return { ...own, children };
  }
  return own;
}

/** The node itself, or a copy that `edit` may change; without its hash. */
function ownNode(node: TrieNode, edit: number): TrieNode {
  if (isOwn(node, edit)) {
    node.reference = null;
    return node;
  }
  const { sample, start, end, value } = node;
  const children = node.children === null ? null : node.children.slice();
  return { sample, start, end, value, children, edit, reference: null };
}

function emptyChildren(): TrieChildren {
  const none: TrieNode | null = null;
  // A literal: a list that grows by filling takes three times as long to make.
  return [
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    none,
  ];
}

/** A branch at nibble `at`, where `key` leaves the partial key of `node`. */
function split(node: TrieNode, at: number, insertion: Insertion): TrieNode {
  const { key, value, edit } = insertion;
  const children = emptyChildren();
  // It shares its children with the node it comes from, which somebody else may still hold.
  const below = isOwn(node, edit) ? edit : NOBODY;
  children[nibbleAt(node.sample, at)] = { ...node, start: at + 1, edit: below, reference: null };
  const ends = at === key.length * 2;
  if (!ends) children[nibbleAt(key, at)] = leaf(at + 1, insertion);
  return {
    sample: key,
    start: node.start,
    end: at,
    value: ends ? value : null,
    children,
    edit,
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
    return value === null
      ? null
      : { ...node, value, children: null, edit: NOBODY, reference: null };
  }
  if (value === null && count === 1) {
    return { ...only, start: node.start, edit: NOBODY, reference: null };
  }
  return { ...node, value, children, edit: NOBODY, reference: null };
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
