/** @file Block headers: SCALE, hash, and the Aura slot in their digest. */
import { type Hex, concat, fromHex, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { ScaleReader, byteVector, compact, u64 } from "../codec/scale.ts";

/** A header. Hashes are 32 bytes; `logs` are encoded digest items. */
export type Header = {
  readonly parentHash: Hex;
  readonly number: number;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  readonly logs: readonly Uint8Array[];
};

/** 32 zero bytes. */
export const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;
/** Root of a tree without entries. */
export const EMPTY_ROOT: Hex = "0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314";

const HASH_BYTES = 32;
const AURA = new TextEncoder().encode("aura");

/** Digest item tags. */
const OTHER = 0;
const CONSENSUS = 4;
const SEAL = 5;
const PRE_RUNTIME = 6;
const ENVIRONMENT_UPDATED = 8;

/** SCALE bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  return concat(
    fromHex(header.parentHash),
    compact(header.number),
    fromHex(header.stateRoot),
    fromHex(header.extrinsicsRoot),
    compact(header.logs.length),
    ...header.logs,
  );
}

function readDigestItem(reader: ScaleReader, bytes: Uint8Array): Uint8Array {
  const start = reader.offset;
  const tag = reader.u8();
  if (tag === CONSENSUS || tag === SEAL || tag === PRE_RUNTIME) {
    reader.take(4);
    reader.bytes();
  } else if (tag === OTHER) {
    reader.bytes();
  } else if (tag !== ENVIRONMENT_UPDATED) {
    throw new RangeError(`digest item of unknown kind ${tag}`);
  }
  return bytes.slice(start, reader.offset);
}

/** Reads a header. @throws RangeError */
export function decodeHeader(bytes: Uint8Array): Header {
  const reader = new ScaleReader(bytes);
  return {
    parentHash: toHex(reader.take(HASH_BYTES)),
    number: reader.compact(),
    stateRoot: toHex(reader.take(HASH_BYTES)),
    extrinsicsRoot: toHex(reader.take(HASH_BYTES)),
    logs: reader.list((item) => readDigestItem(item, bytes)),
  };
}

/** Block hash: BLAKE2b-256 of the header. */
export function headerHash(headerBytes: Uint8Array): Hex {
  return toHex(blake2b256(headerBytes));
}

/** Digest item that announces an Aura slot. */
export function auraDigest(slot: bigint): Uint8Array {
  return concat(Uint8Array.of(PRE_RUNTIME), AURA, byteVector(u64(slot)));
}

/** Slot of the header's Aura digest, or null. */
export function auraSlot(header: Header): bigint | null {
  for (const log of header.logs) {
    const consensus = log.subarray(1, 1 + AURA.length);
    if (log[0] !== PRE_RUNTIME || Buffer.compare(consensus, AURA) !== 0) continue;
    return new ScaleReader(log.subarray(1 + AURA.length + 1)).u64();
  }
  return null;
}
