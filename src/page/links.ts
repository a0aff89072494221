/** @file Where a figure can be read again: addresses of axons as the chain has them. */
import type { PageLink } from "../api/page.ts";
import { type AxonAddress, urlOf } from "../network/client.ts";
import type { Hex } from "../protocol/digest.ts";

/** Links to what axons serve. */
export class Links {
  readonly #axons: ReadonlyMap<Hex, AxonAddress>;

  constructor(axons: ReadonlyMap<Hex, AxonAddress>) {
    this.#axons = axons;
  }

  /** The axon of a hotkey. */
  axon(hotkey: Hex): PageLink {
    return this.#at(hotkey, "");
  }

  /** A judge's record of a window. */
  record(judge: Hex, window: number): PageLink {
    return this.#at(judge, `/records/${window}`);
  }

  /** The update behind a digest, from whoever made it. */
  payload(hotkey: Hex, digest: Hex | null): PageLink {
    return digest === null ? null : this.#at(hotkey, `/blobs/${digest}`);
  }

  /** What a judge measured on held-out text. */
  losses(judge: Hex): PageLink {
    return this.#at(judge, "/held-out");
  }

  #at(hotkey: Hex, path: string): PageLink {
    const axon = this.#axons.get(hotkey);
    return axon === undefined ? null : urlOf(axon, path);
  }
}
