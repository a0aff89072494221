/** @file Whose payloads a validator still looks for: for its status, so that miners and whoever makes blocks can know. */
import { MOST_AWAITED, type Status } from "../src/api/types.ts";
import type { Hex } from "../src/protocol/digest.ts";

/** The payloads of one window that are not here yet. */
export class Awaited {
  #window = -1;
  readonly #hotkeys = new Set<Hex>();

  /** A window's payloads are looked for. */
  begin(window: number, hotkeys: readonly Hex[]): void {
    this.#window = window;
    this.#hotkeys.clear();
    for (const hotkey of hotkeys) this.#hotkeys.add(hotkey);
  }

  /** One is here, or not looked for any more. */
  ended(hotkey: Hex): void {
    this.#hotkeys.delete(hotkey);
  }

  /** What is said of it; nothing when none is missing. */
  get status(): Pick<Status, "awaited"> {
    if (this.#hotkeys.size === 0) return {};
    const hotkeys = [...this.#hotkeys].slice(0, MOST_AWAITED);
    const more = this.#hotkeys.size - hotkeys.length;
    return { awaited: { window: this.#window, hotkeys, more } };
  }
}
