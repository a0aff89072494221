/** @file What nodes share: parameters and outer momentum, read, replaced and digested by one definition, in one message or in pieces. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { EngineOptions } from "../../../kernels/engine/calls.ts";
import { EngineCore } from "../../../kernels/engine/core.ts";
import { inPieces } from "../../../kernels/engine/pieces.ts";
import { FlatState } from "../../../kernels/engine/state.ts";
import type { SparseUpdate } from "../../../kernels/exact/sparse.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { type OuterOptimizer, sharedLayout } from "../../../kernels/optim/outer.ts";
import { digestOf } from "../../../src/checkpoint/checkpoint.ts";
import { type Hex, thetaDigestOf } from "../../../src/protocol/digest.ts";
import { MODELS } from "../../../src/run/presets.ts";

const RUN: Hex = `0x${"07".repeat(32)}`;
const model = { ...MODELS.nano, layers: 1, width: 16, hidden: 32, context: 8 };
const layout = layoutOf(specsOf(model));
const OUTER: readonly OuterOptimizer[] = [
  { kind: "sparseloco" },
  { kind: "diloco", momentum: 0.6 },
];

const optionsOf = (outerOptimizer: OuterOptimizer): EngineOptions => ({
  model,
  batch: 2,
  evaluationBatch: 2,
  innerOptimizer: ADAMW_DEFAULTS,
  outerOptimizer,
});

/** Every value of every tensor, as far apart as a test needs. */
const update: SparseUpdate = layout.lengths.map((length, tensor) => ({
  indices: Uint32Array.from({ length }, (_, at) => at),
  values: Float32Array.from({ length }, (_, at) => ((at + tensor) % 7) - 3),
}));
const STEP = { updates: [update], alpha: 0.5, mean: "all" } as const;

async function withCore(
  outer: OuterOptimizer,
  use: (core: EngineCore) => Promise<void>,
): Promise<void> {
  const core = await EngineCore.open(optionsOf(outer), "cpu");
  try {
    await use(core);
  } finally {
    await core.close();
  }
}

for (const outer of OUTER)
  test(`${outer.kind}: the engine's digests are those of its parameters, infinities and all; NaN has none`, async () => {
    const whole = sharedLayout(layout, outer);
    await withCore(outer, async (core) => {
      const start = initialParameters(model, 1);
      start[3] = Infinity;
      start[4] = -Infinity;
      start[5] = -0;
      await core.setParameters(start);
      await core.outerStep(STEP);
      const same = async (): Promise<void> =>
        assert.equal(
          thetaDigestOf(RUN, await core.tensorDigests()),
          await digestOf(RUN, whole, await core.parameters()),
        );
      await same();
      const shared = await core.parameters();
      assert.equal(shared[3], Infinity);
      await core.setParameters(shared);
      await same();
      const none = initialParameters(model, 1);
      none[7] = Number.NaN;
      await assert.rejects(core.setParameters(none), /holds a NaN/);
    });
  });

for (const outer of OUTER)
  test(`${outer.kind}: tensor by tensor an engine takes and gives the same as at once`, async () => {
    const whole = sharedLayout(layout, outer);
    await withCore(outer, async (core) => {
      await core.setParameters(initialParameters(model, 1));
      await core.outerStep(STEP);
      const expected = await core.parameters();
      assert.equal(expected.length, whole.total);
      await withCore(outer, async (other) => {
        const [offsets, lengths] = [whole.offsets, whole.lengths];
        for (const [tensor, offset] of offsets.entries()) {
          const values = expected.subarray(offset, offset + (lengths[tensor] ?? 0));
          assert.deepEqual(await core.tensor(tensor), values.slice());
          await other.setTensor({ tensor, values });
        }
        assert.deepEqual(await other.parameters(), expected);
        assert.deepEqual(await other.tensorDigests(), await core.tensorDigests());
        await assert.rejects(core.tensor(whole.specs.length), /there is no tensor/);
      });
    });
  });

test("an outer step counts as writing theta, also where nothing was set before", async () => {
  await withCore({ kind: "sparseloco" }, async (core) => {
    await core.outerStep(STEP);
    const theta = await core.parameters();
    assert.equal(theta[0], 1.5);
    assert.deepEqual(await core.tensor(0), theta.subarray(0, layout.lengths[0]).slice());
  });
});

test("a NaN in parameters or in the outer momentum has no digest", () => {
  for (const where of ["theta", "momentum"] as const) {
    const state = new FlatState(layout, { outerOptimizer: { kind: "diloco", momentum: 0.6 } });
    assert.equal(state.digests().length, 2 * layout.specs.length);
    const vector = state.shards[0]?.[where];
    assert.ok(vector);
    vector.view[1] = Infinity;
    assert.equal(state.digests().length, 2 * layout.specs.length);
    vector.view[2] = Number.NaN;
    assert.throws(() => state.digests(), /not a number/);
  }
});

/** Whether nothing but a tensor's own numbers would be sent with it. */
function isAlone(request: unknown): boolean {
  assert.ok(typeof request === "object" && request !== null && "values" in request);
  const { values } = request;
  return values instanceof Float32Array && values.buffer.byteLength === values.byteLength;
}

/** Calls that note their order, as a worker answers them: each in a later turn. */
function noted(core: EngineCore, order: string[]): EngineCore {
  return new Proxy(core, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== "function") return call;
      return async (...given: unknown[]): Promise<unknown> => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(String(name));
        if (name === "setTensor") assert.ok(given.every(isAlone), "a view takes its buffer along");
        return Reflect.apply(call, target, given);
      };
    },
  });
}

for (const outer of OUTER)
  test(`${outer.kind}: what is larger than a message moves in pieces, and nobody sees it half way`, async () => {
    const { total } = sharedLayout(layout, outer);
    await withCore(outer, async (core) => {
      const order: string[] = [];
      const calls = noted(core, order);
      assert.equal(inPieces(calls, layout, outer, 4 * total), calls, "it fits in a message");
      const pieces = inPieces(calls, layout, outer, 4 * total - 1);
      const start = initialParameters(model, 1);
      // All at once: each sees what was asked before it, whole.
      const [, before, , after, digests] = await Promise.all([
        pieces.setParameters(start),
        pieces.parameters(),
        pieces.outerStep(STEP),
        pieces.parameters(),
        pieces.tensorDigests(),
      ]);
      assert.deepEqual(before.subarray(0, layout.total), start);
      assert.ok(before.subarray(layout.total).every((one) => one === 0));
      assert.deepEqual(after, await core.parameters());
      assert.notDeepEqual(after, before);
      assert.deepEqual(digests, await core.tensorDigests());
      assert.ok(!order.includes("parameters") && !order.includes("setParameters"));
      await pieces.setParameters(after);
      assert.deepEqual(await core.parameters(), after, "momentum included");
      await pieces.setParameters(start);
      assert.deepEqual(await core.parameters(), before, "and begun anew where it is left out");
      await assert.rejects(pieces.setParameters(start.subarray(1)), /the layout/);
      await assert.rejects(pieces.setParameters(new Float32Array(3 * total)), /the layout/);
      assert.deepEqual(await pieces.parameters(), before);
    });
  });
