/** @file Outer step of docs/protocol.md#8-outer-step: the one place where accepted updates become parameters, to the bit. */
import type { Dct } from "./dct.ts";
import type { Kernels } from "./host.ts";
import { checkRule, type OuterRule, settlerOf } from "./settle.ts";
import {
  checkLayout,
  checkUpdate,
  type SparseTensor,
  type SparseUpdate,
  type TensorLayout,
} from "./sparse.ts";
import type { Vector } from "./vector.ts";
import { AREA, type Workspace } from "./workspace.ts";

/**
 * `alpha`: outer learning rate, rounded to float32. `mean`: divide a coordinate's sum by the peers that chose it, or by
 * all accepted peers. `rule`: what the mean does to the parameters; `sparseloco` if left out.
 */
export type OuterStepOptions = {
  readonly alpha: number;
  readonly mean: "choosers" | "all";
  readonly rule?: OuterRule;
};

/** `norms[peer][tensor]` and `medians[tensor]` in float64, `factors[peer][tensor]` in float32. */
export type OuterStepReport = {
  readonly norms: readonly Float64Array[];
  readonly medians: Float64Array;
  readonly factors: readonly Float32Array[];
};

type Machine = {
  readonly kernels: Kernels;
  readonly workspace: Workspace;
  readonly dct: Dct;
};

/** Applies `updates`, one per accepted peer in ascending uid, to `theta` in place. No peers: theta and momentum stay. */
export function outerStep(
  machine: Machine,
  target: { readonly theta: Vector; readonly layout: TensorLayout },
  updates: readonly SparseUpdate[],
  options: OuterStepOptions,
): OuterStepReport {
  const { theta, layout } = target;
  const rule: OuterRule = options.rule ?? { kind: "sparseloco" };
  const alpha = Math.fround(options.alpha);
  if (!Number.isFinite(alpha)) throw new RangeError(`outer rate ${options.alpha} is not finite`);
  checkLayout(layout, theta.length);
  checkRule(rule, target);
  for (const update of updates) checkUpdate(layout, update);
  const report = clip(machine, layout, updates);
  if (updates.length === 0) return report;
  const all = options.mean === "all" ? updates.length : 0;
  for (const [tensor, length] of layout.lengths.entries()) {
    const peers = updates.map((update, peer) => ({
      entries: update[tensor]!,
      factor: report.factors[peer]![tensor]!,
      cursor: 0,
    }));
    const settler = settlerOf(machine, rule, { theta, layout, alpha, all }, tensor);
    for (let base = 0; base < length; base += settler.span) {
      const size = Math.min(settler.span, length - base);
      for (const peer of peers) scatterBlock(machine, peer, base, base + size);
      settler.settle(base, size);
    }
  }
  return report;
}

/** Float64 norm of one tensor's values in ascending coordinate order. */
function normOf({ kernels, workspace }: Machine, entries: SparseTensor): number {
  let total = 0;
  workspace.each(entries, (length) => {
    total = kernels.sumOfSquaresInOrder(AREA.values, length, total);
  });
  return kernels.root(total);
}

/** Element floor((c - 1) / 2) of the sorted values; NaN of none. */
function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

function clip(
  machine: Machine,
  layout: TensorLayout,
  updates: readonly SparseUpdate[],
): OuterStepReport {
  const norms = updates.map((update) =>
    Float64Array.from(update, (entries) => normOf(machine, entries)),
  );
  const medians = Float64Array.from(layout.lengths, (_length, tensor) =>
    lowerMedian(norms.map((peer) => peer[tensor]!)),
  );
  const factors = norms.map((peer) =>
    Float32Array.from(peer, (norm, tensor) =>
      norm === 0 ? 1 : Math.min(1, medians[tensor]! / norm),
    ),
  );
  return { norms, medians, factors };
}

type Peer = { readonly entries: SparseTensor; readonly factor: number; cursor: number };

/** Adds the peer's entries of coordinates base .. end to the sums of the block. */
function scatterBlock(machine: Machine, peer: Peer, base: number, end: number): void {
  const { indices } = peer.entries;
  const from = peer.cursor;
  const to = lowerBound(indices, end, from);
  if (from === to) return;
  const length = machine.workspace.stage(peer.entries, from, to);
  const { kernels } = machine;
  kernels.scatter(AREA.indices, AREA.values, length, base, peer.factor, AREA.sums, AREA.counts);
  peer.cursor = to;
}

/** First position from `from` on whose index is not below `limit`. */
function lowerBound(indices: Uint32Array, limit: number, from: number): number {
  let low = from;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indices[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
