/** @file Numbers drawn by a seed: the same on every machine. */
import { exactNormal, uint32Stream, uniform } from "../../kernels/random.ts";

/** Drawn numbers. One stream for each purpose: what one of them draws moves no other. */
export class Lots {
  readonly #draw: () => number;

  /** @param stream which of the seed's streams */
  constructor(seed: number, stream: number) {
    this.#draw = uint32Stream(seed, stream);
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniform(this.#draw);
  }

  /** Nearly normal: mean 0, variance 1, within +-6. */
  normal(): number {
    return exactNormal(this.#draw);
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }
}
