/** @file R2: an update to the bit: as long as predicted, the same when it comes back, and refused with one bit more or less. */
import * as fc from "fast-check";
import { uint32Stream } from "../../kernels/random.ts";
import { isAssayError } from "../../src/errors.ts";
import { decodeBody, encodeBody, keptOf, type SparseUpdate } from "../../src/protocol/codec.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../src/protocol/update.ts";
import { type Form, predictedBytes } from "./update-length.ts";

const HEX: Hex = `0x${"5a".repeat(32)}`;
const HEADER = { genesis: HEX, runId: HEX, netuid: 1, window: 1n, hotkey: HEX, baseDigest: HEX };

/** Bytes of an update, its header's as well. */
export function bytesOf(update: SparseUpdate, form: Form): number {
  return encodeWholeUpdate(HEADER, update, form).length;
}

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
function faultsOf(update: SparseUpdate, form: Form): string[] {
  const body = encodeBody(update, form);
  const again = encodeBody(decodeBody(body, form), form);
  const faults = Buffer.compare(body, again) === 0 ? [] : ["decoded and encoded again it differs"];
  const read = neighbours(body, form).filter((one) => !isRefused(one, form));
  return [...faults, ...read.map((one) => `${one.length} bytes beside ${body.length} are read`)];
}

/** Any form, and any update of it. */
const anyUpdate = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
    chunk: fc.integer({ min: 1, max: 300 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  })
  .map(({ lengths, chunk, share, seed }) => {
    const k = Math.max(1, Math.round(share * chunk));
    const draw = uint32Stream(seed);
    const update = lengths.map((length) => {
      const indices: number[] = [];
      for (let start = 0; start < length; start += chunk) {
        const size = Math.min(chunk, length - start);
        const places = Array.from({ length: size }, (_, at) => ({ at, order: draw() }));
        const kept = places.toSorted((a, b) => a.order - b.order).slice(0, keptOf(size, k, chunk));
        indices.push(...kept.map(({ at }) => start + at).toSorted((a, b) => a - b));
      }
      return {
        indices: Uint32Array.from(indices),
        values: Float32Array.from(indices, () => (draw() / 2 ** 32 - 0.5) * 0.01),
      };
    });
    return { update, form: { lengths, k, chunk } };
  });

/** Bytes by which an update differs from what is predicted for it; what else is wrong with it. */
export function judged(
  update: SparseUpdate,
  form: Form,
): { readonly off: number; readonly faults: string[] } {
  const length = bytesOf(update, form);
  const { exact, least, most } = predictedBytes(form, update);
  const isWithin = least <= length && length <= most;
  const faults = isWithin ? [] : [`${length} bytes are outside ${least} to ${most}`];
  return { off: length - exact, faults: [...faults, ...faultsOf(update, form)] };
}

/** The largest difference and the first fault among many sizes. */
export function anySize(): {
  readonly off: number;
  readonly faults: readonly string[];
  readonly runs: number;
} {
  let off = 0;
  const faults: string[] = [];
  const runs = 500;
  for (const { update, form } of fc.sample(anyUpdate, { numRuns: runs, seed: 2 })) {
    const one = judged(update, form);
    off = Math.max(off, Math.abs(one.off));
    faults.push(...one.faults);
  }
  return { off, faults, runs };
}
