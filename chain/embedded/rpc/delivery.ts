/**
 * @file What a client was sent and has not said that it read. The system takes megabytes for a client that reads nothing, and whoever
 * comes again has them anew; a ping behind an answer is answered by who has read up to it.
 */
import { randomBytes } from "node:crypto";
import { Allowance } from "../pool/allowance.ts";
import type { RpcLimits } from "./limits.ts";

/** Behind so many bytes there is a ping, if none is open. */
const MARK_BYTES = 32 * 1024;
const TOKEN_BYTES = 8;

type Limits = Pick<
  RpcLimits,
  "unconfirmedBytes" | "mostUnconfirmedBytes" | "unconfirmedBytesPerSecond"
>;
/** A ping that is open: what was sent before it, and what its answer says. */
type Mark = { readonly bytes: number; readonly token: Buffer };

/** Bytes on their way to one client. */
export class Delivery {
  readonly #limits: Limits;
  /** In bytes, for who confirms nothing. */
  readonly #trickle: Allowance;
  #sent = 0;
  #confirmed = 0;
  #mark: Mark | null = null;
  /** What may be unconfirmed; twice as much after each confirmation. */
  #window: number;

  constructor(limits: Limits, clockMs: () => number) {
    this.#limits = limits;
    this.#window = limits.unconfirmedBytes;
    const bytes = limits.unconfirmedBytesPerSecond;
    // Bytes instead of milliseconds, and all of them are owed: one answer may be megabytes.
    const limit = { msPerSecond: bytes, mostMs: bytes, mostOwedMs: Infinity };
    this.#trickle = new Allowance(limit, clockMs);
    // Nothing is saved up before it is needed.
    this.#trickle.take(bytes);
  }

  /** Bytes that the client may not have read. */
  get unconfirmed(): number {
    return this.#sent - this.#confirmed;
  }

  /**
   * Whether the client may be sent more. One that asks so much ahead that its confirmations are not read, or confirms nothing, gets
   * some bytes a second all the same.
   */
  get hasRoom(): boolean {
    return this.#isConfirming || !this.#trickle.isSpent;
  }

  /** Counts what was sent; returns what to ping with behind it, or null. */
  send(bytes: number): Buffer | null {
    if (!this.#isConfirming) this.#trickle.take(bytes);
    this.#sent += bytes;
    return this.#marked();
  }

  /** Takes the answer to a ping; returns what to ping with next, or null. */
  confirm(token: Buffer): Buffer | null {
    const mark = this.#mark;
    if (mark === null || !mark.token.equals(token)) return null;
    this.#mark = null;
    this.#confirmed = mark.bytes;
    this.#window = Math.min(2 * this.#window, this.#limits.mostUnconfirmedBytes);
    return this.#marked();
  }

  get #isConfirming(): boolean {
    return this.unconfirmed < this.#window;
  }

  #marked(): Buffer | null {
    if (this.#mark !== null || this.unconfirmed < MARK_BYTES) return null;
    this.#mark = { bytes: this.#sent, token: randomBytes(TOKEN_BYTES) };
    return this.#mark.token;
  }
}
