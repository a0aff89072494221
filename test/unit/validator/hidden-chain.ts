/** @file A chain with a subnet that hides weights, and validators on it that can be killed at any moment and started again. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChainClient, type Head } from "../../../chain/client/client.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { serveRpc } from "../../../chain/embedded/rpc/server.ts";
import { startSealing } from "../../../chain/embedded/sealing.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { Lifecycle } from "../../../src/command/lifecycle.ts";
import type { Log } from "../../../src/command/log.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
import type { WindowClock } from "../../../src/protocol/window.ts";
import { reachSubnet } from "../../../src/run/reach.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { HiddenWeights } from "../../../validator/hidden-weights.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

export const NETUID = 1;
/** Blocks of an epoch, and of a window. */
export const [TEMPO, BLOCKS_PER_WINDOW] = [10, 5] as const;
export const RUN_ID = `0x${"77".repeat(32)}` as const;

const account = (name: string) => ({
  hotkey: signerFromUri(`//${name}//hot`),
  coldkey: signerFromUri(`//${name}//cold`),
});
export const owner = account("owner");
export const validator = account("validator");
/** uid 1 and 2. */
export const miners = ["anna", "ben"].map(account);

function genesisOf(): Parameters<typeof openEmbeddedChain>[0]["genesisPatch"] {
  const seated = [validator, ...miners].map(({ hotkey, coldkey }, uid) => ({
    hotkey: hotkey.ss58,
    coldkey: coldkey.ss58,
    stake: uid === 0 ? 600_000_000_000 : 0,
    validatorPermit: uid === 0,
  }));
  const rich = [owner, validator, ...miners].flatMap(({ hotkey, coldkey }) => [hotkey, coldkey]);
  return {
    balances: { balances: rich.map(({ ss58 }) => [ss58, 1e14]) },
    subtensorModule: {
      networks: [
        {
          netuid: NETUID,
          tempo: TEMPO,
          ownerColdkey: owner.coldkey.ss58,
          ownerHotkey: owner.hotkey.ss58,
          additional: "",
          neurons: seated,
        },
      ],
    },
  };
}

/** A validator's process, as far as its weights go. */
export type Process = {
  readonly hidden: HiddenWeights;
  readonly said: string[];
  /** Newest window whose record it serves; null: it serves as on a subnet that hides nothing. */
  readonly served: () => number | null;
  /** What the process does after the newest block. */
  readonly step: () => Promise<void>;
};

/** A chain that makes a block for each extrinsic, and more when asked to. */
export class HiddenChain {
  readonly embedded: EmbeddedChain;
  readonly subnet: Subnet;
  readonly #lifecycle: Lifecycle;
  readonly #folder: string;

  private constructor(parts: {
    readonly embedded: EmbeddedChain;
    readonly subnet: Subnet;
    readonly lifecycle: Lifecycle;
    readonly folder: string;
  }) {
    this.embedded = parts.embedded;
    this.subnet = parts.subnet;
    this.#lifecycle = parts.lifecycle;
    this.#folder = parts.folder;
  }

  static async open(): Promise<HiddenChain> {
    const folder = mkdtempSync(join(tmpdir(), "assay-hidden-"));
    const lifecycle = new Lifecycle();
    lifecycle.onClose("folder", () => rmSync(folder, { recursive: true }));
    const embedded = await openEmbeddedChain({
      runtimeCode: await readRuntimeArtifact(),
      preset: "development",
      genesisPatch: genesisOf(),
    });
    startSealing(embedded, "instant");
    const server = await serveRpc(embedded, { host: "127.0.0.1", port: 0 });
    lifecycle.onClose("rpc", () => server.close());
    const endpoint = `ws://127.0.0.1:${server.port}`;
    const blobs = openBlobs(join(folder, "blobs"));
    const subnet = await reachSubnet({ netuid: NETUID, endpoint }, { lifecycle, blobs });
    return new HiddenChain({ embedded, subnet, lifecycle, folder });
  }

  async close(): Promise<void> {
    await this.#lifecycle.close();
  }

  get chain(): ChainClient {
    return this.subnet.chain;
  }

  async switchTo(value: boolean): Promise<void> {
    const change = { name: "commitReveal", value } as const;
    await this.chain.setOwnerParameter(owner.coldkey, NETUID, change);
  }

  async #seal(): Promise<Head> {
    const { number } = await this.embedded.seal();
    await this.subnet.blocks.reached(number, this.#lifecycle.signal);
    return this.subnet.blocks.current;
  }

  async blocks(count: number): Promise<void> {
    for (let made = 0; made < count; made++) await this.#seal();
  }

  /** Makes blocks up to and including the next epoch. */
  async epoch(): Promise<void> {
    const block = (await this.chain.nextEpoch(NETUID)) ?? assert.fail("no epoch");
    await this.blocks(block - this.embedded.head().number);
  }

  /** Starts a validator's process over what an earlier one left. `chain`: calls that go another way than the chain's. */
  async start({
    chain = {},
    released = -1,
    isEarly = false,
  }: {
    readonly chain?: Partial<ChainClient>;
    readonly released?: number;
    /** Does a step before it has joined the run. */
    readonly isEarly?: boolean;
  } = {}): Promise<Process> {
    const said: string[] = [];
    const { signal } = this.#lifecycle;
    const node = participantOf({
      ...this.subnet,
      chain: stub<ChainClient>({ ...this.chain, ...chain }),
      signer: validator.hotkey,
      state: stub<NeuronState>({ folder: this.#folder }),
      log: stub<Log>({ warn: () => undefined }),
      signal,
      say: (text) => void said.push(text),
    });
    let [newest, isHidden] = [released, false];
    const memory = {
      get released() {
        return newest;
      },
      release: (window: number) => void (newest = Math.max(newest, window)),
      hide: (window: number) => void ([newest, isHidden] = [window, true]),
      unhide: () => void (isHidden = false),
    };
    const hidden = await HiddenWeights.open(node);
    const step = async (): Promise<void> => {
      const head = this.embedded.head();
      await hidden.step(await this.subnet.blocks.reached(head.number, signal));
    };
    if (isEarly) await step();
    const clock = stub<WindowClock>({ blocksPerWindow: BLOCKS_PER_WINDOW });
    await hidden.joined({ runId: RUN_ID, clock }, memory);
    return { hidden, said, served: () => (isHidden ? newest : null), step };
  }

  /** Weights of the validator as they stand. */
  async row(): Promise<readonly (readonly [uid: number, value: number])[]> {
    const hotkeys = await this.chain.hotkeys(NETUID);
    const { weights } = await this.chain.epochTerms(NETUID, hotkeys);
    return weights[0] ?? [];
  }

  async open(): Promise<number> {
    return (await this.chain.commits(NETUID, validator.hotkey.publicKey)).open.length;
  }
}
