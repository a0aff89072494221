/** @file Finds blobs by address: here first, then at the axons of the subnet. */
import { setTimeout } from "node:timers/promises";
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { isPrivateAddress } from "../network/address.ts";
import { type AxonAddress, fetchBlobFromAny } from "../network/client.ts";
import type { Hex } from "../protocol/digest.ts";

/** What a search may cost. */
export type FindLimits = { readonly limitBytes: number; readonly signal: AbortSignal };

const ATTEMPTS = 20;
const PAUSE_MS = 250;
const FETCH_TIMEOUT_MS = 5000;
const AXONS_FRESH_MS = 2000;

/** Looks for blobs; whatever is found is stored, so each blob crosses the network once per node. */
export class BlobFinder {
  readonly #chain: Pick<ChainClient, "metagraph">;
  readonly #blobs: BlobStore;
  readonly #netuid: number;
  readonly #allowPrivate: boolean;
  #axons: { readonly at: number; readonly byHotkey: ReadonlyMap<Hex, AxonAddress> } | null = null;

  constructor(
    options: { readonly netuid: number; readonly allowPrivate: boolean },
    parts: { chain: Pick<ChainClient, "metagraph">; blobs: BlobStore },
  ) {
    this.#netuid = options.netuid;
    this.#allowPrivate = options.allowPrivate;
    this.#chain = parts.chain;
    this.#blobs = parts.blobs;
  }

  /** Published axons by hotkey, at most two seconds old. */
  async axons(): Promise<ReadonlyMap<Hex, AxonAddress>> {
    const now = performance.now();
    if (this.#axons === null || now - this.#axons.at > AXONS_FRESH_MS) {
      const { neurons } = await this.#chain.metagraph(this.#netuid);
      const byHotkey = new Map<Hex, AxonAddress>();
      for (const { hotkey, axon } of neurons)
        if (axon !== null && (this.#allowPrivate || !isPrivateAddress(axon.ip)))
          byHotkey.set(hotkey, axon);
      this.#axons = { at: now, byHotkey };
    }
    return this.#axons.byHotkey;
  }

  /** The blob from this node; a damaged copy is thrown away, so that a good one can take its place. */
  async #local(address: Hex): Promise<Uint8Array | null> {
    try {
      return await this.#blobs.get(address);
    } catch (error) {
      if (!isAssayError(error, "blob-corrupt")) throw error;
      await this.#blobs.delete(address);
      return null;
    }
  }

  /** The blob from this node or one pass over the axons, `owner`'s first; null when nobody has it now. */
  async tryFind(
    address: Hex,
    limits: FindLimits & { readonly owner?: Hex },
  ): Promise<Uint8Array | null> {
    const here = await this.#local(address);
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
    });
    if (bytes !== null) await this.#blobs.put(bytes);
    return bytes;
  }

  /** As tryFind, but asks again for some seconds. @throws AssayError blob-missing */
  async find(address: Hex, limits: FindLimits & { readonly owner?: Hex }): Promise<Uint8Array> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const bytes = await this.tryFind(address, limits);
      if (bytes !== null) return bytes;
      await setTimeout(PAUSE_MS, undefined, { signal: limits.signal });
    }
    throw new AssayError({ code: "blob-missing", digest: address });
  }
}
