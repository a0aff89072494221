/** @file The engine: training, evaluation, updates, restart, refusals; on a model of 10,000 parameters. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { KernelError } from "../../../kernels/errors.ts";
import type { SparseUpdate } from "../../../kernels/exact/sparse.ts";
import { initialParameters, type ModelConfig } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { uint32Stream } from "../../../kernels/random.ts";
import { must, NANO } from "../support.ts";

const MODEL: ModelConfig = { ...NANO, width: 32, hidden: 64, context: 16, vocabulary: 128 };
const LENGTH = MODEL.context + 1;
const BATCH = 8;
const TEXT = Buffer.from(
  "We the people train one model together; each of us sends what we improved, and the improvement is measured. ".repeat(
    20,
  ),
);

const open = async (options: Partial<Parameters<typeof startEngine>[0]> = {}): Promise<Engine> =>
  startEngine({
    model: MODEL,
    batch: BATCH,
    evaluationBatch: 4,
    device: "cpu",
    innerOptimizer: ADAMW_DEFAULTS,
    ...options,
  });

/** Sequences cut out of the toy text. */
function sequences(count: number, seed: number): Int32Array {
  const draw = uint32Stream(seed);
  const tokens = new Int32Array(count * LENGTH);
  for (let i = 0; i < count; i++) {
    const start = draw() % (TEXT.length - LENGTH);
    tokens.set(TEXT.subarray(start, start + LENGTH), i * LENGTH);
  }
  return tokens;
}

const training = (steps: number, seed: number, rate = 0.01) => ({
  tokens: sequences(steps * BATCH, seed),
  learningRates: new Float32Array(steps).fill(rate),
});

const average = (values: Iterable<number>): number => {
  const list = [...values];
  return list.reduce((sum, x) => sum + x, 0) / list.length;
};

const coded = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof KernelError && error.code === code && message.test(error.message);

const compression = { k: 64, chunk: 512, beta: 0.9 };

/** What an update adds up to, as a flat vector. */
function dense(engine: Engine, update: SparseUpdate): Float32Array {
  const flat = new Float32Array(engine.layout.total);
  update.forEach(({ indices, values }, tensor) =>
    indices.forEach((index, i) => {
      flat[must(engine.layout.offsets[tensor]) + index] = must(values[i]);
    }),
  );
  return flat;
}

