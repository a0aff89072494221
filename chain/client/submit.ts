/**
 * @file Submits extrinsics: signed here, numbered per account, followed until their block is final.
 *
 * Nothing is ever sent twice blindly. When the connection breaks while an extrinsic is under way, the blocks made
 * since are searched for it instead (a second submission could be banned or executed twice).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { z } from "zod";
import type { Sent } from "../endpoint-faults.ts";
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { blockOf, type Fate, fateOf } from "./fate.ts";
import { type Head, readBestNumber, readBlockHash, readHead, readNumber } from "./heads.ts";
import { inTurn, type Lane, Lanes } from "./lanes.ts";
import { eventsOf, type ExtrinsicEvent, type Outcome, readOutcome } from "./outcome.ts";
import { CARRIED_REFUSED, isNonceRefusal, isOutranked, poolError } from "./pool-refusal.ts";
import { RpcRefusal } from "./rpc.ts";
import { type ChainState } from "./state.ts";

/** A call by its names in metadata, with arguments in their order. */
export type CallSpec = {
  readonly pallet: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** In rao, for going before others in a full pool; left out: none. */
  readonly tip?: number;
};

/** What an included and successful extrinsic did. */
export type Included = { readonly block: Head; readonly events: readonly ExtrinsicEvent[] };

/** What becomes of an extrinsic: it is handed over (and may be taken from now on), and its fate is known or given up. */
export type SubmitNews =
  | { readonly kind: "sent"; readonly sent: Sent; readonly timeoutMs: number }
  | { readonly kind: "settled"; readonly sent: Sent };

/** Blocks in which an extrinsic may be included, counted from the head it was signed at. */
const LIFETIME_BLOCKS = 128;
/** A life is a power of two, and no shorter. */
const LEAST_LIFE = 4;
/** What found no room behind its carrier comes in one of the next blocks. */
const CARRIED_BLOCKS = 2;
const WATCH = { subscribe: "author_submitAndWatchExtrinsic", stop: "author_unwatchExtrinsic" };

const KEPT_OUTCOMES = 4;
const SEARCH_PAUSE_MS = 100;
/** An extrinsic may be signed against a head of this age; it shortens its life by a block at most. */
const RECENT_MS = 500;

/** `last`: the last block that may include it. */
type Signed = {
  readonly hex: Hex;
  readonly hash: Hex;
  readonly from: Head;
  readonly last: number;
};
/** The life of an extrinsic: it begins with block `from` and has this many blocks. */
type Life = { readonly from: Head; readonly blocks: number };
type Watch = {
  readonly signed: Signed;
  readonly fate: Promise<Fate>;
  /** Resolves when a block has it, final or not; or when its fate is known. */
  readonly included: Promise<unknown>;
  /** Ends the node's notices. */
  readonly stop: () => void;
};
/** A call that is made for its nonce, how many nonces it takes, and the block from which on nobody wants it. */
type Made = {
  readonly call: (nonce: number) => Promise<CallSpec>;
  readonly nonces: number;
  readonly before?: number;
};

/** Signs and submits for any number of accounts. */
export class Submitter {
  readonly #state: ChainState;
  readonly #timeoutMs: number;
  readonly #tell: (news: SubmitNews) => void;
  readonly #lanes = new Lanes();
  #recent: { readonly at: number; readonly head: Promise<Head> } | null = null;
  /** Blocks whose outcome was read last: parallel submissions share them. */
  readonly #outcomes = new Map<Hex, Promise<Outcome>>();

  constructor(
    state: ChainState,
    timeoutMs: number,
    tell: (news: SubmitNews) => void = () => undefined,
  ) {
    this.#state = state;
    this.#timeoutMs = timeoutMs;
    this.#tell = tell;
  }

  /**
   * Submits a call and waits until it is in a finalised block.
   * @throws ChainError extrinsic-invalid (refused by the pool), extrinsic-failed (included, but its call failed),
   * extrinsic-timeout, chain-unreachable (with `sent` where it may have been sent), runtime-incompatible
   */
  async submit(signer: Signer, call: CallSpec): Promise<Included> {
    const until = performance.now() + this.#timeoutMs;
    return this.#submit(signer, { call: async () => call, nonces: 1 }, until);
  }

