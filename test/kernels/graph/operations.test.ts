/** @file Every differentiable operation: reference against finite differences, ONNX against reference, over shapes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { attention } from "../../../kernels/graph/attention.ts";
import { blockLosses } from "../../../kernels/graph/block-losses.ts";
import { Graph, type Operation } from "../../../kernels/graph/ir.ts";
import {
  gelu,
  layerNorm,
  rmsNorm,
  swiglu,
  tokenLosses,
} from "../../../kernels/graph/layer-operations.ts";
import {
  add,
  embedding,
  linear,
  mean,
  reshape,
} from "../../../kernels/graph/structure-operations.ts";
import { differentiate, evaluate, type Feeds } from "../../../kernels/reference/interpreter.ts";
import type { Tensor64 } from "../../../kernels/reference/tensor64.ts";
import { must, normals, relativeL2, run, TARGETS, tokenIds, weightedSum } from "../support.ts";

/** Float64 central differences of step 1e-5: measured below 1e-9. */
const DIFFERENCE_TOLERANCE = 1e-7;
/** By so many roundings of a value the difference of two is off at most: measured below 0.5. */
const ROUNDINGS = 4;
/** float32 against float64, forward and each input's gradient, relative L2. */
const FLOAT32_TOLERANCE = 2e-6;
const RUNS = 6;

type Case = {
  readonly operation: Operation<unknown>;
  readonly attributes: unknown;
  /** The operands; token ids are those without a gradient. */
  readonly operands: readonly Tensor64[];
  readonly ids?: number;
};

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const seed = fc.integer({ min: 0, max: 1e6 });
const epsilon = 1e-5;

/** For each operation, a generator of cases. */
const CASES: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  linear: fc
    .tuple(size(9), size(9), size(9), seed, fc.boolean())
    .map(([n, k, m, s, withAddend]) => ({
      operation: linear,
      attributes: {},
      operands: [
        normals([n, k], s),
        normals([m, k], s + 1),
        ...(withAddend ? [normals([n, m], s + 2)] : []),
      ],
    })),
  attention: fc
    .record({
      batch: size(2),
      context: size(9),
      keyValueHeads: size(2),
      group: size(3),
      half: size(3),
      ropeBase: fc.constantFrom(undefined, 100),
      block: fc.constantFrom(undefined, 1, 2, 3, 5),
      s: seed,
    })
    .map(({ group, half, s, ...rest }) => {
      const { batch, context, keyValueHeads } = rest;
      const heads = group * keyValueHeads;
      const [own, shared] = [heads, keyValueHeads].map((count) => count * 2 * half);
      return {
        operation: attention,
        attributes: { ...rest, heads },
        operands: [own, shared, shared].map((columns, i) =>
          normals([batch * context, must(columns)], s + i),
        ),
      };
    }),
  add: fc
    .tuple(size(4), size(4), size(4), seed, fc.constantFrom(0, 1, 2))
    .map(([a, b, c, s, form]) => ({
      operation: add,
      attributes: {},
      operands: [
        normals([a, b, c], s),
        normals(form === 0 ? [a, b, c] : form === 1 ? [b, c] : [b, 1], s + 1),
      ],
    })),
  reshape: fc.tuple(size(4), size(4), size(4), seed).map(([a, b, c, s]) => ({
    operation: reshape,
    attributes: { shape: [c, a * b] },
    operands: [normals([a, b, c], s)],
  })),
  embedding: fc.tuple(size(7), size(5), size(12), seed).map(([v, w, n, s]) => ({
    operation: embedding,
    attributes: {},
    operands: [normals([v, w], s), tokenIds(n, v, s)],
    ids: 1,
  })),
  mean: fc
    .tuple(size(20), seed)
    .map(([n, s]) => ({ operation: mean, attributes: {}, operands: [normals([n], s)] })),
  rmsNorm: fc.tuple(size(6), fc.integer({ min: 2, max: 17 }), seed).map(([n, w, s]) => ({
    operation: rmsNorm,
    attributes: { epsilon },
    operands: [normals([n, w], s), normals([w], s + 1)],
  })),
  layerNorm: fc.tuple(size(6), fc.integer({ min: 3, max: 17 }), seed).map(([n, w, s]) => ({
    operation: layerNorm,
    attributes: { epsilon },
    operands: [normals([n, w], s), normals([w], s + 1)],
  })),
  swiglu: fc.tuple(size(5), size(9), seed).map(([n, h, s]) => ({
    operation: swiglu,
    attributes: {},
    operands: [normals([n, h], s, 2), normals([n, h], s + 1)],
  })),
  gelu: fc
    .tuple(size(5), size(9), seed)
    .map(([n, h, s]) => ({ operation: gelu, attributes: {}, operands: [normals([n, h], s, 2)] })),
  blockLosses: fc
    .tuple(size(6), size(5), fc.array(size(7), { minLength: 1, maxLength: 4 }), seed)
    .map(([n, w, blocks, s]) => ({
      operation: blockLosses,
      attributes: {},
      operands: [
        normals([n, w], s, 2),
        tokenIds(
          n,
          blocks.reduce((sum, rows) => sum + rows, 0),
          s,
        ),
        ...blocks.map((rows, i) => normals([rows, w], s + 1 + i)),
      ],
      ids: 1,
    })),
  tokenLosses: fc.tuple(size(6), fc.integer({ min: 2, max: 30 }), seed).map(([n, v, s]) => ({
    operation: tokenLosses,
    attributes: {},
    operands: [normals([n, v], s, 2), tokenIds(n, v, s)],
    ids: 1,
  })),
};

