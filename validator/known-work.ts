/** @file What a validator remembers of updates: fingerprints of the last windows, every body ever sent, and what was applied. */
import type { EarlierWork, Fingerprint, Sending } from "../src/gauntlet/fast-checks.ts";
import { type UsualRule, usualNormsOf } from "../src/gauntlet/norms.ts";
import type { Hex } from "../src/protocol/digest.ts";

/** Windows of updates that are kept beyond those that others' work is compared with: own replays and usual norms look back longer. */
const EXTRA_WINDOWS = 8;

/** How many windows back the own work of a hotkey and the usual norms are looked for. */
export function keptWindows(overlapWindows: number): number {
  return overlapWindows + EXTRA_WINDOWS;
}

/** What updates are clipped to, and the window whose applied set it is from; null: the judged window's own updates. */
export type UsualNorms = { readonly window: number | null; readonly norms: readonly number[] };

/** The updates that a validator knows of. */
export class KnownWork implements EarlierWork {
  /** Fingerprints of recent updates, in no order. */
  fingerprints: readonly Fingerprint[] = [];
  /** Every sending of every body, by its digest. */
  readonly bodies = new Map<Hex, readonly Sending[]>();
  readonly #applied = new Map<number, ReadonlySet<Hex>>();

  /** Remembers an update; one that is known already, as of a window that is judged again, is replaced. */
  add(fingerprint: Fingerprint, overlapWindows: number): void {
    const { bodyDigest, hotkey, window } = fingerprint;
    this.sent(bodyDigest, { hotkey, window });
    const isSame = (one: Sending): boolean => one.hotkey === hotkey && one.window === window;
    const oldest = window - keptWindows(overlapWindows);
    const kept = this.fingerprints.filter((one) => one.window >= oldest && !isSame(one));
    this.fingerprints = [...kept, fingerprint];
  }

  /** Remembers of an update whose body it was: all that is known of those that lie back far. */
  sent(bodyDigest: Hex, { hotkey, window }: Sending): void {
    const isSame = (one: Sending): boolean => one.hotkey === hotkey && one.window === window;
    const others = (this.bodies.get(bodyDigest) ?? []).filter((one) => !isSame(one));
    this.bodies.set(bodyDigest, [...others, { hotkey, window }]);
  }

  /** Whether the update that a hotkey sent in a window is known. */
  has({ hotkey, window }: Sending): boolean {
    return this.fingerprints.some((one) => one.hotkey === hotkey && one.window === window);
  }

  /** Notes whose updates a window applied; nobody's, where it was null or turned out void. */
  setApplied(window: number, hotkeys: Iterable<Hex>): void {
    this.#applied.set(window, new Set(hotkeys));
  }

  /** Whose updates a window applied; null while that is not known. */
  appliedIn(window: number): ReadonlySet<Hex> | null {
    return this.#applied.get(window) ?? null;
  }

  isApplied({ hotkey, window }: Sending): boolean {
    return this.#applied.get(window)?.has(hotkey) === true;
  }

  /**
   * The usual norms for a window: of the last applied set before it, by the rule for sets of that window; null if there was none lately, or it
   * is not known.
   */
  usualNorms(
    window: number,
    overlapWindows: number,
    ruleFrom: (from: number) => UsualRule = () => ({}),
  ): UsualNorms | null {
    const oldest = Math.max(0, window - keptWindows(overlapWindows));
    for (let one = window - 1; one >= oldest; one--) {
      if ((this.appliedIn(one)?.size ?? 0) === 0) continue;
      const applied = this.fingerprints.filter(
        (sent) => sent.window === one && this.isApplied(sent),
      );
      if (applied.length === 0) return null;
      const norms = applied.map((sent) => sent.norms);
      return { window: one, norms: usualNormsOf(norms, ruleFrom(one)) };
    }
    return null;
  }
}
