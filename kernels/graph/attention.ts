/**
 * @file Causal self-attention as one operation (Vaswani et al. 2017; grouped queries: Ainslie et al. 2023), in blocks of queries that
 * each read the keys up to their own last position only, as FlashAttention (Dao et al. 2022) skips what the mask hides.
 */
import { sameShape, shapeError, type Shape } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import type { BackwardContext, Emitted, Operation } from "./ir.ts";
import type { Value } from "./onnx.ts";
import { angles, rotate } from "./rotary.ts";

/** How the columns of queries, keys and values fall into heads. */
export type AttentionAttributes = {
  readonly batch: number;
  readonly context: number;
  readonly heads: number;
  /** A divisor of `heads`; query head h reads key head floor(h keyValueHeads / heads). */
  readonly keyValueHeads: number;
  /** Base of the rotary frequencies; without it queries and keys are not rotated. */
  readonly ropeBase?: number | undefined;
  /** Queries of one block; the last one may be smaller. Default: see blockSize. */
  readonly block?: number | undefined;
};

/** Far below any score, yet finite: 0 after the softmax, and no infinity minus infinity. */
const MASKED = -1e9;

/** What ONNX's Attention shall return of its scores: what they are after the softmax. */
const SHARES = 3;

/** Shorter sequences are one block: what the mask hides is less than what a block costs. */
const SHORTEST_SPLIT = 128;
const MOST_BLOCKS = 8;
const SMALLEST_BLOCK = 64;

/** Queries of a block by default. */
export function blockSize(context: number): number {
  if (context < SHORTEST_SPLIT) return context;
  return Math.max(SMALLEST_BLOCK, Math.ceil(context / MOST_BLOCKS));
}

/** Sizes that follow from the attributes, and the queries of each block: rows [start, end). */
type Plan = AttentionAttributes & {
  readonly size: number;
  readonly group: number;
  readonly alpha: number;
  readonly blocks: readonly { readonly start: number; readonly end: number }[];
};

function planOf(query: Shape, attributes: AttentionAttributes): Plan {
  const { heads, keyValueHeads, context, block = blockSize(context) } = attributes;
  const size = query[1]! / heads;
  const blocks = Array.from({ length: Math.ceil(context / block) }, (_, i) => ({
    start: i * block,
    end: Math.min(context, (i + 1) * block),
  }));
  return { ...attributes, size, group: heads / keyValueHeads, alpha: 1 / Math.sqrt(size), blocks };
}

/** [batch * context, heads * size] -> [batch, heads, context, size] */
function splitHeads(emitter: Emitter, x: Value, { batch, context, size }: Plan): Value {
  const wide = emitter.reshape(x, [batch, context, x.shape[1]! / size, size]);
  return emitter.transpose(wide, [0, 2, 1, 3]);
}

/** Queries, keys or values as they were saved: [batch, context, heads * size] or with their heads apart already. */
function apartHeads(emitter: Emitter, x: Value, plan: Plan): Value {
  if (x.shape.length === 4) return x;
  return splitHeads(emitter, emitter.reshape(x, [plan.batch * plan.context, x.shape[2]!]), plan);
}

function joinHeads(emitter: Emitter, x: Value, { batch, context, size }: Plan): Value {
  const wide = emitter.transpose(x, [0, 2, 1, 3]);
  return emitter.reshape(wide, [batch * context, x.shape[1]! * size]);
}

/** Sums over the columns of each head: [batch * context, heads * size] -> [batch, heads, context, 1]. */
function sumsOfHeads(emitter: Emitter, x: Value, { batch, context, heads, size }: Plan): Value {
  const wide = emitter.reshape(x, [batch, context, heads, size]);
  return emitter.transpose(emitter.reduceSum(wide, [3], true), [0, 2, 1, 3]);
}

/** The rotation of heads by position, or its inverse, where the attributes ask for one. */
function turn(
  emitter: Emitter,
  x: Value,
  { ropeBase, context, size }: Plan,
  inverse: boolean,
): Value {
  if (ropeBase === undefined) return x;
  const tables = angles(emitter, { positions: context, size, base: ropeBase }, inverse);
  return rotate(emitter, x, tables);
}

/** The heads of a group stacked along the positions, so that no key is copied: [batch, keyValueHeads, group * rows, ...]. */
function stack(emitter: Emitter, x: Value, { batch, keyValueHeads, group }: Plan): Value {
  const [, , rows = 0, last = 0] = x.shape;
  return emitter.reshape(x, [batch, keyValueHeads, group * rows, last]);
}

