/** @file The heap of a runtime call. In Substrate the host owns it, and its chunk headers are part of the ABI. */
import { type LinearMemory } from "./linear-memory.ts";

const HEADER_BYTES = 8;
const SMALLEST_BYTES = 8;
const SIZE_CLASSES = 23;
/** 32 MiB, as in sp-allocator: larger requests trap on a node too. */
const LARGEST_BYTES = SMALLEST_BYTES << (SIZE_CLASSES - 1);
/** Bit 0 of header byte 4. */
const OCCUPIED = 1;

/**
 * Chunks of 8 * 2^k bytes behind an 8-byte header, free lists by size, bump allocation from `__heap_base`.
 *
 * The header is written in full at each allocation: bytes 0-3 size class, byte 4 bit 0 = occupied, bytes 5-7 zero.
 * sp-io's allocator reads the last two bytes as an alignment offset before each pointer it frees, so what an
 * earlier call left in memory must not show through.
 */
export class Allocator {
  readonly #memory: LinearMemory;
  #heapBase = 0;
  #top = 0;
  #free: number[][] = [];

  /** Call {@link Allocator.reset} before the first allocation: only then is the heap's place known. */
  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** Forgets every chunk: the next call starts on an empty heap at `heapBase`. */
  reset(heapBase: number): void {
    this.#heapBase = (heapBase + 7) & ~7;
    this.#top = this.#heapBase;
    this.#free = Array.from({ length: SIZE_CLASSES }, () => []);
  }

  /** Pointer to `size` bytes, 8-aligned. @throws RangeError when too large or out of memory */
  allocate(size: number): number {
    if (size > LARGEST_BYTES) throw new RangeError(`allocation of ${size} bytes is too large`);
    const sizeClass = Math.max(0, 32 - Math.clz32(Math.max(size, SMALLEST_BYTES) - 1) - 3);
    const pointer = this.#free[sizeClass]?.pop() ?? this.#bump(SMALLEST_BYTES << sizeClass);
    const view = this.#memory.view();
    view.setUint32(pointer - HEADER_BYTES, sizeClass, true);
    view.setUint32(pointer - HEADER_BYTES + 4, OCCUPIED, true);
    return pointer;
  }

  /** Gives a chunk back. @throws RangeError on a pointer that is not an occupied chunk */
  release(pointer: number): void {
    const header = pointer - HEADER_BYTES;
    if (header < this.#heapBase || pointer > this.#top) {
      throw new RangeError(`freed pointer ${pointer} is outside the heap`);
    }
    const view = this.#memory.view();
    const list = this.#free[view.getUint32(header, true)];
    if (list === undefined || (view.getUint8(header + 4) & OCCUPIED) === 0) {
      throw new RangeError(`freed pointer ${pointer} is not an allocated chunk`);
    }
    view.setUint32(header + 4, 0, true);
    list.push(pointer);
  }

  #bump(bytes: number): number {
    const pointer = this.#top + HEADER_BYTES;
    this.#memory.require(pointer + bytes);
    this.#top = pointer + bytes;
    return pointer;
  }
}
