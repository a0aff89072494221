/** @file Who can fetch blobs from whom: the nodes by hotkey, those that are up, and walls between them. */
import type { AxonAddress } from "../src/network/client.ts";
import { AssayError } from "../src/errors.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { Finder, FindLimits } from "../src/run/finder.ts";
import type { Gate } from "./gate.ts";

/** A node as the others reach it. */
export type Peer = {
  readonly hotkey: Hex;
  readonly blobs: Map<Hex, Uint8Array>;
  /** Shut: the process is stopped, or there is none. */
  readonly gate: Gate;
  /** Whether it hands a blob to another node; an honest one always does. */
  readonly serves: (address: Hex, to: Hex) => boolean;
};

/** What a search needs of its node. */
export type Seeker = {
  readonly self: Peer;
  readonly pause: (ms: number) => Promise<void>;
};

type Search = FindLimits & { readonly owner?: Hex };

const ATTEMPTS = 20;
const PAUSE_MS = 250;
const UNTIL_PAUSE_MS = 60;
const NO_AXONS: ReadonlyMap<Hex, AxonAddress> = new Map();

/** The network of all nodes. */
export class SimulatedNetwork {
  readonly #peers = new Map<Hex, Peer>();
  /** Whether `to` cannot reach `from`. */
  #isCut: (from: Hex, to: Hex) => boolean = () => false;

  /** A node is there, also after a new start. */
  join(peer: Peer): void {
    this.#peers.set(peer.hotkey, peer);
  }

  /** Its machine is gone. */
  leave(hotkey: Hex): void {
    this.#peers.delete(hotkey);
  }

  /** Nodes of different groups do not reach each other; whoever is in none reaches all. */
  partition(groups: readonly (readonly Hex[])[]): void {
    const groupOf = (hotkey: Hex): number => groups.findIndex((group) => group.includes(hotkey));
    this.#isCut = (from, to) => {
      const [one, other] = [groupOf(from), groupOf(to)];
      return one !== other && one !== -1 && other !== -1;
    };
  }

  /** No walls any more. */
  heal(): void {
    this.#isCut = () => false;
  }

  /** One pass over the nodes, the owner first. */
  #fetch(address: Hex, to: Hex, { owner, limitBytes }: Search): Uint8Array | null {
    const first = owner === undefined ? undefined : this.#peers.get(owner);
    const order = [...(first === undefined ? [] : [first]), ...this.#peers.values()];
    for (const { hotkey, blobs, gate, serves } of order) {
      if (hotkey === to || !gate.isOpen || this.#isCut(hotkey, to)) continue;
      const bytes = blobs.get(address);
      if (bytes !== undefined && bytes.length <= limitBytes && serves(address, to)) return bytes;
    }
    return null;
  }

  /** The search for blobs of one node. It asks no peer over HTTP: `axons` knows nobody. */
  finderFor({ self, pause }: Seeker): Finder {
    const { blobs, gate, hotkey } = self;
    const tryFind = async (address: Hex, search: Search): Promise<Uint8Array | null> => {
      await gate.pass();
      const own = blobs.get(address);
      if (own !== undefined) return own.length > search.limitBytes ? null : own;
      const found = this.#fetch(address, hotkey, search);
      if (found !== null) blobs.set(address, found);
      return found;
    };
    return {
      axons: async () => NO_AXONS,
      peersAt: () => 0,
      isPeer: () => true,
      tryFind,
      findTree: async (address, _form, { patient, signal }) => {
        for (let attempt = 0; ; attempt++) {
          const found = await tryFind(address, { limitBytes: Infinity, signal });
          if (found !== null || !patient || attempt === ATTEMPTS) return found !== null;
          await pause(PAUSE_MS);
          signal.throwIfAborted();
        }
      },
      findRange: async (address, { start, end, signal }) => {
        const found = await tryFind(address, { limitBytes: Infinity, signal });
        if (found !== null) return found.subarray(start, end);
        throw new AssayError({ code: "blob-missing", digest: address });
      },
      findUntil: async (address, search, over) => {
        for (;;) {
          const found = await tryFind(address, search);
          if (found !== null || over.aborted) return found;
          await pause(UNTIL_PAUSE_MS);
        }
      },
      find: async (address, search) => {
        const { limitBytes, signal } = search;
        const bytes = blobs.get(address)?.length ?? 0;
        if (bytes > limitBytes)
          throw new AssayError({ code: "blob-oversized", digest: address, bytes, limitBytes });
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const found = await tryFind(address, search);
          if (found !== null) return found;
          await pause(PAUSE_MS);
          signal.throwIfAborted();
        }
        throw new AssayError({ code: "blob-missing", digest: address });
      },
    };
  }
}
