/** @file Proofs of storage: the nodes of a state's tree from which anybody computes a value from the state root alone. */
import { keyOf } from "../codec/bytes.ts";
import { type StateVersion, isHashedValue, nodeEncoding, referenceOf } from "./trie-root.ts";
import { type TrieNode, type TrieRoot, nibbleAt, valueBytes } from "./trie.ts";

const HASH_BYTES = 32;
const EMPTY_NODE = Uint8Array.of(0);

/** Whether the key goes on below the node, or ends at it: it has the node's partial key. */
function passes(key: string, { sample, start, end }: TrieNode): boolean {
  if (key.length * 2 < end) return false;
  for (let at = start; at < end; at++) if (nibbleAt(key, at) !== nibbleAt(sample, at)) return false;
  return true;
}

/** Nodes on the way to `key`, down to the one that holds its value, or shows that it has none. */
function* wayTo(root: TrieRoot, key: string): Generator<TrieNode> {
  let node: TrieRoot = root;
  while (node !== null) {
    yield node;
    if (node.end >= key.length * 2 || !passes(key, node)) return;
    node = node.children?.[nibbleAt(key, node.end)] ?? null;
  }
}

/**
 * Encodings of the nodes that prove what `keys` hold in a tree, or that they hold nothing, each once and in the order of
 * their bytes, as `state_getReadProof` of a node gives them. Nodes shorter than a hash lie within their parents; a value
 * that stands in its node as a hash is part of the proof.
 */
export function readProof(
  root: TrieRoot,
  keys: Iterable<string>,
  version: StateVersion,
): Uint8Array[] {
  if (root === null) return [EMPTY_NODE];
  const nodes = new Set<TrieNode>();
  const values = new Set<Uint8Array>();
  for (const key of keys) {
    for (const node of wayTo(root, key)) {
      if (node === root || referenceOf(node, version).length === HASH_BYTES) nodes.add(node);
      const isThere = node.value !== null && node.end === key.length * 2 && passes(key, node);
      if (!isThere || node.value === null) continue;
      const value = valueBytes(node.value);
      if (isHashedValue(value, version)) values.add(value);
    }
  }
  const parts = [...[...nodes].map((node) => nodeEncoding(node, version)), ...values];
  // Two places of a tree may hold the same bytes.
  const distinct = new Map(parts.map((part) => [keyOf(part), part]));
  return [...distinct.values()].toSorted((a, b) => Buffer.compare(a, b));
}
