/**
 * @file Speed of the training engine, as one JSON line: `node bench/train-step.ts [nano|small|medium] [threads]`.
 * The engine's own path: worker, gradients by onnxruntime, clip and AdamW in WebAssembly. The ratio against PyTorch is `npm run bench -- train`.
 */
import { startEngine } from "../kernels/engine/engine.ts";
import { initialParameters } from "../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../kernels/optim/adamw.ts";
import { uint32Stream } from "../kernels/random.ts";
import { SIZES } from "./train/sizes.ts";

const CALLS = 9;
const EVALUATED = 32;

const [name = "nano", threads = "1"] = process.argv.slice(2);
const size = SIZES.get(name);
if (!size) throw new Error(`no size ${name}; choose one of ${[...SIZES.keys()].join(", ")}`);
const { model, batch, steps } = size;

const draw = uint32Stream(1);
const tokens = (sequences: number): Int32Array =>
  Int32Array.from({ length: sequences * (model.context + 1) }, () => draw() % model.vocabulary);

/** Sorted durations of `CALLS` calls, after one to warm up. */
async function timed(call: () => Promise<unknown>): Promise<number[]> {
  await call();
  const durations: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await call();
    durations.push(performance.now() - start);
  }
  return durations.toSorted((a, b) => a - b);
}

const engine = await startEngine({
  model,
  batch,
  evaluationBatch: EVALUATED,
  threads: Number(threads),
  device: "auto",
  innerOptimizer: ADAMW_DEFAULTS,
});
await engine.setParameters(initialParameters(model, 1));
const request = {
  tokens: tokens(steps * batch),
  learningRates: new Float32Array(steps).fill(1e-3),
};
const training = await timed(async () => engine.train(request));
const held = tokens(EVALUATED);
const evaluating = await timed(async () => engine.losses({ tokens: held }));
const { layout, device } = engine;
await engine.close();

const middle = (durations: readonly number[]): number => durations[CALLS >> 1] ?? Number.NaN;
const stepMs = middle(training) / steps;
const round = (x: number): number => Math.round(x * 100) / 100;
const result = {
  bench: "train-step",
  size: name,
  device: device.chosen,
  threads: Number(threads),
  parameters: layout.total,
  batch,
  stepMs: round(stepMs),
  bestStepMs: round((training[0] ?? Number.NaN) / steps),
  tokensPerSecond: Math.round((batch * model.context * 1000) / stepMs),
  evaluate32Ms: round(middle(evaluating)),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
