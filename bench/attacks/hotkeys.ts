/**
 * @file A process of hostile hotkeys, registered on the subnet they attack: they commit, in every window, the address of a large blob
 * that everybody has, or payloads that only their own hostile axons have. It obeys its parent's messages.
 */
import { readFileSync } from "node:fs";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import { parseManifest } from "../../src/protocol/manifest-file.ts";
import { windowClock, type WindowClock } from "../../src/protocol/window.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Damage } from "./attackers.ts";
import { HOSTILITIES, type HostileAxon, openHostileAxon } from "./hostile-axon.ts";

/** What hostile hotkeys do. */
export const CHAIN_ATTACKS = ["own-address", "hostile-axons"] as const;
export type ChainAttack = (typeof CHAIN_ATTACKS)[number];

/** Orders, in this order; each is answered. */
export type HotkeysOrder =
  | {
      readonly register: {
        readonly endpoint: string;
        readonly netuid: number;
        readonly manifest: string;
      };
    }
  | { readonly begin: ChainAttack; readonly address: Hex }
  | "end";

/** What they answer: when they are registered, when they have begun, and in the end. */
export type HotkeysAnswer =
  | { readonly hotkeys: readonly Hex[] }
  | { readonly begun: ChainAttack }
  | { readonly damage: Damage | null };

/** Each for one hostile axon, the first four also for the address. */
const SIGNERS = HOSTILITIES.map((how) => ({ how, signer: signerFromUri(`//hostile/${how}`) }));
const COMMITTERS = 4;
/** Everybody's on a development chain. */
const PAYER = signerFromUri("//Alice");

const tell = (answer: HotkeysAnswer): void => void process.send?.(answer);

class Hotkeys {
  #ending = new AbortController();
  #axons: HostileAxon[] = [];
  readonly #subnet: Subnet;
  readonly #clock: WindowClock;

  private constructor(subnet: Subnet, clock: WindowClock) {
    [this.#subnet, this.#clock] = [subnet, clock];
  }

  static async register(at: {
    readonly endpoint: string;
    readonly netuid: number;
    readonly manifest: string;
  }): Promise<Hotkeys> {
    const { manifest } = parseManifest(readFileSync(at.manifest));
    const lifecycle = new Lifecycle();
    const subnet = await reachSubnet(at, { lifecycle, blobs: memoryBlobs(), patient: true });
    for (const { signer } of SIGNERS)
      await subnet.chain.burnedRegister(PAYER, at.netuid, signer.publicKey);
    return new Hotkeys(subnet, windowClock(manifest));
  }

  async begin(how: ChainAttack, address: Hex): Promise<void> {
    this.#ending = new AbortController();
    const { chain, netuid } = this.#subnet;
    if (how === "hostile-axons")
      for (const { how: hostility, signer } of SIGNERS) {
        const axon = await openHostileAxon(hostility);
        this.#axons.push(axon);
        await chain.serveAxon(signer, netuid, { ip: "127.0.0.1", port: axon.port });
      }
    const signers = SIGNERS.map(({ signer }) => signer);
    const committers = how === "own-address" ? signers.slice(0, COMMITTERS) : signers;
    void this.#commitAlways(committers, (signer, window) =>
      how === "own-address"
        ? address
        : blake2b256(new TextEncoder().encode(`${signer.ss58} ${window}`)),
    ).catch(() => undefined);
  }

  /** Commits in every window until the end. */
  async #commitAlways(
    signers: readonly Signer[],
    digestOf: (signer: Signer, window: number) => Hex,
  ): Promise<void> {
    const { blocks, chain, netuid } = this.#subnet;
    const { signal } = this.#ending;
    const clock = this.#clock;
    for (let window = clock.windowOf(blocks.current.number) + 1; ; window++) {
      await blocks.reached(clock.firstCommitBlock(window) - 1, signal);
      for (const signer of signers) {
        const fields = [{ kind: "blakeTwo256" as const, digest: digestOf(signer, window) }];
        // One that is refused is one less.
        chain.setCommitment(signer, netuid, fields).catch(() => undefined);
      }
    }
  }

  /** Ends what it does; what became of connections to hostile axons. */
  end(): Damage | null {
    this.#ending.abort(new Error("it is over"));
    const damages = this.#axons.splice(0).map((axon) => axon.close());
    if (damages.length === 0) return null;
    const sum = (of: (damage: Damage) => number): number =>
      damages.reduce((all, one) => all + of(one), 0);
    return {
      made: sum(({ made }) => made),
      cuts: sum(({ cuts }) => cuts),
      longestMs: Math.max(...damages.map((one) => one.longestMs)),
      rate: null,
    };
  }
}

let hotkeys: Hotkeys | null = null;

async function obey(order: HotkeysOrder): Promise<void> {
  if (order === "end") tell({ damage: hotkeys?.end() ?? null });
  else if ("register" in order) {
    hotkeys = await Hotkeys.register(order.register);
    tell({ hotkeys: SIGNERS.map(({ signer }) => signer.publicKey) });
  } else {
    await hotkeys?.begin(order.begin, order.address);
    tell({ begun: order.begin });
  }
}

process.once("disconnect", () => process.exit());
process.on("message", (order: HotkeysOrder) => {
  obey(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
