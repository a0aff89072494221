/** @file Where a node reads the pages of a run: at the mirrors that its data manifest names, by range, and else from the shard's blob. */
import { isIP } from "node:net";
import type { DataManifest, Mirror } from "../data/data-manifest.ts";
import { httpFile, publicName } from "../data/http-file.ts";
import type { PageReader } from "../data/pages.ts";
import { memoryFile, type RangeFile } from "../data/ranges.ts";
import { AssayError } from "../errors.ts";
import { isPrivateAddress } from "../network/address.ts";
import { publicLookup } from "../network/store-read.ts";
import type { Finder } from "./finder.ts";

const MAX_SHARD_BYTES = 1 << 30;
/** A shard up to this size is fetched whole before anything else. */
const MAX_WHOLE_BYTES = 8 << 20;

/** What reading pages needs. */
export type PageParts = {
  readonly finder: Pick<Finder, "find" | "findRange">;
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

/** A mirror that failed is left alone for so long: each page would wait for it again. */
const REST_MS = 30_000;
/** Less patience than with the only place that has the data: the nodes of the run have it too. */
const PATIENCE = { tries: 2, idleMs: 5000 } as const;
/** 64 KiB a second: whoever drips would hold up window after window. */
const SLOWEST_BYTES_PER_MS = 64;

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

function tooSlow(name: string): AssayError {
  const reason = "it is slower than 64 KiB a second";
  return new AssayError({ code: "data-source-failed", address: name, reason });
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
    ...(!allowPrivate && { lookup: publicLookup(() => privateMirror(name)) }),
  });
  if (file.size >= offset + bytes) return file;
  throw new AssayError({
    code: "data-source-failed",
    address: name,
    reason: `it has ${file.size} bytes, but the shard ends at byte ${offset + bytes}`,
  });
}

/** A file as it was found at a mirror, and what ends all that is asked of it. */
type Session = { readonly stop: AbortController; readonly file: Promise<RangeFile> };

/**
 * The shard's bytes at a mirror. A stranger named it: it is asked as one, given up where it is too slow, and every page is proven by its
 * digest. After a failure it is looked at anew: what lies there may have been put there again.
 */
function mirrorReader(mirror: Mirror, bytes: number, parts: PageParts): PageReader {
  const name = publicName(new URL(mirror.url));
  let known: Session | null = null;
  const open = (): Session => {
    const stop = new AbortController();
    const signal = AbortSignal.any([parts.signal, stop.signal]);
    return { stop, file: openMirror(mirror, bytes, { ...parts, signal }) };
  };
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const session = known ?? open();
    known = session;
    const limitMs = PATIENCE.idleMs + (end - start) / SLOWEST_BYTES_PER_MS;
    const late = setTimeout(() => session.stop.abort(tooSlow(name)), limitMs);
    try {
      return await (await session.file).read(mirror.offset + start, mirror.offset + end);
    } catch (error) {
      if (known === session) known = null;
      parts.signal.throwIfAborted();
      throw session.stop.signal.aborted ? session.stop.signal.reason : error;
    } finally {
      clearTimeout(late);
    }
  };
  return { name, read: resting(read) };
}

/** The whole shard from any node of the run, fetched when its first byte is asked for. */
function blobReader({ shard }: DataManifest, { finder, signal }: PageParts): PageReader {
  const limits = { limitBytes: Math.min(shard.bytes, MAX_SHARD_BYTES), signal, large: true };
  const name = `shard ${shard.address}`;
  const blob = opened(async () => memoryFile(name, await finder.find(shard.address, limits)));
  return { name, read: async (start, end) => (await blob()).read(start, end) };
}

/** Whoever asks for pages of a shard has all of it some time later, and serves it to others: else its owner alone would. */
function shardKeeper({ shard }: DataManifest, { finder, signal }: PageParts): () => void {
  const limits = { limitBytes: shard.bytes, signal, large: true };
  const keep = resting(() => finder.find(shard.address, limits));
  let isKeeping = shard.bytes > MAX_SHARD_BYTES;
  return () => {
    if (isKeeping) return;
    isKeeping = true;
    keep()
      .then(() => undefined)
      .catch(() => (isKeeping = false));
  };
}

/** Pages of a large shard by range, from this node or any other: whoever joins on a slow line trains before it has all of it. */
function peerReader(manifest: DataManifest, parts: PageParts): PageReader {
  const { address } = manifest.shard;
  const { finder, signal } = parts;
  const keep = shardKeeper(manifest, parts);
  const read: PageReader["read"] = async (start, end, isRight) => {
    const bytes = await finder.findRange(address, { start, end, isRight, signal });
    keep();
    return bytes;
  };
  return { name: `shard ${address}`, read };
}

/**
 * The readers of a run's pages, in the order in which they are asked. A small shard without mirrors is fetched at once: joining
 * is when a node has time.
 * @throws AssayError blob-missing
 */
export async function pageReaders(
  manifest: DataManifest,
  parts: PageParts,
): Promise<readonly PageReader[]> {
  const { bytes, mirrors } = manifest.shard;
  const blob = blobReader(manifest, parts);
  const ofMirrors = mirrors.map((mirror) => mirrorReader(mirror, bytes, parts));
  if (bytes > MAX_WHOLE_BYTES) return [...ofMirrors, peerReader(manifest, parts), blob];
  if (mirrors.length === 0) await blob.read(0, 0, () => true);
  return [...ofMirrors, blob];
}