describe("engine", async () => {
  const engine = await open();
  const theta = initialParameters(MODEL, 1);
  after(async () => engine.close());
  const restart = async (): Promise<void> => {
    await engine.setParameters(theta);
    await engine.resetMoments();
  };

  test("reports its device and layout", () => {
    assert.deepEqual(engine.device, { chosen: "cpu", refused: [] });
    assert.equal(engine.layout.total, theta.length);
  });

  test("the loss falls on a toy text in 50 steps, and theta stays where it was", async () => {
    await restart();
    const { losses } = await engine.train(training(50, 1));
    assert.ok(must(losses[0]) > 4.7, `starts near ln 128: ${losses[0]}`);
    assert.ok(average(losses.subarray(45)) < 2.6, `ends at ${losses[49]}`);
    assert.deepEqual(await engine.parameters(), theta);
  });

  test("train starts at theta each time; adoptWorking moves theta", async () => {
    await restart();
    const held = sequences(4, 9);
    const before = average(await engine.losses({ tokens: held }));
    const once = await engine.train(training(10, 1));
    const again = await engine.train(training(10, 1));
    assert.equal(once.losses[0], again.losses[0]);
    await engine.adoptWorking();
    assert.ok(average(await engine.losses({ tokens: held })) < before - 0.5);
  });

  test("two calls of five steps with adoptWorking are one call of ten, to the bit", async () => {
    await restart();
    const whole = training(10, 4);
    const { losses } = await engine.train(whole);
    await engine.adoptWorking();
    const expected = await engine.parameters();
    await restart();
    const half = whole.tokens.length / 2;
    const parts: number[] = [];
    for (const start of [0, half]) {
      const tokens = whole.tokens.slice(start, start + half);
      parts.push(
        ...(await engine.train({ tokens, learningRates: whole.learningRates.slice(0, 5) })).losses,
      );
      await engine.adoptWorking();
    }
    assert.deepEqual(parts, [...losses]);
    assert.deepEqual(await engine.parameters(), expected);
  });

  test("losses do not depend on how sequences are padded into batches", async () => {
    await restart();
    const tokens = sequences(7, 5);
    const together = await engine.losses({ tokens });
    assert.equal(together.length, 7);
    for (let i = 0; i < 7; i++) {
      const alone = await engine.losses({ tokens: tokens.slice(i * LENGTH, (i + 1) * LENGTH) });
      assert.equal(alone[0], together[i]);
    }
    assert.equal((await engine.losses({ tokens: new Int32Array(0) })).length, 0);
  });

  test("an update improves the loss, and evaluating it is applying it", async () => {
    await restart();
    await engine.train(training(10, 1));
    const { update } = await engine.compress(compression);
    const held = sequences(6, 9);
    const before = await engine.losses({ tokens: held });
    const tried = await engine.losses({ tokens: held, update });
    assert.deepEqual(await engine.losses({ tokens: held, update, factor: 0 }), before);
    assert.deepEqual(await engine.parameters(), theta, "theta is put back to the bit");
    const wild = { tokens: held, update, factor: 3e38 };
    await assert.rejects(engine.losses(wild), /not-finite/);
    assert.deepEqual(await engine.parameters(), theta, "also where the losses are not finite");
    assert.ok(average(tried) < average(before) - 0.1);
    await engine.outerStep({ updates: [update], alpha: 1, mean: "choosers" });
    assert.deepEqual(await engine.losses({ tokens: held }), tried);
    const expected = theta.map((x, i) => x - must(dense(engine, update)[i]));
    assert.deepEqual(await engine.parameters(), expected);
  });

  test("what is not sent stays in the error feedback; restoreSent puts the rest back", async () => {
    // The same steps twice: compress keeps no working copy that could be looked at.
    await restart();
    await engine.train(training(5, 2));
    await engine.adoptWorking();
    const working = await engine.parameters();
    await restart();
    await engine.train(training(5, 2));
    const { update } = await engine.compress(compression);
    const { e: rest } = await engine.momentState();
    const sent = dense(engine, update);
    const moved = theta.map((x, i) => Math.fround(x - must(working[i])));
    assert.deepEqual(
      rest,
      moved.map((x, i) => Math.fround(x - must(sent[i]))),
    );
    await engine.restoreSent(update);
    const { e } = await engine.momentState();
    assert.deepEqual(
      e,
      rest.map((x, i) => Math.fround(x + must(sent[i]))),
    );
  });

  test("two peers with alpha and the mean over all", async () => {
    await restart();
    await engine.train(training(3, 1));
    const first = (await engine.compress(compression)).update;
    await engine.outerStep({ updates: [first, first], alpha: 0.5, mean: "all" });
    const sent = dense(engine, first);
    const expected = theta.map((x, i) => Math.fround(x - Math.fround(0.5 * must(sent[i]))));
    assert.deepEqual(await engine.parameters(), expected);
  });

  test("moments survive a restart to the bit", async () => {
    await restart();
    await engine.train(training(4, 1));
    await engine.compress(compression);
    const state = await engine.momentState();
    const kept = structuredClone(state);
    const expected = await engine.train(training(4, 2));
    const other = await open();
    await other.setParameters(theta);
    await other.setMomentState(kept);
    const actual = await other.train(training(4, 2));
    await other.close();
    assert.equal(state.step, 4);
    assert.deepEqual(actual, expected);
  });

  test("greedy sampling continues the text; a seed fixes the draw", async () => {
    await restart();
    // At twice the rate two of five runs end in a jump of the loss.
    await engine.train(training(300, 3, 0.005));
    await engine.adoptWorking();
    const prompt = Int32Array.from(TEXT.subarray(0, 12));
    const text = await engine.sample({ prompt, count: 20, temperature: 0, seed: 1 });
    assert.equal(Buffer.from(text).toString(), TEXT.subarray(12, 32).toString());
    const draw = async (seed: number): Promise<Int32Array> =>
      engine.sample({ prompt, count: 20, temperature: 2, seed });
    assert.deepEqual(await draw(5), await draw(5));
    assert.notDeepEqual(await draw(5), await draw(6));
  });

  test("wrong arguments are refused by name", async () => {
    await assert.rejects(
      engine.setParameters(theta.subarray(4)),
      coded("bad-argument", /theta has \d+ floats/),
    );
    await assert.rejects(
      engine.setParameters(theta.with(3, Number.NaN)),
      coded("not-finite", /theta holds/),
    );
    const learningRates = new Float32Array(2);
    await assert.rejects(
      engine.train({ tokens: sequences(8, 1), learningRates }),
      coded("bad-argument", /136 tokens for 2 steps of 136/),
    );
    await assert.rejects(
      engine.losses({ tokens: new Int32Array(LENGTH).fill(128) }),
      coded("bad-argument", /token 128 at 0 is outside/),
    );
    await assert.rejects(
      engine.losses({ tokens: sequences(1, 1), update: [] }),
      coded("bad-argument", /tensors/),
    );
    await assert.rejects(
      engine.sample({ prompt: new Int32Array(0), count: 1, seed: 1 }),
      coded("bad-argument", /prompt/),
    );
    await assert.rejects(engine.compress({ ...compression, k: 0 }), coded("bad-argument", /k 0/));
  });

  test("training that diverges is reported and leaves the moments finite", async () => {
    await restart();
    await assert.rejects(engine.train(training(30, 1, 1e30)), coded("not-finite", /step \d+/));
    const { update } = await engine.compress(compression);
    assert.ok(update.every(({ values }) => values.every((value) => value === 0)));
    const { m, v } = await engine.momentState();
    assert.ok(m.every(Number.isFinite) && v.every(Number.isFinite));
    assert.deepEqual(await engine.parameters(), theta);
  });

  test("a last step that leaves the finite numbers is caught before the error feedback", async () => {
    await restart();
    await engine.train(training(1, 1, 3e38));
    await assert.rejects(engine.compress(compression), coded("not-finite", /diverged/));
    const { e } = await engine.momentState();
    assert.ok(e.every((x) => x === 0));
  });

  test("trap 2: the main loop keeps ticking while the worker trains, and does none of the work", async () => {
    await restart();
    const [whole, own] = [process.cpuUsage(), process.threadCpuUsage()];
    const seen = { ticks: 0, isTraining: false };
    const timer = setInterval(() => (seen.ticks += seen.isTraining ? 1 : 0), 1);
    // A busy machine may let this thread run so seldom that a training is over first.
    for (let round = 0; round < 20 && seen.ticks < 10; round++) {
      seen.isTraining = true;
      await engine.train(training(100, 1)).finally(() => (seen.isTraining = false));
    }
    clearInterval(timer);
    const [all, here] = [process.cpuUsage(whole), process.threadCpuUsage(own)];
    const share = (here.user + here.system) / (all.user + all.system);
    assert.ok(seen.ticks >= 10, `${seen.ticks} ticks`);
    assert.ok(share < 0.5, `${share} of the processor's time was this thread's`);
  });
});

