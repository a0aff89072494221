/** @file Finds blobs by address: here first, then at the axons of the subnet. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { isPrivateAddress, remoteOf } from "../network/address.ts";
import { searchAxons, type SearchParts } from "../network/axon-search.ts";
import { BackOffs } from "../network/back-offs.ts";
import type { AxonAddress, PeerAddress } from "../network/client.ts";
import type { Passport } from "../network/passport.ts";
import type { TreeForm } from "../blobs/tree-files.ts";
import type { Hex } from "../protocol/digest.ts";
import { fetchTree } from "./tree-search.ts";

/** What a search may cost. */
export type FindLimits = { readonly limitBytes: number; readonly signal: AbortSignal };

/** How a block tree is looked for. */
export type TreeLimits = {
  readonly signal: AbortSignal;
  /** Asks for the tree for some seconds, and whoever fails some times; else each axon once. Its blocks are looked for patiently. */
  readonly patient: boolean;
  /** Told who sent other bytes than were asked for; they are fetched elsewhere. */
  readonly onWrong?: (wrong: { readonly hotkey: Hex; readonly digest: Hex }) => void;
};

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
/** Somebody has the tree: a line that is busy now must not cost all that was fetched, nor carry a block twice because it is slow. */
const BLOCKWISE = { ...PATIENTLY, hedgeMs: 3000 } as const;
/** Four blocks at a time at two million bits a second. */
const BLOCK_TIMEOUT_MS = 20_000;
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
  /** Which axons cost time and gave nothing. Of all searches of this node, and no larger than the subnet. */
  readonly #backOffs = new BackOffs();
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
    },
  ) {
    this.#netuid = options.netuid;
    this.#allowPrivate = options.allowPrivate;
    this.#chain = parts.chain;
    this.#blobs = parts.blobs;
    this.#passport = parts.passport;
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
    how: Omit<SearchParts["plan"], "owner"> & Pick<SearchParts, "over">,
  ): Promise<Uint8Array | null> {
    const { over, ...plan } = how;
    await this.axons();
    const bytes = await searchAxons(address, {
      axons: async () => this.#lastLook(AXONS_FRESH_MS)?.byHotkey ?? new Map(),
      backOffs: this.#backOffs,
      limits: this.#bounded(limits),
      plan: { ...plan, owner },
      here: () => this.#local(address, limits.limitBytes),
      ...(over !== undefined && { over }),
    });
    if (bytes !== null) await this.#blobs.put(bytes);
    return bytes;
  }

  #bounded(limits: FindLimits): SearchParts["limits"] {
    const passport = this.#passport;
    return { ...limits, timeoutMs: FETCH_TIMEOUT_MS, ...(passport !== undefined && { passport }) };
  }

  /** Whether a block tree lies here, or has come here from the axons: block by block, from several, going on where a break left it. */
  async findTree(address: Hex, form: TreeForm, limits: TreeLimits): Promise<boolean> {
    const { patient, onWrong, signal } = limits;
    return fetchTree(address, form, {
      trees: this.#blobs.trees,
      signal,
      seek: async (digest, { turn, limitBytes, hash, isBlock }) => {
        const known = [...(await this.axons())];
        if (known.length === 0 && !patient) return null;
        const first = known.length === 0 ? 0 : turn % known.length;
        const axons = new Map([...known.slice(first), ...known.slice(0, first)]);
        return searchAxons(digest, {
          axons: async () => axons,
          backOffs: this.#backOffs,
          limits: {
            ...this.#bounded({ limitBytes, signal }),
            hash,
            ...(isBlock && { timeoutMs: BLOCK_TIMEOUT_MS }),
          },
          plan: { ...(patient ? PATIENTLY : ONE_PASS), ...(isBlock && BLOCKWISE), owner: null },
          onWrong: (hotkey) => onWrong?.({ hotkey, digest }),
        });
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
    const found = here ?? (await this.#seek(address, limits, PATIENTLY));
    if (found === null) throw new AssayError({ code: "blob-missing", digest: address });
    return found;
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
