/** @file Settings of AdamW (Loshchilov and Hutter 2019). The arithmetic is exact.adamw; its slow twin is reference/exact-adamw.ts. */
import { KernelError } from "../errors.ts";
import type { AdamwGroup } from "../exact/adamw.ts";
import type { Layout } from "../nn/model.ts";

/** Settings of the inner optimiser; the protocol's values are in ADAMW_DEFAULTS. */
export type InnerOptimizer = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay of matrices, per step and unit of learning rate; gains do not decay. */
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 leaves it alone. */
  readonly clip: number;
};

/** beta 0.9 / 0.95, epsilon 1e-8, decay 0.1, clip 1. */
export const ADAMW_DEFAULTS: InnerOptimizer = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};

/**
 * Checks the optimiser's settings.
 * @throws KernelError bad-config
 */
export function checkInnerOptimizer(settings: InnerOptimizer): void {
  const { beta1, beta2, epsilon, weightDecay, clip } = settings;
  const inUnit = [beta1, beta2].every((beta) => beta >= 0 && beta < 1);
  if (!inUnit || !(epsilon > 0) || !(weightDecay >= 0) || !(clip >= 0))
    throw new KernelError(
      "bad-config",
      "the inner optimiser needs betas in [0, 1), epsilon above 0, weightDecay and clip of 0 or more",
    );
}

/** Every tensor as a run of its own, gaps after it included. */
export function tensorGroups({ specs, offsets, total }: Layout): AdamwGroup[] {
  return specs.map(({ decay }, i) => {
    const start = offsets[i]!;
    return { start, length: (offsets[i + 1] ?? total) - start, decay };
  });
}

/** Joins neighbouring tensors that agree about decay, so that few calls of the kernel cover the whole vector. */
export function decayGroups(layout: Layout): AdamwGroup[] {
  const groups: AdamwGroup[] = [];
  for (const group of tensorGroups(layout)) {
    const last = groups.at(-1);
    if (last?.decay === group.decay)
      groups[groups.length - 1] = { ...last, length: last.length + group.length };
    else groups.push(group);
  }
  return groups;
}
