/** @file The coordinates that an update chose as a set of bits, made once and then held against many others: each costs a look at its own coordinates. */

const WORD_BITS = 32;

/** One tensor's set; `last` is its largest member. */
type Bits = { readonly words: Uint32Array; readonly last: number };

function bitsOf(indices: Uint32Array): Bits {
  const last = indices.at(-1) ?? -1;
  const words = new Uint32Array(Math.floor(last / WORD_BITS) + 1);
  for (const index of indices) words[index >>> 5] = (words[index >>> 5] ?? 0) | (1 << (index & 31));
  return { words, last };
}

/** How many of these, ascending, are members. */
function sharedWith({ words, last }: Bits, indices: Uint32Array): number {
  let count = 0;
  for (const index of indices) {
    if (index > last) break;
    count += ((words[index >>> 5] ?? 0) >>> (index & 31)) & 1;
  }
  return count;
}

/** The share of `a`'s coordinates that another chose too, over all tensors; the number that `indexOverlap` gives, for one after the other. */
export function overlapsOf(a: readonly Uint32Array[]): (other: readonly Uint32Array[]) => number {
  const total = a.reduce((sum, { length }) => sum + length, 0);
  if (total === 0) return () => 0;
  const tensors = a.map(bitsOf);
  return (other) => {
    let shared = 0;
    for (const [tensor, bits] of tensors.entries())
      shared += sharedWith(bits, other[tensor] ?? new Uint32Array());
    return shared / total;
  };
}
