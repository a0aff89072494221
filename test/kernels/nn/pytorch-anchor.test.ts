/** @file Losses of GPT-2 under AdamW against numbers that were compared with PyTorch: model, gradients and optimiser in one. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadExactModule } from "../../../kernels/compress/exact-module.ts";
import { floats, integers, Session, viewsOf } from "../../../kernels/engine/session.ts";
import { openExact } from "../../../kernels/exact/exact.ts";
import { lower } from "../../../kernels/graph/lower.ts";
import { type Layout, layoutOf, type ModelConfig, specsOf } from "../../../kernels/nn/model.ts";
import { NAMES, trainingProgram } from "../../../kernels/nn/programs.ts";
import { decayGroups } from "../../../kernels/optim/adamw.ts";
import { must, NANO } from "../support.ts";

type Anchor = {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly context: number;
  readonly batch: number;
  readonly losses: readonly number[];
};

const fixture: Readonly<Record<"tiny" | "shakes", Anchor>> = JSON.parse(
  readFileSync(new URL("../fixtures/pytorch-anchor.json", import.meta.url), "utf8"),
);
const VOCABULARY = 65;
const LEARNING_RATE = 1e-3;

/** The generator with which the anchor's start was drawn (mulberry32), and normal values by Box and Muller. */
function generator(seed: number): { uniform: () => number; normal: () => number } {
  let state = Math.trunc(seed);
  const uniform = (): number => {
    state = Math.trunc((state + 0x6d2b79f5) | 0);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/** The anchor draws tensors in this model's order: query, key and value are the thirds of its joint matrix. */
function start(config: ModelConfig, { specs, offsets, lengths, total }: Layout): Float32Array {
  const { normal } = generator(1);
  const flat = new Float32Array(total);
  specs.forEach(({ name, decay }, tensor) => {
    const residual = name.endsWith(".output") || name.endsWith(".down");
    const deviation = residual ? 0.02 / Math.sqrt(2 * config.layers) : 0.02;
    for (let i = 0; i < must(lengths[tensor]); i++)
      flat[must(offsets[tensor]) + i] = decay ? normal() * deviation : 1;
  });
  return flat;
}

for (const name of ["tiny", "shakes"] as const)
  test(`${name}: the losses of the first steps are PyTorch's to 6 digits`, async () => {
    const { losses: expected, batch, ...sizes } = fixture[name];
    const config: ModelConfig = {
      ...NANO,
      ...sizes,
      architecture: "gpt2",
      keyValueHeads: sizes.heads,
      hidden: 4 * sizes.width,
      vocabulary: VOCABULARY,
    };
    const layout = layoutOf(specsOf(config));
    const exact = openExact(loadExactModule(), 4 * layout.total);
    const vector = () => exact.vector(layout.total);
    const state = {
      parameters: vector(),
      firstMoment: vector(),
      secondMoment: vector(),
      gradient: vector(),
    };
    state.parameters.view.set(start(config, layout));
    const { uniform } = generator(7);
    const draw = (): Int32Array =>
      Int32Array.from({ length: batch * config.context }, () => Math.floor(uniform() * VOCABULARY));
    const tokens = { [NAMES.ids]: integers(draw()), [NAMES.targets]: integers(draw()) };
    const loss = new Float32Array(1);
    const outputs = {
      ...viewsOf(state.gradient.view, layout, NAMES.gradient),
      [NAMES.loss]: floats(loss, []),
    };
    const program = lower(trainingProgram(config, batch), { microsoftOperators: true });
    const session = await Session.open(program, "cpu", 1);
    for (const [i, value] of expected.entries()) {
      await session.run([tokens, viewsOf(state.parameters.view, layout)], outputs);
      assert.ok(Math.abs(must(loss[0]) - value) < 2e-6, `step ${i}: ${loss[0]}, expected ${value}`);
      const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, step: i + 1 };
      exact.adamw(state, { ...settings, learningRate: LEARNING_RATE }, decayGroups(layout));
    }
    await session.close();
  });
