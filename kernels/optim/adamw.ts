/** @file Settings of the inner optimiser: AdamW (Loshchilov and Hutter 2019), or Muon beside it. The arithmetic is exact.adamw; its slow twin is reference/exact-dense.ts. */
import { KernelError } from "../errors.ts";
import type { AdamwGroup } from "../exact/adamw.ts";
import type { Layout } from "../nn/model.ts";

/** Settings of the inner optimiser; the protocol's values are in ADAMW_DEFAULTS. */
export type InnerOptimizer = {
  /** `muon`: matrices inside the layers move by Muon, all else by AdamW. `adamw` if left out. */
  readonly kind?: "adamw" | "muon";
  /** Muon's momentum, read by it alone; MUON_MOMENTUM if left out. */
  readonly momentum?: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay of matrices, per step and unit of learning rate; gains do not decay. */
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 leaves it alone. */
  readonly clip: number;
};

/** What Muon's authors use. */
export const MUON_MOMENTUM = 0.95;

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
  const { beta1, beta2, epsilon, weightDecay, clip, momentum = MUON_MOMENTUM } = settings;
  const inUnit = [beta1, beta2, momentum].every((beta) => beta >= 0 && beta < 1);
  if (!inUnit || !(epsilon > 0) || !(weightDecay >= 0) || !(clip >= 0))
    throw new KernelError(
      "bad-config",
      "the inner optimiser needs betas and momentum in [0, 1), epsilon above 0, weightDecay and clip of 0 or more",
    );
}

/** Every tensor as a run of its own, gaps after it included. */
export function tensorGroups({ specs, offsets, total }: Layout): AdamwGroup[] {
  return specs.map(({ decay }, i) => {
    const start = offsets[i]!;
    return { start, length: (offsets[i + 1] ?? total) - start, decay };
  });
}

/**
 * Joins neighbouring tensors that agree about decay, so that few calls of the kernel cover the whole vector; tensors that begin at
 * a float in `without` are left out.
 */
export function decayGroups(
  layout: Layout,
  without: ReadonlySet<number> = new Set(),
): AdamwGroup[] {
  const groups: AdamwGroup[] = [];
  for (const group of tensorGroups(layout).filter(({ start }) => !without.has(start))) {
    const last = groups.at(-1);
    if (last?.decay === group.decay && last.start + last.length === group.start)
      groups[groups.length - 1] = { ...last, length: last.length + group.length };
    else groups.push(group);
  }
  return groups;
}
