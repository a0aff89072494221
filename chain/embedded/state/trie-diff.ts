/** @file What has to change in one tree so that it becomes another. Trees that share nodes are compared where they do not. */
import { sameBytes } from "../codec/bytes.ts";
import { type StorageChange, type StorageChanges } from "./storage-changes.ts";
import {
  type TrieNode,
  type TrieRoot,
  type TrieValue,
  nibbleAt,
  trieGet,
  trieKeys,
  valueBytes,
} from "./trie.ts";

function isSame(one: TrieValue | null, other: TrieValue | null): boolean {
  if (one === other) return true;
  return one !== null && other !== null && sameBytes(valueBytes(one), valueBytes(other));
}

/** Whether both nodes stand for the same part of their keys. */
function isSamePlace(one: TrieNode, other: TrieNode): boolean {
  if (one.start !== other.start || one.end !== other.end) return false;
  for (let index = one.start; index < one.end; index++) {
    if (nibbleAt(one.sample, index) !== nibbleAt(other.sample, index)) return false;
  }
  return true;
}

/** Everything under two nodes that are not at the same place. */
function replaced(from: TrieRoot, to: TrieRoot, out: StorageChange[]): void {
  for (const key of trieKeys(from, "")) if (trieGet(to, key) === null) out.push([key, null]);
  for (const key of trieKeys(to, "")) {
    const value = trieGet(to, key);
    if (value !== null && !isSame(trieGet(from, key), value)) out.push([key, valueBytes(value)]);
  }
}

/** The branches of two nodes at the same place. */
function collectBelow(from: TrieNode, to: TrieNode, out: StorageChange[]): void {
  const branches = Math.max(from.children?.length ?? 0, to.children?.length ?? 0);
  for (let index = 0; index < branches; index++) {
    collect(from.children?.[index] ?? null, to.children?.[index] ?? null, out);
  }
}

function collect(from: TrieRoot, to: TrieRoot, out: StorageChange[]): void {
  if (from === to) return;
  if (from === null || to === null || !isSamePlace(from, to)) {
    replaced(from, to, out);
    return;
  }
  // A node with a value has its whole key as sample.
  if (!isSame(from.value, to.value)) {
    const key = to.value === null ? from.sample : to.sample;
    out.push([key, to.value === null ? null : valueBytes(to.value)]);
  }
  collectBelow(from, to, out);
}

/** Changes that turn the tree `from` into `to`. */
export function trieDiff(from: TrieRoot, to: TrieRoot): StorageChanges {
  const changes: StorageChange[] = [];
  collect(from, to, changes);
  return changes;
}
