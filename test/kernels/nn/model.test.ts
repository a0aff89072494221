/** @file Configurations, layouts, decay groups, the integer generator. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { layoutOf, type ModelConfig, specsOf } from "../../../kernels/nn/model.ts";
import { decayGroups } from "../../../kernels/optim/adamw.ts";
import { exactNormal, uint32Stream } from "../../../kernels/random.ts";
import { sizeOf } from "../../../kernels/tensor.ts";
import { must, NANO } from "../support.ts";

const configs: fc.Arbitrary<ModelConfig> = fc
  .record({
    architecture: fc.constantFrom("llama" as const, "gpt2" as const),
    layers: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    keyHeads: fc.integer({ min: 1, max: 3 }),
    half: fc.integer({ min: 1, max: 5 }),
    hidden: fc.integer({ min: 1, max: 30 }),
    vocabulary: fc.integer({ min: 2, max: 50 }),
  })
  .map(({ groups, keyHeads, half, architecture, ...rest }) => {
    const heads = groups * keyHeads;
    const keyValueHeads = architecture === "llama" ? keyHeads : heads;
    return { ...NANO, ...rest, architecture, heads, keyValueHeads, width: heads * half * 2 };
  });

test("tensors are aligned, disjoint and cover the vector up to padding; groups cover it all", () => {
  fc.assert(
    fc.property(configs, (config) => {
      const layout = layoutOf(specsOf(config));
      let end = 0;
      layout.specs.forEach(({ shape }, i) => {
        const offset = must(layout.offsets[i]);
        assert.equal(offset % 4, 0);
        assert.ok(offset - end >= 0 && offset - end < 4);
        assert.equal(layout.lengths[i], sizeOf(shape));
        end = offset + sizeOf(shape);
      });
      assert.equal(layout.total, Math.ceil(end / 4) * 4);
      const decays = new Uint8Array(layout.total);
      let next = 0;
      for (const { start, length, decay } of decayGroups(layout)) {
        assert.equal(start, next);
        decays.fill(decay ? 1 : 0, start, start + length);
        next = start + length;
      }
      assert.equal(next, layout.total);
      layout.specs.forEach(({ decay, shape }, i) => {
        assert.equal(decay, shape.length === 2);
        assert.equal(decays[must(layout.offsets[i])], decay ? 1 : 0);
      });
    }),
    { numRuns: 30 },
  );
});

test("nano has 117,056 parameters under stable names", () => {
  const specs = specsOf(NANO);
  assert.equal(layoutOf(specs).total, 117_056);
  assert.deepEqual(
    specs.slice(0, 11).map(({ name }) => name),
    [
      "embedding",
      "layers.0.attention.norm",
      "layers.0.attention.query",
      "layers.0.attention.key",
      "layers.0.attention.value",
      "layers.0.attention.output",
      "layers.0.feedForward.norm",
      "layers.0.feedForward.gate",
      "layers.0.feedForward.up",
      "layers.0.feedForward.down",
      "layers.1.attention.norm",
    ],
  );
  assert.equal(specs.at(-1)?.name, "norm");
});

test("a configuration that cannot be built names its field", () => {
  const wrong: [Partial<ModelConfig>, RegExp][] = [
    [{ layers: 0 }, /layers must be a positive integer, not 0/],
    [{ hidden: 1.5 }, /hidden must/],
    [{ width: 66 }, /width must be a multiple of heads/],
    [{ keyValueHeads: 3 }, /multiple of keyValueHeads/],
    [{ width: 60 }, /even size/],
    [{ ropeBase: 1 }, /ropeBase/],
    [{ normEpsilon: 0 }, /normEpsilon/],
    [{ architecture: "gpt2", keyValueHeads: 2 }, /gpt2 needs keyValueHeads = heads/],
  ];
  for (const [part, message] of wrong) assert.throws(() => specsOf({ ...NANO, ...part }), message);
});

test("the generator is fixed, its streams differ, its normals have mean 0 and variance 1", () => {
  const draw = uint32Stream(1);
  assert.deepEqual([draw(), draw(), draw()], GOLDEN);
  assert.notEqual(uint32Stream(1, 1)(), uint32Stream(1, 2)());
  assert.notEqual(uint32Stream(1)(), uint32Stream(2)());
  const normals = Float64Array.from({ length: 20_000 }, () => exactNormal(draw));
  const mean = normals.reduce((sum, x) => sum + x, 0) / normals.length;
  const variance = normals.reduce((sum, x) => sum + x * x, 0) / normals.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05, `${mean} ${variance}`);
});

// A change here changes every genesis checkpoint.
const GOLDEN = [1044470839, 4116239971, 4118136673];
