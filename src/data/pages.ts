/** @file Pages: (shard, range) of tokens with a sha256, so that miner and validator provably read the same bytes. */
import { createHash } from "node:crypto";
import { AssayError, isAssayError } from "../errors.ts";
import { type DataManifest, pageStep, SHA256_BYTES } from "./data-manifest.ts";
import { decodeTokens, firstOutside } from "./tokens.ts";

/** Where pages lie: the shard's bytes, by range. */
export type PageReader = {
  /** For people. */
  readonly name: string;
  /**
   * Bytes start..end-1 of the shard; they may be wrong.
   * @param isRight proves a page, for a reader that has a choice
   * @throws AssayError when it cannot hand them out
   */
  read(start: number, end: number, isRight: (bytes: Uint8Array) => boolean): Promise<Uint8Array>;
};

/** Sequences of `context + 1` tokens, numbered from 0: what docs/protocol.md#4-evaluation-batches draws from. */
export type Sequences = { readonly count: number; at(index: number): Int32Array };

/** Pages of a run. */
export type PageSource = {
  readonly manifest: DataManifest;
  /**
   * The sequences of `pages` in that order.
   * @throws AssayError page-corrupt, token-outside, and as the readers
   */
  sequences(pages: readonly number[]): Promise<Sequences>;
  /** Begins to fetch pages that are about to be asked for; what fails is told when they are. */
  prefetch(pages: readonly number[]): void;
};

/** Pages that are held while nobody uses them: those of a few windows. */
const MAX_HELD_BYTES = 64 << 20;

/** One page after another, the least recently used are let go. */
class HeldPages {
  readonly #most: number;
  readonly #pages = new Map<number, Promise<Int32Array>>();

  constructor(pageBytes: number) {
    this.#most = Math.max(1, Math.floor(MAX_HELD_BYTES / (4 * pageBytes)));
  }

