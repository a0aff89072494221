/** @file Outer optimisers and Muon: twins to the bit where nodes must agree, float64 where a miner is alone. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { basisOf, gridOf, sideOf } from "../../../kernels/exact/dct.ts";
import { muonScratch, muonStep } from "../../../kernels/exact/muon.ts";
import { muonTwin } from "../../../kernels/reference/muon.ts";
import {
  basisTwin,
  cosineTwin,
  multiplyTwin,
  nesterovTwin,
  signTwin,
  transposeTwin,
} from "../../../kernels/reference/outer.ts";
import { freshExact, load, sameBits, steadyNumbers, worlds } from "./support.ts";

/** Digest of the bases of all sides, 1 to 64, in order. Changing it is a new protocol version. */
const BASES = "712ef2bf35d3c90a5d733bac3de19ff9b77c7a8d92c6e5a3901a5eeb138c8501";

const size = fc.integer({ min: 1, max: 19 });
const seed = fc.integer();
const mean = fc.constantFrom("choosers" as const, "all" as const);
const exactBasis = (n: number): Float32Array => basisOf(n, (x) => freshExact().root(x));
const bases = new Map(Array.from({ length: 64 }, (_unused, i) => [i + 1, exactBasis(i + 1)]));
const basis = (n: number): Float32Array => bases.get(n) ?? new Float32Array();

test("products, transposes and sums of two keep their order of operations, any size and alignment", () => {
  fc.assert(
    fc.property(
      fc.tuple(size, size, size),
      seed,
      fc.integer({ min: 0, max: 3 }),
      (sizes, one, off) => {
        const [rows, inner, columns] = sizes;
        const exact = freshExact(4000);
        const a = load(exact, steadyNumbers(rows * inner, one), off);
        const b = load(exact, steadyNumbers(inner * columns, one + 1));
        const out = load(exact, new Float32Array(rows * columns), off);
        exact.multiply(out, a, b, [rows, inner, columns]);
        sameBits(out.view, multiplyTwin(a.view, b.view, sizes), "product");
        const turned = load(exact, new Float32Array(rows * inner), off);
        exact.transpose(turned, a, { rows, columns: inner });
        sameBits(turned.view, transposeTwin(a.view, rows, inner), "transpose");
        const third = Math.fround(0.3);
        const sum = a.view.map((value, at) => Math.fround(Math.fround(third * value) + 2 * at));
        const index = load(
          exact,
          Float32Array.from(a.view, (_value, at) => at),
        );
        exact.combine(a, a, index, [0.3, 2]);
        sameBits(a.view, sum, "sum");
      },
    ),
    { numRuns: 200 },
  );
});

test("cosine constants: one digest everywhere, and the library's cosine to the last place of float32", () => {
  const hash = createHash("sha256");
  for (const [n, own] of bases) {
    hash.update(new Uint8Array(own.buffer));
    const theirs = basisTwin(n);
    for (const [at, value] of own.entries())
      assert.ok(
        Math.abs(value - (theirs[at] ?? 0)) <= 2 ** -24 * Math.max(Math.abs(value), 2 ** -20),
        `side ${n} at ${at}: ${value} instead of ${theirs[at]}`,
      );
  }
  assert.equal(hash.digest("hex"), BASES);
});

test("a side is the largest divisor up to 64, a vector is one row", () => {
  assert.deepEqual([64, 176, 1024, 67, 1, 130].map(sideOf), [64, 44, 64, 1, 1, 26]);
  assert.deepEqual(gridOf([7]), { rows: 1, columns: 7 });
  assert.deepEqual(gridOf([6, 5]), { rows: 6, columns: 5 });
});

const grids = fc.constantFrom(
  { rows: 64, columns: 128 },
  { rows: 44, columns: 64 },
  { rows: 6, columns: 10 },
  { rows: 1, columns: 64 },
  { rows: 67, columns: 3 },
  { rows: 1, columns: 1 },
);

test("the cosine transform equals its twin to the bit, keeps the norm, and turns back", () => {
  fc.assert(
    fc.property(grids, seed, (grid, one) => {
      const length = grid.rows * grid.columns;
      const exact = freshExact(40_000);
      const x = load(exact, steadyNumbers(length, one), 1);
      const y = load(exact, new Float32Array(length));
      exact.toCosines(y, x, grid);
      sameBits(y.view, cosineTwin(x.view, grid, basis, "forward"), "coefficients");
      const ratio = exact.sumOfSquares(y) / exact.sumOfSquares(x);
      assert.ok(length === 1 || Math.abs(ratio - 1) < 1e-5, `norm changed by ${ratio}`);
      const back = load(exact, new Float32Array(length), 3);
      exact.addCosines(back, y, grid, 1);
      sameBits(back.view, cosineTwin(y.view, grid, basis, "back"), "back");
      for (const [at, value] of back.view.entries())
        assert.ok(Math.abs(value - (x.view[at] ?? 0)) < 2e-5);
    }),
    { numRuns: 30 },
  );
});

