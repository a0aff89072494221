/** @file One worker with several uids: the first of them works, the others get what it hands out. */
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import type { Hex } from "../../src/protocol/digest.ts";

type Handed = { readonly updates: readonly (SparseUpdate | null)[] };

/** The uids of one worker. */
export class Crew {
  readonly hotkeys: readonly Hex[];
  readonly #handed = new Map<number, PromiseWithResolvers<Handed>>();

  constructor(hotkeys: readonly Hex[]) {
    this.hotkeys = hotkeys;
  }

  #window(window: number): PromiseWithResolvers<Handed> {
    const known = this.#handed.get(window) ?? Promise.withResolvers<Handed>();
    this.#handed.set(window, known);
    return known;
  }

  /** The first uid hands out what each uid sends in a window. */
  hand(window: number, updates: Handed["updates"]): void {
    this.#window(window).resolve({ updates });
    this.#handed.delete(window - 2);
  }

  /** What the uid `index` sends in a window, once the first one has made it; null for nothing. */
  async take(window: number, index: number): Promise<SparseUpdate | null> {
    const { updates } = await this.#window(window).promise;
    return updates[index] ?? null;
  }
}