  /**
   * Submits a call inside another that carries its bytes as `carrierOf` makes them; the carrier is followed by the call in its block, or
   * soon after. Neither is valid in block `before` or later: null where no block before it has the carrier, which nobody opens any more.
   * @throws ChainError as {@link submit}, and extrinsic-invalid where the call was refused after its carrier
   */
  async submitCarried(
    signer: Signer,
    call: CallSpec,
    how: { readonly carrierOf: (extrinsic: Uint8Array) => CallSpec; readonly before: number },
  ): Promise<Included | null> {
    const { carrierOf, before } = how;
    const until = performance.now() + this.#timeoutMs;
    let inner: Signed | null = null;
    const carrier = async (nonce: number): Promise<CallSpec> => {
      inner = await this.#sign(signer, call, { nonce: nonce + 1, before });
      return carrierOf(bytesOf(inner.hex));
    };
    const made = { call: carrier, nonces: 2, before };
    const carried = await this.#submit(signer, made, until).catch(async (error: unknown) => {
      if (await this.#isTooLate(error, before)) return null;
      throw error;
    });
    if (carried === null) return null;
    const found = inner === null ? null : await this.#search(inner, until, carried.block.number);
    if (found !== null) return found;
    throw new ChainError({ code: "extrinsic-invalid", reason: CARRIED_REFUSED, detail: "" });
  }

  /** Whether what failed was refused, or is in no block, because a block is there before which it was wanted. */
  async #isTooLate(error: unknown, before: number): Promise<boolean> {
    if (!(error instanceof ChainError)) return false;
    const { code } = error.fault;
    // The pool judges what would be in the block after its newest, final or not.
    if (code === "extrinsic-invalid") return (await readBestNumber(this.#state)) >= before - 1;
    return code === "extrinsic-timeout" && (await readHead(this.#state)).number >= before - 1;
  }

  async #submit(signer: Signer, made: Made, until: number): Promise<Included> {
    const lane = this.#lanes.of(signer.publicKey);
    lane.underWay++;
    const send = async (): Promise<Watch> => this.#send(signer, made, lane, until);
    try {
      if (made.nonces === 1) return await this.#followed(await inTurn(lane, send), until, lane);
      // Nobody can tell yet which nonce is next, and what has one too high would wait for ever: others come after it has its block.
      const { fate } = await inTurn(lane, async () => {
        const watch = await send();
        const following = this.#followed(watch, until, lane);
        await Promise.race([watch.included, following]).catch(() => undefined); // thrown below
        lane.next = null;
        return { fate: following };
      });
      return await fate;
    } finally {
      lane.underWay--;
      // The next submission asks the chain again: others may use the account in the meantime.
      if (lane.underWay === 0) lane.next = null;
    }
  }

  /**
   * Signs with the next nonce and hands it to the pool; a nonce that turns out stale is read anew once. What waits for
   * another call of this account (a free one of the same kind) tries again with every block.
   */
  async #send(signer: Signer, made: Made, lane: Lane, until: number): Promise<Watch> {
    for (let attempt = 0; ; attempt++) {
      const nonce = lane.next ?? (await this.#nextNonce(signer));
      const call = await made.call(nonce);
      try {
        const signed = await this.#sign(signer, call, { nonce, before: made.before });
        const watch = await this.#handOver(signed);
        lane.next = nonce + made.nonces;
        return watch;
      } catch (error) {
        lane.next = null;
        if (!(error instanceof RpcRefusal)) throw error;
        if (!isNonceRefusal(error)) throw poolError(error, call.name);
        if (attempt === 0) continue;
        const goesOn = isOutranked(error) && (await this.#nextBlock(until));
        if (!goesOn) throw poolError(error, call.name);
      }
    }
  }

  /** Whether a further block became final before `until`. */
  async #nextBlock(until: number): Promise<boolean> {
    const { link } = this.#state;
    const { height } = link;
    while (link.height <= height) {
      if (link.closed.aborted || performance.now() >= until) return false;
      await sleep(SEARCH_PAUSE_MS);
    }
    return true;
  }

  /** Gives it to the node. Without an answer nobody knows whether it was taken. */
  async #handOver(signed: Signed): Promise<Watch> {
    const sent = sentOf(signed);
    this.#tell({ kind: "sent", sent, timeoutMs: this.#timeoutMs });
    try {
      return await this.#watch(signed);
    } catch (error) {
      this.#tell({ kind: "settled", sent });
      throw afterSending(error, sent);
    }
  }

  async #nextNonce(signer: Signer): Promise<number> {
    return this.#state.request(z.number(), "system_accountNextIndex", [signer.ss58]);
  }

  async #sign(
    signer: Signer,
    call: CallSpec,
    { nonce, before }: { readonly nonce: number; readonly before?: number },
  ): Promise<Signed> {
    const present = await this.#present();
    const life = before === undefined ? null : await this.#lifeBefore(before, present);
    const { from, blocks } = life ?? { from: present, blocks: LIFETIME_BLOCKS };
    const { runtime, link } = this.#state;
    const { registry } = runtime;
    const method = runtime.call(call.pallet, call.name, call.args);
    const era = registry.createType("ExtrinsicEra", { current: from.number, period: blocks });
    const extrinsic = registry.createType("Extrinsic", { method }, { version: 4 });
    extrinsic.sign(signer.pair, {
      blockHash: from.hash,
      era,
      genesisHash: link.genesisHash,
      nonce,
      runtimeVersion: registry.createTypeUnsafe<RuntimeVersion>("RuntimeVersion", [
        runtime.version,
      ]),
      signedExtensions: registry.signedExtensions,
      tip: call.tip ?? 0,
    });
    const bytes = extrinsic.toU8a();
    const hash = hexOf(utilCrypto.blake2AsU8a(bytes));
    const last = life === null ? from.number + LIFETIME_BLOCKS : from.number + blocks - 1;
    return { hex: hexOf(bytes), hash, from, last };
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

  /** A recent finalised head, with the runtime as of it; submissions of one moment share the questions. */
  async #present(): Promise<Head> {
    const now = performance.now();
    if (this.#recent === null || now - this.#recent.at > RECENT_MS) {
      const asked = Promise.all([readHead(this.#state), this.#state.refresh()]);
      const head = asked.then(([newest]) => newest);
      head.catch(() => {
        this.#recent = null;
      });
      this.#recent = { at: now, head };
    }
    return this.#recent.head;
  }

  /** Submits; resolves once the pool has taken it, with a promise of what becomes of it. */
  async #watch(signed: Signed): Promise<Watch> {
    const { promise, resolve } = Promise.withResolvers<Fate>();
    const inBlock = Promise.withResolvers<void>();
    const { ended, stop } = await this.#state.link.listen(
      { method: WATCH.subscribe, params: [signed.hex] },
      (status) => {
        const fate = fateOf(status);
        if (fate !== null) resolve(fate);
        const block = blockOf(status);
        if (block === null) return;
        inBlock.resolve();
        void this.#resolveIfFinal(block, resolve);
      },
    );
    const lost = (): void => resolve({ kind: "lost" });
    ended.addEventListener("abort", lost, { once: true });
    return {
      signed,
      fate: promise,
      included: Promise.race([inBlock.promise, promise]),
      stop: () => {
        ended.removeEventListener("abort", lost);
        stop(WATCH.stop);
      },
    };
  }

  /** Chains that finalise a block as they make it may say so late: ask, instead of waiting for the notice. */
  async #resolveIfFinal(hash: Hex, resolve: (fate: Fate) => void): Promise<void> {
    try {
      const number = await readNumber(this.#state, hash);
      if (number > this.#state.link.height) return;
      if ((await readBlockHash(this.#state, number)) === hash) resolve({ kind: "final", hash });
    } catch {
      // The watch goes on, whatever this question met.
    }
  }

  async #followed(watch: Watch, until: number, lane: Lane): Promise<Included> {
    const sent = sentOf(watch.signed);
    try {
      return await this.#settle(watch, until, lane);
    } catch (error) {
      throw afterSending(error, sent);
    } finally {
      this.#tell({ kind: "settled", sent });
    }
  }

  async #settle({ signed, fate, stop }: Watch, until: number, lane: Lane): Promise<Included> {
    const ended = await this.#before(until, fate);
    stop();
    // A node that was restarted has forgotten its pool: what is sent meanwhile must not leave a gap behind this one.
    if (ended?.kind === "lost") lane.next = null;
    if (ended?.kind === "refused") {
      lane.next = null;
      throw new ChainError({
        code: "extrinsic-invalid",
        reason: `the pool reports it as ${ended.status}`,
        detail: "",
      });
    }
    const found =
      ended?.kind === "final"
        ? await this.#look(ended.hash, signed)
        : ended === null
          ? null
          : await this.#search(signed, until);
    if (found !== null) return found;
    lane.next = null;
    throw new ChainError({
      code: "extrinsic-timeout",
      endpoint: this.#state.link.endpoint,
      sent: sentOf(signed),
      timeoutMs: this.#timeoutMs,
    });
  }

  /** The promise's value, or null when `until` passes first. */
  async #before<T>(until: number, promise: Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), Math.max(1, until - performance.now()));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #look(hash: Hex, signed: Signed): Promise<Included | null> {
    const outcome = await this.#outcome(hash);
    const events = eventsOf(outcome, signed.hex);
    return events === null ? null : { block: outcome.block, events };
  }

  async #outcome(hash: Hex): Promise<Outcome> {
    const known = this.#outcomes.get(hash);
    if (known !== undefined) return known;
    const reading = readOutcome(this.#state, hash);
    this.#outcomes.set(hash, reading);
    reading.catch(() => this.#outcomes.delete(hash));
    const oldest = this.#outcomes.keys().next();
    if (this.#outcomes.size > KEPT_OUTCOMES && !oldest.done) this.#outcomes.delete(oldest.value);
    return reading;
  }

  /** Looks through the blocks of an extrinsic's lifetime, or the few after its carrier, as they become final. */
  async #search(signed: Signed, until: number, carrier?: number): Promise<Included | null> {
    const { link } = this.#state;
    const last = carrier === undefined ? signed.last : carrier + CARRIED_BLOCKS;
    for (
      let number = carrier ?? signed.from.number + 1;
      number <= last && performance.now() < until;
    ) {
      if (link.closed.aborted)
        throw new ChainError({ code: "chain-unreachable", endpoint: link.endpoint });
      if (number > link.height) {
        await sleep(SEARCH_PAUSE_MS);
        continue;
      }
      const found = await this.#look(await readBlockHash(this.#state, number), signed);
      if (found !== null) return found;
      number++;
    }
    return null;
  }
}

function sentOf({ hash, last }: Signed): Sent {
  return { hash, lastBlock: last };
}

/** The error of a chain that went away after an extrinsic was handed over says so: whoever repeats the call may pay twice. */
function afterSending(error: unknown, sent: Sent): unknown {
  if (!(error instanceof ChainError) || error.fault.code !== "chain-unreachable") return error;
  return new ChainError({ ...error.fault, sent }, { cause: error });
}