test("diloco: theta and momentum equal the twin's over three windows, and no peers move neither", () => {
  fc.assert(
    fc.property(
      worlds,
      fc.constantFrom(0.7, 1, 0),
      fc.constantFrom(0, 0.6, 0.9),
      mean,
      ({ layout, theta, updates }, alpha, beta, over) => {
        const exact = freshExact(4000);
        const vector = load(exact, theta, 2);
        const momentum = load(exact, new Float32Array(theta.length), 1);
        const twin = { theta: theta.slice(), momentum: new Float32Array(theta.length) };
        const all = over === "all";
        for (const few of [updates, updates.slice(1), []]) {
          const rule = { kind: "diloco", beta, momentum } as const;
          exact.outerStep(vector, layout, few, { alpha, mean: over, rule });
          if (few.length > 0)
            nesterovTwin(twin.theta, twin.momentum, { layout, updates: few, alpha, beta, all });
          sameBits(vector.view, twin.theta, "theta");
          sameBits(momentum.view, twin.momentum, "momentum");
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("demo: theta equals the twin's, for tensors longer than a block of scratch too", () => {
  const big = { layout: { offsets: [0, 33_792], lengths: [33_792, 7] }, total: 33_799 };
  const exact = freshExact(4 * big.total);
  const shapes = [gridOf([528, 64]), gridOf([7])];
  const updates = [1, 2, 3].map((one) =>
    big.layout.lengths.map((length, tensor) => {
      const values = steadyNumbers(length, 10 * one + tensor).map((value) =>
        Math.abs(value) > 1.5 ? value : 0,
      );
      const indices = Uint32Array.from([...values.keys()].filter((at) => values[at] !== 0));
      return { indices, values: Float32Array.from(indices, (at) => values[at] ?? 0) };
    }),
  );
  const start = steadyNumbers(big.total, 5);
  const theta = load(exact, start);
  const rule = { kind: "demo", grids: shapes } as const;
  exact.outerStep(theta, big.layout, updates, { alpha: 0.01, mean: "choosers", rule });
  const twin = start.slice();
  signTwin(twin, { layout: big.layout, updates, alpha: 0.01, all: false, grids: shapes }, basis);
  sameBits(theta.view, twin);
  assert.ok(theta.view.some((value, at) => value !== start[at]));
});

test("demo: small worlds of any kind equal the twin's", () => {
  fc.assert(
    fc.property(worlds, mean, ({ layout, theta, updates }, over) => {
      const exact = freshExact(4000);
      const vector = load(exact, theta, 3);
      const shapes = layout.lengths.map((length) => ({ rows: 1, columns: length }));
      const rule = { kind: "demo", grids: shapes } as const;
      // Coefficients beyond float32 turn into NaN, which moves nothing; the codec's are at most 10,000.
      const tame = updates.map((update) =>
        update.map((tensor) => ({
          ...tensor,
          values: tensor.values.map((value) => Math.max(-1e4, Math.min(1e4, value))),
        })),
      );
      exact.outerStep(vector, layout, tame, { alpha: 0.5, mean: over, rule });
      const twin = theta.slice();
      const all = over === "all";
      signTwin(twin, { layout, updates: tame, alpha: 0.5, all, grids: shapes }, basis);
      sameBits(vector.view, twin);
    }),
    { numRuns: 200 },
  );
});

test("a rule that does not fit is refused before anything is written", () => {
  const exact = freshExact();
  const theta = load(exact, [1, 2, 3]);
  const layout = { offsets: [0], lengths: [3] };
  const options = { alpha: 1, mean: "all" } as const;
  const short = load(exact, [0, 0]);
  for (const rule of [
    { kind: "diloco", beta: 1, momentum: load(exact, [0, 0, 0]) },
    { kind: "diloco", beta: 0.5, momentum: short },
    { kind: "demo", grids: [] },
    { kind: "demo", grids: [{ rows: 2, columns: 2 }] },
  ] as const)
    assert.throws(() => exact.outerStep(theta, layout, [], { ...options, rule }), RangeError);
  sameBits(theta.view, Float32Array.of(1, 2, 3));
});

const shape = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }));

test("muon follows its float64 twin over three steps, and repeats its own bits", () => {
  fc.assert(
    fc.property(shape, seed, fc.boolean(), ([rows, columns], one, decay) => {
      const matrix = { rows, columns, start: 3, decay };
      const length = rows * columns + 5;
      const step = { learningRate: 0.02, momentum: 0.95, weightDecay: 0.1, scale: 0.5 };
      const run = (): { p: Float32Array; twin: Float64Array } => {
        const exact = freshExact(8000);
        const [parameters, firstMoment] = [steadyNumbers(length, one), new Float32Array(length)];
        const state = {
          parameters: load(exact, parameters),
          firstMoment: load(exact, firstMoment),
          gradient: load(exact, firstMoment),
          scratch: exact.vector(muonScratch([matrix])),
        };
        const twin = {
          parameters: Float64Array.from(parameters),
          firstMoment: Float64Array.from(firstMoment),
          gradient: new Float64Array(length),
        };
        for (let at = 1; at <= 3; at++) {
          const gradient = steadyNumbers(length, one + at);
          state.gradient.view.set(gradient);
          twin.gradient.set(gradient);
          muonStep(exact, state, step, matrix);
          muonTwin(twin, step, matrix);
        }
        return { p: state.parameters.view, twin: twin.parameters };
      };
      const { p, twin } = run();
      for (const [at, value] of p.entries())
        assert.ok(Math.abs(value - (twin[at] ?? 0)) < 2e-5, `at ${at}: ${value}, ${twin[at]}`);
      sameBits(run().p, p, "again");
    }),
    { numRuns: 60 },
  );
});

test("muon makes singular values about 1: the update of a well-conditioned square matrix is nearly orthogonal", () => {
  const exact = freshExact(60_000);
  const matrix = { rows: 32, columns: 32, start: 0, decay: false };
  const zeros = new Float32Array(1024);
  const state = {
    parameters: load(exact, zeros),
    firstMoment: load(exact, zeros),
    gradient: load(exact, steadyNumbers(1024, 4)),
    scratch: exact.vector(muonScratch([matrix])),
  };
  const rate = 1 / (0.2 * Math.sqrt(32));
  muonStep(exact, state, { learningRate: rate, momentum: 0, weightDecay: 0, scale: 1 }, matrix);
  const meanSquare = exact.sumOfSquares(state.parameters) / 32;
  assert.ok(meanSquare > 0.6 && meanSquare < 1.3, `mean squared singular value ${meanSquare}`);
});

type Vectors = {
  readonly worlds: readonly {
    readonly rows: number;
    readonly columns: number;
    readonly mean: "choosers" | "all";
    readonly theta: string;
    readonly peers: readonly { readonly indices: readonly number[]; readonly values: string }[];
    readonly diloco: {
      readonly alpha: number;
      readonly momentum: number;
      readonly theta: string;
      readonly outerMomentum: string;
    };
    readonly demo: { readonly alpha: number; readonly theta: string };
  }[];
};

const floatsOf = (hex: string): Float32Array => {
  const view = new DataView(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_value, at) =>
    view.getFloat32(4 * at, true),
  );
};

test("the protocol's vectors of diloco and demo, made by an independent restatement", () => {
  const path = new URL("../../fixtures/optimisers.json", import.meta.url);
  const { worlds: cases }: Vectors = JSON.parse(readFileSync(path, "utf8"));
  assert.equal(cases.length, 8);
  for (const { rows, columns, mean: over, theta, peers, diloco, demo } of cases) {
    const exact = freshExact(4000);
    const layout = { offsets: [0], lengths: [rows * columns] };
    const updates = peers.map(({ indices, values }) => [
      { indices: Uint32Array.from(indices), values: floatsOf(values) },
    ]);
    const [one, two] = [load(exact, floatsOf(theta), 1), load(exact, floatsOf(theta))];
    const momentum = load(exact, new Float32Array(rows * columns), 2);
    const nesterov = { kind: "diloco", beta: diloco.momentum, momentum } as const;
    for (const few of [updates, updates.slice(0, 2)])
      exact.outerStep(one, layout, few, { alpha: diloco.alpha, mean: over, rule: nesterov });
    sameBits(one.view, floatsOf(diloco.theta), "diloco");
    sameBits(momentum.view, floatsOf(diloco.outerMomentum), "outer momentum");
    const rule = { kind: "demo", grids: [{ rows, columns }] } as const;
    exact.outerStep(two, layout, updates, { alpha: demo.alpha, mean: over, rule });
    sameBits(two.view, floatsOf(demo.theta), "demo");
  }
});
