/** @file Text cut into pieces, the unit that is compared with earlier text and that is held out or trained on. */
import { createHash } from "node:crypto";

/** A piece of text and its sha256. */
export type Piece = { readonly bytes: Uint8Array; readonly digest: Buffer };

/** The longest piece; a document up to this length stays whole while there are many. */
export const MAX_PIECE_BYTES = 1 << 18;

/** A corpus of fewer pieces is cut finer, so that a part of it can be held out. */
const WANTED_PIECES = 64;
/** Shorter pieces would be mostly their edges. */
const MIN_PIECE_BYTES = 1 << 11;
/** Pieces whose digest's first byte is below this are held out: 1 in 32. */
const HELD_OUT_BELOW = 8;
/** At least this share is held out: chance alone would leave a corpus of few pieces without. */
const LEAST_HELD_OUT_SHARE = 1 / 64;
/** At least these bytes are held out, but never more than a quarter of the corpus for their sake. */
const LEAST_HELD_OUT_BYTES = 1 << 12;

const NEWLINE = 10;
const LONGEST_CHARACTER_BYTES = 4;

/** Whether a byte is inside a UTF-8 character. */
const continues = (byte: number | undefined): boolean => byte !== undefined && byte >> 6 === 2;

/**
 * Length of the first piece of `bytes`: everything if it is not longer than `limit` (at least 4), else to the end of
 * the last line that fits, else (a line longer than a piece) to the end of the last character that fits.
 */
export function cutLength(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  const lineEnd = bytes.lastIndexOf(NEWLINE, limit - 1) + 1;
  if (lineEnd > 0) return lineEnd;
  let length = limit;
  while (length > limit - LONGEST_CHARACTER_BYTES && continues(bytes[length])) length -= 1;
  // No UTF-8: any place is as good.
  return length > limit - LONGEST_CHARACTER_BYTES ? length : limit;
}

/** `bytes` in pieces of at most `limit`, as views. */
export function cutPieces(bytes: Uint8Array, limit: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    const length = cutLength(rest, limit);
    pieces.push(rest.subarray(0, length));
    at += length;
  }
  return pieces;
}

/** `bytes` with a line end behind them: the texts of two documents must not run into one line. */
export function withLineEnd(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) === NEWLINE) return bytes;
  const ended = new Uint8Array(bytes.length + 1).fill(NEWLINE);
  ended.set(bytes);
  return ended;
}

/** A piece with its digest. */
export function pieceOf(bytes: Uint8Array): Piece {
  return { bytes, digest: createHash("sha256").update(bytes).digest() };
}

/** Pieces in order, each text once, up to a limit of bytes. */
export class PieceStore {
  readonly #limitBytes: number;
  readonly #seen = new Set<string>();
  readonly #pieces: Piece[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** Whether the limit is reached: not even one more character is sure to fit. */
  get isFull(): boolean {
    return this.#limitBytes - this.#bytes < LONGEST_CHARACTER_BYTES;
  }

  /** Keeps a piece, cut at the limit, unless it is full; returns the bytes kept, 0 for a text that is there already. */
  add(bytes: Uint8Array): number {
    if (this.isFull) return 0;
    const length = cutLength(bytes, this.#limitBytes - this.#bytes);
    const piece = pieceOf(bytes.subarray(0, length));
    const name = piece.digest.toString("latin1");
    const isNew = !this.#seen.has(name);
    if (isNew) {
      this.#seen.add(name);
      this.#pieces.push(piece);
    }
    // What comes after a cut piece would leave a hole.
    if (length < bytes.length) this.#bytes = this.#limitBytes;
    else if (isNew) this.#bytes += length;
    return isNew ? length : 0;
  }
}

/** Cuts finer while there are few pieces. */
function enoughPieces(pieces: readonly Piece[]): readonly Piece[] {
  let found = pieces;
  for (
    let limit = MAX_PIECE_BYTES / 2;
    found.length < WANTED_PIECES && limit >= MIN_PIECE_BYTES;
    limit /= 2
  )
    found = pieces.flatMap(({ bytes }) => cutPieces(bytes, limit).map(pieceOf));
  return found;
}

/**
 * Which text is never trained on, by digest alone: the pieces with the smallest digests, 1 in 32 by chance, more where
 * that makes too little. So both parts exist in any corpus with enough text, a large corpus keeps its held-out text
 * when it grows, and two owners with the same folder hold out the same. Order within both parts stays.
 */
export function holdOut(pieces: readonly Piece[]): {
  readonly training: readonly Uint8Array[];
  readonly heldOut: readonly Uint8Array[];
} {
  const all = enoughPieces(pieces);
  const total = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const least = Math.max(total * LEAST_HELD_OUT_SHARE, Math.min(LEAST_HELD_OUT_BYTES, total / 4));
  const held = new Set<Piece>();
  let heldBytes = 0;
  for (const piece of all.toSorted((a, b) => Buffer.compare(a.digest, b.digest))) {
    if ((piece.digest[0] ?? 0) >= HELD_OUT_BELOW && heldBytes >= least) break;
    if (held.size === all.length - 1) break;
    held.add(piece);
    heldBytes += piece.bytes.length;
  }
  return {
    training: all.filter((piece) => !held.has(piece)).map(({ bytes }) => bytes),
    heldOut: all.filter((piece) => held.has(piece)).map(({ bytes }) => bytes),
  };
}
