/** @file R2: how long an update is by docs/protocol.md#body, restated here in full: nothing of the product's codec is asked. */

/** What fixes the form of an update. */
export type Form = {
  readonly lengths: readonly number[];
  readonly k: number;
  readonly chunk: number;
};

/** Where the kept coordinates of each tensor lie, ascending. */
export type Places = readonly { readonly indices: Uint32Array }[];

const HEADER = 142;
const PAIR_BITS = [
  0,
  2,
  4,
  ...Array.from({ length: 19 }, (_, i) => 6 + i),
  26,
  28,
  30,
  32,
  34,
  36,
  38,
  40,
];

const bytesFor = (bits: number): number => Math.ceil(bits / 8);

/** Bits of a pair of remainders, and the base that gaps are divided by. */
function codeOf(kept: number, length: number): { readonly bits: number; readonly base: number } {
  const codes = PAIR_BITS.map((bits) => ({ bits, base: Math.floor(Math.sqrt(2 ** bits)) }));
  const fitting = codes.find(({ base }) => 25 * base * kept >= 14 * (length - kept));
  return fitting ?? { bits: 40, base: 2 ** 20 };
}

/** Length of every chunk of a tensor. */
function chunksOf(length: number, chunk: number): number[] {
  return Array.from({ length: Math.ceil(length / chunk) }, (_, i) =>
    Math.min(chunk, length - i * chunk),
  );
}

/** Bytes that shapes and `k` fix alone, the most that the last plane may take, and with the places what it does take. */
export function predictedBytes(
  { lengths, k, chunk }: Form,
  places: Places,
): { readonly exact: number; readonly least: number; readonly most: number } {
  const isTwo = 32 * k > chunk;
  let [chunks, signs, remainders, least, quotients, most] = [0, 0, 0, 0, 0, 0];
  for (const [tensor, length] of lengths.entries()) {
    const indices = places[tensor]?.indices ?? new Uint32Array();
    let at = 0;
    for (const [number, size] of chunksOf(length, chunk).entries()) {
      const kept = Math.max(1, Math.ceil((k * size) / chunk));
      chunks += 1;
      signs += kept;
      if (kept < size) {
        const { bits, base } = codeOf(kept, size);
        remainders += Math.floor(kept / 2) * bits + (kept % 2) * Math.ceil(bits / 2);
        least += kept;
        most += kept + Math.floor((size - kept) / base);
        let previous = number * chunk - 1;
        for (const index of indices.subarray(at, at + kept)) {
          quotients += 1 + Math.floor((index - previous - 1) / base);
          previous = index;
        }
      }
      at += kept;
    }
  }
  const fixed =
    HEADER + chunks * (isTwo ? 2 : 1) + bytesFor(signs) * (isTwo ? 2 : 1) + bytesFor(remainders);
  return {
    exact: fixed + bytesFor(quotients),
    least: fixed + bytesFor(least),
    most: fixed + bytesFor(most),
  };
}
