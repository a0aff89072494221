/** @file A task and its losses as they travel: there and back the same, and nothing else is taken for one. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Hex } from "../../../../src/protocol/digest.ts";
import {
  encodeLosses,
  encodeTask,
  parseLosses,
  parseTask,
  sentLossesSchema,
  type Task,
  taskId,
} from "../../../../validator/evaluation/task.ts";

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const window = fc.nat(1 << 30);
const uid = fc.nat(65_535);
const tasks: fc.Arbitrary<Task> = fc.record({
  window,
  uid,
  hotkey: digest,
  payload: digest,
  theta: digest,
  rules: digest,
  factor: finite,
  usual: fc.array(finite, { maxLength: 5 }),
  pages: fc.oneof(
    fc.constant({ kind: "noise" } as const),
    fc.record({ kind: fc.constant("own" as const), uid, hotkey: digest, window }),
  ),
});

test("a task comes back bit for bit, and its id is that of its text and its run", () => {
  fc.assert(
    fc.property(tasks, digest, (task, runId) => {
      const text = encodeTask(task);
      assert.deepEqual(parseTask(text), { ...task, pages: { ...task.pages } });
      assert.equal(taskId(runId, text), taskId(runId, encodeTask(parseTask(text) ?? task)));
      assert.notEqual(taskId(runId, text), taskId(runId, `${text} `));
    }),
  );
});

test("nothing else is a task", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.equal(parseTask(text), null)),
  );
  fc.assert(
    fc.property(tasks, fc.string(), fc.jsonValue(), (task, key, value) => {
      const bent: unknown = { ...JSON.parse(encodeTask(task)), [`_${key}`]: value };
      assert.equal(parseTask(JSON.stringify(bent)), null);
    }),
  );
  assert.equal(parseTask(encodeTask({ ...TASK, factor: NaN })), null);
});

const zero: Hex = `0x${"00".repeat(32)}`;
const TASK: Task = {
  window: 1,
  uid: 2,
  hotkey: zero,
  payload: zero,
  theta: zero,
  rules: zero,
  factor: 0.5,
  usual: [1],
  pages: { kind: "noise" },
};

test("losses come back bit for bit, those that are no numbers too", () => {
  const pairs = fc.array(fc.tuple(finite, fc.double()), { minLength: 1, maxLength: 70 });
  fc.assert(
    fc.property(pairs, (list) => {
      const losses = {
        before: list.map(([before]) => before),
        after: list.map(([, after]) => after),
      };
      assert.deepEqual(parseLosses(sentLossesSchema.parse(encodeLosses(losses))), losses);
    }),
  );
});

test("losses that do not pair up, or are not there before, are none", () => {
  assert.equal(parseLosses(encodeLosses({ before: [], after: [] })), null);
  assert.equal(parseLosses(encodeLosses({ before: [1, 2], after: [1] })), null);
  assert.equal(parseLosses(encodeLosses({ before: [NaN], after: [1] })), null);
  assert.equal(sentLossesSchema.safeParse({ before: "no base64!", after: "" }).success, false);
  assert.equal(
    sentLossesSchema.safeParse({ before: "A".repeat(1 << 20), after: "" }).success,
    false,
  );
});
