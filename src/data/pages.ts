/** @file Pages: (shard, range) of tokens with a sha256, so that miner and validator provably read the same bytes. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { AssayError } from "../errors.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import { digestSchema } from "../protocol/manifest.ts";

const MAX_MANIFEST_BYTES = 1 << 16;
const SHA256_BYTES = 32;

/** Describes one byte-level shard cut into pages of equal size; its Blake2b-256 stands in the run manifest. */
const schema = z.strictObject({
  format: z.literal("assay/data/1"),
  tokenizer: z.literal("bytes"),
  /** Tokens a sequence predicts. */
  context: z
    .number()
    .int()
    .min(1)
    .max(1 << 20),
  sequencesPerPage: z
    .number()
    .int()
    .min(1)
    .max(1 << 16),
  pages: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31),
  shard: z.strictObject({ address: digestSchema, bytes: z.number().int().min(2) }),
  /** Blob of `pages` sha256 digests, one after the other. */
  pageDigests: digestSchema,
  heldOut: z.strictObject({ address: digestSchema, bytes: z.number().int().min(2) }),
});

/** Parsed data manifest. */
export type DataManifest = {
  readonly context: number;
  readonly sequencesPerPage: number;
  readonly pages: number;
  readonly shard: { readonly address: Hex; readonly bytes: number };
  readonly pageDigests: Hex;
  readonly heldOut: { readonly address: Hex; readonly bytes: number };
};

/** Bytes of one page: its sequences end to end, plus the token after the last one. */
function pageBytes(manifest: Pick<DataManifest, "context" | "sequencesPerPage">): number {
  return manifest.context * manifest.sequencesPerPage + 1;
}

/** Parses a data manifest. @throws AssayError manifest-invalid */
export function parseDataManifest(bytes: Uint8Array): DataManifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `data manifest of ${bytes.length} bytes`,
    });
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return schema.parse(value);
  } catch (cause) {
    throw new AssayError(
      { code: "manifest-invalid", reason: "data manifest does not parse" },
      { cause },
    );
  }
}

/** Cuts `shard` into pages; returns the manifest's bytes and the digest table, both to be stored as blobs. */
export function buildDataManifest(
  shard: Uint8Array,
  heldOut: Uint8Array,
  shape: { readonly context: number; readonly sequencesPerPage: number },
): { manifest: Uint8Array; pageDigests: Uint8Array; pages: number } {
  const step = shape.context * shape.sequencesPerPage;
  const pages = Math.floor((shard.length - 1) / step);
  if (pages < 1) throw new AssayError({ code: "data-too-small", pages: 0, needed: 1 });
  const pageDigests = new Uint8Array(pages * SHA256_BYTES);
  for (let page = 0; page < pages; page++) {
    const bytes = shard.subarray(page * step, page * step + step + 1);
    pageDigests.set(createHash("sha256").update(bytes).digest(), page * SHA256_BYTES);
  }
  const manifest = {
    format: "assay/data/1",
    tokenizer: "bytes",
    ...shape,
    pages,
    shard: { address: blake2b256(shard), bytes: shard.length },
    pageDigests: blake2b256(pageDigests),
    heldOut: { address: blake2b256(heldOut), bytes: heldOut.length },
  };
  return { manifest: new TextEncoder().encode(JSON.stringify(manifest)), pageDigests, pages };
}

/** Sequences of `context + 1` tokens, end to end. */
export type PageSource = {
  readonly manifest: DataManifest;
  /** The sequences of `pages` in that order, numbered from 0: what docs/protocol.md#4-evaluation-batches draws from. */
  sequences(pages: readonly number[]): { readonly count: number; at(index: number): Uint8Array };
};

/** Pages of a shard that lies in memory; each page's sha256 is checked when it is first read. */
export function openPages(
  manifest: DataManifest,
  shard: Uint8Array,
  pageDigests: Uint8Array,
): PageSource {
  const { context, sequencesPerPage } = manifest;
  const step = context * sequencesPerPage;
  const checked = new Set<number>();
  const page = (index: number): Uint8Array => {
    const bytes = shard.subarray(index * step, index * step + pageBytes(manifest));
    if (checked.has(index)) return bytes;
    const expected = pageDigests.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
    if (!createHash("sha256").update(bytes).digest().equals(expected))
      throw new AssayError({
        code: "data-unreadable",
        path: `page ${index}`,
        reason: "its sha256 differs",
      });
    checked.add(index);
    return bytes;
  };
  return {
    manifest,
    sequences(pages) {
      return {
        count: pages.length * sequencesPerPage,
        at(index) {
          const bytes = page(pages[Math.floor(index / sequencesPerPage)] ?? -1);
          const start = (index % sequencesPerPage) * context;
          return bytes.subarray(start, start + context + 1);
        },
      };
    },
  };
}

/** The sequences `chosen` of `source`, as one flat token array for the engine: chosen.length * (context + 1). */
export function tokensOf(
  source: { at(index: number): Uint8Array },
  chosen: readonly number[],
  context: number,
): Int32Array {
  const tokens = new Int32Array(chosen.length * (context + 1));
  for (const [row, index] of chosen.entries()) tokens.set(source.at(index), row * (context + 1));
  return tokens;
}

/** `count` evenly spaced sequences of held-out text, as one flat token array. */
export function heldOutTokens(heldOut: Uint8Array, context: number, count: number): Int32Array {
  const available = Math.floor((heldOut.length - 1) / context);
  if (available < 1) throw new AssayError({ code: "data-too-small", pages: 0, needed: 1 });
  const used = Math.min(count, available);
  const tokens = new Int32Array(used * (context + 1));
  for (let row = 0; row < used; row++) {
    const start = Math.floor((row * available) / used) * context;
    tokens.set(heldOut.subarray(start, start + context + 1), row * (context + 1));
  }
  return tokens;
}