  /** The page, or what `fetch` gives; what failed is asked for again. */
  of(page: number, fetch: () => Promise<Int32Array>): Promise<Int32Array> {
    const known = this.#pages.get(page);
    this.#pages.delete(page);
    const found = known ?? fetch();
    this.#pages.set(page, found);
    if (known === undefined)
      found.catch(() => {
        if (this.#pages.get(page) === found) this.#pages.delete(page);
      });
    for (const [oldest] of this.#pages) {
      if (this.#pages.size <= this.#most) break;
      this.#pages.delete(oldest);
    }
    return found;
  }
}

/** What a page must be. */
class PageCheck {
  readonly #manifest: DataManifest;
  readonly #digests: Uint8Array;

  constructor(manifest: DataManifest, digests: Uint8Array) {
    if (digests.length !== manifest.pages * SHA256_BYTES)
      throw new AssayError({ code: "manifest-invalid", reason: "page digests are not all there" });
    this.#manifest = manifest;
    this.#digests = digests;
  }

  #digestOf(page: number): Buffer {
    return Buffer.from(this.#digests.subarray(page * SHA256_BYTES, (page + 1) * SHA256_BYTES));
  }

  /** Whether bytes are a page. */
  isPage(page: number, bytes: Uint8Array): boolean {
    return createHash("sha256").update(bytes).digest().equals(this.#digestOf(page));
  }

  /** The tokens of a page. @throws AssayError page-corrupt, token-outside */
  tokensOf(page: number, bytes: Uint8Array, source: string): Int32Array {
    const { tokenBytes, vocabulary } = this.#manifest;
    const expected = this.#digestOf(page);
    const found = createHash("sha256").update(bytes).digest();
    if (!found.equals(expected))
      throw new AssayError({
        code: "page-corrupt",
        page,
        expected: expected.toString("hex"),
        found: found.toString("hex"),
        source,
      });
    const tokens = decodeTokens(bytes, tokenBytes);
    requireInside(tokens, vocabulary, `page ${page} of ${source}`);
    return tokens;
  }
}

/** @throws AssayError token-outside: the engine has no row for it */
function requireInside(tokens: Int32Array, vocabulary: number, path: string): void {
  const place = firstOutside(tokens, vocabulary);
  if (place === -1) return;
  const token = (tokens[place] ?? 0) >>> 0;
  throw new AssayError({ code: "token-outside", path, place, token, vocabulary });
}

/** Asks one reader after the other: a page that one has wrong or cannot hand out, another may have. */
async function readPage(
  page: number,
  [start, end]: readonly [number, number],
  { readers, check }: { readonly readers: readonly PageReader[]; readonly check: PageCheck },
): Promise<Int32Array> {
  let worst: AssayError | null = null;
  const isRight = (bytes: Uint8Array): boolean => check.isPage(page, bytes);
  for (const reader of readers)
    try {
      return check.tokensOf(page, await reader.read(start, end, isRight), reader.name);
    } catch (error) {
      if (!isAssayError(error)) throw error;
      // A page that is wrong says more than a reader that is away.
      if (worst === null || error.code === "page-corrupt") worst = error;
    }
  throw worst ?? new RangeError("no reader of pages");
}

/**
 * Pages of a shard; each page's sha256 is checked when it is read.
 * @param readers where the shard lies, the first that hands out a right page wins
 * @throws AssayError manifest-invalid when the digests are not all there
 */
export function openPages(
  manifest: DataManifest,
  readers: readonly PageReader[],
  pageDigests: Uint8Array,
): PageSource {
  const { context, sequencesPerPage, tokenBytes, pages: count } = manifest;
  const step = pageStep(manifest);
  const check = new PageCheck(manifest, pageDigests);
  const held = new HeldPages(step);
  const page = (index: number): Promise<Int32Array> => {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      return Promise.reject(new RangeError(`there is no page ${index}: there are ${count}`));
    const start = index * step;
    const fetch = (): Promise<Int32Array> =>
      readPage(index, [start, start + step + tokenBytes], { readers, check });
    return held.of(index, fetch);
  };
  return {
    manifest,
    async sequences(pages) {
      const tokens = await Promise.all(pages.map(page));
      return {
        count: pages.length * sequencesPerPage,
        at(index) {
          const start = (index % sequencesPerPage) * context;
          const found = tokens[Math.floor(index / sequencesPerPage)];
          if (found === undefined || index < 0)
            throw new RangeError(`there is no sequence ${index} on ${pages.length} pages`);
          return found.subarray(start, start + context + 1);
        },
      };
    },
    prefetch(pages) {
      // What fails is forgotten, and asked for again by whoever needs it.
      for (const one of pages) page(one).catch(() => undefined);
    },
  };
}

/** The sequences `chosen` of `source`, as one flat token array for the engine: chosen.length * (context + 1). */
export function tokensOf(
  source: Pick<Sequences, "at">,
  chosen: readonly number[],
  context: number,
): Int32Array {
  const tokens = new Int32Array(chosen.length * (context + 1));
  for (const [row, index] of chosen.entries()) tokens.set(source.at(index), row * (context + 1));
  return tokens;
}

/**
 * `count` evenly spaced sequences of held-out tokens, as one flat token array.
 * @throws AssayError data-too-small, token-outside
 */
export function heldOutTokens(
  heldOut: Uint8Array,
  shape: Pick<DataManifest, "context" | "tokenBytes" | "vocabulary">,
  count: number,
): Int32Array {
  const { context, tokenBytes, vocabulary } = shape;
  const available = Math.floor((heldOut.length / tokenBytes - 1) / context);
  if (available < 1) throw new AssayError({ code: "data-too-small", pages: 0, needed: 1 });
  const used = Math.min(count, available);
  const tokens = new Int32Array(used * (context + 1));
  for (let row = 0; row < used; row++) {
    const start = Math.floor((row * available) / used) * context;
    const bytes = heldOut.subarray(start * tokenBytes, (start + context + 1) * tokenBytes);
    tokens.set(decodeTokens(bytes, tokenBytes), row * (context + 1));
  }
  requireInside(tokens, vocabulary, "the held-out tokens");
  return tokens;
}
