/**
 * @file Follows one signed extrinsic until a final block has it, or none ever will.
 *
 * Its bytes name their nonce, so that they can be handed over again and again: to the node that takes over when a connection breaks, to
 * the one whose block with it was replaced. Nothing is signed anew here.
 */
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../errors.ts";
import { bytesOf, type Hex } from "../wallet/hex.ts";
import { type Fate, fateOf } from "./fate.ts";
import { type Head, readBlockHash, readHead, readNumber } from "./heads.ts";
import type { Steps } from "./lanes.ts";
import { eventsOf, type ExtrinsicEvent, type Outcome, readOutcome } from "./outcome.ts";
import { RpcRefusal } from "./rpc.ts";
import type { Signed } from "./sign.ts";
import { type ChainState } from "./state.ts";

/** What an included and successful extrinsic did. */
export type Included = { readonly block: Head; readonly events: readonly ExtrinsicEvent[] };

/** How a pursuit ends. */
export type End =
  | { readonly kind: "included"; readonly included: Included }
  /** The first node that it was given to does not take it: nobody has it. */
  | { readonly kind: "refused"; readonly refusal: RpcRefusal }
  /** The only node that had it dropped it. */
  | { readonly kind: "gone"; readonly status: string }
  /** No final block has it, and none will: its life is over. */
  | { readonly kind: "expired" }
  /** Nor will any where its nonce was used by another. */
  | { readonly kind: "usurped" }
  /** The time is over, and a block may still take it. */
  | { readonly kind: "unknown" };

const WATCH = { subscribe: "author_submitAndWatchExtrinsic", stop: "author_unwatchExtrinsic" };
const KEPT_OUTCOMES = 4;
const LOOK_MS = 100;
/** So much later than it asked for a process is woken when it stood still, and so long it then waits for a connection. */
const STOOD_MS = 1000;
const BACK_MS = 5000;
/** Final blocks without it after which it is looked for, and handed over once more: a node may have forgotten it without a word. */
const AGAIN_BLOCKS = 8;

/** Reads what blocks did; parallel pursuits share the newest. */
export class Outcomes {
  readonly #state: ChainState;
  readonly #read = new Map<Hex, Promise<Outcome>>();

  constructor(state: ChainState) {
    this.#state = state;
  }

  /** What an extrinsic did in a block; null: it is not in it. @throws ChainError extrinsic-failed */
  async of(hash: Hex, { hex }: Signed): Promise<Included | null> {
    const outcome = await this.#outcome(hash);
    const events = eventsOf(outcome, hex);
    return events === null ? null : { block: outcome.block, events };
  }

