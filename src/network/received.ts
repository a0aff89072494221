/** @file The first bytes of a blob as they came, from one axon or several: a search that is broken off goes on behind them. */

/** What came so far, in order. */
export class Received {
  /** Where the last of it came from: without a signature. */
  place: string | null = null;
  #parts: Uint8Array[];
  #bytes: number;
  /** Who sent any of it. */
  readonly #senders: Set<string>;

  /** @param before - goes on behind these */
  constructor(before: Received | null = null) {
    this.#parts = before === null ? [] : [...before.#parts];
    this.#bytes = before?.bytes ?? 0;
    this.#senders = new Set(before?.senders);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get senders(): ReadonlySet<string> {
    return this.#senders;
  }

  add(part: Uint8Array, sender: string): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    this.#senders.add(sender);
  }

  /** Begins anew: whoever answers now sends everything. */
  clear(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#senders.clear();
  }

  /** All in one. Not Buffer.concat: a Buffer's slice() is a view, and readers of checkpoints would reach beyond the bytes. */
  whole(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
