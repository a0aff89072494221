/** @file R2: an update at its edges: one bit more, one less, and what a reader says to each. */
import { isAssayError } from "../../src/errors.ts";
import { decodeBody, encodeBody, type SparseUpdate } from "../../src/protocol/codec.ts";
import type { Form } from "./update-length.ts";

function isRefused(body: Uint8Array, form: Form): boolean {
  try {
    decodeBody(body, form);
    return false;
  } catch (error) {
    if (isAssayError(error, "update-malformed")) return true;
    throw error;
  }
}

/** Number of the last bit that is 1; -1: none. */
function lastBit(body: Uint8Array): number {
  for (let bit = 8 * body.length - 1; bit >= 0; bit--)
    if (((body[bit >> 3] ?? 0) >> (bit & 7)) & 1) return bit;
  return -1;
}

function withFlipped(body: Uint8Array, bit: number): Uint8Array {
  const bytes = body.slice();
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes;
}

/** The body with a bit more or less at its end, in each way that there is. */
function neighbours(body: Uint8Array, form: Form): Uint8Array[] {
  const longer = (byte: number): Uint8Array => Uint8Array.from([...body, byte]);
  const found = [longer(0), longer(1), longer(128), body.slice(0, -1)];
  // Where all coordinates are kept there is no plane of quotients, and the last byte is of signs.
  const hasQuotients = form.k < form.chunk && form.lengths.some((length) => length > 1);
  const last = lastBit(body);
  if (!hasQuotients || last < 0) return found;
  found.push(withFlipped(body, last));
  for (let bit = last + 1; bit < 8 * body.length; bit++) found.push(withFlipped(body, bit));
  return found;
}

/** What is wrong with the encoding of an update: it does not come back to the same bytes, or a neighbour of it is read. */
export function faultsOf(update: SparseUpdate, form: Form): string[] {
  const body = encodeBody(update, form);
  const again = encodeBody(decodeBody(body, form), form);
  const faults = Buffer.compare(body, again) === 0 ? [] : ["decoded and encoded again it differs"];
  const read = neighbours(body, form).filter((one) => !isRefused(one, form));
  return [...faults, ...read.map((one) => `${one.length} bytes beside ${body.length} are read`)];
}
