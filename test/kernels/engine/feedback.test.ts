/** @file The error feedback of an engine: what compress adds to it and takes out, and that it stays as it was where compress rejects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlatState } from "../../../kernels/engine/state.ts";
import { KernelError } from "../../../kernels/errors.ts";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../kernels/nn/model.ts";
import type { OuterOptimizer } from "../../../kernels/optim/outer.ts";
import { sameBits, steadyNumbers } from "../exact/support.ts";
import { NANO } from "../support.ts";

const MODEL: ModelConfig = { ...NANO, width: 32, hidden: 48, context: 16, vocabulary: 64 };
const LAYOUT = layoutOf(specsOf(MODEL));
const THETA = initialParameters(MODEL, 1);
const RULE = { k: 8, chunk: 256, beta: 1 };
/** So small that the tensors lie in several memories. */
const SHARD_BYTES = 1 << 20;

/** A state that was trained: its working copy differs from theta everywhere. */
function trained(outerOptimizer: OuterOptimizer): FlatState {
  const state = new FlatState(LAYOUT, { outerOptimizer, shardBytes: SHARD_BYTES });
  state.writeShared(THETA);
  state.write("working", steadyNumbers(LAYOUT.total, 2));
  return state;
}

const sparseloco: OuterOptimizer = { kind: "sparseloco" };
const demo: OuterOptimizer = { kind: "demo" };

for (const outer of [sparseloco, demo])
  test(`${outer.kind}: an outer step, or a compress, leaves no change for the next compress`, () => {
    const state = trained(outer);
    const update = state.compress(RULE);
    const left = state.read("error");
    assert.ok(left.some((value) => value !== 0));
    state.restoreSent(state.compress(RULE));
    // Taken out and put back: a rounding each.
    const near = (error: Float32Array): boolean =>
      error.every((value, at) => Math.abs(value - (left[at] ?? 0)) <= 1e-5);
    assert.ok(near(state.read("error")), "the change was added again");
    state.write("error", left);
    state.write("working", steadyNumbers(LAYOUT.total, 3));
    state.outerStep({ updates: [update], alpha: 0.5, mean: "choosers" });
    state.restoreSent(state.compress(RULE));
    assert.ok(near(state.read("error")), "a copy of an older theta counts as a change");
  });

/** Error feedback, ordinary but for the last tensor, which is last to be cut. */
function feedback(last: number): Float32Array {
  const error = steadyNumbers(LAYOUT.total, 4);
  const start = LAYOUT.offsets.at(-1) ?? 0;
  error.fill(last, start, start + (LAYOUT.lengths.at(-1) ?? 0));
  return error;
}

for (const { name, outer, last, rule } of [
  { name: "a sum overflows", outer: sparseloco, last: 3e38, rule: { ...RULE, beta: 2 } },
  { name: "a sum overflows", outer: demo, last: 3e38, rule: { ...RULE, beta: 2 } },
  { name: "a coefficient would overflow", outer: demo, last: 3e38, rule: RULE },
  { name: "the feedback is not a number", outer: demo, last: Number.NaN, rule: RULE },
])
  test(`${outer.kind}: where ${name}, compress rejects and changes nothing`, () => {
    const state = trained(outer);
    assert.ok(state.shards.length > 1, "all of one memory would prove little");
    const before = feedback(last);
    state.write("error", before);
    assert.throws(
      () => state.compress(rule),
      (error) =>
        error instanceof KernelError &&
        error.code === "not-finite" &&
        /feedback/.test(error.message),
    );
    sameBits(state.read("error"), before);
  });

test("training that diverged is named, whatever the outer optimiser, and changes nothing", () => {
  for (const outer of [sparseloco, demo]) {
    const state = trained(outer);
    const working = steadyNumbers(LAYOUT.total, 5);
    working[LAYOUT.total - 1] = Number.NaN;
    state.write("working", working);
    const before = feedback(1);
    state.write("error", before);
    assert.throws(() => state.compress(RULE), /training diverged/);
    sameBits(state.read("error"), before);
  }
});

test("a rule that is none changes nothing", () => {
  for (const outer of [sparseloco, demo]) {
    const state = trained(outer);
    const before = feedback(1);
    state.write("error", before);
    assert.throws(() => state.compress({ k: 9, chunk: 8, beta: 1 }), RangeError);
    sameBits(state.read("error"), before);
  }
});
