/** @file The data manifest: what the pages of a run are cut from, where they lie, and the digests that prove them. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { AssayError } from "../errors.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import { digestSchema } from "../protocol/manifest.ts";
import type { TokenBytes } from "./tokens.ts";

const MAX_MANIFEST_BYTES = 1 << 16;
const MAX_SHARD_BYTES = 2 ** 48;
const MAX_MIRRORS = 16;
/** Of each page. */
export const SHA256_BYTES = 32;

/** Describes one shard of tokens cut into pages of equal size; its Blake2b-256 stands in the run manifest. */
const schema = z.strictObject({
  format: z.literal("assay/data/2"),
  /** Bytes of a token, little-endian. */
  tokenBytes: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  /** Every token is below it. */
  vocabulary: z.number().int().min(1).max(4_194_304),
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
  shard: z.strictObject({
    address: digestSchema,
    bytes: z.number().int().min(2).max(MAX_SHARD_BYTES),
    /** Where else its bytes lie, from `offset` on: pages are read there by range. */
    mirrors: z
      .array(
        z.strictObject({
          url: z
            .string()
            .max(2048)
            .regex(/^https?:\/\/[^\s\p{Cc}]+$/u)
            .refine((url) => URL.canParse(url)),
          offset: z.number().int().min(0).max(MAX_SHARD_BYTES),
        }),
      )
      .max(MAX_MIRRORS),
  }),
  /** Blob of `pages` sha256 digests, one after the other. */
  pageDigests: digestSchema,
  heldOut: z.strictObject({ address: digestSchema, bytes: z.number().int().min(2) }),
});

/** Where a shard lies besides the nodes of the run. */
export type Mirror = { readonly url: string; readonly offset: number };

/** Parsed data manifest. */
export type DataManifest = {
  readonly tokenBytes: TokenBytes;
  readonly vocabulary: number;
  readonly context: number;
  readonly sequencesPerPage: number;
  readonly pages: number;
  readonly shard: {
    readonly address: Hex;
    readonly bytes: number;
    readonly mirrors: readonly Mirror[];
  };
  readonly pageDigests: Hex;
  readonly heldOut: { readonly address: Hex; readonly bytes: number };
};

/** What a page's place follows from. */
type Shape = Pick<DataManifest, "context" | "sequencesPerPage" | "tokenBytes">;

/** Bytes from one page to the next: neighbours share one token. */
export function pageStep({ context, sequencesPerPage, tokenBytes }: Shape): number {
  return context * sequencesPerPage * tokenBytes;
}

/** How many pages `bytes` of tokens make; a page needs one token more than it has positions. */
export function pagesIn(bytes: number, shape: Shape): number {
  return Math.floor(Math.max(0, bytes - shape.tokenBytes) / pageStep(shape));
}

/** Parses a data manifest. @throws AssayError manifest-invalid */
export function parseDataManifest(bytes: Uint8Array): DataManifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `data manifest of ${bytes.length} bytes`,
    });
  let parsed: DataManifest;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    parsed = schema.parse(value);
  } catch (cause) {
    throw new AssayError(
      { code: "manifest-invalid", reason: "data manifest does not parse" },
      { cause },
    );
  }
  if (parsed.pages !== pagesIn(parsed.shard.bytes, parsed))
    throw new AssayError({
      code: "manifest-invalid",
      reason: `data manifest: ${parsed.shard.bytes} bytes do not make ${parsed.pages} pages`,
    });
  return parsed;
}

/** Tokens as bytes, and what they are. */
export type ShardParts = {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
  readonly tokenBytes: TokenBytes;
  readonly vocabulary: number;
  readonly mirrors?: readonly Mirror[];
};

/**
 * Cuts a shard into pages; returns the manifest's bytes and the digest table, both to be stored as blobs.
 * @throws AssayError data-too-small
 */
export function buildDataManifest(
  parts: ShardParts,
  shape: { readonly context: number; readonly sequencesPerPage: number },
): { manifest: Uint8Array; pageDigests: Uint8Array; pages: number } {
  const { training, heldOut, tokenBytes, vocabulary, mirrors = [] } = parts;
  const step = pageStep({ ...shape, tokenBytes });
  const pages = pagesIn(training.length, { ...shape, tokenBytes });
  if (pages < 1) throw new AssayError({ code: "data-too-small", pages: 0, needed: 1 });
  const pageDigests = new Uint8Array(pages * SHA256_BYTES);
  for (let page = 0; page < pages; page++) {
    const bytes = training.subarray(page * step, page * step + step + tokenBytes);
    pageDigests.set(createHash("sha256").update(bytes).digest(), page * SHA256_BYTES);
  }
  const manifest = {
    format: "assay/data/2",
    tokenBytes,
    vocabulary,
    ...shape,
    pages,
    shard: { address: blake2b256(training), bytes: training.length, mirrors },
    pageDigests: blake2b256(pageDigests),
    heldOut: { address: blake2b256(heldOut), bytes: heldOut.length },
  };
  return { manifest: new TextEncoder().encode(JSON.stringify(manifest)), pageDigests, pages };
}
