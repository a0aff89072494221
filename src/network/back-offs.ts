/**
 * @file How long each axon is left alone that took a node's time and gave nothing for it. Pure: whoever asks says what time it is.
 *
 * An axon is known by the hotkey that published it, so that a new port is no new name; and nothing but what it answered
 * itself weighs on it, so that nobody can make another look bad.
 */
import type { Hex } from "../protocol/digest.ts";

/** What weighs on one axon. */
type Weight = {
  readonly failures: number;
  /** When the last of them ended. */
  readonly failedMs: number;
  /** Until when it is left alone. */
  readonly untilMs: number;
};

/** The shortest and the longest time for which an axon is left alone. */
export const LEFT_ALONE_MS = { least: 250, most: 60_000 } as const;

const NOTHING: Weight = { failures: 0, failedMs: -Infinity, untilMs: -Infinity };
/** More would only be overflow: the pause has long been the longest. */
const MOST_FAILURES = 16;

/**
 * The pauses of all axons of a subnet. Each failure in a row doubles what it cost; a proper answer, also that there is no such
 * blob, ends the pause and takes half of the weight away. Times are of one clock that never goes back.
 */
export class BackOffs {
  readonly #weights = new Map<Hex, Weight>();

  /** How many axons it remembers. */
  get size(): number {
    return this.#weights.size;
  }

  /** What weighs on an axon; 0: nothing. */
  failuresOf(hotkey: Hex): number {
    return (this.#weights.get(hotkey) ?? NOTHING).failures;
  }

  /** From when on it may be asked for what is not its own. */
  dueMs(hotkey: Hex): number {
    return (this.#weights.get(hotkey) ?? NOTHING).untilMs;
  }

  /** It gave a proper answer. */
  answered(hotkey: Hex): void {
    const weight = this.#weights.get(hotkey);
    if (weight === undefined) return;
    const failures = Math.floor(weight.failures / 2);
    if (failures === 0) this.#weights.delete(hotkey);
    else this.#weights.set(hotkey, { ...weight, failures, untilMs: -Infinity });
  }

  /**
   * It cost `costMs` and gave nothing. Requests that were under way together count once: a node asks for many things at a time,
   * and one bad moment of an axon is one.
   */
  failed(
    hotkey: Hex,
    costMs: number,
    { askedMs, nowMs }: { askedMs: number; nowMs: number },
  ): void {
    const weight = this.#weights.get(hotkey) ?? NOTHING;
    const isNew = askedMs >= weight.failedMs;
    const failures = Math.max(1, Math.min(MOST_FAILURES, weight.failures + (isNew ? 1 : 0)));
    const base = Math.max(LEFT_ALONE_MS.least, costMs);
    const pauseMs = Math.min(LEFT_ALONE_MS.most, base * 2 ** (failures - 1));
    const untilMs = Math.max(nowMs + pauseMs, weight.untilMs);
    this.#weights.set(hotkey, { failures, failedMs: nowMs, untilMs });
  }

  /** One that has failed before is being asked: until it answers, or until then, one question is enough. */
  asking(hotkey: Hex, untilMs: number): void {
    const weight = this.#weights.get(hotkey);
    if (weight !== undefined && weight.untilMs < untilMs)
      this.#weights.set(hotkey, { ...weight, untilMs });
  }

  /** Forgets all but these: who is no longer on the subnet. */
  keep(hotkeys: ReadonlySet<string>): void {
    for (const hotkey of this.#weights.keys())
      if (!hotkeys.has(hotkey)) this.#weights.delete(hotkey);
  }
}
