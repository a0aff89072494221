/**
 * @file Typed door to the module that reads and writes the body of an update (docs/protocol.md#body), block after block through a small
 * memory of its own. src/protocol says what the planes of a body are and what is wrong with one; here bits become numbers.
 */
import { BODY_WASM } from "./body-wasm.ts";
import { compiled, instantiate } from "./host.ts";

/**
 * `chunks` of one length that follow each other in a tensor from coordinate `start` on: `count` of `length` coordinates are kept of each. A gap
 * is quotient * base + remainder, two remainders take `pairBits` bits: base <= sqrt(2^pairBits), pairBits <= 40, above 24 even.
 */
export type BodyRun = {
  readonly chunks: number;
  readonly count: number;
  readonly length: number;
  readonly base: number;
  readonly pairBits: number;
  readonly start: number;
};

/** Runs that are read or written at once, at most MOST_RUNS. */
export type BodyBlock = {
  readonly runs: readonly BodyRun[];
  /** Sums over their chunks. */
  readonly chunks: number;
  readonly entries: number;
  /** The most bits that their quotients take. */
  readonly quotientBits: number;
};

/** Bytes of a plane, and the bit of it that comes next. */
export type BodyPlane = { readonly bytes: Uint8Array; bit: number };

/** The planes of a body. Those of magnitudes are bytes, so their bit is a multiple of 8; `large` is empty where chunks have one magnitude. */
export type BodyPlanes = Readonly<
  Record<"magnitudes" | "signs" | "large" | "remainders" | "quotients", BodyPlane>
>;

/** Entries of a block. */
export type BodyEntries = { readonly indices: Uint32Array; readonly values: Float32Array };

/** What is wrong, and in which run of the block. */
export type BodyFault = { readonly kind: "gaps" | "values"; readonly run: number };

/** Most runs of a block. */
export const MOST_RUNS = 1024;

/** Entries of a block that is not larger for the sake of one chunk: its numbers stay in the cache. */
export const BLOCK_ENTRIES = 16_384;

/** Words of a run in the table. */
const RUN_WORDS = 6;

/** Kernels read and write a word of 8 bytes at any byte of a plane, and a vector of 16 at any entry. */
const SLACK = 16;

/** Most bits of a remainder: half of those of a pair. */
const REMAINDER_BITS = 20;

/** Operands of both kernels, in this order, the last one of the reader alone: assembly/body-decode.ts and body-encode.ts. */
type Kernel = (
  ...operands: [
    runs: number,
    number: number,
    each: number,
    magnitudes: number,
    signs: number,
    signBit: number,
    large: number,
    remainders: number,
    remainderBit: number,
    quotients: number,
    quotientBit: number,
    indices: number,
    values: number,
    quotientBytes: number,
  ]
) => number;

/** A new memory of `bytes` and the kernels over it. */
export type OpenBody = (bytes: number) => {
  readonly kernels: { readonly decodeRuns: Kernel; readonly encodeRuns: Kernel };
  readonly buffer: ArrayBuffer;
};

function opener(): OpenBody {
  const module = compiled(BODY_WASM);
  return (bytes) => instantiate(module, bytes);
}

/** A part of the memory: bytes `offset` .. `offset + size`. */
type Area = { readonly offset: number; readonly size: number };

const bytesOf = (bits: number): number => Math.ceil(bits / 8);

/** One memory and its kernels, with room for blocks up to a size. */
class Room {
  readonly entries: number;
  readonly quotientBits: number;
  readonly kernels: ReturnType<OpenBody>["kernels"];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly table: Uint32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
  readonly areas: Readonly<Record<keyof BodyPlanes | "runs" | "indices" | "values", Area>>;

  constructor(open: OpenBody, entries: number, quotientBits: number) {
    this.entries = entries;
    this.quotientBits = quotientBits;
    // The first kilobyte stays unused, so that a null offset never meets data.
    let end = 1024;
    const area = (size: number): Area => {
      const offset = end;
      end = Math.ceil((end + size + SLACK) / SLACK) * SLACK;
      return { offset, size };
    };
    // A plane may begin inside a byte: one more.
    const plane = (bits: number): Area => area(bytesOf(bits) + 1);
    this.areas = {
      runs: area(4 * RUN_WORDS * MOST_RUNS),
      magnitudes: plane(16 * entries),
      signs: plane(entries),
      large: plane(entries),
      remainders: plane(REMAINDER_BITS * entries),
      quotients: plane(quotientBits),
      indices: area(4 * entries),
      values: area(4 * entries),
    };
    const { kernels, buffer } = open(end);
    const { runs, indices, values } = this.areas;
    this.kernels = kernels;
    this.bytes = new Uint8Array(buffer);
    this.table = new Uint32Array(buffer, runs.offset, RUN_WORDS * MOST_RUNS);
    this.indices = new Uint32Array(buffer, indices.offset, entries);
    this.values = new Float32Array(buffer, values.offset, entries);
  }
}

/** Reads and writes blocks. Its memory grows with the largest one. */
export class BodyCodec {
  readonly #open: OpenBody;
  #room: Room | undefined;

  /** @param open the module of this folder, unless a test counts what it does */
  constructor(open: OpenBody = opener()) {
    this.#open = open;
  }

