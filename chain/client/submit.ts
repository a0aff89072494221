/**
 * @file Submits extrinsics: signed here, one of an account in the pool at a time, followed until their block is final.
 *
 * Nothing is ever sent twice. What was signed once is the same extrinsic wherever it is handed over again, and a call is signed anew
 * only when the extrinsic before it is in no block and can come into none. A call that was given up while a block might still take it is
 * the same call when it is made again. A call that is made while an equal one is under way is another one: its maker has not heard of
 * any end that it could be a repetition of.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Sent } from "../endpoint-faults.ts";
import { ChainError } from "../errors.ts";
import { bytesOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { readBestNumber, readHead } from "./heads.ts";
import { inTurn, type Lane, Lanes, type Open, type Steps } from "./lanes.ts";
import { CARRIED_REFUSED, isNonceRefusal, isOutranked, poolError } from "./pool-refusal.ts";
import { BlockSearch, type End, type Included, Outcomes, Pursuit } from "./pursuit.ts";
import { type CallSpec, sentOf, type Signed, Signing } from "./sign.ts";
import { type ChainState } from "./state.ts";

/** What becomes of an extrinsic: it is handed over (and may be taken from now on), and its fate is known or given up. */
export type SubmitNews =
  | { readonly kind: "sent"; readonly sent: Sent; readonly timeoutMs: number }
  | { readonly kind: "settled"; readonly sent: Sent };

/** What found no room behind its carrier comes in one of the next blocks. */
const CARRIED_BLOCKS = 2;
const LOOK_MS = 100;
/** Blocks that nodes without an archive still know. */
const KNOWN_BLOCKS = 256;

/** A call that is made for its nonce, how many nonces it takes, and the block from which on nobody wants it. */
type Made = {
  readonly call: (nonce: number) => Promise<CallSpec>;
  readonly nonces: number;
  readonly before?: number;
};
/** One call on its way. */
type Sending = {
  readonly signer: Signer;
  readonly made: Made;
  readonly lane: Lane;
  /** When it was made, on the clock of its lane. */
  readonly madeAt: number;
  readonly until: number;
  readonly steps: Steps;
};

/** Signs and submits for any number of accounts. */
export class Submitter {
  readonly #state: ChainState;
  readonly #timeoutMs: number;
  readonly #tell: (news: SubmitNews) => void;
  readonly #lanes = new Lanes();
  readonly #signing: Signing;
  readonly #outcomes: Outcomes;

  constructor(
    state: ChainState,
    timeoutMs: number,
    tell: (news: SubmitNews) => void = () => undefined,
  ) {
    this.#state = state;
    this.#timeoutMs = timeoutMs;
    this.#tell = tell;
    this.#signing = new Signing(state);
    this.#outcomes = new Outcomes(state);
  }

