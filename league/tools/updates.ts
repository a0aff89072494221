/** @file Arithmetic on updates as cheats do it: scale, touch, randomise, mix, deal. */
import { scaledTensor } from "../../miner/strategies/values.ts";
import {
  keptOf,
  type SparseTensor,
  type SparseUpdate,
  type UpdateLayout,
} from "../../src/protocol/codec.ts";
import type { Draws } from "../../src/protocol/draws.ts";

/** Every magnitude times `factor`. */
export function scaled(update: SparseUpdate, factor: number): SparseUpdate {
  return update.map((tensor) => scaledTensor(tensor, factor));
}

/** `count` signs of the first tensor turned: other bytes, the same work. */
export function touched(update: SparseUpdate, draws: Draws, count = 1): SparseUpdate {
  return update.map((tensor, index) => {
    if (index !== 0) return tensor;
    const values = tensor.values.slice();
    for (let i = 0; i < count; i++) {
      const at = draws.below(values.length);
      values[at] = 0 - (values[at] ?? 0);
    }
    return { indices: tensor.indices, values };
  });
}

type Place = { readonly at: number; readonly value: number };

/** The coordinates of each chunk of a tensor. */
function chunksOf(tensor: SparseTensor, length: number, chunk: number): Place[][] {
  const chunks: Place[][] = Array.from({ length: Math.ceil(length / chunk) }, () => []);
  for (const [index, at] of tensor.indices.entries())
    chunks[Math.floor(at / chunk)]?.push({ at, value: tensor.values[index] ?? 0 });
  return chunks;
}

function tensorOf(places: readonly Place[]): SparseTensor {
  const sorted = places.toSorted((a, b) => a.at - b.at);
  return {
    indices: Uint32Array.from(sorted, ({ at }) => at),
    values: Float32Array.from(sorted, ({ value }) => value),
  };
}

/** `count` of `items`, drawn without putting back. */
function drawn<T>(items: readonly T[], count: number, draws: Draws): T[] {
  const rest = [...items];
  return Array.from({ length: Math.min(count, rest.length) }, () =>
    rest.splice(draws.below(rest.length), 1),
  ).flat();
}

const range = (start: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);

/** As many coordinates as `tensor` has in each chunk, at random places with random signs. */
export function randomTensor(
  tensor: SparseTensor,
  length: number,
  chunk: number,
  draws: Draws,
): SparseTensor {
  const places = chunksOf(tensor, length, chunk).flatMap((own, index) => {
    const all = range(index * chunk, Math.min(length, (index + 1) * chunk));
    return drawn(all, own.length, draws).map((at, entry) => ({
      at,
      value: (1 - 2 * draws.below(2)) * Math.abs(own[entry]?.value ?? 0),
    }));
  });
  return tensorOf(places);
}

/** Random values in the shape of an update. */
export function randomised(update: SparseUpdate, layout: UpdateLayout, draws: Draws): SparseUpdate {
  return update.map((tensor, index) =>
    randomTensor(tensor, layout.lengths[index] ?? 0, layout.chunk, draws),
  );
}

/** `share` of the coordinates of `a` and the rest from `b`, chunk by chunk. */
export function mixed(
  a: SparseUpdate,
  b: SparseUpdate,
  share: number,
  how: { readonly layout: UpdateLayout; readonly draws: Draws },
): SparseUpdate {
  const { lengths, chunk } = how.layout;
  return a.map((tensor, index) => {
    const length = lengths[index] ?? 0;
    const other = b[index];
    const others = other === undefined ? [] : chunksOf(other, length, chunk);
    const places = chunksOf(tensor, length, chunk).flatMap((own, at) => {
      const kept = drawn(own, Math.round(share * own.length), how.draws);
      const taken = new Set(kept.map((place) => place.at));
      const fill = [...(others[at] ?? []), ...own].filter((place) => !taken.has(place.at));
      const chosen = new Map(kept.map((place) => [place.at, place]));
      for (const place of fill) if (chosen.size < own.length) chosen.set(place.at, place);
      return [...chosen.values()];
    });
    return tensorOf(places);
  });
}

/** Deals the coordinates of one worker's updates, the largest first, to as many hands as there are updates. */
export function dealt(updates: readonly SparseUpdate[], layout: UpdateLayout): SparseUpdate[] {
  const hands = updates.length;
  const tensors = layout.lengths.map((length, index) => {
    const parts = updates.flatMap((update) => {
      const tensor = update[index];
      return tensor === undefined ? [] : [tensor];
    });
    return dealtTensor(parts, length, layout);
  });
  return Array.from({ length: hands }, (_, hand) =>
    tensors.flatMap((dealtHands) => dealtHands[hand] ?? []),
  );
}

/** What the parts of a worker hold of one chunk, the largest first; each coordinate once. */
function ranked(parts: readonly SparseTensor[], start: number, end: number): Place[] {
  const found = new Map<number, Place>();
  for (const { indices, values } of parts)
    for (const [index, at] of indices.entries()) {
      if (at < start || at >= end || found.has(at)) continue;
      found.set(at, { at, value: values[index] ?? 0 });
    }
  const rest = range(start, end)
    .filter((at) => !found.has(at))
    .map((at) => ({ at, value: 0 }));
  return [...found.values()].toSorted(byMagnitude).concat(rest);
}

/** The largest first. */
function byMagnitude(a: Place, b: Place): number {
  return Math.abs(b.value) - Math.abs(a.value) || a.at - b.at;
}

function dealtTensor(
  parts: readonly SparseTensor[],
  length: number,
  { k, chunk }: UpdateLayout,
): SparseTensor[] {
  const hands: Place[][] = parts.map(() => []);
  for (let start = 0; start < length; start += chunk) {
    const end = Math.min(length, start + chunk);
    const wanted = keptOf(end - start, k, chunk) * hands.length;
    for (const [rank, place] of ranked(parts, start, end).slice(0, wanted).entries())
      hands[rank % hands.length]?.push(place);
  }
  return hands.map(tensorOf);
}

/** The mean of updates, cut to the largest coordinates of each chunk again. */
export function averaged(
  all: readonly SparseUpdate[],
  { lengths, k, chunk }: UpdateLayout,
): SparseUpdate {
  return lengths.map((length, tensor) => {
    const mean = new Float64Array(length);
    for (const update of all) addTo(mean, update[tensor], 1 / all.length);
    const places: Place[] = [];
    for (let start = 0; start < length; start += chunk) {
      const end = Math.min(length, start + chunk);
      const valued = range(start, end).map((at): Place => ({ at, value: mean[at] ?? 0 }));
      const largest = valued.toSorted(byMagnitude);
      places.push(...largest.slice(0, keptOf(end - start, k, chunk)));
    }
    return tensorOf(places);
  });
}

function addTo(sum: Float64Array, tensor: SparseTensor | undefined, factor: number): void {
  if (tensor === undefined) return;
  for (const [index, at] of tensor.indices.entries())
    sum[at] = (sum[at] ?? 0) + factor * (tensor.values[index] ?? 0);
}