test("trap 5: a device that is not there is refused by name, and auto falls back to the CPU", async () => {
  const probe = await open({ device: "auto" });
  const { chosen, refused } = probe.device;
  await probe.close();
  for (const { device, reason } of refused) {
    assert.ok(reason.length > 0);
    // A software GPU is right but slow: auto leaves it, by name it is used.
    if (reason.includes("slower than the CPU")) continue;
    await assert.rejects(
      open({ device }),
      coded("device-refused", new RegExp(`${device}: .*Use the CPU`, "s")),
    );
  }
  if (chosen === "cpu")
    assert.deepEqual(
      refused.map(({ device }) => device),
      ["cuda", "webgpu"],
    );
});

/** Distance of one step. With a large epsilon it is in proportion to the gradient, so clipping shows. */
const moved = async (clip: number): Promise<number> => {
  const engine = await open({
    innerOptimizer: { ...ADAMW_DEFAULTS, weightDecay: 0, epsilon: 1000, clip },
  });
  const theta = initialParameters(MODEL, 1);
  await engine.setParameters(theta);
  await engine.train(training(1, 1, 1000));
  await engine.adoptWorking();
  const reached = await engine.parameters();
  await engine.close();
  return Math.hypot(...reached.map((x, i) => x - must(theta[i])));
};

test("the global norm of the gradient is clipped before AdamW sees it", async () => {
  // The first step moves by rate * gradient / epsilon, up to the second moment's root.
  assert.ok(Math.abs((await moved(0.01)) / 0.01 - 1) < 1e-3);
  assert.ok((await moved(0)) > 0.5);
});

test("a model that cannot be built is refused before anything starts", async () => {
  await assert.rejects(
    open({ model: { ...MODEL, heads: 5 } }),
    coded("bad-config", /multiple of heads/),
  );
  const innerOptimizer = { ...ADAMW_DEFAULTS, beta1: 1 };
  await assert.rejects(open({ innerOptimizer }), coded("bad-config", /betas/));
});
