/** @file Finds blobs by address: here first, then at the axons of the subnet. */
import { setTimeout } from "node:timers/promises";
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { isPrivateAddress, remoteOf } from "../network/address.ts";
import { type AxonAddress, fetchBlobFromAny, type PeerAddress } from "../network/client.ts";
import type { Passport } from "../network/passport.ts";
import type { Hex } from "../protocol/digest.ts";

/** What a search may cost. */
export type FindLimits = { readonly limitBytes: number; readonly signal: AbortSignal };

/** Published axons at a moment. */
type Axons = {
  readonly at: number;
  readonly byHotkey: ReadonlyMap<Hex, PeerAddress>;
  /** Every registered hotkey, with or without an axon. */
  readonly hotkeys: ReadonlySet<string>;
  /** How many there are at an address. */
  readonly byRemote: ReadonlyMap<string, number>;
};

const ATTEMPTS = 20;
const PAUSE_MS = 250;
const FETCH_TIMEOUT_MS = 5000;
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
  #axons: Axons | null = null;
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
    const now = performance.now();
    if (this.#axons === null || now - this.#axons.at > AXONS_FRESH_MS) {
      const { neurons } = await this.#chain.metagraph(this.#netuid);
      const byHotkey = new Map<Hex, PeerAddress>();
      for (const { hotkey, axon } of neurons)
        if (axon !== null && (this.#allowPrivate || !isPrivateAddress(axon.ip)))
          byHotkey.set(hotkey, { ip: axon.ip, port: axon.port, hotkey });
      const hotkeys = new Set(neurons.map(({ hotkey }) => hotkey));
      this.#axons = { at: now, byHotkey, hotkeys, byRemote: countByRemote(byHotkey.values()) };
    }
    return this.#axons.byHotkey;
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

  #lastLook(): Axons | null {
    if (performance.now() - (this.#axons?.at ?? -Infinity) > PEERS_FRESH_MS) void this.#renew();
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

  /** The blob from this node or one pass over the axons, `owner`'s first; null when nobody has it now. */
  async tryFind(
    address: Hex,
    limits: FindLimits & { readonly owner?: Hex },
  ): Promise<Uint8Array | null> {
    if ((await this.#excess(address, limits)) !== null) return null;
    const here = await this.#local(address, limits.limitBytes);
    if (here !== null) return here;
    const axons = await this.axons();
    const first = limits.owner === undefined ? undefined : axons.get(limits.owner);
    const endpoints = [
      ...(first === undefined ? [] : [first]),
      ...[...axons.values()].filter((one) => one !== first),
    ];
    const bytes = await fetchBlobFromAny(endpoints, address, {
      ...limits,
      timeoutMs: FETCH_TIMEOUT_MS,
      ...(this.#passport !== undefined && { passport: this.#passport }),
    });
    if (bytes !== null) await this.#blobs.put(bytes);
    return bytes;
  }

  /** As tryFind, but asks again for some seconds. @throws AssayError blob-missing, blob-oversized (by the copy here) */
  async find(address: Hex, limits: FindLimits & { readonly owner?: Hex }): Promise<Uint8Array> {
    const { limitBytes } = limits;
    const bytes = await this.#excess(address, limits);
    if (bytes !== null)
      throw new AssayError({ code: "blob-oversized", digest: address, bytes, limitBytes });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = await this.tryFind(address, limits);
      if (found !== null) return found;
      await setTimeout(PAUSE_MS, undefined, { signal: limits.signal });
    }
    throw new AssayError({ code: "blob-missing", digest: address });
  }
}
