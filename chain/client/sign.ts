/** @file Signs calls: mortal, and for the runtime that will judge them. */
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { z } from "zod";
import type { Sent } from "../endpoint-faults.ts";
import { utilCrypto } from "../polkadot.ts";
import { type Hex, hexOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { type Head, readBlockHash, readHead } from "./heads.ts";
import { type ChainState } from "./state.ts";

/** A call by its names in metadata, with arguments in their order. */
export type CallSpec = {
  readonly pallet: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** In rao, for going before others in a full pool; left out: none. */
  readonly tip?: number;
};

/** A signed extrinsic. Its bytes name their nonce, so that a chain takes them once, however often they are sent. */
export type Signed = {
  readonly hex: Hex;
  readonly hash: Hex;
  /** What is called, with its arguments. */
  readonly method: Hex;
  /** Account that signed. */
  readonly account: Hex;
  readonly nonce: number;
  /** Version of the runtime that it was signed for; another one refuses it. */
  readonly specVersion: number;
  /** No block up to this one has it. */
  readonly from: Head;
  /** The last block that may include it. */
  readonly last: number;
};

/** The life of an extrinsic: it begins with block `from` and has this many blocks. */
type Life = { readonly from: Head; readonly blocks: number };

/** Blocks in which an extrinsic may be included, counted from the head it was signed at. */
const LIFETIME_BLOCKS = 64;
/** A life is a power of two, and no shorter. */
const LEAST_LIFE = 4;
/** An extrinsic may be signed against a head of this age, unless so many blocks came since: it shortens its life. */
const RECENT_MS = 500;
const RECENT_BLOCKS = 8;

/** What people are told of it. */
export function sentOf({ hash, last }: Signed): Sent {
  return { hash, lastBlock: last };
}

/** Signs for any number of accounts. */
export class Signing {
  readonly #state: ChainState;
  #recent: { readonly at: number; readonly height: number; readonly head: Promise<Head> } | null =
    null;

  constructor(state: ChainState) {
    this.#state = state;
  }

  /** The next nonce of an account, after what waits in the pool of the endpoint in use. */
  async nextNonce(signer: Signer): Promise<number> {
    return this.#state.request(z.number(), "system_accountNextIndex", [signer.ss58]);
  }

  /** @throws ChainError chain-unreachable, runtime-incompatible (no such call), extrinsic-invalid (arguments do not fit) */
  async sign(
    signer: Signer,
    call: CallSpec,
    { nonce, before }: { readonly nonce: number; readonly before?: number | undefined },
  ): Promise<Signed> {
    const present = await this.#present();
    const life = before === undefined ? null : await this.#lifeBefore(before, present);
    const { from, blocks } = life ?? { from: present, blocks: LIFETIME_BLOCKS };
    const { runtime, link } = this.#state;
    const { registry, version } = runtime;
    const method = runtime.call(call.pallet, call.name, call.args);
    const era = registry.createType("ExtrinsicEra", { current: from.number, period: blocks });
    const extrinsic = registry.createType("Extrinsic", { method }, { version: 4 });
    extrinsic.sign(signer.pair, {
      blockHash: from.hash,
      era,
      genesisHash: link.genesisHash,
      nonce,
      runtimeVersion: registry.createTypeUnsafe<RuntimeVersion>("RuntimeVersion", [version]),
      signedExtensions: registry.signedExtensions,
      tip: call.tip ?? 0,
    });
    const bytes = extrinsic.toU8a();
    return {
      hex: hexOf(bytes),
      hash: hexOf(utilCrypto.blake2AsU8a(bytes)),
      method: hexOf(method.toU8a()),
      account: signer.publicKey,
      nonce,
      specVersion: version.specVersion,
      from,
      last: life === null ? from.number + LIFETIME_BLOCKS : from.number + blocks - 1,
    };
  }

  /** Whether the chain runs another runtime now than the one that something was signed for; what is signed next is for that one. */
  async isOutdated({ specVersion }: Signed): Promise<boolean> {
    await this.#state.refresh();
    return this.#state.runtime.version.specVersion !== specVersion;
  }

  /**
   * A life that ends with the block before `before`: it begins as many blocks earlier as it has, which is where a life of that length
   * that covers the present does begin. Null at the beginning of a chain, which has no such block.
   */
  async #lifeBefore(before: number, present: Head): Promise<Life | null> {
    let blocks = LEAST_LIFE;
    while (before - blocks > present.number && before >= 2 * blocks) blocks *= 2;
    const number = before - blocks;
    if (number < 0) return null;
    return { from: { number, hash: await readBlockHash(this.#state, number) }, blocks };
  }

  /** A recent finalised head, with the runtime as of now; submissions of one moment share the questions. */
  async #present(): Promise<Head> {
    const [now, { height }] = [performance.now(), this.#state.link];
    const recent = this.#recent;
    const isRecent =
      recent !== null && now - recent.at <= RECENT_MS && height - recent.height <= RECENT_BLOCKS;
    if (!isRecent) {
      const asked = Promise.all([readHead(this.#state), this.#state.refresh()]);
      const head = asked.then(([newest]) => newest);
      head.catch(() => {
        this.#recent = null;
      });
      this.#recent = { at: now, height, head };
      return head;
    }
    return recent.head;
  }
}
