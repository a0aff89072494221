/** @file Thrift's compact protocol, as far as Parquet uses it, looked through under limits: a list says how long it is before it is there. */

/** A struct: of each field a number, a truth or a struct; texts and lists are passed over, and are their lengths. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
type ThriftValue = number | boolean | ThriftStruct;

/** Structs and lists inside one another; Parquet's own have seven. */
const MOST_DEPTH = 16;
/** Fields and elements in all: a footer of so many is 64 MiB or more. */
const MOST_VALUES = 1 << 23;

const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const LIST = 9;
const STRUCT = 12;

class Walk {
  readonly #view: DataView;
  at: number;
  #values = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  #byte(): number {
    if (this.at >= this.#view.byteLength) throw new RangeError("it ends in the middle of a header");
    return this.#view.getUint8(this.at++);
  }

  #skip(bytes: number): number {
    if (bytes > this.#view.byteLength - this.at)
      throw new RangeError(`a text of ${bytes} bytes is longer than what is left`);
    this.at += bytes;
    return bytes;
  }

  /** At most ten bytes of seven bits, as every writer has them; beyond 2^53 it is no size of anything. */
  #varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new RangeError("a number has no end");
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #list(depth: number): number {
    const head = this.#byte();
    const type = head & 0x0f;
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (count > this.#view.byteLength - this.at)
      throw new RangeError(`a list of ${count} is longer than what is left`);
    for (let index = 0; index < count; index++)
      // In a list a truth has a byte of its own.
      if (type === TRUE || type === FALSE) this.#byte();
      else this.#value(type, depth);
    return count;
  }

  #value(type: number, depth: number): ThriftValue {
    if (++this.#values > MOST_VALUES)
      throw new RangeError(`it has more than ${MOST_VALUES} values`);
    switch (type) {
      case TRUE:
      case FALSE:
        return type === TRUE;
      case 3:
        return this.#byte();
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        return this.#skip(8);
      case 8:
        return this.#skip(this.#varint());
      case LIST:
        return this.#list(depth + 1);
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`its headers have a value of unknown kind ${type}`);
    }
  }

  struct(depth = 0): ThriftStruct {
    if (depth > MOST_DEPTH)
      throw new RangeError(`its headers are nested deeper than ${MOST_DEPTH}`);
    const fields = new Map<number, ThriftValue>();
    for (let field = 0; ;) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === STOP) return fields;
      field = head >> 4 === 0 ? this.#zigzag() : field + (head >> 4);
      fields.set(field, this.#value(type, depth));
    }
  }
}

/** The struct at a place, and where it ends. @throws RangeError in words: it is none, or too deep, too long, too large */
export function thriftStruct(
  bytes: Uint8Array,
  at: number,
): { readonly fields: ThriftStruct; readonly end: number } {
  const walk = new Walk(bytes, at);
  return { fields: walk.struct(), end: walk.at };
}
