/** @file Answers of runtime calls that took long, kept until the next block: asking again and again costs nothing more. */
import { type Hex } from "../codec/bytes.ts";
import { CODE_KEY, parameterKey } from "../state/well-known-keys.ts";
import { type ServedChain } from "./served-chain.ts";

/** What takes less is not worth its place. */
const LEAST_MS = 1;
const MOST_ANSWERS = 64;
/** Characters of all answers together. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** Answers on the state as it is: whatever changes the state forgets them all. */
export class Answers {
  readonly #answers = new Map<string, Hex>();
  #characters = 0;
  #metadata: Hex | null = null;

  constructor(chain: ServedChain) {
    const sources = new Set([CODE_KEY, parameterKey("SlotDuration")]);
    chain.subscribe((event) => {
      if (event.type !== "head") return;
      this.#forget();
      if (event.changes.some(([key]) => sources.has(key))) this.#metadata = null;
    });
  }

  /** The head's metadata: only the code and its parameters change it. */
  metadata(make: () => Hex): Hex {
    return (this.#metadata ??= make());
  }

  /** The answer that is kept under `name`, or the one that `make` gives. */
  of(name: string, make: () => Hex): Hex {
    const kept = this.#answers.get(name);
    if (kept !== undefined) return kept;
    const start = performance.now();
    const made = make();
    if (performance.now() - start >= LEAST_MS) this.#keep(name, made);
    return made;
  }

  #keep(name: string, answer: Hex): void {
    const characters = name.length + answer.length;
    if (this.#answers.size >= MOST_ANSWERS) return;
    if (this.#characters + characters > MOST_CHARACTERS) return;
    this.#answers.set(name, answer);
    this.#characters += characters;
  }

  #forget(): void {
    this.#answers.clear();
    this.#characters = 0;
  }
}
