/** @file The outer form of a request, looked at before it is parsed: JSON in few bytes can be work for seconds. */

/** Bounds of {@link isModest}. */
export type FormLimits = {
  readonly requestDepth: number;
  readonly requestItems: number;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Where the text that begins at `from` (behind its quote) ends; the length if it does not. */
function endOfText(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (at - 1 - slashes >= from && bytes[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return bytes.length;
}

/** Whether lists and objects lie in each other no deeper, and have no more members together, than the limits say. */
export function isModest(bytes: Buffer, { requestDepth, requestItems }: FormLimits): boolean {
  let depth = 0;
  let items = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfText(bytes, at + 1);
    else if (byte === COMMA) items++;
    else if (OPENING.has(byte)) {
      depth++;
      items++;
    } else if (CLOSING.has(byte)) depth--;
    if (depth > requestDepth || items > requestItems) return false;
  }
  return true;
}
