/** @file Says what lasts: when it begins or changes, and again every so many windows, instead of in each. */

const EVERY_WINDOWS = 10;

/** One thing that may be wrong for a while. */
export class Reminder {
  readonly #say: (text: string) => void;
  #said: { readonly key: string; readonly window: number } | null = null;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Tells `text` unless the same `key` was told in one of the last windows. */
  tell(window: number, key: string, text: string): void {
    const said = this.#said;
    if (said?.key === key && window < said.window + EVERY_WINDOWS) return;
    this.#said = { key, window };
    this.#say(text);
  }

  /** It is over: the next time it is told at once. Returns whether anything had been told. */
  over(): boolean {
    const wasSaid = this.#said !== null;
    this.#said = null;
    return wasSaid;
  }
}
