/** @file Which outer optimiser moves the shared parameters. The arithmetic is exact/settle.ts; its slow twin is reference/outer.ts. */
import { KernelError } from "../errors.ts";
import type { Layout } from "../nn/model.ts";

/**
 * `sparseloco`: plain descent against the mean of sparse updates. `diloco`: Nesterov `momentum` over the mean of dense updates, which is state that
 * all nodes share. `demo`: updates are cosine coefficients, and parameters move by the sign.
 */
export type OuterOptimizer =
  | { readonly kind: "sparseloco" }
  | { readonly kind: "diloco"; readonly momentum: number }
  | { readonly kind: "demo" };

/** What a run without a word about it has. */
export const OUTER_DEFAULT: OuterOptimizer = { kind: "sparseloco" };

/**
 * Checks the outer optimiser's settings.
 * @throws KernelError bad-config
 */
export function checkOuterOptimizer(optimizer: OuterOptimizer): void {
  if (optimizer.kind === "diloco" && !(optimizer.momentum >= 0 && optimizer.momentum < 1))
    throw new KernelError("bad-config", "an outer momentum must be in [0, 1)");
}

/** Whether nodes share momentum beside the parameters. */
export function hasMomentum(optimizer: OuterOptimizer): boolean {
  return optimizer.kind === "diloco" && optimizer.momentum > 0;
}

/** Prefix of the tensors of the outer momentum. */
const MOMENTUM = "outer.momentum.";

/**
 * Where everything that nodes share lies in one flat vector: the parameters, and behind them, where the optimiser has one, the outer momentum
 * in the same order. It is what digests and checkpoints are of.
 */
export function sharedLayout(layout: Layout, optimizer: OuterOptimizer): Layout {
  return hasMomentum(optimizer) ? withMomentum(layout) : layout;
}

/** The layout of parameters with an outer momentum behind them. */
export function withMomentum({ specs, offsets, lengths, total }: Layout): Layout {
  return {
    specs: [...specs, ...specs.map((spec) => ({ ...spec, name: `${MOMENTUM}${spec.name}` }))],
    offsets: [...offsets, ...offsets.map((offset) => total + offset)],
    lengths: [...lengths, ...lengths],
    total: 2 * total,
  };
}
