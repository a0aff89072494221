/** @file Looks at a running network as any stranger can: by its chain and by what its nodes serve to everybody. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Digests, digestsSchema, type Status, statusSchema } from "../../src/api/types.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import { rulesDigest, rulesOf } from "../../src/protocol/rules.ts";
import { windowClock, type WindowClock } from "../../src/protocol/window.ts";
import { ChainRecord, type Commit } from "../../src/run/chain-record.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { Earnings } from "../../src/run/earnings.ts";
import { readRunNow } from "../../subnet/owner/run-now.ts";
import type { Nodes } from "../support/localnet.ts";

/** A window that is over, by the chain's record. */
export type Seen = {
  readonly window: number;
  readonly commits: readonly Commit[];
  readonly acceptedUids: readonly number[];
  readonly hotkeys: readonly Hex[];
  /** When it was seen to be over, by performance.now(). */
  readonly endedAt: number;
};

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 4000 };
const LOOK_MS = 200;

/** Whoever looks at a network, knows nobody's keys and writes nothing. */
export class Onlooker {
  readonly subnet: Subnet;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
  readonly windows: Seen[] = [];
  /** window -> hotkey -> digest of theta_window as that node computed it. */
  readonly digests = new Map<number, Map<Hex, Hex>>();
  readonly #lifecycle: Lifecycle;
  readonly #record: ChainRecord;
  readonly #earnings: Earnings;

  private constructor(subnet: Subnet, manifest: RunManifest, lifecycle: Lifecycle) {
    this.subnet = subnet;
    this.manifest = manifest;
    this.clock = windowClock(manifest);
    this.#lifecycle = lifecycle;
    // Nobody amends the runs that are looked at.
    const rules = rulesDigest(rulesOf(manifest));
    const { netuid } = subnet;
    this.#record = new ChainRecord({ netuid, clock: this.clock, rules: async () => rules }, subnet);
    this.#earnings = new Earnings(subnet);
  }

  /** Reaches the network of a run that is published. */
  static async connect({ netuid, endpoint }: Nodes): Promise<Onlooker> {
    const lifecycle = new Lifecycle();
    const subnet = await reachSubnet({ netuid, endpoint }, { lifecycle, blobs: memoryBlobs() });
    const found = await readRunNow(subnet, lifecycle.signal);
    if (found.kind !== "run")
      throw new Error(`the subnet has no run that can be read: ${found.kind}`);
    return new Onlooker(subnet, found.manifest, lifecycle);
  }

  async close(): Promise<void> {
    await this.#lifecycle.close();
  }

  /** Newest final block. */
  get height(): number {
    return this.subnet.blocks.current.number;
  }

  /** Window that the chain stands in. */
  get now(): number {
    return this.clock.windowOf(this.height);
  }

  /** Waits for a block. */
  async block(number: number): Promise<void> {
    await this.subnet.blocks.reached(number, this.#lifecycle.signal);
  }

  /** Reads every window up to `last`, as they end, and asks all nodes for their digests after each. */
  async through(last: number): Promise<void> {
    for (let window = this.windows.length; window <= last; window++) {
      await this.block(this.clock.lastJudgeBlock(window));
      const endedAt = performance.now();
      const [commits, { accepted, hotkeys }] = await Promise.all([
        this.#record.commits(window),
        this.#record.outcome(window),
      ]);
      const acceptedUids = accepted.map(({ uid }) => uid);
      this.windows.push({ window, commits, acceptedUids, hotkeys, endedAt });
      await this.readDigests();
    }
  }

  async #url(hotkey: Hex, path: string): Promise<string | null> {
    const axon = (await this.subnet.finder.axons()).get(hotkey);
    return axon === undefined ? null : urlOf(axon, path);
  }

  /** What a node says of itself; null: it does not answer. */
  async status(hotkey: Hex): Promise<Status | null> {
    const url = await this.#url(hotkey, "/status");
    return url === null ? null : fetchJson(url, statusSchema, LIMITS).catch(() => null);
  }

  /** Digests that a node computed itself. */
  async digestsOf(hotkey: Hex): Promise<Digests> {
    const url = await this.#url(hotkey, "/digests?from=0");
    if (url === null) return [];
    return (await fetchJson(url, digestsSchema, LIMITS).catch(() => null)) ?? [];
  }

  /** The record of a window by a validator; null: it hands out none. */
  async record(validator: Hex, window: number): Promise<WindowRecord | null> {
    const url = await this.#url(validator, `/records/${window}`);
    return url === null ? null : fetchJson(url, windowRecordSchema, LIMITS).catch(() => null);
  }

  /** Asks every node that answers which parameters it computed. */
  async readDigests(): Promise<void> {
    const hotkeys = [...(await this.subnet.finder.axons()).keys()];
    const read = async (hotkey: Hex): Promise<void> => {
      for (const { window, digest } of await this.digestsOf(hotkey)) {
        const byNode = this.digests.get(window) ?? new Map<Hex, Hex>();
        this.digests.set(window, byNode.set(hotkey, digest));
      }
    };
    await Promise.all(hotkeys.map(read));
  }

  /** Windows from 1 to `last` that fewer than two nodes computed, and those that two computed differently. */
  comparison(last: number): { readonly alone: number[]; readonly different: number[] } {
    const windows = Array.from({ length: last }, (_, index) => index + 1);
    const of = (window: number): Hex[] => [...(this.digests.get(window)?.values() ?? [])];
    return {
      alone: windows.filter((window) => of(window).length < 2),
      different: windows.filter((window) => new Set(of(window)).size > 1),
    };
  }

  /** What the chain paid each of these hotkeys for its work in epochs from block `from` on, in rao. */
  async paidRao(hotkeys: readonly Hex[], from = 0): Promise<readonly bigint[]> {
    await this.#earnings.read(this.subnet.blocks.current);
    const uids = await this.subnet.chain.hotkeys(this.subnet.netuid);
    return hotkeys.map((hotkey) => this.#earnings.paidRao(uids.indexOf(hotkey), from));
  }

  /** Waits until a look gives something. @throws Error when it does not within `limitMs` */
  async until<T>(what: string, look: () => Promise<T | null>, limitMs: number): Promise<T> {
    for (const end = performance.now() + limitMs; performance.now() < end; await sleep(LOOK_MS)) {
      const found = await look();
      if (found !== null) return found;
    }
    throw new Error(`${what}: not within ${limitMs / 1000} s`);
  }
}

/** Hotkey of a node by its name. @throws Error when there is none */
export function hotkeyOf({ nodes }: Nodes, name: string): Hex {
  const hotkey = nodes.find((node) => node.name === name)?.hotkey ?? "";
  if (!isHex(hotkey)) throw new Error(`no node ${name}`);
  return hotkey;
}
