/** @file The few pieces of the protobuf wire format that ONNX needs: varints, 32-bit floats, length-delimited fields. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const text = new TextEncoder();

/** Appends fields to one message. Nested messages are written by a callback into a writer of their own. */
export class ProtobufWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  /** Field of type int32, int64 or enum. `value` is a safe integer; negative ones take ten bytes, as the format asks. */
  integer(field: number, value: number): this {
    this.#varint(BigInt(field * 8 + VARINT));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** Field of type float. */
  float(field: number, value: number): this {
    this.#varint(BigInt(field * 8 + FIXED_32));
    return this.#raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  /** Field of type bytes. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt(field * 8 + LENGTH_DELIMITED));
    this.#varint(BigInt(value.length));
    return this.#raw(value);
  }

  /** Field of type string. */
  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  /** Field that holds another message. */
  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  /** The bytes written so far (a copy). */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #varint(value: bigint): void {
    let rest = value;
    const bytes: number[] = [];
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#raw(bytes);
  }

  #raw(bytes: ArrayLike<number>): this {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
    return this;
  }
}
