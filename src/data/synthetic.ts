/**
 * @file Synthetic data of exactly known entropy: a Markov source whose every loss can be held against its floor.
 *
 * From symbol s the source goes on to p_j(s) with probability w_j / 2^(branches - 1), where p_0, p_1, ... are permutations of the
 * symbols and the weights are 2^(branches - 2), ..., 4, 2, 1, 1. A mixture of permutations is doubly stochastic, so all symbols
 * are equally frequent; p_0 is one cycle through all of them, so the source is irreducible, and its entropy rate is
 * the mean over the symbols of the entropy of their rows. Draws are integers: the same bytes on every machine.
 */
import { AssayError } from "../errors.ts";
import { blake2b256Bytes } from "../protocol/digest.ts";
import { encodeTokens, type TokenBytes } from "./tokens.ts";

/** What fixes a source. */
export type SyntheticRules = {
  readonly seed: number;
  readonly symbols: number;
  readonly branches: number;
};

const PREFIX = "synthetic:";
const RANGES: Readonly<Record<keyof SyntheticRules, readonly [number, number, number]>> = {
  seed: [1, 0, 4_294_967_295],
  symbols: [64, 2, 65_536],
  branches: [4, 2, 16],
};
/** Up to so many symbols are printable bytes, from the space on. */
const PRINTABLE = 95;
const SPACE = 32;

/** Whether data is to be made and not read. */
export function isSynthetic(folder: string): boolean {
  return folder.startsWith(PREFIX);
}

/** "synthetic:seed=1,symbols=64,branches=4"; what is left out has these values. @throws AssayError bad-option */
export function syntheticRules(folder: string): SyntheticRules {
  const given = new Map<string, number>();
  const refuse = (reason: string): never => {
    throw new AssayError({
      code: "bad-option",
      detail: `${folder}: ${reason}; write synthetic:seed=1,symbols=64,branches=4`,
    });
  };
  for (const part of folder.slice(PREFIX.length).split(",")) {
    if (part === "") continue;
    const [name = "", text = ""] = part.split("=");
    if (!/^\d{1,10}$/.test(text)) refuse(`"${part}" is no whole number with a name`);
    given.set(name, Number(text));
  }
  const value = (name: keyof SyntheticRules): number => {
    const [standard, least, most] = RANGES[name];
    const found = given.get(name) ?? standard;
    given.delete(name);
    return found >= least && found <= most ? found : refuse(`${name} must be ${least} to ${most}`);
  };
  const rules = { seed: value("seed"), symbols: value("symbols"), branches: value("branches") };
  const [unknown] = given.keys();
  return unknown === undefined ? rules : refuse(`there is no "${unknown}"`);
}

/** Uniform 32-bit integers: sfc32 of C. Doty-Humphrey, its state from a Blake2b of the label and 12 rounds on. */
function drawsOf(label: string): () => number {
  const state = new Uint32Array(4);
  const digest = Buffer.from(blake2b256Bytes(new TextEncoder().encode(label)));
  for (let index = 0; index < 3; index++) state[index] = digest.readUInt32LE(4 * index);
  state[3] = 1;
  const next = (): number => {
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const sum = (a + b + counter) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = counter + 1;
    return sum;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A number below `limit`, every one as likely: what would not divide evenly is drawn again. */
function below(next: () => number, limit: number): number {
  const whole = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const drawn = next();
    if (drawn < whole) return drawn % limit;
  }
}

/** 0..count-1 in a drawn order. */
function shuffled(count: number, next: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = below(next, index + 1);
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}

/** The permutation that goes round all symbols in the order given. */
function cycleOf(order: Int32Array): Int32Array {
  const next = new Int32Array(order.length);
  for (const [index, symbol] of order.entries())
    next[symbol] = order[(index + 1) % order.length] ?? 0;
  return next;
}

/** A Markov source of known entropy. */
export class SyntheticSource {
  readonly rules: SyntheticRules;
  readonly #permutations: readonly Int32Array[];

  constructor(rules: SyntheticRules) {
    this.rules = rules;
    const { seed, symbols, branches } = rules;
    const next = drawsOf(`assay/synthetic/1 ${seed} ${symbols} ${branches}`);
    this.#permutations = Array.from({ length: branches }, (_, index) => {
      const order = shuffled(symbols, next);
      return index === 0 ? cycleOf(order) : order;
    });
  }

  /** Probability of each symbol after `symbol`, times 2^(branches - 1). */
  row(symbol: number): ReadonlyMap<number, number> {
    const { branches } = this.rules;
    const row = new Map<number, number>();
    for (const [index, permutation] of this.#permutations.entries()) {
      const to = permutation[symbol] ?? 0;
      const weight = index === branches - 1 ? 1 : 2 ** (branches - 2 - index);
      row.set(to, (row.get(to) ?? 0) + weight);
    }
    return row;
  }

  /** Entropy rate in nats a symbol: no model has a lower mean loss on enough of the source's symbols. */
  entropy(): number {
    const { symbols, branches } = this.rules;
    const whole = 2 ** (branches - 1);
    let sum = 0;
    for (let symbol = 0; symbol < symbols; symbol++)
      for (const weight of this.row(symbol).values())
        sum -= (weight / whole) * Math.log(weight / whole);
    return sum / symbols;
  }

  /** `count` symbols of a stream of its own, from a uniform first one: stationary from the beginning. */
  draw(stream: string, count: number): Int32Array {
    const { seed, symbols, branches } = this.rules;
    const next = drawsOf(`assay/synthetic/1 ${seed} ${symbols} ${branches} ${stream}`);
    const drawn = new Int32Array(count);
    let symbol = below(next, symbols);
    for (let index = 0; index < count; index++) {
      drawn[index] = symbol;
      // Leading ones of branches - 1 fair bits: none with probability 1/2, one with 1/4, and so on.
      const bits = next() >>> (32 - (branches - 1));
      const branch = Math.clz32(~(bits << (32 - (branches - 1))));
      symbol = this.#permutations[branch]?.[symbol] ?? 0;
    }
    return drawn;
  }
}

/** Of the symbols, one in so many is held out. */
const HELD_OUT_PART = 32;

/** Tokens of a source: printable bytes while there are few symbols, else the symbols themselves. */
export function syntheticTokens(
  rules: SyntheticRules,
  limitBytes: number,
): {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
  readonly tokenBytes: TokenBytes;
  readonly vocabulary: number;
  readonly entropy: number;
} {
  const source = new SyntheticSource(rules);
  const areBytes = hasPrintableSymbols(rules);
  const tokenBytes = areBytes ? 1 : 2;
  const count = Math.floor(limitBytes / tokenBytes);
  const held = Math.floor(count / HELD_OUT_PART);
  const written = (stream: string, length: number): Uint8Array => {
    const drawn = source.draw(stream, length);
    return encodeTokens(areBytes ? drawn.map((symbol) => symbol + SPACE) : drawn, tokenBytes);
  };
  return {
    training: written("training", count - held),
    heldOut: written("held out", held),
    tokenBytes,
    vocabulary: areBytes ? 256 : rules.symbols,
    entropy: source.entropy(),
  };
}

/** Whether each symbol is a printable byte. */
export function hasPrintableSymbols({ symbols }: SyntheticRules): boolean {
  return symbols <= PRINTABLE;
}
