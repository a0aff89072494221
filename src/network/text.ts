/** @file Texts on the wire: long ones in pieces, so that no whole copy of one waits for each of its readers, and strangers' words made harmless. */

const PIECE_CHARACTERS = 32 * 1024;

/** The text as UTF-8. @yields pieces of at most 96 KiB that end between characters */
export async function* utf8Pieces(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + PIECE_CHARACTERS, text.length);
    // Both halves of a character outside the basic plane stay together.
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end += 1;
    yield Buffer.from(text.slice(at, end), "utf8");
    at = end;
  }
}

/** A stranger's words without what a terminal would obey. */
export function printableAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
