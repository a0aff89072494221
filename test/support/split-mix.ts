/** @file SplitMix64 and FNV-1a over 64-bit words, as the Rust tests have them: what both languages draw and compare by digest. */

export const WORD = (1n << 64n) - 1n;

/** SplitMix64: six lines in any language. */
export class SplitMix {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  next(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & WORD;
    let word = this.#state;
    word = ((word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD;
    word = ((word ^ (word >> 27n)) * 0x94d049bb133111ebn) & WORD;
    return word ^ (word >> 31n);
  }

  below(limit: number): number {
    return Number(this.next() % BigInt(limit));
  }

  /** 0 and 65,535 each in a quarter of the draws, else any u16. */
  share(): number {
    const kind = this.below(4);
    if (kind === 0) return 0;
    return kind === 1 ? 65_535 : this.below(65_536);
  }
}

/** FNV-1a over 64-bit words. */
export class WordDigest {
  #state = 0xcbf29ce484222325n;

  add(words: readonly (bigint | number | boolean)[]): void {
    for (const word of words)
      this.#state = ((this.#state ^ (BigInt(word) & WORD)) * 0x100000001b3n) & WORD;
  }

  /** 16 hex digits. */
  get hex(): string {
    return this.#state.toString(16).padStart(16, "0");
  }
}
