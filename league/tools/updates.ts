/** @file Arithmetic on updates as cheats do it: scale, flip, randomise, mix, deal. */
import {
  keptOf,
  MAXIMUM_MAGNITUDE,
  type SparseTensor,
  type SparseUpdate,
  type UpdateLayout,
} from "../../src/protocol/codec.ts";
import type { Draws } from "../../src/protocol/draws.ts";

const SIGN = 1;
const LARGE = 2;

const bounded = (value: number): number =>
  Math.min(MAXIMUM_MAGNITUDE - 1, Math.fround(Math.max(0, value)));

/** Every magnitude of a tensor times `factor`. */
export function scaledTensor(tensor: SparseTensor, factor: number): SparseTensor {
  return { ...tensor, low: bounded(tensor.low * factor), high: bounded(tensor.high * factor) };
}

/** Every magnitude times `factor`. */
export function scaled(update: SparseUpdate, factor: number): SparseUpdate {
  return update.map((tensor) => scaledTensor(tensor, factor));
}

/** Every sign turned. */
export function flippedTensor(tensor: SparseTensor): SparseTensor {
  return { ...tensor, codes: tensor.codes.map((code) => code ^ SIGN) };
}

/** `count` codes changed between small and large: other bytes, the same work. */
export function touched(update: SparseUpdate, draws: Draws, count = 1): SparseUpdate {
  return update.map((tensor, index) => {
    if (index !== 0) return tensor;
    const codes = tensor.codes.slice();
    for (let i = 0; i < count; i++) {
      const at = draws.below(codes.length);
      codes[at] = (codes[at] ?? 0) ^ LARGE;
    }
    return { ...tensor, codes };
  });
}

type Place = { readonly at: number; readonly code: number };

/** The coordinates of each chunk of a tensor. */
function chunksOf(tensor: SparseTensor, length: number, chunk: number): Place[][] {
  const chunks: Place[][] = Array.from({ length: Math.ceil(length / chunk) }, () => []);
  for (const [index, at] of tensor.indices.entries())
    chunks[Math.floor(at / chunk)]?.push({ at, code: tensor.codes[index] ?? 0 });
  return chunks;
}

function tensorOf(
  places: readonly Place[],
  scales: Pick<SparseTensor, "low" | "high">,
): SparseTensor {
  const sorted = places.toSorted((a, b) => a.at - b.at);
  return {
    indices: Uint32Array.from(sorted, ({ at }) => at),
    codes: Uint8Array.from(sorted, ({ code }) => code),
    low: scales.low,
    high: scales.high,
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

/** As many coordinates as `tensor` has in each chunk, at random places with random codes. */
export function randomTensor(
  tensor: SparseTensor,
  length: number,
  chunk: number,
  draws: Draws,
): SparseTensor {
  const places = chunksOf(tensor, length, chunk).flatMap((own, index) => {
    const all = range(index * chunk, Math.min(length, (index + 1) * chunk));
    return drawn(all, own.length, draws).map((at) => ({ at, code: draws.below(4) }));
  });
  return tensorOf(places, tensor);
}

/** Random values in the shape of an update. */
export function randomised(update: SparseUpdate, layout: UpdateLayout, draws: Draws): SparseUpdate {
  return update.map((tensor, index) =>
    randomTensor(tensor, layout.lengths[index] ?? 0, layout.chunk, draws),
  );
}

/** `share` of the coordinates of `a` and the rest from `b`, chunk by chunk; magnitudes of `a`. */
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
    return tensorOf(places, tensor);
  });
}

type Valued = Place & { readonly value: number };

const meanOr = (values: readonly number[], otherwise: number): number =>
  values.length === 0 ? otherwise : values.reduce((sum, one) => sum + one, 0) / values.length;

/** One hand of a deal as a tensor: its magnitudes are the means of its smaller and its larger half. */
function handOf(places: readonly Valued[]): SparseTensor {
  const cut = meanOr(
    places.map(({ value }) => value),
    0,
  );
  const large = places.filter(({ value }) => value >= cut).map(({ value }) => value);
  const small = places.filter(({ value }) => value < cut).map(({ value }) => value);
  const high = Math.fround(meanOr(large, 0));
  const low = Math.min(high, Math.fround(meanOr(small, high)));
  const coded = places.map(({ at, code, value }) => ({
    at,
    code: (code & SIGN) | (value >= cut ? LARGE : 0),
  }));
  return tensorOf(coded, { low, high });
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
function ranked(parts: readonly SparseTensor[], start: number, end: number): Valued[] {
  const found = new Map<number, Valued>();
  for (const { indices, codes, low, high } of parts)
    for (const [index, at] of indices.entries()) {
      if (at < start || at >= end || found.has(at)) continue;
      const code = codes[index] ?? 0;
      found.set(at, { at, code, value: (code & LARGE) === 0 ? low : high });
    }
  const rest = range(start, end)
    .filter((at) => !found.has(at))
    .map((at) => ({ at, code: 0, value: 0 }));
  return [...found.values()].toSorted((a, b) => b.value - a.value || a.at - b.at).concat(rest);
}

function dealtTensor(
  parts: readonly SparseTensor[],
  length: number,
  { k, chunk }: UpdateLayout,
): SparseTensor[] {
  const hands: Valued[][] = parts.map(() => []);
  for (let start = 0; start < length; start += chunk) {
    const end = Math.min(length, start + chunk);
    const wanted = keptOf(end - start, k, chunk) * hands.length;
    for (const [rank, place] of ranked(parts, start, end).slice(0, wanted).entries())
      hands[rank % hands.length]?.push(place);
  }
  return hands.map(handOf);
}

/** The mean of updates, cut to the largest coordinates of each chunk again. */
export function averaged(
  all: readonly SparseUpdate[],
  { lengths, k, chunk }: UpdateLayout,
): SparseUpdate {
  return lengths.map((length, tensor) => {
    const mean = new Float64Array(length);
    for (const update of all) addTo(mean, update[tensor], 1 / all.length);
    const places: Valued[] = [];
    for (let start = 0; start < length; start += chunk) {
      const end = Math.min(length, start + chunk);
      const valued = range(start, end).map((at): Valued => {
        const value = mean[at] ?? 0;
        return { at, code: value < 0 ? SIGN : 0, value: Math.abs(value) };
      });
      const largest = valued.toSorted((a, b) => b.value - a.value || a.at - b.at);
      places.push(...largest.slice(0, keptOf(end - start, k, chunk)));
    }
    return handOf(places);
  });
}

function addTo(sum: Float64Array, tensor: SparseTensor | undefined, factor: number): void {
  if (tensor === undefined) return;
  for (const [index, at] of tensor.indices.entries()) {
    const code = tensor.codes[index] ?? 0;
    const value = (code & LARGE) === 0 ? tensor.low : tensor.high;
    sum[at] = (sum[at] ?? 0) + factor * ((code & SIGN) === 0 ? value : -value);
  }
}
