/** @file A network of authorities on this machine: keys, spec, processes. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../embedded/codec/exact-json.ts";
import type { TrieRoot } from "../embedded/state/trie.ts";
import { authoritiesPatch } from "../native/authority-keys.ts";
import { genesisState, rawSpec } from "../native/raw-spec.ts";
import { NetworkNode } from "./node-process.ts";
import { hashOf, type Height, heightOf } from "./rpc.ts";

const NAMES = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];
const LOOK_MS = 100;

/** How a network begins. */
export type NetworkOptions = {
  readonly program: string;
  readonly runtimeCode: Uint8Array;
  /** Emptied first. */
  readonly folder: string;
  readonly authorities: number;
  readonly blockMs: number;
  readonly firstPort: number;
  /** Merged over the development preset. */
  readonly patch: JsonObject;
};

/** A network that runs. */
export class Network {
  /** The authorities of the genesis. */
  readonly nodes: readonly NetworkNode[];
  readonly genesisHash: string;
  readonly genesis: TrieRoot;
  readonly options: NetworkOptions;
  readonly #spec: string;
  readonly #newcomers: NetworkNode[] = [];

  private constructor(parts: {
    readonly nodes: readonly NetworkNode[];
    readonly genesisHash: string;
    readonly genesis: TrieRoot;
    readonly options: NetworkOptions;
    readonly spec: string;
  }) {
    this.nodes = parts.nodes;
    this.genesisHash = parts.genesisHash;
    this.genesis = parts.genesis;
    this.options = parts.options;
    this.#spec = parts.spec;
  }

  /** Makes genesis and spec, and starts every authority. @throws Error, ChainError */
  static async start(options: NetworkOptions): Promise<Network> {
    const { folder, program, firstPort, authorities, runtimeCode, blockMs, patch } = options;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const spec = join(folder, "chain.json");
    const place = { program, folder, spec, firstPort };
    const names = NAMES.slice(0, authorities);
    const nodes = names.map((name, index) => new NetworkNode(place, name, index));
    const named = authoritiesPatch(nodes.map(({ authority }) => authority));
    const genesis = {
      runtimeCode,
      preset: "development",
      patch: { ...patch, ...named },
      slotDurationMs: blockMs,
    };
    const { text, genesisHash } = await rawSpec({
      ...genesis,
      name: "Network",
      id: "network",
      bootnodes: [],
    });
    writeFileSync(spec, text);
    const { state } = await genesisState(genesis);
    const network = new Network({ nodes, genesisHash, genesis: state, options, spec });
    try {
      await Promise.all(nodes.map(async (node) => network.run(node)));
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  /** A node that the genesis does not name. */
  newcomer(): NetworkNode {
    const { program, folder, firstPort } = this.options;
    const index = this.nodes.length + this.#newcomers.length;
    const node = new NetworkNode(
      { program, folder, firstPort, spec: this.#spec },
      NAMES[index] ?? "Zoe",
      index,
    );
    this.#newcomers.push(node);
    return node;
  }

  /** Starts a node that does not run; it finds the others by their addresses. */
  async run(node: NetworkNode): Promise<void> {
    await node.start(this.nodes.filter((other) => other !== node).map(({ address }) => address));
  }

  /** Resolves when a node's heights fulfil `isDone`; gives the milliseconds. @throws Error after `limitMs` */
  async until(
    node: NetworkNode,
    isDone: (height: Height) => boolean,
    limitMs: number,
  ): Promise<number> {
    const began = performance.now();
    for (;;) {
      const height = await heightOf(node.rpcPort);
      const ms = performance.now() - began;
      if (isDone(height)) return ms;
      if (ms > limitMs)
        throw new Error(
          `${node.name} stands at #${height.best}, final #${height.final}, after ${(ms / 1000).toFixed(0)} s`,
        );
      await sleep(LOOK_MS);
    }
  }

  /** Whether all running nodes have the same final block. @throws Error where two differ */
  async agreed(number: number): Promise<string> {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    const hashes = await Promise.all(running.map(async ({ rpcPort }) => hashOf(rpcPort, number)));
    const [first = ""] = hashes;
    if (hashes.some((hash) => hash !== first))
      throw new Error(`block #${number} differs between nodes: ${hashes.join(", ")}`);
    return first;
  }

  /** Ends all. */
  async stop(): Promise<void> {
    const all = [...this.nodes, ...this.#newcomers];
    await Promise.all(all.map(async (node) => node.kill("SIGTERM")));
  }
}
