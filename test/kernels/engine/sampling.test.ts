/** @file Sampling: the draw of one token against its definition, and what an engine makes of a request. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import * as fc from "fast-check";
import type { SampleRequest } from "../../../kernels/engine/calls.ts";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { drawToken } from "../../../kernels/engine/sampling.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { initialParameters, type ModelConfig } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { uint32Stream } from "../../../kernels/random.ts";
import { TINY } from "../support.ts";

const coded = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof KernelError && error.code === code && message.test(error.message);

const logits = fc.float32Array({ min: -20, max: 20, noNaN: true, minLength: 1, maxLength: 30 });
const seeds = fc.integer();

const noDraw = (): number => assert.fail("a number was drawn");

describe("drawToken", () => {
  test("temperature 0 takes the largest logit, the lowest id on a tie, and draws nothing", () => {
    assert.equal(drawToken(Float32Array.of(1, 3, 2, 3), { temperature: 0 }, noDraw), 1);
    assert.equal(drawToken(Float32Array.of(-5), { temperature: 0, topK: 1 }, noDraw), 0);
  });

  test("frequencies are softmax(logits / temperature), within four deviations", () => {
    const values = Float32Array.of(0, 1, 2, -1);
    const draw = uint32Stream(3);
    const drawn = 20_000;
    for (const temperature of [0.5, 1, 3]) {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < drawn; i++) {
        const id = drawToken(values, { temperature }, draw);
        counts[id] = (counts[id] ?? 0) + 1;
      }
      const powers = [...values].map((x) => Math.exp(x / temperature));
      const total = powers.reduce((sum, power) => sum + power, 0);
      for (const [id, count] of counts.entries()) {
        const share = (powers[id] ?? 0) / total;
        const deviation = Math.sqrt(drawn * share * (1 - share));
        assert.ok(Math.abs(count - drawn * share) < 4 * deviation, `token ${id}: ${count}`);
      }
    }
  });

  test("topK keeps the likeliest, the lower id on a tie; none and all of them are the same draw", () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 40 }), seeds, (values, topK, seed) => {
        const pick = (choice: { readonly topK?: number }): number =>
          drawToken(values, { temperature: 2, ...choice }, uint32Stream(seed));
        const ranked = [...values.keys()].toSorted(
          (a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b,
        );
        assert.ok(ranked.slice(0, topK).includes(pick({ topK })));
        assert.equal(pick({ topK: 1 }), ranked[0]);
        assert.equal(pick({ topK: values.length }), pick({}));
      }),
    );
  });

  test("logits that are not numbers are refused; minus infinity is never drawn", () => {
    for (const wrong of [Number.NaN, Infinity])
      assert.throws(
        () => drawToken(Float32Array.of(1, wrong), { temperature: 1 }, uint32Stream(1)),
        coded("not-finite", /logit/),
      );
    fc.assert(
      fc.property(seeds, (seed) => {
        const values = Float32Array.of(-Infinity, 0, -Infinity);
        assert.equal(drawToken(values, { temperature: 1 }, uint32Stream(seed)), 1);
      }),
    );
  });
});

// Larger weights than the first ones of a run: the choice must depend on the text.
const parameters = (model: ModelConfig): Float32Array =>
  initialParameters(model, 5).map((x) => Math.fround(x === 1 ? 1 : 60 * x));

for (const architecture of ["llama", "gpt2"] as const)
  describe(`an engine of ${architecture}`, async () => {
    const model: ModelConfig = { ...TINY, architecture };
    const open = async (): Promise<Engine> => {
      const engine = await startEngine({
        model,
        batch: 1,
        evaluationBatch: 1,
        device: "cpu",
        innerOptimizer: ADAMW_DEFAULTS,
      });
      await engine.setParameters(parameters(model));
      return engine;
    };
    const engine = await open();
    after(async () => engine.close());
    const { context, vocabulary } = model;
    const prompt = Int32Array.from({ length: 3 * context }, (_, i) => (7 * i * i + i) % vocabulary);
    const count = 2 * context;

    test("a prompt longer than the context is read by its last tokens", async () => {
      const request = { count, temperature: 1, seed: 4 };
      const whole = await engine.sample({ ...request, prompt });
      const last = await engine.sample({ ...request, prompt: prompt.subarray(-context) });
      assert.deepEqual(whole, last);
      const shorter = await engine.sample({ ...request, prompt: prompt.subarray(-2) });
      assert.notDeepEqual(whole, shorter);
    });

    test("each token is the draw that its text alone gives: greedy in parts is greedy in one", async () => {
      const whole = await engine.sample({ prompt, count, temperature: 0, seed: 1 });
      const text = [...prompt];
      for (let i = 0; i < count; i++) {
        const request = { prompt: Int32Array.from(text), count: 1, temperature: 0, seed: 9 };
        text.push(...(await engine.sample(request)));
      }
      assert.deepEqual([...whole], text.slice(prompt.length));
      assert.ok(new Set(whole).size > 1, "one token over and over shows nothing");
    });

    test("a greedy token is the one with the smallest loss", async () => {
      const [likeliest] = await engine.sample({ prompt, count: 1, temperature: 0, seed: 1 });
      const start = prompt.subarray(-context);
      const tokens = Int32Array.from(
        Array.from({ length: vocabulary }, (_, next) => [...start, next]).flat(),
      );
      const losses = await engine.losses({ tokens });
      assert.equal(losses.indexOf(Math.min(...losses)), likeliest);
    });

    test("a seed fixes the text, in another engine too; topK 1 is greedy at any temperature", async () => {
      const request = { prompt, count, temperature: 2, topK: 5, seed: -3 };
      const text = await engine.sample(request);
      const other = await open();
      assert.deepEqual(await other.sample(request), text);
      await other.close();
      assert.notDeepEqual(await engine.sample({ ...request, seed: -4 }), text);
      assert.deepEqual(
        await engine.sample({ ...request, topK: 1 }),
        await engine.sample({ ...request, temperature: 0 }),
      );
      assert.equal((await engine.sample({ ...request, count: 0 })).length, 0);
    });

    test("a request out of range is refused by name", async () => {
      const request: SampleRequest = { prompt, count: 1, seed: 1 };
      const wrong: readonly [Partial<SampleRequest>, RegExp][] = [
        [{ prompt: new Int32Array(0) }, /prompt needs/],
        [{ prompt: Int32Array.of(0, vocabulary) }, /token 24 at 1 is outside/],
        [{ count: -1 }, /count must be .* not -1/],
        [{ count: 1.5 }, /count must be .* not 1.5/],
        [{ temperature: -0.1 }, /temperature must be .* not -0.1/],
        [{ temperature: Number.NaN }, /temperature/],
        [{ temperature: Infinity }, /temperature/],
        [{ topK: 0 }, /topK must be .* not 0/],
        [{ topK: 2.5 }, /topK/],
        [{ seed: Number.NaN }, /seed/],
      ];
      for (const [part, message] of wrong)
        await assert.rejects(
          engine.sample({ ...request, ...part }),
          coded("bad-argument", message),
        );
    });
  });
