/** @file Where a node reads the pages of a run: at the mirrors that its data manifest names, by range, and else from the shard's blob. */
import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { DataManifest, Mirror } from "../data/data-manifest.ts";
import { httpFile, publicName } from "../data/http-file.ts";
import type { PageReader } from "../data/pages.ts";
import { memoryFile, type RangeFile } from "../data/ranges.ts";
import { AssayError } from "../errors.ts";
import { isPrivateAddress } from "../network/address.ts";
import type { Finder } from "./finder.ts";

const MAX_SHARD_BYTES = 1 << 30;

/** What reading pages needs. */
export type PageParts = {
  readonly finder: Pick<Finder, "find">;
  /** Whether mirrors may lie on this machine or its network: on a development chain only. */
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
};

function privateMirror(name: string): AssayError {
  return new AssayError({
    code: "data-source-failed",
    address: name,
    reason: "it leads to a private address, which no stranger may make a node ask",
  });
}

/** Looks where a name leads before anything is sent there; the connection goes to the very address that was looked at. */
function publicLookup(name: string): LookupFunction {
  return (host, options, done) => {
    lookup(host, options, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((one) => one.address) : [address];
      const isHidden = error === null && found.some(isPrivateAddress);
      done(isHidden ? privateMirror(name) : error, address, family);
    });
  };
}

/** A mirror that failed is left alone for so long: each page would wait for it again. */
const REST_MS = 30_000;
/** Less patience than with the only place that has the data: the nodes of the run have it too. */
const PATIENCE = { tries: 2, idleMs: 5000 } as const;

/** Runs `open` once; what failed is tried again by the next who asks. */
function opened<T>(open: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | null = null;
  return () => {
    const found = known ?? open();
    known = found;
    found.catch(() => {
      if (known === found) known = null;
    });
    return found;
  };
}

/** What failed says the same again, at once, until it has rested. */
function resting<A extends readonly unknown[], T>(
  ask: (...what: A) => Promise<T>,
): (...what: A) => Promise<T> {
  let failure: { readonly at: number; readonly error: AssayError } | null = null;
  return async (...what) => {
    if (failure !== null && performance.now() - failure.at < REST_MS) throw failure.error;
    try {
      return await ask(...what);
    } catch (error) {
      if (error instanceof AssayError) failure = { at: performance.now(), error };
      throw error;
    }
  };
}

async function openMirror(
  { url, offset }: Mirror,
  bytes: number,
  { allowPrivate, signal }: Omit<PageParts, "finder">,
): Promise<RangeFile> {
  const address = new URL(url);
  const name = publicName(address);
  const host = address.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) throw privateMirror(name);
  const file = await httpFile({
    name,
    url: () => Promise.resolve(address),
    signal,
    ...PATIENCE,
    ...(!allowPrivate && { lookup: publicLookup(name) }),
  });
  if (file.size >= offset + bytes) return file;
  throw new AssayError({
    code: "data-source-failed",
    address: name,
    reason: `it has ${file.size} bytes, but the shard ends at byte ${offset + bytes}`,
  });
}

/** The shard's bytes at a mirror. A stranger named it: it is asked as one, and every page is proven by its digest. */
function mirrorReader(mirror: Mirror, bytes: number, parts: PageParts): PageReader {
  const file = opened(() => openMirror(mirror, bytes, parts));
  const { offset } = mirror;
  return {
    name: publicName(new URL(mirror.url)),
    read: resting(async (start: number, end: number) =>
      (await file()).read(offset + start, offset + end),
    ),
  };
}

/** The whole shard from any node of the run, fetched when its first byte is asked for. */
function blobReader({ shard }: DataManifest, { finder, signal }: PageParts): PageReader {
  const limits = { limitBytes: MAX_SHARD_BYTES, signal };
  const name = `shard ${shard.address}`;
  const blob = opened(async () => memoryFile(name, await finder.find(shard.address, limits)));
  return { name, read: async (start, end) => (await blob()).read(start, end) };
}

/**
 * The readers of a run's pages, in the order in which they are asked. A shard without mirrors is fetched at once: joining
 * is when a node has time.
 * @throws AssayError blob-missing
 */
export async function pageReaders(
  manifest: DataManifest,
  parts: PageParts,
): Promise<readonly PageReader[]> {
  const { bytes, mirrors } = manifest.shard;
  const blob = blobReader(manifest, parts);
  if (mirrors.length === 0) await blob.read(0, 0);
  return [...mirrors.map((mirror) => mirrorReader(mirror, bytes, parts)), blob];
}
