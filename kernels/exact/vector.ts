/** @file Float32 vectors in linear memory: handed out once from a fixed arena, never moved, never freed. */

/** `length` float32 numbers at byte `offset` of the linear memory; `view` sees the same bytes and stays attached. */
export type Vector = {
  readonly offset: number;
  readonly length: number;
  readonly view: Float32Array<ArrayBuffer>;
};

/** Vectors start on a cache line, which is also what SIMD and onnxruntime like best. */
const ALIGNMENT = 64;

/** How many vectors may waste a part of a cache line before the promise of `floats` is eaten into. */
const VECTORS = 256;

/** Bytes an arena needs for vectors of `floats` numbers together. */
export function arenaBytes(floats: number): number {
  if (!Number.isSafeInteger(floats) || floats < 0)
    throw new RangeError(`a memory for ${floats} floats was asked for; give a whole number`);
  return floats * 4 + VECTORS * ALIGNMENT;
}

/** Hands out vectors from `start` to the end of the buffer. */
export class Arena {
  readonly #buffer: ArrayBuffer;
  #next: number;

  constructor(buffer: ArrayBuffer, start: number) {
    this.#buffer = buffer;
    this.#next = start;
  }

  /** @throws RangeError if the length is not a whole number above zero or the arena is full */
  vector(length: number): Vector {
    const offset = Math.ceil(this.#next / ALIGNMENT) * ALIGNMENT;
    if (!Number.isSafeInteger(length) || length < 1)
      throw new RangeError(`a vector of ${length} floats was asked for; give a whole number`);
    if (offset + length * 4 > this.#buffer.byteLength) {
      const free = Math.max(0, Math.floor((this.#buffer.byteLength - offset) / 4));
      throw new RangeError(
        `no room for a vector of ${length} floats, ${free} are left; open the memory with more`,
      );
    }
    this.#next = offset + length * 4;
    return { offset, length, view: new Float32Array(this.#buffer, offset, length) };
  }

  /** @throws RangeError unless the vector lies in this memory and holds `length` floats from `start` */
  check(vector: Vector, length: number, start = 0): void {
    const { view } = vector;
    if (
      view.buffer !== this.#buffer ||
      view.byteOffset !== vector.offset ||
      view.length !== vector.length
    )
      throw new RangeError("a vector belongs to another memory; make it with this one");
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(length))
      throw new RangeError(`a range of ${length} floats from ${start} is not whole`);
    if (start < 0 || length < 0 || start + length > vector.length) {
      throw new RangeError(
        `a range of ${length} floats from ${start} leaves its vector of ${vector.length}`,
      );
    }
  }
}
