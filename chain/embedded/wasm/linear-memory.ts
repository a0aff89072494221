/** @file The memory of a runtime instance and the two ways its functions pass bytes. */
import { type WasmMemory } from "./web-assembly.ts";

const PAGE_BYTES = 65_536;
/** Growing in small steps costs a block up to 16 ms, so grow ahead. */
const SPARE_PAGES = 16;

/** One i64 and its two halves: arithmetic on BigInt would leave garbage at every one of a block's hundred thousand calls. */
const FAT = new BigInt64Array(1);
const HALVES = new Uint32Array(FAT.buffer);

/**
 * Typed views over a WebAssembly memory. They are made again after growth, which detaches the old ones; so never
 * keep a view across an allocation. A "fat" argument is an i64: low half pointer, high half length.
 */
export class LinearMemory {
  readonly memory: WasmMemory;
  #bytes: Uint8Array;
  /** The same, for its conversion to text; its slices would be views. */
  #buffer: Buffer;
  #view: DataView;

  constructor(memory: WasmMemory) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#buffer = Buffer.from(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** A detached array has no length; to ask the memory for its buffer each time takes longer. */
  #renew(): void {
    if (this.#bytes.length > 0) return;
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#buffer = Buffer.from(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
  }

  bytes(): Uint8Array {
    this.#renew();
    return this.#bytes;
  }

  view(): DataView {
    this.#renew();
    return this.#view;
  }

  /** Grows until `end` bytes exist. @throws RangeError at the memory's limit */
  require(end: number): void {
    const missing = end - this.bytes().length;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES) + SPARE_PAGES);
  }

  /** Where a fat argument begins; {@link sizeOfLast} tells its size. @throws RangeError outside the memory */
  begin(fat: bigint): number {
    FAT[0] = fat;
    const [pointer = 0, length = 0] = HALVES;
    if (pointer + length > this.bytes().length)
      throw new RangeError("an argument lies outside the memory");
    return pointer;
  }

  /** A view (not a copy) of a fat argument. */
  look(fat: bigint): Uint8Array {
    const pointer = this.begin(fat);
    return this.#bytes.subarray(pointer, pointer + (HALVES[1] ?? 0));
  }

  /** A copy of a fat argument. */
  copy(fat: bigint): Uint8Array {
    const pointer = this.begin(fat);
    return this.#bytes.slice(pointer, pointer + sizeOfLast());
  }

  /** A fat argument as a storage key: one char a byte, straight from the memory. */
  key(fat: bigint): string {
    const pointer = this.begin(fat);
    return this.#buffer.toString("latin1", pointer, pointer + (HALVES[1] ?? 0));
  }

  /** A fat argument as text. */
  text(fat: bigint): string {
    return new TextDecoder().decode(this.look(fat));
  }

  /** A copy of `size` bytes at a pointer. */
  at(pointer: number, size: number): Uint8Array {
    const start = pointer >>> 0;
    return this.bytes().slice(start, start + size);
  }
}

/** Bytes of the fat argument that was looked at last. */
export function sizeOfLast(): number {
  return HALVES[1] ?? 0;
}

/** Pointer and length as the i64 the runtime expects. */
export function fatPointer(pointer: number, length: number): bigint {
  HALVES[0] = pointer;
  HALVES[1] = length;
  return FAT[0] ?? 0n;
}
