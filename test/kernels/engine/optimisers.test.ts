/** @file The engine under each optimiser: what is shared, what an update is of, and that training trains. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineOptions } from "../../../kernels/engine/calls.ts";
import { EngineCore } from "../../../kernels/engine/core.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { gridOf } from "../../../kernels/exact/dct.ts";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS, checkInnerOptimizer, decayGroups } from "../../../kernels/optim/adamw.ts";
import { muonMatrices } from "../../../kernels/optim/muon.ts";
import { checkOuterOptimizer, sharedLayout } from "../../../kernels/optim/outer.ts";
import { uint32Stream } from "../../../kernels/random.ts";
import { must, NANO } from "../support.ts";
import { sameBits } from "../exact/support.ts";

const MODEL: ModelConfig = { ...NANO, width: 32, hidden: 48, context: 16, vocabulary: 64 };
const BATCH = 4;
const LAYOUT = layoutOf(specsOf(MODEL));
const THETA = initialParameters(MODEL, 1);

const open = async (options: Partial<EngineOptions>): Promise<EngineCore> => {
  const rest = { model: MODEL, batch: BATCH, evaluationBatch: 4, innerOptimizer: ADAMW_DEFAULTS };
  const core = await EngineCore.open({ ...rest, ...options }, "cpu");
  await core.setParameters(THETA);
  return core;
};

/** Tokens that follow each other by a rule. */
function training(
  steps: number,
  seed: number,
): { tokens: Int32Array; learningRates: Float32Array } {
  const draw = uint32Stream(seed);
  const tokens = new Int32Array(steps * BATCH * (MODEL.context + 1));
  for (let at = 0; at < tokens.length; at++)
    tokens[at] = at % 3 === 0 ? draw() % 8 : (must(tokens[at - 1]) * 5 + 3) % MODEL.vocabulary;
  return { tokens, learningRates: new Float32Array(steps).fill(0.01) };
}

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, one) => sum + one * one, 0));
const floats = (list: readonly { length: number }[]): number =>
  list.reduce((sum, { length }) => sum + length, 0);

const DENSE = { k: 4096, chunk: 4096, beta: 0.5 };
const CODED = { k: 64, chunk: 512, beta: 0.9 };

test("diloco: parameters carry the momentum, and an engine that takes them over goes on to the bit", async () => {
  const options = { outerOptimizer: { kind: "diloco", momentum: 0.8 } } as const;
  const [one, two] = [await open(options), await open(options)];
  const updates = [];
  for (const seed of [1, 2]) {
    await one.train(training(3, seed));
    updates.push((await one.compress(DENSE)).update);
  }
  const request = { updates, alpha: 0.7, mean: "choosers" } as const;
  await one.outerStep(request);
  const shared = await one.parameters();
  assert.equal(shared.length, 2 * LAYOUT.total);
  assert.ok(shared.subarray(LAYOUT.total).some((value) => value !== 0));
  await two.setParameters(shared);
  await one.outerStep(request);
  await two.outerStep(request);
  sameBits(await two.parameters(), await one.parameters());
  // theta alone: the momentum begins at zero.
  await two.setParameters(THETA);
  const fresh = await two.parameters();
  sameBits(fresh.subarray(0, LAYOUT.total), THETA);
  assert.ok(fresh.subarray(LAYOUT.total).every((value) => value === 0));
  await assert.rejects(two.setParameters(shared.subarray(1)), KernelError);
  const layout = sharedLayout(LAYOUT, options.outerOptimizer);
  assert.equal(layout.total, shared.length);
  assert.equal(layout.specs[LAYOUT.specs.length]?.name, "outer.momentum.embedding");
  assert.equal(sharedLayout(LAYOUT, { kind: "diloco", momentum: 0 }), LAYOUT);
  await Promise.all([one.close(), two.close()]);
});

