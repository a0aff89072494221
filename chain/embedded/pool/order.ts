/** @file The order in which a block takes ready extrinsics. */
import { type Hex } from "../codec/bytes.ts";
import { goesBefore, type PoolEntry, weightAt } from "./entry.ts";
import { PriorityQueue } from "./priority-queue.ts";

type Turn = { readonly entry: PoolEntry; readonly weight: number };

/**
 * Dependencies first, then weight, then age. The weight of an entry falls with the number of its account's entries that
 * went before it, so that accounts take turns.
 */
export function* blockOrder(
  entries: Iterable<PoolEntry>,
  isProvided: (tag: string) => boolean,
): Generator<PoolEntry> {
  const queue = new PriorityQueue<Turn>(goesBefore);
  const waiting = new Map<string, PoolEntry[]>();
  const missing = new Map<Hex, number>();
  const taken = new Map<string, number>();
  const push = (entry: PoolEntry): void =>
    queue.push({ entry, weight: weightAt(entry, (taken.get(entry.account) ?? 0) + 1) });
  for (const entry of entries) {
    const open = entry.requires.filter(isProvided);
    missing.set(entry.hash, open.length);
    if (open.length === 0) push(entry);
    for (const tag of open) waiting.set(tag, [...(waiting.get(tag) ?? []), entry]);
  }
  for (let turn = queue.pop(); turn !== undefined; turn = queue.pop()) {
    const { entry } = turn;
    yield entry;
    taken.set(entry.account, (taken.get(entry.account) ?? 0) + 1);
    for (const next of entry.provides.flatMap((tag) => waiting.get(tag) ?? [])) {
      const left = (missing.get(next.hash) ?? 1) - 1;
      missing.set(next.hash, left);
      if (left === 0) push(next);
    }
  }
}
