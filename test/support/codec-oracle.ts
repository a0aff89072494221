/**
 * @file Whether bytes are a body of docs/protocol.md#body, told bit by bit from its text alone: what decoders are held against. It shares
 * no code with src/protocol.
 */

/** Lengths of the tensors, and k of each chunk. */
export type OracleLayout = {
  readonly lengths: readonly number[];
  readonly k: number;
  readonly chunk: number;
};

/** A tensor by what was read of it. */
export type OracleTensor = { readonly indices: number[]; readonly values: number[] };

class Refused extends Error {}

function demand(holds: boolean): void {
  if (!holds) throw new Refused();
}

type Chunk = { tensor: number; start: number; length: number; kept: number };

function chunksOf({ lengths, k, chunk }: OracleLayout): Chunk[] {
  const chunks: Chunk[] = [];
  lengths.forEach((whole, tensor) => {
    for (let start = 0; start < whole; start += chunk) {
      const length = whole - start < chunk ? whole - start : chunk;
      const share = (k * length) / chunk;
      chunks.push({ tensor, start, length, kept: share <= 1 ? 1 : Math.ceil(share) });
    }
  });
  return chunks;
}

/** Base and bits of a pair: bits 0, 2, 4, 6 and so on, odd ones from 7 to 23 between them, up to 40. */
function baseOf({ kept, length }: Chunk): [base: number, pairBits: number] {
  let bits = 0;
  for (;;) {
    let base = 0;
    while ((base + 1) ** 2 <= 2 ** bits) base += bits > 24 ? 2 ** (bits / 2) : 1;
    if (25 * base * kept >= 14 * (length - kept) || bits === 40) return [base, bits];
    bits += bits >= 6 && bits < 24 ? 1 : 2;
  }
}

function bitsOf(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => (byte >> bit) % 2));
}

/** A number of `width` bits, least significant first, off the front of a plane. */
function taken(plane: number[], width: number): number {
  const bits = plane.splice(0, width);
  demand(bits.length === width);
  return bits.reduce((sum, bit, place) => sum + bit * 2 ** place, 0);
}

function magnitudeOf(byte: number): number {
  return byte === 0 ? 0 : (8 + (byte % 8)) * 2 ** (Math.floor(byte / 8) - 27);
}

function remaindersOf(plane: number[], chunk: Chunk, [base, pairBits]: [number, number]): number[] {
  const remainders: number[] = [];
  while (chunk.kept - remainders.length >= 2) {
    const pair = taken(plane, pairBits);
    remainders.push(pair % base, Math.floor(pair / base));
  }
  if (remainders.length < chunk.kept) remainders.push(taken(plane, Math.ceil(pairBits / 2)));
  demand(remainders.every((remainder) => remainder < base));
  return remainders;
}

function indicesOf(remainders: number[], quotients: number[], chunk: Chunk): number[] {
  if (chunk.kept === chunk.length)
    return Array.from({ length: chunk.kept }, (_, at) => chunk.start + at);
  const [base, pairBits] = baseOf(chunk);
  let next = chunk.start;
  return remaindersOf(remainders, chunk, [base, pairBits]).map((remainder) => {
    const ones = quotients.indexOf(1);
    demand(ones >= 0);
    quotients.splice(0, ones + 1);
    const index = next + ones * base + remainder;
    demand(index < chunk.start + chunk.length);
    next = index + 1;
    return index;
  });
}

function valuesOf(pair: readonly number[], signs: number[], large: number[]): number[] {
  const [low = 0, high = low] = pair;
  if (pair.length === 2) {
    const count = large.filter((bit) => bit === 1).length;
    if (low === high) demand(count === 0);
    else demand(low < high && count > 0 && count < large.length);
  }
  return signs.map((sign, at) => {
    const magnitude = magnitudeOf(large[at] === 1 ? high : low);
    demand(sign === 0 || magnitude > 0);
    return sign === 1 ? -magnitude : magnitude;
  });
}

/** What the bytes mean; null if they are no body of this layout. */
export function oracle(body: Uint8Array, layout: OracleLayout): OracleTensor[] | null {
  try {
    return read(body, layout);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function read(body: Uint8Array, layout: OracleLayout): OracleTensor[] {
  const chunks = chunksOf(layout);
  const each = layout.k / layout.chunk > 1 / 32 ? 2 : 1;
  const kept = chunks.reduce((sum, one) => sum + one.kept, 0);
  const remainderBits = chunks.reduce((sum, one) => {
    const [, pairBits] = baseOf(one);
    const own = Math.floor(one.kept / 2) * pairBits + (one.kept % 2) * Math.ceil(pairBits / 2);
    return sum + (one.kept === one.length ? 0 : own);
  }, 0);
  let start = 0;
  const plane = (length: number): Uint8Array => {
    demand(start + length <= body.length);
    start += length;
    return body.subarray(start - length, start);
  };
  const magnitudes = [...plane(chunks.length * each)];
  const signs = bitsOf(plane(Math.ceil(kept / 8)));
  const large = each === 2 ? bitsOf(plane(Math.ceil(kept / 8))) : [];
  const remainders = bitsOf(plane(Math.ceil(remainderBits / 8)));
  const quotients = bitsOf(body.subarray(start));
  const tensors = layout.lengths.map((): OracleTensor => ({ indices: [], values: [] }));
  for (const chunk of chunks) {
    const { indices, values } = tensors[chunk.tensor] ?? { indices: [], values: [] };
    indices.push(...indicesOf(remainders, quotients, chunk));
    const [own, flags] = [signs.splice(0, chunk.kept), large.splice(0, chunk.kept)];
    values.push(...valuesOf(magnitudes.splice(0, each), own, flags));
  }
  for (const rest of [signs, large, remainders, quotients])
    demand(rest.length < 8 && !rest.includes(1));
  return tensors;
}
