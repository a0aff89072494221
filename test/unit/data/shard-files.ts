/** @file Shards of tokens as others write them: NumPy's .npy, llm.c's .bin, bare numbers. */
import { encodeTokens } from "../../../src/data/tokens.ts";

type Width = 2 | 4;

/** NumPy format 1.0: magic, version, length of the header, a literal of Python, padded to 64 bytes. */
export function npy(tokens: readonly number[], width: Width): Uint8Array {
  const literal = `{'descr': '<u${width}', 'fortran_order': False, 'shape': (${tokens.length},), }`;
  const header = `${literal.padEnd(128 - 10 - 1)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\0\0${header}`, "latin1");
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, encodeTokens(tokens, width)]);
}

/** llm.c (dev/data/data_common.py): 256 int32 with magic, version and count, then the tokens. */
export function llmBin(tokens: readonly number[], width: Width): Uint8Array {
  const head = Buffer.alloc(1024);
  head.writeInt32LE(width === 2 ? 20_240_520 : 20_240_801, 0);
  head.writeInt32LE(width === 2 ? 1 : 7, 4);
  head.writeInt32LE(tokens.length, 8);
  return Buffer.concat([head, encodeTokens(tokens, width)]);
}

/** Nothing but tokens. */
export function plain(tokens: readonly number[], width: Width): Uint8Array {
  return encodeTokens(tokens, width);
}
