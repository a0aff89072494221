/** @file Finds blobs by address: here first, then at the axons of the subnet. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { reasonOf } from "../../base/fault.ts";
import type { ByteRange } from "../blobs/stored.ts";
import type { PlanOptions } from "../network/search-plan.ts";
import { concatBytes } from "../protocol/bytes.ts";
import { Line } from "./line.ts";
import { isPrivateAddress, remoteOf } from "../network/address.ts";
import { searchAxons, type SearchParts } from "../network/axon-search.ts";
import { BackOffs } from "../network/back-offs.ts";
import type { AxonAddress, PeerAddress } from "../network/client.ts";
import type { Passport } from "../network/passport.ts";
import type { TreeForm } from "../blobs/tree-files.ts";
import type { Hex } from "../protocol/digest.ts";
import { fetchTree } from "./tree-search.ts";

/** What a search may cost. */
export type FindLimits = {
  readonly limitBytes: number;
  readonly signal: AbortSignal;
  /**
   * A part of the run itself, which may be large: it has as long as its bytes need on a slow line, and is carried one after the other where
   * the line is slow. `limitBytes` should be its size.
   */
  readonly large?: boolean;
};

/** Bytes of a blob that prove themselves. */
export type RangeSought = ByteRange & {
  readonly isRight: (bytes: Uint8Array) => boolean;
  readonly signal: AbortSignal;
};

/** How a block tree is looked for. */
export type TreeLimits = {
  readonly signal: AbortSignal;
  /** Asks for the tree for some seconds, and whoever fails some times; else each axon once. Its blocks are looked for patiently. */
  readonly patient: boolean;
  /** Told who sent other bytes than were asked for; they are fetched elsewhere. */
  readonly onWrong?: (wrong: { readonly hotkey: Hex; readonly digest: Hex }) => void;
  /** Told how many blocks are here, of how many. */
  readonly onBlock?: (here: number, of: number) => void;
};

/** Wrong bytes that were refused: whose axon sent them, or to them; which object; where it lay. */
export type WrongBytes = { readonly hotkey: Hex; readonly digest: Hex; readonly place: string };

/** What a search may cost, and whose blob it is, if anybody's: that axon is asked first. */
export type OwnedLimits = FindLimits & { readonly owner?: Hex };

/** Published axons at a moment. */
type Axons = {
  readonly at: number;
  readonly byHotkey: ReadonlyMap<Hex, PeerAddress>;
  /** Every registered hotkey, with or without an axon. */
  readonly hotkeys: ReadonlySet<string>;
  /** How many there are at an address. */
  readonly byRemote: ReadonlyMap<string, number>;
};

/** Each axon is asked once. */
const ONE_PASS = { patienceMs: 0, chances: 1, othersAfterMs: 0 } as const;
/** For some seconds, and whoever fails some times more: a large blob on a busy line may need them. */
const PATIENTLY = { patienceMs: 5000, chances: 4, othersAfterMs: 0 } as const;
/** Until the search is ended. What its miner has not revealed yet, nobody else has: they are asked a moment later. */
const UNTIL_OVER = { patienceMs: Infinity, chances: Infinity, othersAfterMs: 300 } as const;
const FETCH_TIMEOUT_MS = 5000;
/** Of what is large: a copy is asked for after three seconds in which it does not come on, never because it is large. */
const LARGE_HEDGE_MS = 3000;
/** Given up where it comes more slowly: half of what an axon asks of whoever reads (src/network/connection.ts). */
const LEAST_BYTES_PER_MS = 32;
/** One that is slow over so long is handed on to another that may be faster. */
const PACE_MS = 10_000;
/** Copies of one blob that may be under way at once. */
const COPIES = { bytes: 2 << 20, least: 2, most: 8 } as const;
/** Of one larger than this a second copy would cost more than the wait. */
const MOST_COPIED_BYTES = 32 << 20;

