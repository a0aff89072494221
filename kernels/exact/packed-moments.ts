/** @file AdamW's moments in eight bits (after Dettmers et al. 2022, 8-bit optimizers via block-wise quantization). */
import { adamwConstants, type AdamwStep, wholePower } from "./adamw.ts";
import type { Kernels } from "./host.ts";
import type { Vector } from "./vector.ts";
import { AREA, BLOCK } from "./workspace.ts";

/** The two moments. */
export type Moment = "first" | "second";

/** Numbers that share a scale. */
const SHARED = 256;

/** Places of the tables in scratch: what signed codes stand for, and unsigned ones. */
const TABLE: Readonly<Record<Moment, number>> = { first: AREA.tables, second: AREA.tables + 1024 };

/** A run of parameters with one rule of decay, which begins a block of its own; `length` is a multiple of four. */
export type PackedGroup = {
  readonly start: number;
  readonly length: number;
  readonly decay: boolean;
};

/** A run with the number of its first block. */
type Placed = PackedGroup & { readonly block: number };

/** Codes, a byte each (four in a float's place), and scales, one for each block. */
type Packed = { readonly codes: Vector; readonly scales: Vector };

/** Floats in whose place the codes and the scales of one moment lie. */
export function packedFloats(groups: readonly PackedGroup[]): {
  readonly codes: number;
  readonly scales: number;
} {
  const end = Math.max(...groups.map(({ start, length }) => start + length));
  const scales = groups.reduce((sum, { length }) => sum + Math.ceil(length / SHARED), 0);
  return { codes: Math.ceil(end / 4), scales };
}

function placed(groups: readonly PackedGroup[]): Placed[] {
  let [block, end] = [0, 0];
  return groups.map((group) => {
    const { start, length } = group;
    if (start < end || start % 4 !== 0 || length % 4 !== 0 || length < 4)
      throw new RangeError(
        `a run of ${length} moments from ${start} is not in fours, or overlaps the one before it`,
      );
    end = start + length;
    block += Math.ceil(length / SHARED);
    return { ...group, block: block - Math.ceil(length / SHARED) };
  });
}

/** Writes what the codes stand for: powers of 2^(-1/8) by roots and products alone, the same bits everywhere. */
function fillTables({ root }: Kernels, table: Float32Array): void {
  const step = root(root(root(0.5)));
  for (let code = 0; code < 256; code++) {
    const steps = code % 128;
    const magnitude = steps === 127 ? 0 : wholePower(step, steps);
    table[code] = code < 128 ? magnitude : -magnitude;
    table[256 + code] = wholePower(step, code);
  }
}

/**
 * Both moments of a vector of parameters, 2.03 bytes a parameter. A code is a number of steps below the largest magnitude of its block
 * of 256, eight steps an octave (9.05 % each).
 *
 * A step of training rounds a number up or down, so it errs by less than one step of itself, and by odds that keep the mean of its
 * logarithm: rounding to the nearest would let a decay of 0.95 always fall by a whole step, or never. The odds are drawn by step and
 * place in the run, so the same training gives the same bits. `write` rounds to the nearest, at most half a step off, and what was
 * read is written back without change. In the first moment this holds down to 2^-15.75 of the block's largest, and what is smaller
 * errs by at most that part; in the second down to 2^-31.875, and what is smaller is raised to it: a quotient by a second moment that
 * vanished cannot burst. What has the block's largest magnitude is exact.
 *
 * Steps of equal ratio, where the paper has a tree that is finer near the largest: both moments matter by their ratio, at any size.
 */
export class PackedMoments {
  readonly #kernels: Kernels;
  readonly #scratch: Float32Array;
  readonly #groups: readonly Placed[];
  readonly #moments: Readonly<Record<Moment, Packed>>;

  /**
   * @param memory the memory that the vectors lie in
   * @throws RangeError if the runs overlap or are not made of fours
   */
  constructor(
    memory: { readonly kernels: Kernels; readonly buffer: ArrayBuffer },
    groups: readonly PackedGroup[],
    moments: Readonly<Record<Moment, Packed>>,
  ) {
    this.#kernels = memory.kernels;
    this.#scratch = new Float32Array(memory.buffer, AREA.values, BLOCK);
    this.#groups = placed(groups);
    this.#moments = moments;
    fillTables(memory.kernels, new Float32Array(memory.buffer, AREA.tables, 512));
  }

  /** One AdamW step of `parameters`, which are in the same memory; formula in assembly/adamw.ts, on moments not rounded yet. */
  step(parameters: Vector, gradient: Vector, settings: AdamwStep): void {
    const { b1, a1, b2, a2, rate, correction, epsilon, scale, keep } = adamwConstants(settings);
    const { first, second } = this.#moments;
    for (const { start, length, block, decay } of this.#groups) {
      const [p, g] = [parameters.offset + 4 * start, gradient.offset + 4 * start];
      const [m, v] = [first.codes.offset + start, second.codes.offset + start];
      const [mScales, vScales] = [first, second].map(({ scales }) => scales.offset + 4 * block);
      const kept = decay ? keep : 1;
      // prettier-ignore
      this.#kernels.adamwPacked(p, m, mScales!, v, vScales!, g, length, scale, b1, a1, b2, a2, kept, rate, correction, epsilon, AREA.tables, AREA.values, settings.step);
    }
  }

  /** Writes what one moment stands for to `numbers`, which are laid out as the parameters are. */
  read(moment: Moment, numbers: Float32Array): void {
    this.#eachPiece(moment, (codes, scales, { start, length }) => {
      this.#kernels.unpackMoments(codes, scales, length, TABLE[moment], AREA.values);
      numbers.set(this.#scratch.subarray(0, length), start);
    });
  }

  /** Packs finite numbers, laid out as the parameters are; those of the second moment are not negative. */
  write(moment: Moment, numbers: Float32Array): void {
    const isSigned = moment === "first" ? 1 : 0;
    this.#eachPiece(moment, (codes, scales, { start, length }) => {
      this.#scratch.set(numbers.subarray(start, start + length));
      this.#kernels.packMoments(AREA.values, length, codes, scales, isSigned, 0, 0);
    });
  }

  /** Both moments to zero. */
  clear(): void {
    for (const { codes, scales } of Object.values(this.#moments)) {
      codes.view.fill(0);
      scales.view.fill(0);
    }
  }

  /** Visits runs of blocks that fit the scratch. */
  #eachPiece(
    moment: Moment,
    visit: (codes: number, scales: number, piece: PackedGroup) => void,
  ): void {
    const { codes, scales } = this.#moments[moment];
    for (const { start, length, block, decay } of this.#groups)
      for (let from = 0; from < length; from += BLOCK) {
        const piece = { start: start + from, length: Math.min(BLOCK, length - from), decay };
        const scale = scales.offset + 4 * (block + from / SHARED);
        visit(codes.offset + piece.start, scale, piece);
      }
  }
}
