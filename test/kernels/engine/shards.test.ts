/** @file State over several memories: the same bits for any number of them, and tensors that no memory holds refused by name. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import type { EngineOptions } from "../../../kernels/engine/calls.ts";
import { EngineCore } from "../../../kernels/engine/core.ts";
import { slicesOf } from "../../../kernels/engine/shards.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { arenaBytes } from "../../../kernels/exact/vector.ts";
import { AREA } from "../../../kernels/exact/workspace.ts";
import type { MomentBits } from "../../../kernels/nn/memory.ts";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { thetaDigest, thetaDigestOf } from "../../../src/protocol/digest.ts";
import { must, NANO, tokenIds } from "../support.ts";

const RUN = `0x${"5a".repeat(32)}` as const;

const MODELS: readonly ModelConfig[] = [
  { ...NANO, layers: 3, width: 32, hidden: 56, keyValueHeads: 2, context: 16, vocabulary: 96 },
  {
    ...NANO,
    architecture: "gpt2",
    layers: 5,
    width: 24,
    heads: 3,
    keyValueHeads: 3,
    hidden: 36,
    context: 12,
    vocabulary: 120,
  },
];

const optionsOf = (model: ModelConfig): EngineOptions => ({
  model,
  batch: 4,
  evaluationBatch: 2,
  innerOptimizer: { ...ADAMW_DEFAULTS, clip: 0.5 },
});

/** Bytes of a memory that holds the state of `parameters`: five vectors, and the moments in two floats or three quarters of one. */
const bytesFor = (parameters: number, bits: MomentBits): number =>
  AREA.end + arenaBytes(Math.ceil((bits === 32 ? 7 : 5.75) * parameters));

const sha256 = (...arrays: readonly ArrayBufferView[]): string => {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex");
};

/** Two windows of a miner, with an update taken back, and what a validator measures of it: digests of everything. */
async function life(
  model: ModelConfig,
  extra: Partial<EngineOptions>,
): Promise<Record<string, string>> {
  const options = optionsOf(model);
  const core = await EngineCore.open({ ...options, ...extra }, "cpu");
  try {
    await core.setParameters(initialParameters(model, 1));
    const steps = 2;
    const count = steps * options.batch * (model.context + 1);
    const request = {
      tokens: Int32Array.from(tokenIds(count, model.vocabulary, 5).data),
      learningRates: new Float32Array(steps).fill(0.01),
    };
    const first = await core.train(request);
    const compression = { k: 40, chunk: 300, beta: 0.9 };
    const { update } = await core.compress(compression);
    const held = request.tokens.subarray(0, 3 * (model.context + 1));
    const losses = await core.losses({ tokens: held, update, factor: 0.5 });
    await core.outerStep({ updates: [update], alpha: 0.7, mean: "choosers" });
    const second = await core.train(request);
    const other = (await core.compress(compression)).update;
    await core.restoreSent(other);
    await core.outerStep({ updates: [update, other, other], alpha: 0.7, mean: "all" });
    const { m, v, e, step } = await core.momentState();
    assert.equal(step, 2 * steps);
    const digests = await core.tensorDigests();
    const entries = [...update, ...other].flatMap(({ indices, values }) => [indices, values]);
    const [theta, tensors] = [await core.parameters(), []] as [Float32Array, Float32Array[]];
    for (let i = 0; i < specsOf(model).length; i++) tensors.push(await core.tensor(i));
    return {
      losses: sha256(first.losses, second.losses, losses),
      update: sha256(...entries),
      theta: sha256(theta),
      tensors: sha256(...tensors),
      digest: thetaDigestOf(RUN, digests),
      slowDigest: thetaDigest(RUN, tensors),
      moments: sha256(m, v, e),
    };
  } finally {
    await core.close();
  }
}

const CASES = MODELS.flatMap((model) => ([32, 8] as const).map((bits) => ({ model, bits })));

for (const { model, bits } of CASES)
  test(`training, updates, losses and outer steps of ${model.architecture} with moments of ${bits} bits are the same bits for any sharding`, async () => {
    const layout = layoutOf(specsOf(model));
    const more = { momentBits: bits, microBatch: bits === 8 ? 2 : 4 };
    const expected = await life(model, more);
    const largest = Math.max(...layout.lengths);
    const sizes = Array.from({ length: 200 }, (_, i) =>
      Math.ceil(largest + ((layout.total - largest) * i) / 199),
    );
    for (const count of [1, 2, 5]) {
      const floats = must(sizes.find((size) => slicesOf(layout, size).length === count));
      assert.deepEqual(
        await life(model, { ...more, shardBytes: bytesFor(floats, bits) }),
        expected,
        `${count} memories`,
      );
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: largest, max: layout.total }), async (floats) => {
        assert.deepEqual(
          await life(model, { ...more, shardBytes: bytesFor(floats, bits) }),
          expected,
        );
      }),
      { numRuns: 3 },
    );
  });

test("slices hold every tensor once, in order, and none is longer than asked for", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(shapes, fc.integer({ min: 52, max: 400 }), (lengths, floats) => {
      const specs = lengths.map((n, i) => ({ name: `t${i}`, shape: [n], decay: true }));
      const whole = layoutOf(specs);
      const slices = slicesOf(whole, floats);
      assert.deepEqual(
        slices.flatMap(({ layout }) => layout.specs),
        specs,
      );
      for (const { layout, firstTensor, start } of slices) {
        assert.ok(layout.total <= floats);
        layout.offsets.forEach((offset, i) =>
          assert.equal(start + offset, whole.offsets[firstTensor + i]),
        );
      }
      // Two neighbours would never have fitted one memory.
      for (const [i, { layout }] of slices.slice(1).entries())
        assert.ok(must(slices[i]).layout.total + layoutOf([must(layout.specs[0])]).total > floats);
    }),
  );
});

test("a tensor that no memory holds is refused by name, before anything is allocated", async () => {
  const model = { ...NANO, vocabulary: 4_000_000, width: 128 };
  await assert.rejects(
    EngineCore.open(optionsOf(model), "cpu"),
    (error) =>
      error instanceof KernelError &&
      error.code === "bad-config" &&
      /tensor embedding has 512000000 floats, .* ends at \d+;/.test(error.message),
  );
});

test("digests of tensors make the digest of theta", async () => {
  const model = must(MODELS[0]);
  const { digest, slowDigest } = await life(model, {});
  assert.equal(digest, slowDigest);
});

test("setTensor replaces one tensor, takes training back, and refuses what does not fit", async () => {
  const model = must(MODELS[0]);
  const core = await EngineCore.open(optionsOf(model), "cpu");
  const theta = initialParameters(model, 1);
  const { offsets, lengths } = layoutOf(specsOf(model));
  try {
    await core.setParameters(theta);
    const values = new Float32Array(must(lengths[3])).fill(0.5);
    await core.setTensor({ tensor: 3, values });
    assert.deepEqual(await core.tensor(3), values);
    theta.set(values, must(offsets[3]));
    assert.deepEqual(await core.parameters(), theta);
    const bad = async (tensor: number, array: Float32Array, message: RegExp): Promise<void> =>
      assert.rejects(core.setTensor({ tensor, values: array }), message);
    await bad(3, values.subarray(1), /tensor 3 has \d+ floats/);
    await bad(99, values, /there is no tensor 99/);
    await bad(3, new Float32Array(values.length).fill(Number.NaN), /holds a NaN/);
    await assert.rejects(core.tensor(-1), /there is no tensor -1/);
    assert.deepEqual(await core.parameters(), theta);
  } finally {
    await core.close();
  }
});