  /**
   * The entries of a block; they are overwritten by the next call. Each plane goes on behind what was read, where the answer is no fault.
   * @param each magnitudes of a chunk
   */
  decode(block: BodyBlock, planes: BodyPlanes, each: 1 | 2): BodyEntries | BodyFault {
    const room = this.#roomFor(block);
    const bits = planeBits(block, each);
    let quotientBytes = 0;
    for (const name of PLANES) {
      const { bytes, bit } = planes[name];
      const some = bytes.subarray(Math.floor(bit / 8), bytesOf(bit + bits[name]));
      const { offset } = room.areas[name];
      room.bytes.set(some, offset);
      room.bytes.fill(0, offset + some.length, offset + some.length + SLACK);
      if (name === "quotients") quotientBytes = some.length;
    }
    const end = run(room, room.kernels.decodeRuns, { block, planes, each, quotientBytes });
    if (end < 0) return faultOf(end);
    advance(planes, { ...bits, quotients: end - (planes.quotients.bit % 8) });
    const { entries } = block;
    return { indices: room.indices.subarray(0, entries), values: room.values.subarray(0, entries) };
  }

  /**
   * Appends a block to planes that are zero behind their bits and have room for it; they go on behind it, where the answer is no fault.
   * @param each magnitudes of a chunk
   */
  encode(
    block: BodyBlock,
    planes: BodyPlanes,
    each: 1 | 2,
    entries: BodyEntries,
  ): BodyFault | null {
    const room = this.#roomFor(block);
    const bits = planeBits(block, each);
    room.indices.set(entries.indices);
    room.values.set(entries.values);
    for (const name of PLANES) {
      const { offset } = room.areas[name];
      room.bytes.fill(0, offset, offset + bytesOf(bits[name]) + SLACK);
    }
    const end = run(room, room.kernels.encodeRuns, { block, planes, each, quotientBytes: 0 });
    if (end < 0) return faultOf(end);
    const written = { ...bits, quotients: end - (planes.quotients.bit % 8) };
    for (const name of PLANES) append(room, planes[name], room.areas[name], written[name]);
    advance(planes, written);
    return null;
  }

  #roomFor({ entries, quotientBits }: BodyBlock): Room {
    const room = this.#room;
    if (room !== undefined && entries <= room.entries && quotientBits <= room.quotientBits)
      return room;
    const most = Math.max(entries, room?.entries ?? BLOCK_ENTRIES);
    const bits = Math.max(quotientBits, room?.quotientBits ?? 4 * BLOCK_ENTRIES);
    return (this.#room = new Room(this.#open, most, bits));
  }
}

const PLANES = ["magnitudes", "signs", "large", "remainders", "quotients"] as const;

/** Bits of each plane that a block takes; of the quotients, at most. */
function planeBits(
  { runs, chunks, entries, quotientBits }: BodyBlock,
  each: 1 | 2,
): Record<keyof BodyPlanes, number> {
  let remainders = 0;
  for (const one of runs) remainders += one.chunks * remainderBits(one);
  const large = each === 2 ? entries : 0;
  return {
    magnitudes: 8 * each * chunks,
    signs: entries,
    large,
    remainders,
    quotients: quotientBits,
  };
}

/** Bits of the remainders of a chunk. Where every position is taken none is written. */
export function remainderBits({
  count,
  length,
  pairBits,
}: Pick<BodyRun, "count" | "length" | "pairBits">): number {
  if (count === length) return 0;
  return (count >> 1) * pairBits + (count & 1) * ((pairBits + 1) >> 1);
}

type Call = {
  readonly block: BodyBlock;
  readonly planes: BodyPlanes;
  readonly each: 1 | 2;
  readonly quotientBytes: number;
};

/** Calls a kernel on what was staged. */
function run(room: Room, kernel: Kernel, { block, planes, each, quotientBytes }: Call): number {
  const { table, areas } = room;
  let word = 0;
  for (const { chunks, count, length, base, pairBits, start } of block.runs)
    for (const one of [chunks, count, length, base, pairBits, start]) table[word++] = one;
  return kernel(
    areas.runs.offset,
    block.runs.length,
    each,
    areas.magnitudes.offset,
    areas.signs.offset,
    planes.signs.bit % 8,
    areas.large.offset,
    areas.remainders.offset,
    planes.remainders.bit % 8,
    areas.quotients.offset,
    planes.quotients.bit % 8,
    areas.indices.offset,
    areas.values.offset,
    quotientBytes,
  );
}

/** Kernels answer -(4 * run + what). */
function faultOf(answer: number): BodyFault {
  return { kind: -answer % 4 === 1 ? "gaps" : "values", run: Math.floor(-answer / 4) };
}

function advance(planes: BodyPlanes, bits: Readonly<Record<keyof BodyPlanes, number>>): void {
  for (const name of PLANES) planes[name].bit += bits[name];
}

/** Bits of an area behind those of a plane; both are zero where the other has bits. */
function append({ bytes }: Room, plane: BodyPlane, { offset }: Area, bits: number): void {
  const first = Math.floor(plane.bit / 8);
  const length = bytesOf((plane.bit % 8) + bits);
  if (length === 0) return;
  const shared = plane.bytes[first]! | bytes[offset]!;
  plane.bytes.set(bytes.subarray(offset, offset + length), first);
  plane.bytes[first] = shared;
}
