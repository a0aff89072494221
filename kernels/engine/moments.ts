/** @file The moments of one shard: floats, or codes of eight bits. */
import type { AdamwStep } from "../exact/adamw.ts";
import type { Exact } from "../exact/exact.ts";
import { type Moment, packedFloats } from "../exact/packed-moments.ts";
import { muonScratch, muonStep } from "../exact/muon.ts";
import { KernelError } from "../errors.ts";
import type { Vector } from "../exact/vector.ts";
import type { MomentBits } from "../nn/memory.ts";
import type { Layout } from "../nn/model.ts";
import { decayGroups, type InnerOptimizer, MUON_MOMENTUM, tensorGroups } from "../optim/adamw.ts";
import { muonMatrices } from "../optim/muon.ts";

/** What an optimiser step needs of the moments, and what keeps them across restarts. */
export type Moments = {
  /** Moves `parameters` by one step of AdamW, or of Muon and AdamW; `momentum` is Muon's. */
  step(parameters: Vector, gradient: Vector, settings: AdamwStep, momentum?: number): void;
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

function wideMoments(exact: Exact, layout: Layout, kind: InnerOptimizer["kind"]): Moments {
  const vectors = { first: exact.vector(layout.total), second: exact.vector(layout.total) };
  const matrices = kind === "muon" ? muonMatrices(layout) : [];
  const floats = muonScratch(matrices);
  const scratch = floats === 0 ? null : exact.vector(floats);
  const groups = decayGroups(layout, new Set(matrices.map(({ start }) => start)));
  return {
    step(parameters, gradient, settings, momentum = MUON_MOMENTUM) {
      const { first: firstMoment, second: secondMoment } = vectors;
      exact.adamw({ parameters, firstMoment, secondMoment, gradient }, settings, groups);
      if (scratch === null) return;
      const { learningRate, weightDecay, scale = 1 } = settings;
      const state = { parameters, firstMoment, gradient, scratch };
      for (const matrix of matrices)
        muonStep(exact, state, { learningRate, momentum, weightDecay, scale }, matrix);
    },
    read: (moment, numbers) => numbers.set(vectors[moment].view),
    write: (moment, numbers) => vectors[moment].view.set(numbers),
    clear() {
      for (const { view } of Object.values(vectors)) view.fill(0);
    },
  };
}

/**
 * New moments of a shard, zeros.
 * @throws KernelError bad-config for Muon's in 8 bits
 */
export function momentsOf(
  exact: Exact,
  layout: Layout,
  { bits, inner }: { readonly bits: MomentBits; readonly inner: InnerOptimizer["kind"] },
): Moments {
  if (bits === 32) return wideMoments(exact, layout, inner);
  if (inner === "muon")
    throw new KernelError("bad-config", "muon's momentum needs 32 bits; leave out momentBits");
  return exact.packedMoments(tensorGroups(layout));
}
