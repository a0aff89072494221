/** @file Bytes as lowercase `0x` text: how hashes, digests and public keys are written inside Assay. */

/** Lowercase hexadecimal text with its `0x` prefix. */
export type Hex = `0x${string}`;

/** The bytes as `0x` text; no bytes give `0x`. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** The bytes behind `0x` text. The type says that the text is well formed; outside input is checked before. */
export function bytesOf(hex: Hex): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}
