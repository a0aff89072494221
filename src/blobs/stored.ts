/** @file What lies in a store, for whoever passes it on: its size, and its bytes in pieces. */

/** A blob whose size is known and of which nothing has been read. */
export type StoredBlob = {
  readonly bytes: number;
  /**
   * Its bytes as they lie there, unhashed, or those of a range within them.
   * @yields pieces that are valid until the next is asked for: they share one buffer
   */
  pieces(range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Where whoever asks for it reads it instead, for a while; left out where it lies here. */
  readonly elsewhere?: () => Promise<URL>;
};

/** Bytes start..end-1. */
export type ByteRange = { readonly start: number; readonly end: number };

/** How much of a blob is in memory while it is passed on. */
export const PIECE_BYTES = 64 * 1024;

/** Bytes that are in memory already. @yields all that are asked for at once */
export async function* onePiece(
  bytes: Uint8Array,
  { start, end }: ByteRange = { start: 0, end: bytes.length },
): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(start, end);
}
