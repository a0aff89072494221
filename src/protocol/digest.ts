/** @file Digests: Blake2b-256, and the digests of parameters and updates (docs/protocol.md#5-digests). */
import { blake2b } from "@noble/hashes/blake2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { AssayError } from "../errors.ts";
import { concatBytes, u32Bytes } from "./bytes.ts";

/** Lowercase hexadecimal with 0x: every hash, digest and public key inside Assay. */
export type Hex = `0x${string}`;

const HEX_PATTERN = /^0x(?:[0-9a-f]{2})*$/;
const THETA_LABEL = new TextEncoder().encode("assay/theta/1");

/** Whether a string is lowercase 0x-hex of whole bytes, and of exactly `byteLength` bytes when that is given. */
export function isHex(text: string, byteLength?: number): text is Hex {
  return HEX_PATTERN.test(text) && (byteLength === undefined || text.length === 2 + 2 * byteLength);
}

/** Bytes as lowercase 0x-hex. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** The bytes of 0x-hex. @throws RangeError if the text is not lowercase 0x-hex of whole bytes. */
export function bytesOf(hex: Hex): Uint8Array {
  if (!isHex(hex)) throw new RangeError(`not lowercase 0x-hex: ${String(hex).slice(0, 80)}`);
  return hexToBytes(hex.slice(2));
}

/** B2 of docs/protocol.md#notation: Blake2b with 32 bytes of output, as bytes (for hashing further). */
export function blake2b256Bytes(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

/** B2 of docs/protocol.md#notation as hex. It is also the address of a blob with these bytes. */
export function blake2b256(bytes: Uint8Array): Hex {
  return hexOf(blake2b256Bytes(bytes));
}

/**
 * digest(theta) of docs/protocol.md#5-digests: one Blake2b over the digests of the tensors' float32 bytes (little-endian), in manifest
 * order. -0 and +0 differ; infinities are hashed as they are.
 * @throws AssayError state-corrupt if a parameter is NaN: NaN has many bit patterns, so it has no digest.
 */
export function thetaDigest(runId: Hex, tensors: readonly Float32Array[]): Hex {
  const digests = tensors.map((tensor, index) => {
    refuseNaN(tensor, index);
    return blake2b256Bytes(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength));
  });
  return thetaDigestOf(runId, digests);
}

/** digest(theta) from the digests of the tensors' bytes. */
export function thetaDigestOf(runId: Hex, digests: readonly Uint8Array[]): Hex {
  const head = concatBytes([THETA_LABEL, bytesOf(runId), u32Bytes(digests.length)]);
  return blake2b256(concatBytes([head, ...digests]));
}

function refuseNaN(tensor: Float32Array, index: number): void {
  const at = tensor.findIndex(Number.isNaN);
  if (at < 0) return;
  const reason = `parameter ${at} of tensor ${index} is not a number`;
  throw new AssayError({ code: "state-corrupt", path: "parameters", reason });
}

/** The digest that a miner commits on chain: B2 over every byte of the update, header included. */
export function updateDigest(update: Uint8Array): Hex {
  return blake2b256(update);
}