/** How a large blob, or a block, of so many bytes is looked for. */
function planOfLarge(
  bytes: number,
): typeof PATIENTLY & Pick<PlanOptions, "hedgeMs" | "mostAtOnce" | "paceMs"> {
  const { least, most } = COPIES;
  const copies = Math.min(most, Math.max(least, Math.floor(COPIES.bytes / bytes)));
  const mostAtOnce = bytes > MOST_COPIED_BYTES ? 1 : copies;
  return { ...PATIENTLY, hedgeMs: LARGE_HEDGE_MS, mostAtOnce, paceMs: PACE_MS };
}
const AXONS_FRESH_MS = 2000;
const PEERS_FRESH_MS = 5000;

function countByRemote(axons: Iterable<AxonAddress>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { ip } of axons) counts.set(remoteOf(ip), (counts.get(remoteOf(ip)) ?? 0) + 1);
  return counts;
}

/** Whoever finds blobs for a node. */
export type Finder = Pick<BlobFinder, keyof BlobFinder>;

/** Looks for blobs; whatever is found is stored, so each blob crosses the network once per node. */
export class BlobFinder {
  readonly #chain: Pick<ChainClient, "metagraph">;
  readonly #blobs: BlobStore;
  readonly #netuid: number;
  readonly #allowPrivate: boolean;
  readonly #passport: Passport | undefined;
  readonly #onWrong: (wrong: WrongBytes) => void;
  /** Which axons cost time and gave nothing. Of all searches of this node, and no larger than the subnet. */
  readonly #backOffs = new BackOffs();
  readonly #line = new Line();
  #axons: Axons | null = null;
  #looking: Promise<void> | null = null;
  #renewing = false;

  constructor(
    options: { readonly netuid: number; readonly allowPrivate: boolean },
    parts: {
      readonly chain: Pick<ChainClient, "metagraph">;
      readonly blobs: BlobStore;
      /** Where this process speaks for a hotkey. */
      readonly passport?: Passport;
      /** Told of all wrong bytes that others sent. */
      readonly onWrong?: (wrong: WrongBytes) => void;
    },
  ) {
    this.#netuid = options.netuid;
    this.#allowPrivate = options.allowPrivate;
    this.#chain = parts.chain;
    this.#blobs = parts.blobs;
    this.#passport = parts.passport;
    this.#onWrong = parts.onWrong ?? (() => undefined);
  }

  /** Published axons by hotkey, at most two seconds old. */
  async axons(): Promise<ReadonlyMap<Hex, PeerAddress>> {
    if (this.#axons === null || performance.now() - this.#axons.at > AXONS_FRESH_MS) {
      this.#looking ??= this.#look().finally(() => (this.#looking = null));
      await this.#looking;
    }
    return this.#axons?.byHotkey ?? new Map();
  }

  async #look(): Promise<void> {
    const at = performance.now();
    const { neurons } = await this.#chain.metagraph(this.#netuid);
    const byHotkey = new Map<Hex, PeerAddress>();
    for (const { hotkey, axon } of neurons)
      if (axon !== null && (this.#allowPrivate || !isPrivateAddress(axon.ip)))
        byHotkey.set(hotkey, { ip: axon.ip, port: axon.port, hotkey });
    const hotkeys = new Set(neurons.map(({ hotkey }) => hotkey));
    this.#backOffs.keep(hotkeys);
    this.#axons = { at, byHotkey, hotkeys, byRemote: countByRemote(byHotkey.values()) };
  }

  /**
   * How many published axons have this address (of IPv6, as src/network/address.ts counts remotes). Answered from the last
   * look; an old one is renewed in the background.
   */
  peersAt(remote: string): number {
    return this.#lastLook()?.byRemote.get(remote) ?? 0;
  }

  /** Whether a hotkey is registered on the subnet; answered as peersAt. */
  isPeer(hotkey: string): boolean {
    return this.#lastLook()?.hotkeys.has(hotkey) ?? false;
  }

  #lastLook(freshMs = PEERS_FRESH_MS): Axons | null {
    if (performance.now() - (this.#axons?.at ?? -Infinity) > freshMs) void this.#renew();
    return this.#axons;
  }

  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    // A chain that is away is told of by whoever needs it: here the last look has to do.
    await this.axons().catch(() => null);
    this.#renewing = false;
  }

  /** The blob from this node; a damaged copy is thrown away, so that a good one can take its place. */
  async #local(address: Hex, limitBytes: number): Promise<Uint8Array | null> {
    try {
      return await this.#blobs.get(address, limitBytes);
    } catch (error) {
      // Of a store that is away, others are asked.
      if (isAssayError(error, "store-failed")) return null;
      if (!isAssayError(error, "blob-corrupt")) throw error;
      await this.#blobs.delete(address);
      return null;
    }
  }

