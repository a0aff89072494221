/** @file Pieces: nothing is lost in cutting, no character is cut, and any corpus has a part that is held out. */
import { strict as assert } from "node:assert";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  cutLength,
  cutPieces,
  holdOut,
  MAX_PIECE_BYTES,
  type Piece,
  pieceOf,
  PieceStore,
  withLineEnd,
} from "../../../src/data/pieces.ts";
import { prose } from "./text-folder.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\n", "a", " "),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 200,
});
const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.length, 0);

test("pieces of text are whole characters, no longer than the limit, and make the text again", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 40 }), (given, limit) => {
      const pieces = cutPieces(bytesOf(given), limit);
      assert.equal(Buffer.concat(pieces).toString(), given);
      for (const [index, piece] of pieces.entries()) {
        assert.ok(piece.length > 0 && piece.length <= limit && isUtf8(piece));
        const isLast = index === pieces.length - 1;
        // Only a line longer than the limit is cut inside.
        if (!isLast && piece.at(-1) !== 10) assert.ok(!piece.includes(10));
      }
    }),
  );
});

test("bytes that are no UTF-8 are cut as well, and lose nothing", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.integer({ min: 4, max: 20 }),
      (bytes, limit) => {
        const pieces = cutPieces(bytes, limit);
        assert.ok(pieces.every((piece) => piece.length > 0 && piece.length <= limit));
        assert.deepEqual(new Uint8Array(Buffer.concat(pieces)), bytes);
      },
    ),
  );
  assert.equal(cutLength(new Uint8Array(9).fill(0x80), 8), 8);
});

test("a document ends with exactly the line end it has, or one", () => {
  assert.deepEqual(withLineEnd(bytesOf("a\n")), bytesOf("a\n"));
  assert.deepEqual(withLineEnd(bytesOf("a")), bytesOf("a\n"));
});

test("a store keeps each text once, and never more than its limit", () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 20 }),
      fc.integer({ min: 0, max: 400 }),
      (texts, limit) => {
        const store = new PieceStore(limit);
        const kept = texts.map((one) => store.add(bytesOf(one)));
        const all = store.pieces.map(({ bytes }) => Buffer.from(bytes).toString());
        assert.equal(new Set(all).size, all.length);
        const total = lengthOf(store.pieces.map(({ bytes }) => bytes));
        assert.ok(total <= limit);
        assert.equal(
          total,
          kept.reduce((sum, one) => sum + one, 0),
        );
        const [wanted, found] = [[...new Set(texts)].join(""), all.join("")];
        assert.ok(store.isFull ? wanted.startsWith(found) || limit < 4 : found === wanted);
      },
    ),
  );
});

/** What a folder of documents of these sizes makes. */
function piecesOf(sizes: readonly number[]): Piece[] {
  return sizes
    .flatMap((size, index) => cutPieces(bytesOf(prose(index + 1, size)), MAX_PIECE_BYTES))
    .map(pieceOf);
}

test("any corpus of 24 KiB or more has both parts, and the held-out one is a small share", () => {
  const sizes = fc.oneof(
    fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 120 }),
    fc.array(fc.integer({ min: 10_000, max: 900_000 }), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(sizes, (given) => {
      const pieces = piecesOf(given);
      const total = lengthOf(pieces.map(({ bytes }) => bytes));
      const { training, heldOut } = holdOut(pieces);
      assert.equal(lengthOf(training) + lengthOf(heldOut), total);
      if (total < 24 << 10) return;
      assert.ok(lengthOf(heldOut) >= 4096, `${lengthOf(heldOut)} of ${total}`);
      assert.ok(lengthOf(heldOut) <= total / 2, `${lengthOf(heldOut)} of ${total}`);
    }),
    { numRuns: 60 },
  );
});

test("one single text is cut until a part of it can be held out; order stays", () => {
  const whole = prose(7, 100_000);
  const { training, heldOut } = holdOut([pieceOf(bytesOf(whole))]);
  assert.ok(training.length + heldOut.length >= 48);
  assert.ok(heldOut.length >= 1);
  const places = training.map((part) => whole.indexOf(Buffer.from(part).toString()));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test("no text, and one line, end in no crash", () => {
  assert.deepEqual(holdOut([]), { training: [], heldOut: [] });
  const { training, heldOut } = holdOut([pieceOf(bytesOf("a\n"))]);
  assert.deepEqual([lengthOf(training), heldOut.length], [2, 0]);
});

test("held-out text of a corpus stays held out when the corpus grows", () => {
  const few = piecesOf(Array.from({ length: 200 }, () => 500));
  const more = piecesOf(Array.from({ length: 400 }, () => 500));
  const held = new Set(holdOut(more).heldOut.map((part) => pieceOf(part).digest.toString("hex")));
  const before = holdOut(few).heldOut.filter((part) => (pieceOf(part).digest[0] ?? 255) < 8);
  assert.ok(before.length > 0);
  for (const part of before) assert.ok(held.has(pieceOf(part).digest.toString("hex")));
});
