/** @file How long the chain of a local network waits. Relative to what waits have taken, so that a slow machine is nobody's fault. */
import type { GateKind } from "./gates.ts";

/** Shorter waits say nothing. Milliseconds, as everywhere here. */
const LEAST_MS = 20_000;
/** As long as nobody has been ready nobody is late: this only ends a wait for what never comes. */
const MOST_MS = 600_000;
/** A neuron may take so many times as long as the slowest wait that ended well. */
const TIMES = 5;
/** A process that is alive answers in milliseconds, since it trains in a thread of its own; on a crowded machine in seconds. */
const SILENCE_MS = 10_000;
/** Validators ask for a missing payload until the judge phase begins, so waiting for them alone would never end. */
const COLLECT_MS = { first: 5000, least: 2500, most: 60_000 } as const;
/** Where only payloads of others than the network's own nodes are missing: nobody here is made late by going on. */
const STRANGERS_MS = 500;

/** Remembers what waits took. */
export class Patience {
  readonly #longestMs = new Map<GateKind, number>();
  /** Waits for payloads in a row that ended without them. */
  #vain = 0;
  /** Those of them in which payloads of strangers alone were missing. */
  #strange = 0;

  /** Somebody was ready after so long. */
  note(kind: GateKind, milliseconds: number): void {
    this.#longestMs.set(kind, Math.max(this.#longestMs.get(kind) ?? 0, milliseconds));
  }

  /** A wait is over, in vain or not. */
  ended(kind: GateKind, inVain: boolean): void {
    if (kind === "collect") this.#vain = inVain ? this.#vain + 1 : 0;
  }

  /** How long validators are waited for that look for payloads of strangers alone. */
  get strangersMs(): number {
    return STRANGERS_MS / 2 ** this.#strange;
  }

  /** Validators have collected what there was, or were left looking for payloads of strangers. */
  collected(leftStrangers: boolean): void {
    this.#strange = leftStrangers ? this.#strange + 1 : 0;
  }

  /** How long a gate of this kind may stay closed for neurons that answer. */
  limitMs(kind: GateKind): number {
    const longestMs = this.#longestMs.get(kind) ?? 0;
    if (kind === "collect") {
      const wholeMs = Math.min(COLLECT_MS.most, Math.max(COLLECT_MS.first, TIMES * longestMs));
      return Math.max(COLLECT_MS.least, wholeMs / 2 ** this.#vain);
    }
    if (longestMs === 0) return MOST_MS;
    return Math.min(MOST_MS, Math.max(LEAST_MS, TIMES * longestMs));
  }

  /** How long a neuron that does not answer is waited for. */
  silentMs(kind: GateKind): number {
    const longestMs = this.#longestMs.get(kind) ?? 0;
    return Math.max(SILENCE_MS, Math.min(longestMs, LEAST_MS));
  }
}
