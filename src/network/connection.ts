/** @file One socket of an axon: it has one request at a time, and always a deadline by which something must have happened. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Lease, Quota } from "./quota.ts";

/** How long a remote may do nothing: neither finish the head of a request nor take of an answer. */
const PATIENCE_MS = 4000;
/** On the doorstep nobody stays. */
const PROOF_MS = 1000;
/** The least rate of a reader; whoever keeps below it falls behind the deadline. */
const BYTES_PER_MS = 64;

/** What a socket was let in with. */
export type Admission = { readonly place: Lease; readonly mustProve: boolean };

/** A socket, from its first moment to its last. */
export class Connection {
  readonly #socket: Socket;
  /** The address at the other end. */
  readonly ip: string;
  #deadline = performance.now() + PATIENCE_MS;
  #isAnswering = false;
  #promised: Lease | null = null;
  /** Its place among the sockets. */
  #place: Lease;
  /** Whether its first request has to prove who sent it, because its address has no place left. */
  #mustProve: boolean;

  constructor(socket: Socket, { place, mustProve }: Admission) {
    this.#socket = socket;
    // A socket that was ended forgets it.
    this.ip = socket.remoteAddress ?? "";
    this.#place = place;
    this.#mustProve = mustProve;
    if (mustProve) this.#deadline = performance.now() + PROOF_MS;
    socket.once("close", () => this.#place.end());
  }

  get mustProve(): boolean {
    return this.#mustProve;
  }

  /** Takes another place, and gives the one it had to others. */
  moveTo(place: Lease): void {
    this.#place.end();
    this.#place = place;
    this.#mustProve = false;
    if (this.#socket.destroyed) place.end();
  }

  /** Begins an answer; false while another is under way: whoever sends requests ahead makes us hold all answers. */
  begin(response: ServerResponse): boolean {
    if (this.#isAnswering) return false;
    this.#isAnswering = true;
    this.#deadline = performance.now() + PATIENCE_MS;
    response.once("close", () => {
      this.#isAnswering = false;
      this.#promised?.end();
      this.#deadline = performance.now() + PATIENCE_MS;
    });
    return true;
  }

  /** Reserves `bytes` for the answer; false when so many cannot be under way to `holder`. */
  promise(bytes: number, quota: Quota, holder: string = this.ip): boolean {
    this.#promised = quota.take(holder, bytes);
    return this.#promised !== null;
  }

  /**
   * The answer's body of so many bytes, piece by piece: the next is read when the system has taken the one before, so that no more
   * than one waits for a slow reader, and all may lie in one buffer.
   */
  async send(
    response: ServerResponse,
    { bytes, pieces }: { readonly bytes: number; readonly pieces: AsyncIterable<Uint8Array> },
  ): Promise<void> {
    let left = bytes;
    try {
      if (left === 0) response.end();
      for await (const piece of pieces) {
        left -= piece.length;
        // The last ends the answer at once: whoever has all of it may ask again before the source is closed.
        await taken(response, piece, left === 0);
        this.#took(piece.length);
      }
    } catch {
      // The reader is gone, or the source is damaged: it must not look complete.
      this.cut();
    }
  }

  /** A text's pieces as a stream, read as fast as the reader takes them. */
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

  /**
   * An answer without an end: each piece when the system has taken the one before. Who takes nothing of a piece for as long as the
   * patience is cut; `pieces` must come more often than that, since silence looks the same.
   */
  async stream(response: ServerResponse, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of pieces) {
        this.#deadline = performance.now() + PATIENCE_MS;
        await taken(response, piece, false);
        this.#deadline = performance.now() + PATIENCE_MS;
      }
      response.end();
    } catch {
      this.cut();
    }
  }

  #took(bytes: number): void {
    this.#promised?.shrink(bytes);
    const earned = this.#deadline + bytes / BYTES_PER_MS;
    this.#deadline = Math.min(earned, performance.now() + PATIENCE_MS);
  }

  /** Lets the answer begin so late; the usual patience counts from then on. */
  wait(ms: number): void {
    this.#deadline = performance.now() + ms + PATIENCE_MS;
  }

  /** Moves the deadline: after a pause of this process, which is no remote's fault. */
  forgive(ms: number): void {
    this.#deadline += ms;
  }

  /** Cuts it when its deadline is over. */
  cutIfOver(now: number): void {
    if (now > this.#deadline) this.cut();
  }

  /** Ends it at once; a reset frees what the kernel holds for it, too. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }
}

/** Waits until the system has taken a piece. */
function taken(response: ServerResponse, piece: Uint8Array, isLast: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("the reader is gone"));
    if (response.destroyed) return gone();
    response.once("close", gone);
    const done = (error?: Error | null): void => {
      response.off("close", gone);
      if (error) reject(error);
      else resolve();
    };
    if (isLast) response.end(piece, done);
    else response.write(piece, done);
  });
}
