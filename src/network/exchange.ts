/** @file Requests under way: one a socket, each of which must be taken at a least rate, or its socket is cut. */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Lease, Quota } from "./quota.ts";

/** A reader that takes nothing for this long is cut; so is one that keeps falling behind the least rate. */
const PATIENCE_MS = 4000;
/** The least rate. */
const BYTES_PER_MS = 64;
const SWEEP_MS = 500;

/** One request and its answer. */
export class Exchange {
  readonly socket: Socket;
  #deadline: number;
  #lease: Lease | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#deadline = performance.now() + PATIENCE_MS;
  }

  /** Whether the deadline is over. */
  isOver(now: number): boolean {
    return now > this.#deadline;
  }

  /** Moves the deadline: after a pause of this process, which is no reader's fault. */
  forgive(ms: number): void {
    this.#deadline += ms;
  }

  /** Answers with `bytes` in all, if so many may be under way to this address. */
  promise(bytes: number, quota: Quota): boolean {
    this.#lease = quota.take(this.socket.remoteAddress ?? "", bytes);
    return this.#lease !== null;
  }

  /** `source`, read as fast as the reader takes it. */
  metered(source: AsyncIterable<Uint8Array>): Readable {
    const took = (bytes: number): void => this.#took(bytes);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for await (const piece of source) {
        // Goes on when there is room again below: the reader has taken as much.
        yield piece;
        took(piece.length);
      }
    }
    return Readable.from(pieces(), { objectMode: false });
  }

  #took(bytes: number): void {
    this.#lease?.shrink(bytes);
    const earned = this.#deadline + bytes / BYTES_PER_MS;
    this.#deadline = Math.min(earned, performance.now() + PATIENCE_MS);
  }

  /** The answer was sent, or its reader is gone. */
  end(): void {
    this.#lease?.end();
  }
}

/** All exchanges of a server. */
export class Exchanges {
  readonly #bySocket = new Map<Socket, Exchange>();
  readonly #timer: NodeJS.Timeout;
  #lastSweep = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Begins an exchange; null while the socket has another: whoever sends requests ahead makes us hold all answers. */
  begin(socket: Socket): Exchange | null {
    if (this.#bySocket.has(socket)) return null;
    const exchange = new Exchange(socket);
    this.#bySocket.set(socket, exchange);
    return exchange;
  }

  end(exchange: Exchange): void {
    exchange.end();
    this.#bySocket.delete(exchange.socket);
  }

  #sweep(): void {
    const now = performance.now();
    const paused = now - this.#lastSweep - SWEEP_MS;
    this.#lastSweep = now;
    for (const exchange of this.#bySocket.values()) {
      if (paused > SWEEP_MS) exchange.forgive(paused);
      // A reset frees what the kernel holds for this reader, too.
      if (exchange.isOver(now)) exchange.socket.resetAndDestroy();
    }
  }

  /** Ends the watch. */
  close(): void {
    clearInterval(this.#timer);
  }
}