test("demo: what was sent leaves the error feedback as what it stands for, and comes back when refused", async () => {
  const core = await open({ outerOptimizer: { kind: "demo" } });
  await core.train(training(3, 1));
  const { update } = await core.compress({ ...CODED, beta: 0 });
  const after = (await core.momentState()).e;
  await core.restoreSent(update);
  const before = (await core.momentState()).e;
  assert.ok(norm(after) < norm(before), "the largest coefficients left");
  // Orthonormal: what left has the norm of the coefficients that were sent.
  const left = before.map((value, at) => value - must(after[at]));
  const sent = update.flatMap(({ values }) => [...values]);
  const ratio = norm(left) / norm(Float32Array.from(sent));
  assert.ok(Math.abs(ratio - 1) < 1e-4, `norm of what left over that of what was sent: ${ratio}`);
  const tokens = training(1, 9).tokens;
  const trial = await core.losses({ tokens, update, factor: 0.003 });
  await core.outerStep({ updates: [update], alpha: 0.003, mean: "all" });
  assert.deepEqual(await core.losses({ tokens }), trial, "an update is tried as it is applied");
  const moved = (await core.parameters()).map((value, at) => Math.abs(value - must(THETA[at])));
  assert.ok(moved.every((by) => by < 0.00301));
  await core.close();
});

test("muon takes the matrices of the layers, AdamW the rest, and both together cover all", () => {
  const matrices = muonMatrices(LAYOUT);
  assert.equal(matrices.length, 7 * MODEL.layers);
  assert.ok(matrices.every(({ start }) => start !== LAYOUT.offsets[0]));
  const rest = decayGroups(LAYOUT, new Set(matrices.map(({ start }) => start)));
  const taken = matrices.map(({ rows, columns }) => ({ length: rows * columns }));
  assert.equal(floats(rest) + floats(taken), LAYOUT.total);
  assert.deepEqual(gridOf([32, 48]), { rows: 32, columns: 48 });
});

test("muon trains, repeats its bits, and moves what AdamW would not as AdamW would", async () => {
  const innerOptimizer = { ...ADAMW_DEFAULTS, kind: "muon" } as const;
  const run = async (): Promise<{ losses: Float32Array; e: Float32Array }> => {
    const core = await open({ innerOptimizer });
    const { losses } = await core.train(training(30, 1));
    await core.adoptWorking();
    const e = await core.parameters();
    await core.close();
    return { losses, e };
  };
  const [first, again] = [await run(), await run()];
  sameBits(again.e, first.e, "parameters");
  assert.ok(must(first.losses.at(-1)) < 0.7 * must(first.losses[0]), String(first.losses));
});

test("settings out of range are refused", () => {
  assert.throws(() => checkOuterOptimizer({ kind: "diloco", momentum: 1 }), KernelError);
  assert.throws(
    () => checkInnerOptimizer({ ...ADAMW_DEFAULTS, kind: "muon", momentum: 1 }),
    KernelError,
  );
});

test("under every optimiser no bit depends on how the state is cut into memories", async () => {
  const kinds: readonly Partial<EngineOptions>[] = [
    { outerOptimizer: { kind: "diloco", momentum: 0.8 } },
    { outerOptimizer: { kind: "demo" } },
    { innerOptimizer: { ...ADAMW_DEFAULTS, kind: "muon" } },
  ];
  for (const kind of kinds) {
    const [whole, cut] = [await open(kind), await open({ ...kind, shardBytes: 700_000 })];
    for (const core of [whole, cut]) {
      await core.train(training(3, 1));
      const { update } = await core.compress(
        kind.outerOptimizer?.kind === "diloco" ? DENSE : CODED,
      );
      await core.outerStep({ updates: [update, update], alpha: 0.05, mean: "all" });
    }
    sameBits(await cut.parameters(), await whole.parameters(), JSON.stringify(kind));
    sameBits((await cut.momentState()).e, (await whole.momentState()).e, "error feedback");
    await Promise.all([whole.close(), cut.close()]);
  }
  const packed = { innerOptimizer: { ...ADAMW_DEFAULTS, kind: "muon" }, momentBits: 8 } as const;
  await assert.rejects(open(packed), /32 bits/);
});
