/** @file Programs over memory of the caller's: the head in blocks and the looked-up rows apart are the same gradients, and they keep no logits. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { addRows, gradientInPlace, parametersInPlace } from "../../../kernels/engine/views.ts";
import { floats, integers, Session } from "../../../kernels/engine/session.ts";
import { FlatState } from "../../../kernels/engine/state.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import {
  evaluationProgram,
  headBlocks,
  NAMES,
  trainingProgram,
} from "../../../kernels/nn/programs.ts";
import { differentiate, type Feeds } from "../../../kernels/reference/interpreter.ts";
import type { Tensor64 } from "../../../kernels/reference/tensor64.ts";
import { must, relativeL2, run, TARGETS, TINY_MODELS, tokenIds } from "../support.ts";

const BATCH = 2;
/** float32 against float64, relative L2. */
const GRADIENT_TOLERANCE = 2e-6;
/** The bias of the keys moves all scores of a query alike: its gradient is zero but for rounding. */
const FLAT = /attention\.key\.bias$/;

for (const [name, config] of TINY_MODELS)
  for (const blockRows of [1000, 7]) {
    const { specs, offsets, lengths } = layoutOf(specsOf(config));
    // Gains stay 1; shares are far from even.
    const flat = initialParameters(config, 3).map((x) => (x === 1 ? x : 4 * x));
    const count = BATCH * config.context;
    const ids = tokenIds(count, config.vocabulary, 1);
    const targets = tokenIds(count, config.vocabulary, 2);
    const parameters = specs.map((spec, i): [string, Tensor64] => {
      const start = must(offsets[i]);
      const data = Float64Array.from(flat.subarray(start, start + must(lengths[i])));
      return [spec.name, { shape: spec.shape, data }];
    });
    const feeds: Feeds = new Map<string, Tensor64>([
      [NAMES.ids, ids],
      [NAMES.targets, targets],
      ...parameters,
    ]);
    const inPlace = { blockRows };

    test(`${name}, blocks of ${blockRows}: an engine's views and sums give the gradients of the whole program in float64`, async () => {
      const whole = trainingProgram(config, BATCH);
      const expected = differentiate(whole.graph, must(whole.outputs.get(NAMES.loss)), feeds);
      const state = new FlatState(layoutOf(specsOf(config)), {});
      state.write("theta", flat);
      // What is left of the step before must not show.
      state.write("gradient", flat);
      const loss = new Float32Array(1);
      const rows = new Float32Array(count * config.width).fill(7);
      const program = trainingProgram(config, BATCH, false, inPlace);
      const session = await Session.load(program, { device: "cpu", threads: 1 });
      const tokens = {
        [NAMES.ids]: integers(Int32Array.from(ids.data)),
        [NAMES.targets]: integers(Int32Array.from(targets.data)),
      };
      const outputs = gradientInPlace(state, "gradient", { config, inPlace, rows });
      await session.run([tokens, parametersInPlace(state, "theta", { config, inPlace })], {
        ...outputs,
        [NAMES.loss]: floats(loss, []),
      });
      await session.close();
      addRows(state, "gradient", { config, ids: Int32Array.from(ids.data), rows });
      assert.ok(Math.abs(must(loss[0]) / must(expected.value.data[0]) - 1) < 1e-6);
      specs.forEach((spec, tensor) => {
        const reference = must(expected.gradients.get(spec.name)).data;
        const actual = state.tensor("gradient", tensor);
        const distance = FLAT.test(spec.name)
          ? Math.hypot(...actual)
          : relativeL2(actual, reference);
        assert.ok(distance < GRADIENT_TOLERANCE, `${spec.name}: ${distance}`);
      });
    });

    if (blockRows < config.vocabulary)
      test(`${name}, blocks of ${blockRows}: both forms of the evaluation give the losses of the whole one`, async () => {
        const parts = headBlocks(config, inPlace).map(({ name: block, start, rows }) => {
          const head = must(feeds.get(config.untied === true ? "head" : "embedding")).data;
          const data = head.slice(start * config.width, (start + rows) * config.width);
          return [block, { shape: [rows, config.width], data }] as const;
        });
        const table = must(feeds.get("embedding"));
        const fed: Feeds = new Map<string, Tensor64>([...feeds, ...parts, [NAMES.table, table]]);
        for (const target of TARGETS) {
          const whole = await run(evaluationProgram(config, BATCH), feeds, { target });
          const blocks = await run(evaluationProgram(config, BATCH, inPlace), fed, { target });
          const expected = Float64Array.from(must(whole.get(NAMES.losses)));
          assert.ok(relativeL2(must(blocks.get(NAMES.losses)), expected) < 1e-6);
        }
      });
  }

test("a step over a large vocabulary takes less memory than two copies of its logits would", () => {
  const script = fileURLToPath(new URL("../fixtures/train-wide.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const { before, after, logits } = JSON.parse(stdout);
  // Logits once, a block of them and what the process itself takes: 1.5 to 1.6. As one product the head takes 2.5.
  assert.ok(after - before < 2 * logits, `${after - before} bytes for logits of ${logits}`);
});