function unstack(emitter: Emitter, x: Value, { batch, heads, group }: Plan): Value {
  const [, , rows = 0, last = 0] = x.shape;
  return emitter.reshape(x, [batch, heads, rows / group, last]);
}

/** Rows of each block along the axis of the positions. */
function rowsOfBlocks(emitter: Emitter, x: Value, axis: number, { blocks }: Plan): Value[] {
  return emitter.split(
    x,
    axis,
    blocks.map(({ start, end }) => end - start),
  );
}

/** The first `count` positions, which are counted along `axis`. */
function prefix(emitter: Emitter, x: Value, axis: number, count: number): Value {
  const rest = x.shape[axis]! - count;
  return rest === 0 ? x : emitter.slice(x, axis, 0, count);
}

/** What must be added to the scores of queries [start, end) over keys [0, end). */
function mask(emitter: Emitter, start: number, end: number): Value {
  return emitter.constant(`causal ${start} ${end}`, [end - start, end], () =>
    Float32Array.from({ length: (end - start) * end }, (_, i) =>
      i % end > start + Math.floor(i / end) ? MASKED : 0,
    ),
  );
}

/** Softmax of the scores of each block, [batch, heads, rows, keys of the block]. */
function sharesOf(emitter: Emitter, queries: Value, key: Value, plan: Plan): Value[] {
  return rowsOfBlocks(emitter, queries, 2, plan).map((query, i) => {
    const { start, end } = plan.blocks[i]!;
    const keys = prefix(emitter, key, 2, end);
    const options = { transposeB: true, alpha: plan.alpha };
    const scores = emitter.matMul(stack(emitter, query, plan), keys, options);
    const masked = emitter.add(unstack(emitter, scores, plan), mask(emitter, start, end));
    return emitter.node("Softmax", [masked], masked.shape, { attributes: { axis: -1 } });
  });
}

/** Saved are queries, keys and values, [batch, heads, context, size], then the shares. */
function emitByParts(emitter: Emitter, inputs: readonly Value[], plan: Plan): Emitted {
  const [query, key, value] = inputs.map((input, i) => {
    const heads = splitHeads(emitter, input, plan);
    return i === 2 ? heads : turn(emitter, heads, plan, false);
  });
  const shares = sharesOf(emitter, query!, key!, plan);
  const mixed = shares.map((share, i) => {
    const values = prefix(emitter, value!, 2, plan.blocks[i]!.end);
    return unstack(emitter, emitter.matMul(stack(emitter, share, plan), values), plan);
  });
  return {
    output: joinHeads(emitter, emitter.concat(mixed, 2), plan),
    saved: [query!, key!, value!, ...shares],
  };
}

/**
 * An operator for each block, which reads heads where they lie side by side and keeps a head's scores in the cache until they are shares. Saved
 * are turned queries, [batch, context, heads * size], keys and values with their heads apart, as the operator leaves them, then the shares.
 */
function emitByOperator(emitter: Emitter, inputs: readonly Value[], plan: Plan): Emitted {
  const { batch, context, heads, keyValueHeads, alpha, size } = plan;
  const [query, key, value] = inputs.map((input, i) => {
    const apart = emitter.reshape(input, [batch, context, input.shape[1]!]);
    return i === 2 ? apart : turn(emitter, apart, plan, false);
  });
  const blocks = rowsOfBlocks(emitter, query!, 1, plan).map((rows, i) => {
    const { start, end } = plan.blocks[i]!;
    const [keys, values] = [key!, value!].map((x) => prefix(emitter, x, 1, end));
    const past = [batch, keyValueHeads, end, size];
    const shapes = [rows.shape, past, past, [batch, heads, end - start, end]];
    const added = mask(emitter, start, end);
    const [mixed, pastKey, pastValue, share] = emitter.nodeWithOutputs(
      "Attention",
      [rows, keys!, values!, added],
      {
        outputs: shapes.map((shape) => ({ shape, type: "float32" as const })),
        attributes: {
          q_num_heads: heads,
          kv_num_heads: keyValueHeads,
          qk_matmul_output_mode: SHARES,
          scale: { float: alpha },
        },
      },
    );
    return { mixed: mixed!, share: share!, pastKey: pastKey!, pastValue: pastValue! };
  });
  const mixed = blocks.map((block) => block.mixed);
  const { pastKey, pastValue } = blocks.at(-1)!;
  return {
    output: emitter.reshape(emitter.concat(mixed, 1), inputs[0]!.shape),
    saved: [query!, pastKey, pastValue, ...blocks.map(({ share }) => share)],
  };
}