  async #outcome(hash: Hex): Promise<Outcome> {
    const known = this.#read.get(hash);
    if (known !== undefined) return known;
    const reading = readOutcome(this.#state, hash);
    this.#read.set(hash, reading);
    reading.catch(() => this.#read.delete(hash));
    const oldest = this.#read.keys().next();
    if (this.#read.size > KEPT_OUTCOMES && !oldest.done) this.#read.delete(oldest.value);
    return reading;
  }
}

/** Final blocks that are looked through for an extrinsic, each once. */
export class BlockSearch {
  readonly #state: ChainState;
  readonly #outcomes: Outcomes;
  readonly #signed: Signed;
  readonly #last: number;
  #next: number;

  /** From block `first` to `last`. */
  constructor(
    parts: { readonly state: ChainState; readonly outcomes: Outcomes },
    signed: Signed,
    { first, last }: { readonly first: number; readonly last: number },
  ) {
    this.#state = parts.state;
    this.#outcomes = parts.outcomes;
    this.#signed = signed;
    this.#next = first;
    this.#last = last;
  }

  /** Whether all of them were looked through. */
  get isOver(): boolean {
    return this.#next > this.#last;
  }

  /** The first block that is not looked through. */
  get next(): number {
    return this.#next;
  }

  /** Looks through those that have become final, up to `height`; null: it is in none of them. @throws ChainError */
  async look(height?: number): Promise<Included | null> {
    while (!this.isOver && this.#next <= Math.max(height ?? 0, this.#state.link.height)) {
      const hash = await readBlockHash(this.#state, this.#next);
      const found = await this.#outcomes.of(hash, this.#signed);
      if (found !== null) return found;
      this.#next++;
    }
    return null;
  }
}

/** What a pursuit is made from. */
export type PursuitParts = {
  readonly state: ChainState;
  readonly outcomes: Outcomes;
  /** On the clock of `performance.now`. */
  readonly until: number;
  /** Told once a pool has it, and once a block has it, final or not. */
  readonly steps: Steps;
};

/** One extrinsic on its way. */
export class Pursuit {
  readonly #parts: PursuitParts;
  readonly #signed: Signed;
  readonly #search: BlockSearch;
  readonly #heard: Fate[] = [];
  #wake = Promise.withResolvers<void>();
  /** Ends the node's notices; null while nobody watches. */
  #stop: (() => void) | null = null;
  /** Times that it was handed over to somebody who may have taken it. */
  #handed = 0;
  #handedAt = 0;
  /** Whether the node's notices alone do not tell what becomes of it. */
  #isSearching = false;
  #isToHandOver = true;
  /** The block up to which nobody has used its nonce. */
  #noncesSeen: number;

  /** `wasSent`: it was handed over before. */
  constructor(signed: Signed, parts: PursuitParts, wasSent: boolean) {
    this.#signed = signed;
    this.#parts = parts;
    this.#noncesSeen = signed.from.number;
    this.#search = new BlockSearch(parts, signed, {
      first: signed.from.number + 1,
      last: signed.last,
    });
    if (!wasSent) return;
    this.#handed = 1;
    this.#isSearching = true;
  }

  /** @throws ChainError extrinsic-failed, chain-unreachable (the client is closed), runtime-incompatible */
  async end(): Promise<End> {
    const { state, until } = this.#parts;
    try {
      while (performance.now() < until) {
        if (state.link.closed.aborted) throw this.#closed();
        const end = await this.#step().catch((error: unknown) => mayPass(error));
        if (end !== null) return end;
        const pause = new AbortController();
        await Promise.race([
          this.#wake.promise,
          sleep(LOOK_MS, undefined, { signal: pause.signal }).catch(() => undefined),
        ]);
        pause.abort();
        this.#wake = Promise.withResolvers<void>();
      }
      const end = await this.#lastLook().catch((error: unknown) => mayPass(error));
      return end ?? { kind: "unknown" };
    } finally {
      this.#stop?.();
    }
  }

  /**
   * What is known when the time is over. A process that stood still meanwhile has notices waiting, and may have lost its connection:
   * the clock alone says nothing about what became of the extrinsic.
   */
  async #lastLook(): Promise<End | null> {
    const { state, until } = this.#parts;
    const { link } = state;
    const begun = performance.now();
    const waitMs = begun - until > STOOD_MS ? BACK_MS : 0;
    // What waits in the event loop is heard first.
    await turn();
    while (!link.isConnected && !link.closed.aborted && performance.now() - begun < waitMs)
      await sleep(LOOK_MS);
    if (link.closed.aborted) throw this.#closed();
    if (!link.isConnected || this.#handed === 0) return null;
    const { number } = await readHead(state);
    return (await this.#listen()) ?? this.#look(number);
  }

  /** What is known now, and what is to be done about it. */
  async #step(): Promise<End | null> {
    const told = await this.#listen();
    if (told !== null) return told;
    const { link } = this.#parts.state;
    if (this.#handed > 0 && link.height >= this.#handedAt + AGAIN_BLOCKS)
      this.#isSearching = this.#isToHandOver = true;
    if (this.#isSearching) {
      const end = await this.#look();
      if (end !== null) return end;
    }
    if (this.#isToHandOver && link.isConnected) return this.#handOver();
    return null;
  }

  /** What the node has told. */
  async #listen(): Promise<End | null> {
    for (let fate = this.#heard.shift(); fate !== undefined; fate = this.#heard.shift()) {
      const end = await this.#hear(fate);
      if (end !== null) return end;
    }
    return null;
  }

  async #hear(fate: Fate): Promise<End | null> {
    switch (fate.kind) {
      case "final": {
        // Should the question fail, the search asks again.
        this.#isSearching = true;
        const included = await this.#parts.outcomes.of(fate.hash, this.#signed);
        if (included !== null) return { kind: "included", included };
        break;
      }
      case "included":
        this.#parts.steps.included();
        void this.#settleIfFinal(fate.hash);
        break;
      case "retracted":
        // The node puts it back into its pool, or another one may have made the block that counts.
        this.#isSearching = this.#isToHandOver = true;
        break;
      case "gone":
        this.#unwatch();
        if (this.#handed === 1)
          return (await this.#look()) ?? { kind: "gone", status: fate.status };
        break;
      case "lost":
        this.#unwatch();
        this.#isToHandOver = true;
        break;
    }
    return null;
  }

  #unwatch(): void {
    this.#stop?.();
    this.#stop = null;
    this.#isSearching = true;
  }

  /** Chains that finalise a block as they make it may say so late: ask, instead of waiting for the notice. */
  async #settleIfFinal(hash: Hex): Promise<void> {
    const { state } = this.#parts;
    try {
      const number = await readNumber(state, hash);
      if (number > state.link.height) return;
      if ((await readBlockHash(state, number)) === hash) this.#note({ kind: "final", hash });
    } catch {
      // The watch goes on, whatever this question met.
    }
  }

  #note(fate: Fate): void {
    this.#heard.push(fate);
    this.#wake.resolve();
  }

