/**
 * @file A file of TensorBoard's events: TFRecords (length, masked CRC-32C of it, bytes, masked CRC-32C of them) of `Event` messages
 * (tensorflow/core/util/event.proto), as tensorflow/core/lib/io/record_writer.cc writes them. Scalars alone.
 */

/** One point of a curve. */
export type Scalar = { readonly tag: string; readonly step: number; readonly value: number };

/** Castagnoli's polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;
const VERSION = "brain.Event:2";

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  return rest;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Rotated and shifted, so that a checksum of bytes that hold checksums is still one. */
function masked(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const turned = ((crc >>> 15) | (crc << 17)) >>> 0;
  const out = Buffer.alloc(4);
  out.writeUInt32LE((turned + MASK_DELTA) >>> 0);
  return out;
}

/** A number in base 128, least first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

const WIRE = { varint: 0, double: 1, bytes: 2, float: 5 } as const;

const key = (field: number, wire: keyof typeof WIRE): Buffer => varint((field << 3) | WIRE[wire]);

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([key(field, "bytes"), varint(bytes.length), bytes]);
}

function doubleField(field: number, value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeDoubleLE(value);
  return Buffer.concat([key(field, "double"), out]);
}

function floatField(field: number, value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return Buffer.concat([key(field, "float"), out]);
}

function record(event: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(event.length));
  return Buffer.concat([length, masked(length), event, masked(event)]);
}

/** What a file begins with. @param seconds since 1970 */
export function firstRecord(seconds: number): Buffer {
  return record(Buffer.concat([doubleField(1, seconds), bytesField(3, Buffer.from(VERSION))]));
}

/** One point. @param seconds since 1970. @throws RangeError when the step is no whole number from 0 on */
export function scalarRecord({ tag, step, value }: Scalar, seconds: number): Buffer {
  if (!Number.isSafeInteger(step) || step < 0) throw new RangeError(`no step of a curve: ${step}`);
  const one = Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)]);
  const summary = bytesField(5, bytesField(1, one));
  const place = Buffer.concat([key(2, "varint"), varint(step)]);
  return record(Buffer.concat([doubleField(1, seconds), place, summary]));
}