function build({ operation, attributes, operands, ids }: Case) {
  const graph = new Graph();
  const inputs = operands.map(({ shape }, i) =>
    graph.input(`x${i}`, shape, i === ids ? "int32" : "float32"),
  );
  const result = graph.apply(operation, inputs, attributes);
  const weights = normals(result.shape, 99);
  const feeds: Feeds = new Map([
    ...operands.map((operand, i) => [`x${i}`, operand] as const),
    ["weights", weights] as const,
  ]);
  const trained = inputs.filter((_, i) => i !== ids);
  return { graph, result, weights, feeds, trained };
}

/**
 * Operations in which terms cancel: sigmoids far to the left and near the root of their slope, and gradients from which a mean
 * is taken away. float32 keeps the error of the terms, however little of them remains.
 */
const CANCELLING: ReadonlySet<string> = new Set([
  "gelu",
  "swiglu",
  "rmsNorm",
  "layerNorm",
  "attention",
  "tokenLosses",
  "blockLosses",
]);

/**
 * Relative L2 distance. For cancelling operations it counts relative to half of the terms' size (the product of the factors'
 * largest values) where that is more than what remains of them.
 */
function distanceOf(
  name: string,
  actual: ArrayLike<number>,
  expected: Float64Array,
  factors: readonly Float64Array[],
): number {
  const distance = relativeL2(actual, expected);
  if (!CANCELLING.has(name)) return distance;
  const norm = Math.hypot(...expected);
  const largest = factors.map((values) => Math.max(1, ...values.map(Math.abs)));
  const terms = largest.reduce((product, value) => product * value, Math.sqrt(expected.length));
  return (distance * norm) / Math.max(norm, terms / 2);
}

for (const [name, cases] of Object.entries(CASES)) {
  test(`${name}: the reference's backward pass agrees with finite differences`, () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { graph, result, weights, feeds, trained } = build(one);
        const { gradients, value } = differentiate(graph, result, feeds, weights);
        const step = 1e-5;
        // Two values of about this size are subtracted, each rounded.
        const terms = value.data.reduce(
          (total, x, j) => total + Math.abs(x * must(weights.data[j])),
          1,
        );
        const rounding = (ROUNDINGS * Number.EPSILON * terms) / step;
        for (const input of trained) {
          const operand = must(feeds.get(input.name));
          const moved = (i: number, by: number): number => {
            const data = operand.data.with(i, must(operand.data[i]) + by);
            const there = evaluate(
              graph,
              result,
              new Map(feeds).set(input.name, { ...operand, data }),
            );
            return there.data.reduce((total, x, j) => total + x * must(weights.data[j]), 0);
          };
          const slopes = operand.data.map(
            (_, i) => (moved(i, step) - moved(i, -step)) / (2 * step),
          );
          const { data } = must(gradients.get(input.name));
          const distance = Math.hypot(...slopes.map((slope, i) => must(data[i]) - slope));
          const allowed =
            DIFFERENCE_TOLERANCE * Math.hypot(...slopes) + rounding * Math.sqrt(slopes.length);
          assert.ok(distance < allowed, `${input.name}: ${distance} of ${allowed}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test(`${name}: ONNX forward and gradients agree with the reference`, async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom(...TARGETS), async (one, target) => {
        const { graph, result, weights, feeds, trained } = build(one);
        const expected = differentiate(graph, result, feeds, weights);
        const weighted = graph.input("weights", result.shape);
        const loss = graph.apply(weightedSum, [result, weighted], {});
        const by = new Map(trained.map((input) => [`d.${input.name}`, input]));
        const actual = await run(
          { graph, outputs: new Map([["y", result]]), gradients: { of: loss, by } },
          feeds,
          { target },
        );
        const operands = trained.map((input) => must(feeds.get(input.name)).data);
        const forward = distanceOf(name, must(actual.get("y")), expected.value.data, operands);
        assert.ok(forward < FLOAT32_TOLERANCE, `forward: ${forward}`);
        for (const input of trained) {
          const gradient = must(expected.gradients.get(input.name)).data;
          const found = must(actual.get(`d.${input.name}`));
          const distance = distanceOf(name, found, gradient, [...operands, weights.data]);
          const tiny = gradient.every((value) => Math.abs(value) < 1e-5);
          assert.ok(tiny || distance < FLOAT32_TOLERANCE, `${input.name}: ${distance}`);
        }
      }),
      { numRuns: RUNS },
    );
  });
}
