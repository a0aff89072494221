/** @file The workers that a validator knows: who they are, when they were last heard of, and which of them are refused. */
import type { Hex } from "../../src/protocol/digest.ts";

/** What a worker says of itself. */
export type Hello = {
  /** A name of its own among the workers of its hotkey. */
  readonly name: string;
  readonly device: string;
  readonly lossesPerSecond: number;
  readonly memoryBytes: number;
};

/** A worker. */
export type KnownWorker = Hello & {
  readonly hotkey: Hex;
  readonly remote: string;
  /** When it was last heard of, in milliseconds of a clock that does not go back. */
  heardAt: number;
  /** Parameters that it holds, as it said last. */
  theta: Hex | null;
  answers: number;
};

/** A worker that is silent for so long has lost its tasks. It says something twice a second. */
export const SILENT_MS = 1500;
/** Workers that are remembered; the one that was silent for longest makes room. */
const MOST_WORKERS = 1024;

/** What tells workers apart, however often they say hello. */
export const keyOf = ({ hotkey, name }: Pick<KnownWorker, "hotkey" | "name">): string =>
  `${hotkey} ${name}`;

/** The workers of one validator. */
export class Workers {
  readonly #own: Hex;
  readonly #known = new Map<string, KnownWorker>();
  /** By hotkey; by hotkey and name, where the hotkey is the validator's own. */
  readonly #refused = new Map<string, string>();
  readonly #now: () => number;

  /** @param own the validator's hotkey, which several workers may share */
  constructor(own: Hex, now: () => number = () => performance.now()) {
    this.#own = own;
    this.#now = now;
  }

  /** Lets a worker in, or replaces what was known of it. */
  add(hotkey: Hex, remote: string, hello: Hello): KnownWorker {
    const worker = { ...hello, hotkey, remote, heardAt: this.#now(), theta: null, answers: 0 };
    this.#known.set(keyOf(worker), worker);
    if (this.#known.size > MOST_WORKERS) {
      const [oldest] = [...this.#known].toSorted(([, a], [, b]) => a.heardAt - b.heardAt);
      if (oldest !== undefined) this.#known.delete(oldest[0]);
    }
    return worker;
  }

  /** The worker of that name, heard of now; null for one that has not said who it is. */
  heard(hotkey: Hex, name: string): KnownWorker | null {
    const worker = this.#known.get(keyOf({ hotkey, name })) ?? null;
    if (worker !== null) worker.heardAt = this.#now();
    return worker;
  }

  /** Whether it was heard of lately. */
  isAlive(worker: KnownWorker): boolean {
    return this.#now() - worker.heardAt <= SILENT_MS;
  }

  /** Those that were heard of lately and hold these parameters. */
  ready(theta: Hex): readonly KnownWorker[] {
    return [...this.#known.values()].filter(
      (worker) => worker.theta === theta && this.isAlive(worker),
    );
  }

  /** Takes nothing from a worker any more: from none of its hotkey, unless that is the validator's own, which honest ones share. */
  refuse({ hotkey, name }: Pick<KnownWorker, "hotkey" | "name">, reason: string): void {
    this.#refused.set(hotkey === this.#own ? keyOf({ hotkey, name }) : hotkey, reason);
    this.#known.delete(keyOf({ hotkey, name }));
  }

  /** Why nothing is taken from it; null for one that may work. */
  refusal(hotkey: Hex, name: string): string | null {
    return this.#refused.get(hotkey) ?? this.#refused.get(keyOf({ hotkey, name })) ?? null;
  }
}