function emit(emitter: Emitter, inputs: readonly Value[], plan: Plan): Emitted {
  const form = emitter.target.microsoftOperators ? emitByOperator : emitByParts;
  return form(emitter, inputs, plan);
}

/** Sum of gradients of growing prefixes: each is as long as the keys of its block. */
function sumOfPrefixes(emitter: Emitter, parts: readonly Value[]): Value {
  return parts.reduce((sum, part) => {
    const [known = 0, all = 0] = [sum.shape[2], part.shape[2]];
    const [old, fresh] = emitter.split(part, 2, [known, all - known]);
    return emitter.concat([emitter.add(sum, old!), fresh!], 2);
  });
}

/** What a block adds to the gradients of its queries, and of the keys and values that it reads. */
type Part = { readonly query: Value; readonly key: Value; readonly value: Value };

/**
 * With P = softmax(S), O = P V and g the gradient of O: dV = P^T g, dS = P (g V^T - rowsum(g O)), because
 * rowsum(P (g V^T)) = rowsum(g O), which is shorter; dQ = alpha dS K, dK = alpha dS^T Q.
 */
function partsOf(
  emitter: Emitter,
  { saved, gradient, output }: BackwardContext<AttentionAttributes>,
  plan: Plan,
): Part[] {
  const [query, key, value, ...shares] = saved.map((x, i) =>
    i < 3 ? apartHeads(emitter, x, plan) : x,
  );
  const arrived = splitHeads(emitter, gradient, plan);
  const totals = sumsOfHeads(emitter, emitter.multiply(gradient, output), plan);
  const [gradients, sums, queries] = [arrived, totals, query!].map((x) =>
    rowsOfBlocks(emitter, x, 2, plan),
  );
  const { alpha } = plan;
  return shares.map((share, i) => {
    const { end } = plan.blocks[i]!;
    const [keys, values] = [key!, value!].map((x) => prefix(emitter, x, 2, end));
    const arriving = stack(emitter, gradients![i]!, plan);
    const toShares = emitter.matMul(arriving, values!, { transposeB: true });
    const apart = emitter.subtract(unstack(emitter, toShares, plan), sums![i]!);
    const toScores = stack(emitter, emitter.multiply(share, apart), plan);
    const transposed = { transposeA: true };
    return {
      query: unstack(emitter, emitter.matMul(toScores, keys!, { alpha }), plan),
      key: emitter.matMul(toScores, stack(emitter, queries![i]!, plan), { ...transposed, alpha }),
      value: emitter.matMul(stack(emitter, share, plan), arriving, transposed),
    };
  });
}

function backward(
  emitter: Emitter,
  context: BackwardContext<AttentionAttributes>,
  plan: Plan,
): Value[] {
  const parts = partsOf(emitter, context, plan);
  const of = (name: keyof Part): Value[] => parts.map((part) => part[name]);
  const query = turn(emitter, emitter.concat(of("query"), 2), plan, true);
  const key = turn(emitter, sumOfPrefixes(emitter, of("key")), plan, true);
  const value = sumOfPrefixes(emitter, of("value"));
  return [query, key, value].map((x) => joinHeads(emitter, x, plan));
}

/**
 * Causal self-attention with scale 1 / sqrt(size): queries [batch * context, heads * size], keys and values [batch * context, keyValueHeads * size];
 * the result is shaped as the queries. The shares are kept for the backward pass.
 */
export const attention: Operation<AttentionAttributes> = {
  name: "attention",
  shape([query = [], key = [], value = []], attributes) {
    const { batch, context, heads, keyValueHeads, ropeBase } = attributes;
    const size = (query[1] ?? 0) / heads;
    const whole = Number.isInteger(size) && (ropeBase === undefined || size % 2 === 0);
    const shared = [batch * context, keyValueHeads * size];
    const fits = [key, value].every((x) => sameShape(x, shared)) && heads % keyValueHeads === 0;
    if (query.length !== 2 || query[0] !== batch * context || !whole || !fits)
      throw shapeError("attention", query, key, value);
    return query;
  },
  emit: (emitter, inputs, attributes) =>
    emit(emitter, inputs, planOf(inputs[0]!.shape, attributes)),
  backward: (emitter, context) =>
    backward(emitter, context, planOf(context.inputs[0]!.shape, context.attributes)),
};