  async #look(height?: number): Promise<End | null> {
    const included = await this.#search.look(height);
    if (included !== null) return { kind: "included", included };
    if (this.#search.isOver) return { kind: "expired" };
    return (await this.#isNonceUsed()) ? { kind: "usurped" } : null;
  }

  /** Whether another extrinsic of the account has its nonce in the blocks that were looked through. */
  async #isNonceUsed(): Promise<boolean> {
    const { state } = this.#parts;
    const number = this.#search.next - 1;
    if (number <= this.#noncesSeen) return false;
    const at = await readBlockHash(state, number);
    const account = bytesOf(this.#signed.account);
    const nonce = await state.call("AccountNonceApi_account_nonce", account, at);
    this.#noncesSeen = number;
    return nonce.u32() > this.#signed.nonce;
  }

  /** Gives it to the endpoint in use, and watches it there unless that is done already. */
  async #handOver(): Promise<End | null> {
    const { state, steps } = this.#parts;
    this.#isToHandOver = false;
    this.#handedAt = state.link.height;
    try {
      if (this.#stop === null) await this.#watch();
      else await state.link.ask("author_submitExtrinsic", [this.#signed.hex]);
      this.#handed++;
      steps.pooled();
    } catch (error) {
      if (error instanceof RpcRefusal) {
        // Whoever has it already, or had it, refuses it as well: the blocks tell.
        if (this.#handed === 0) return { kind: "refused", refusal: error };
      } else {
        // Without an answer nobody knows whether it was taken.
        this.#handed++;
        this.#isToHandOver = true;
      }
      this.#isSearching = true;
    }
    return null;
  }

  async #watch(): Promise<void> {
    const { ended, stop } = await this.#parts.state.link.listen(
      { method: WATCH.subscribe, params: [this.#signed.hex] },
      (status) => {
        const fate = fateOf(status);
        if (fate !== null) this.#note(fate);
      },
    );
    const lost = (): void => this.#note({ kind: "lost" });
    ended.addEventListener("abort", lost, { once: true });
    if (ended.aborted) lost();
    this.#stop = () => {
      ended.removeEventListener("abort", lost);
      if (!ended.aborted) stop(WATCH.stop);
    };
  }

  #closed(): ChainError {
    const { endpoint } = this.#parts.state.link;
    return new ChainError({ code: "chain-unreachable", endpoint, trouble: "lost" });
  }
}

/** What waiting may mend is asked again; what the chain says of the extrinsic, and a runtime that cannot be read, is not. */
function mayPass(error: unknown): null {
  const passes = ["chain-unreachable", "rpc-failed"];
  if (error instanceof ChainError && passes.includes(error.code)) return null;
  if (error instanceof RpcRefusal) return null;
  throw error;
}