  /** The size of a copy here that is larger than allowed: the address names those bytes, so nobody has a smaller one. */
  async #excess(address: Hex, { limitBytes }: FindLimits): Promise<number | null> {
    const stored = await this.#blobs.open(address);
    return stored !== null && stored.bytes > limitBytes ? stored.bytes : null;
  }

  /** Looks for a blob at the axons and keeps it. A chain that is away stops no search that has begun. */
  async #seek(
    address: Hex,
    { owner = null, ...limits }: FindLimits & { readonly owner?: Hex | null },
    how: Omit<SearchParts["plan"], "owner"> & Pick<SearchParts, "over" | "onLate">,
  ): Promise<Uint8Array | null> {
    const { over, onLate, ...plan } = how;
    await this.axons();
    const bytes = await searchAxons(address, {
      axons: async () => this.#lastLook(AXONS_FRESH_MS)?.byHotkey ?? new Map(),
      backOffs: this.#backOffs,
      limits: this.#bounded(limits),
      plan: { ...plan, owner },
      here: () => this.#local(address, limits.limitBytes),
      onWrong: (hotkey, place) => this.#onWrong({ hotkey, digest: address, place }),
      ...(over !== undefined && { over }),
      ...(onLate !== undefined && { onLate }),
    });
    if (bytes !== null) await this.#keep(bytes);
    return bytes;
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    if (this.#blobs.keep === undefined) await this.#blobs.put(bytes);
    else await this.#blobs.keep(bytes);
  }

  #bounded({ large = false, ...limits }: FindLimits): SearchParts["limits"] {
    const passport = this.#passport;
    return {
      ...limits,
      timeoutMs: FETCH_TIMEOUT_MS,
      allowPrivate: this.#allowPrivate,
      ...(large && { leastBytesPerMs: LEAST_BYTES_PER_MS }),
      ...(passport !== undefined && { passport }),
    };
  }

  /** Whether a block tree lies here, or has come here from the axons: block by block, from several, going on where a break left it. */
  async findTree(address: Hex, form: TreeForm, limits: TreeLimits): Promise<boolean> {
    const { patient, onWrong, onBlock, signal } = limits;
    return fetchTree(address, form, {
      trees: this.#blobs.trees,
      signal,
      ...(onBlock !== undefined && { onBlock }),
      seek: async (digest, { turn, limitBytes, hash, isBlock }) => {
        const known = [...(await this.axons())];
        if (known.length === 0 && !patient) return null;
        const first = known.length === 0 ? 0 : turn % known.length;
        const axons = new Map([...known.slice(first), ...known.slice(0, first)]);
        const plan = isBlock ? planOfLarge(limitBytes) : patient ? PATIENTLY : ONE_PASS;
        const search = (): Promise<Uint8Array | null> =>
          searchAxons(digest, {
            axons: async () => axons,
            backOffs: this.#backOffs,
            limits: { ...this.#bounded({ limitBytes, signal, large: true }), hash },
            plan: { ...plan, owner: null },
            onWrong: (hotkey, place) => {
              onWrong?.({ hotkey, digest });
              this.#onWrong({ hotkey, digest, place });
            },
          });
        return isBlock ? this.#line.carry(signal, search) : search();
      },
    });
  }

  /** The blob from this node or after one question to each axon, `owner`'s first; null when nobody has it now. */
  async tryFind(address: Hex, limits: OwnedLimits): Promise<Uint8Array | null> {
    if ((await this.#excess(address, limits)) !== null) return null;
    const here = await this.#local(address, limits.limitBytes);
    return here ?? (await this.#seek(address, limits, ONE_PASS));
  }

  /** As tryFind, but asks again for some seconds, and whoever fails some times. @throws AssayError blob-missing, blob-oversized (by the copy here) */
  async find(address: Hex, limits: OwnedLimits): Promise<Uint8Array> {
    const { limitBytes } = limits;
    const bytes = await this.#excess(address, limits);
    if (bytes !== null)
      throw new AssayError({ code: "blob-oversized", digest: address, bytes, limitBytes });
    const here = await this.#local(address, limitBytes);
    return here ?? (await this.#insist(address, limits));
  }

  /** @throws AssayError blob-missing, with what became of the last that was late */
  async #insist(address: Hex, limits: OwnedLimits): Promise<Uint8Array> {
    const { large = false, limitBytes, signal } = limits;
    const late: { error?: AssayError } = {};
    const onLate = (error: AssayError): void => void (late.error = error);
    const plan = large ? planOfLarge(limitBytes) : PATIENTLY;
    const search = (): Promise<Uint8Array | null> =>
      this.#seek(address, limits, { ...plan, onLate });
    const found = await (large ? this.#line.carry(signal, search) : search());
    if (found !== null) return found;
    const { error } = late;
    const fault = { code: "blob-missing", digest: address } as const;
    if (error?.fault.code !== "peer-timeout") throw new AssayError(fault, { cause: error });
    throw new AssayError({ ...fault, late: reasonOf(error) }, { cause: error });
  }

  /**
   * Bytes of a blob that are proven without the rest of it, from here or from any axon: nobody has to have, or fetch, all of it.
   * @throws AssayError blob-missing
   */
  async findRange(address: Hex, { isRight, signal, start, end }: RangeSought): Promise<Uint8Array> {
    const range = { start, end };
    const own = await this.#localRange(address, range);
    if (own !== null && isRight(own)) return own;
    await this.axons();
    const found = await searchAxons(address, {
      axons: async () => this.#lastLook(AXONS_FRESH_MS)?.byHotkey ?? new Map(),
      backOffs: this.#backOffs,
      limits: {
        ...this.#bounded({ limitBytes: end - start, signal, large: true }),
        range,
        hash: async (bytes) => (isRight(bytes) ? address : "0x"),
      },
      plan: { ...planOfLarge(end - start), owner: null },
    });
    if (found === null) throw new AssayError({ code: "blob-missing", digest: address });
    return found;
  }

  /** What lies here of a range; null when the blob is not here, or ends earlier. */
  async #localRange(address: Hex, { start, end }: ByteRange): Promise<Uint8Array | null> {
    const stored = await this.#blobs.open(address);
    if (stored === null || stored.bytes < end) return null;
    const parts: Uint8Array[] = [];
    for await (const piece of stored.pieces({ start, end })) parts.push(new Uint8Array(piece));
    return concatBytes(parts);
  }

  /** The blob as soon as somebody has it; null once `over` aborts. The owner is about to serve it, so others are asked a moment later. */
  async findUntil(
    address: Hex,
    limits: OwnedLimits,
    over: AbortSignal,
  ): Promise<Uint8Array | null> {
    if ((await this.#excess(address, limits)) !== null) return null;
    const here = await this.#local(address, limits.limitBytes);
    if (here !== null) return here;
    return this.#seek(address, limits, { ...UNTIL_OVER, over });
  }
}
