/** @file The moments of one shard: floats, or codes of eight bits. */
import type { AdamwStep } from "../exact/adamw.ts";
import type { Exact } from "../exact/exact.ts";
import { type Moment, packedFloats } from "../exact/packed-moments.ts";
import type { Vector } from "../exact/vector.ts";
import type { MomentBits } from "../nn/memory.ts";
import type { Layout } from "../nn/model.ts";
import { decayGroups, tensorGroups } from "../optim/adamw.ts";

/** What an optimiser step needs of the moments, and what keeps them across restarts. */
export type Moments = {
  /** Moves `parameters` by one AdamW step. */
  step(parameters: Vector, gradient: Vector, settings: AdamwStep): void;
  /** Writes one moment as floats to `numbers`, as long as the shard. */
  read(moment: Moment, numbers: Float32Array): void;
  write(moment: Moment, numbers: Float32Array): void;
  clear(): void;
};

/** Floats in whose place both moments of a shard lie. */
export function momentFloats(layout: Layout, bits: MomentBits): number {
  if (bits === 32) return 2 * layout.total;
  const { codes, scales } = packedFloats(tensorGroups(layout));
  return 2 * (codes + scales);
}

function wideMoments(exact: Exact, layout: Layout): Moments {
  const vectors = { first: exact.vector(layout.total), second: exact.vector(layout.total) };
  const groups = decayGroups(layout);
  return {
    step(parameters, gradient, settings) {
      const { first: firstMoment, second: secondMoment } = vectors;
      exact.adamw({ parameters, firstMoment, secondMoment, gradient }, settings, groups);
    },
    read: (moment, numbers) => numbers.set(vectors[moment].view),
    write: (moment, numbers) => vectors[moment].view.set(numbers),
    clear() {
      for (const { view } of Object.values(vectors)) view.fill(0);
    },
  };
}

/** New moments of a shard, zeros. */
export function momentsOf(exact: Exact, layout: Layout, bits: MomentBits): Moments {
  return bits === 32 ? wideMoments(exact, layout) : exact.packedMoments(tensorGroups(layout));
}
