/** @file Tokens as bytes: unsigned, little-endian, of one, two or four bytes each, the same on every machine. */

/** Bytes of a token. */
export type TokenBytes = 1 | 2 | 4;

/** The fewest bytes that hold every token below `vocabulary`; a byte is for the byte tokenizer alone. */
export function tokenBytesFor(vocabulary: number): 2 | 4 {
  return vocabulary <= 1 << 16 ? 2 : 4;
}

/**
 * `bytes` as tokens. What lies above 2^31 becomes negative: whoever reads what a stranger wrote looks with `firstOutside`.
 * @param bytes a whole number of tokens; they need not lie at a multiple of their size
 */
export function decodeTokens(bytes: Uint8Array, tokenBytes: TokenBytes): Int32Array {
  if (tokenBytes === 1) return new Int32Array(bytes);
  const tokens = new Int32Array(bytes.length / tokenBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < tokens.length; index++)
    tokens[index] =
      tokenBytes === 2 ? view.getUint16(2 * index, true) : view.getInt32(4 * index, true);
  return tokens;
}

/** Tokens as bytes; each must be below 256^tokenBytes. */
export function encodeTokens(tokens: ArrayLike<number>, tokenBytes: TokenBytes): Uint8Array {
  if (tokenBytes === 1) return Uint8Array.from(tokens);
  const bytes = new Uint8Array(tokens.length * tokenBytes);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? 0;
    if (tokenBytes === 2) view.setUint16(2 * index, token, true);
    else view.setUint32(4 * index, token, true);
  }
  return bytes;
}

/** The place of the first token that is not in 0..vocabulary-1; -1 where there is none. */
export function firstOutside(tokens: Int32Array, vocabulary: number): number {
  // A plain loop: a callback for each token takes several times as long, and every page that is read is looked at.
  let at = 0;
  while (at < tokens.length && (tokens[at] ?? 0) >= 0 && (tokens[at] ?? 0) < vocabulary) at += 1;
  return at === tokens.length ? -1 : at;
}
