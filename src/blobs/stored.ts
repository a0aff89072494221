/** @file What lies in a store, for whoever passes it on: its size, and its bytes in pieces. */

/** A blob whose size is known and of which nothing has been read. */
export type StoredBlob = {
  readonly bytes: number;
  /** Its bytes as they lie there, unhashed. @yields pieces that are valid until the next is asked for: they share one buffer */
  pieces(): AsyncIterable<Uint8Array>;
};

/** How much of a blob is in memory while it is passed on. */
export const PIECE_BYTES = 64 * 1024;

/** Bytes that are in memory already. @yields all of them at once */
export async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
