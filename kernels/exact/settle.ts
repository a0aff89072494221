/** @file How the mean of the accepted updates moves the parameters, by outer optimiser (docs/protocol.md#8-outer-step). */
import type { Dct, Grid } from "./dct.ts";
import type { Kernels } from "./host.ts";
import type { TensorLayout } from "./sparse.ts";
import type { Vector } from "./vector.ts";
import { AREA, BLOCK } from "./workspace.ts";

/**
 * `sparseloco`: theta moves against the mean. `diloco`: Nesterov momentum over the mean (Sutskever et al. 2013, as DiLoCo uses it);
 * `momentum` is of theta's length, `beta` is used as float32. `demo`: the mean is of cosine coefficients, and every parameter
 * moves by alpha against the sign of what they stand for; `grids` has one entry a tensor.
 */
export type OuterRule =
  | { readonly kind: "sparseloco" }
  | { readonly kind: "diloco"; readonly beta: number; readonly momentum: Vector }
  | { readonly kind: "demo"; readonly grids: readonly Grid[] };

/** What settles a tensor: sums of `span` coordinates at most, from a multiple of it on. */
export type Settler = {
  readonly span: number;
  /** Moves coordinates `base` .. `base + size` of theta by the sums and counts of the workspace, and clears both. */
  readonly settle: (base: number, size: number) => void;
};

/** Numbers of one outer step; `alpha` is float32, `all` the peers to divide by, or 0 for those that chose a coordinate. */
type Step = {
  readonly theta: Vector;
  readonly layout: TensorLayout;
  readonly alpha: number;
  readonly all: number;
};

type Machine = { readonly kernels: Kernels; readonly dct: Dct };

/** @throws RangeError if the rule does not fit the layout */
export function checkRule(
  rule: OuterRule,
  { theta, layout }: Pick<Step, "theta" | "layout">,
): void {
  if (rule.kind === "diloco") {
    if (!(rule.beta >= 0 && rule.beta < 1))
      throw new RangeError(`an outer momentum of ${rule.beta} is not in [0, 1)`);
    if (rule.momentum.length !== theta.length)
      throw new RangeError("the outer momentum and the parameters differ in length");
  }
  if (rule.kind !== "demo") return;
  for (const [tensor, length] of layout.lengths.entries()) {
    const grid = rule.grids[tensor];
    if (grid === undefined || grid.rows * grid.columns !== length)
      throw new RangeError(`tensor ${tensor} of ${length} numbers has no grid of as many`);
  }
}

/** Settles tensor `tensor` by `rule`, which fits the layout. */
export function settlerOf(machine: Machine, rule: OuterRule, step: Step, tensor: number): Settler {
  const { kernels } = machine;
  const { alpha, all } = step;
  const start = step.theta.offset + 4 * step.layout.offsets[tensor]!;
  const { sums, counts } = AREA;
  if (rule.kind === "diloco") return nesterov(kernels, rule, step, tensor);
  if (rule.kind === "demo") return signs(machine, rule.grids[tensor]!, { ...step, start });
  return {
    span: BLOCK,
    settle: (base, size) => kernels.settle(start + 4 * base, sums, counts, size, alpha, all),
  };
}

/** m = f32(f32(beta m) + g), theta = f32(theta - f32(alpha f32(g + f32(beta m)))), g the mean, 0 where nobody chose. */
function nesterov(
  kernels: Kernels,
  { beta, momentum }: Extract<OuterRule, { kind: "diloco" }>,
  { theta, layout, alpha, all }: Step,
  tensor: number,
): Settler {
  const float = layout.offsets[tensor]!;
  const { sums, counts } = AREA;
  const decay = Math.fround(beta);
  return {
    span: BLOCK,
    settle: (base, size) => {
      const m = momentum.offset + 4 * (float + base);
      const p = theta.offset + 4 * (float + base);
      kernels.average(sums, counts, size, all);
      kernels.combine(m, m, sums, size, decay, 1);
      kernels.combine(sums, sums, m, size, 1, decay);
      kernels.combine(p, p, sums, size, 1, -alpha);
      kernels.clear(sums, size);
    },
  };
}

/** The mean coefficients, turned back; then theta moves by alpha against the sign. */
function signs(
  { kernels, dct }: Machine,
  grid: Grid,
  { start, alpha, all }: Step & { readonly start: number },
): Settler {
  const { sums, counts } = AREA;
  return {
    span: BLOCK - (BLOCK % dct.blockLength(grid)),
    settle: (base, size) => {
      kernels.average(sums, counts, size, all);
      dct.inverse(sums, grid, { base, length: size }, (numbers, at, count) =>
        kernels.signStep(start + 4 * at, numbers, count, alpha),
      );
      kernels.clear(sums, size);
    },
  };
}