  /**
   * Submits a call and waits until it is in a finalised block. A call equal to one of the account that had ended, when this one is
   * made, without anybody knowing its fate, is taken for its repetition: at most one of the two ever counts, and each is repeated by
   * one call at a time. An equal call that is made while the first is under way counts by itself.
   * @throws ChainError extrinsic-invalid (refused by the pool), extrinsic-failed (included, but its call failed),
   * extrinsic-timeout, chain-unreachable (with `sent` where it may have been sent), runtime-incompatible
   */
  async submit(signer: Signer, call: CallSpec): Promise<Included> {
    return this.#submit(signer, { call: async () => call, nonces: 1 });
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
      inner = await this.#signing.sign(signer, call, { nonce: nonce + 1, before });
      return carrierOf(bytesOf(inner.hex));
    };
    const made = { call: carrier, nonces: 2, before };
    const carried = await this.#submit(signer, made).catch(async (error: unknown) => {
      if (await this.#isTooLate(error, before)) return null;
      throw error;
    });
    if (carried === null) return null;
    const found = inner === null ? null : await this.#behind(carried, inner, until);
    if (found !== null) return found;
    throw new ChainError({ code: "extrinsic-invalid", reason: CARRIED_REFUSED, detail: "" });
  }

  /** Looks for what was carried in the few blocks after its carrier. */
  async #behind({ block }: Included, inner: Signed, until: number): Promise<Included | null> {
    const parts = { state: this.#state, outcomes: this.#outcomes };
    const blocks = { first: block.number, last: block.number + CARRIED_BLOCKS };
    const search = new BlockSearch(parts, inner, blocks);
    const { link } = this.#state;
    for (;;) {
      if (link.closed.aborted)
        throw new ChainError({ code: "chain-unreachable", endpoint: link.endpoint });
      // A process that stood still has not heard of the newest blocks.
      const isLast = performance.now() >= until;
      const found = await search.look(isLast ? (await readHead(this.#state)).number : undefined);
      if (found !== null || search.isOver || isLast) return found;
      await sleep(LOOK_MS);
    }
  }

  /** Whether what failed was refused, or is in no block, because a block is there before which it was wanted. */
  async #isTooLate(error: unknown, before: number): Promise<boolean> {
    if (!(error instanceof ChainError)) return false;
    const { code } = error.fault;
    // The pool judges what would be in the block after its newest, final or not.
    if (code === "extrinsic-invalid") return (await readBestNumber(this.#state)) >= before - 1;
    return code === "extrinsic-timeout" && (await readHead(this.#state)).number >= before - 1;
  }

  async #submit(signer: Signer, made: Made): Promise<Included> {
    const lane = this.#lanes.of(signer.publicKey);
    lane.underWay++;
    const madeAt = ++lane.clock;
    // What is encrypted to the author of the next block goes into that block behind what waits for it already.
    const behindPool = made.nonces > 1;
    try {
      return await inTurn(lane, { behindPool }, async (steps) => {
        // The time of a call begins when it is its turn.
        const until = performance.now() + this.#timeoutMs;
        return this.#send({ signer, made, lane, madeAt, until, steps });
      });
    } finally {
      lane.underWay--;
      // The next submission asks the chain alone: others may use the account in the meantime.
      if (lane.underWay === 0) lane.free = null;
    }
  }

  /** Signs and follows, and signs anew where the chain can take what was signed before no more. */
  async #send(sending: Sending): Promise<Included> {
    const { signer, made, lane, until } = sending;
    for (let attempt = 0; ; attempt++) {
      const nonce = Math.max(await this.#signing.nextNonce(signer), lane.free ?? 0);
      const call = await made.call(nonce);
      const fresh = await this.#signing.sign(signer, call, { nonce, before: made.before });
      const given = givenUp(sending, fresh);
      // Noted before it is sent: when the chain goes away on the way it may have been taken as well.
      const open = given ?? { signed: fresh, givenUpAt: null };
      open.givenUpAt = null;
      lane.open.add(open);
      const { signed } = open;
      const end = await this.#followed(signed, sending, given !== null).catch((error: unknown) => {
        // A block has it: whoever repeats a call that failed means a new one.
        if (isFailed(error)) lane.open.delete(open);
        else open.givenUpAt = ++lane.clock;
        throw error;
      });
      if (end.kind === "unknown") open.givenUpAt = ++lane.clock;
      else lane.open.delete(open);
      if (end.kind === "included") return end.included;
      lane.free = null;
      const isAgain = await this.#isToSignAnew(end, signed, {
        attempt,
        until,
        before: made.before,
      });
      if (!isAgain) throw this.#failure(end, signed, call);
    }
  }

  /** Whether the call may be signed anew: what was signed is in no block and comes into none, and another may be taken. */
  async #isToSignAnew(
    end: Exclude<End, { kind: "included" }>,
    signed: Signed,
    at: { readonly attempt: number; readonly until: number; readonly before: number | undefined },
  ): Promise<boolean> {
    const { attempt, until, before } = at;
    switch (end.kind) {
      case "unknown":
      case "expired":
        return false;
      case "usurped":
        return before === undefined && performance.now() < until;
      case "gone":
        return this.#signing.isOutdated(signed);
      case "refused":
        if (await this.#signing.isOutdated(signed)) return true;
        if (!isNonceRefusal(end.refusal)) return false;
        // Somebody else used the nonce; what waits for another call of this account (a free one of the same kind) tries with every block.
        return attempt === 0 || (isOutranked(end.refusal) && (await this.#nextBlock(until)));
    }
    return end satisfies never;
  }

  /** Whether a further block became final before `until`. */
  async #nextBlock(until: number): Promise<boolean> {
    const { link } = this.#state;
    const { height } = link;
    while (link.height <= height) {
      if (link.closed.aborted || performance.now() >= until) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  async #followed(signed: Signed, sending: Sending, wasSent: boolean): Promise<End> {
    const { lane, made, until, steps } = sending;
    const sent = sentOf(signed);
    const free = signed.nonce + made.nonces;
    const included = (): void => {
      lane.free = Math.max(lane.free ?? 0, free);
      steps.included();
    };
    const pooled = (): void => {
      lane.free = Math.max(lane.free ?? 0, free);
      steps.pooled();
    };
    const parts = {
      state: this.#state,
      outcomes: this.#outcomes,
      until,
      steps: { pooled, included },
    };
    this.#tell({ kind: "sent", sent, timeoutMs: this.#timeoutMs });
    try {
      return await new Pursuit(signed, parts, wasSent).end();
    } catch (error) {
      throw afterSending(error, sent);
    } finally {
      this.#tell({ kind: "settled", sent });
    }
  }

  #failure(end: Exclude<End, { kind: "included" }>, signed: Signed, call: CallSpec): ChainError {
    const { link } = this.#state;
    const { endpoint } = link;
    const sent = sentOf(signed);
    if (end.kind === "refused") return poolError(end.refusal, call.name);
    if (end.kind === "gone") {
      const reason = `the pool reports it as ${end.status}`;
      return new ChainError({ code: "extrinsic-invalid", reason, detail: "" });
    }
    if (end.kind === "unknown" && !link.isConnected)
      return new ChainError({ code: "chain-unreachable", endpoint, trouble: "lost", sent });
    return new ChainError({
      code: "extrinsic-timeout",
      endpoint,
      sent,
      timeoutMs: this.#timeoutMs,
      ...(end.kind === "expired" && { isOver: true }),
    });
  }
}

/** The same call where it had been given up when this one was made: it may have been taken since, or may still be. */
function givenUp({ lane: { open }, madeAt }: Sending, { method, from }: Signed): Open | null {
  for (const one of open)
    if (one.givenUpAt !== null && from.number > one.signed.last + KNOWN_BLOCKS) open.delete(one);
  for (const one of open)
    if (one.signed.method === method && one.givenUpAt !== null && one.givenUpAt < madeAt)
      return one;
  return null;
}

/** Whether a block has the extrinsic, and refused what it asked for. */
function isFailed(error: unknown): boolean {
  return error instanceof ChainError && error.fault.code === "extrinsic-failed";
}

/** The error of a chain that went away after an extrinsic was handed over says so: whoever repeats the call may pay twice. */
function afterSending(error: unknown, sent: Sent): unknown {
  if (!(error instanceof ChainError) || error.fault.code !== "chain-unreachable") return error;
  return new ChainError({ ...error.fault, sent }, { cause: error });
}
