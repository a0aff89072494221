/** @file Checkpoints: flat padded parameters to bytes and back, with one digest whoever computes it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { isAssayError } from "../../../src/errors.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import {
  decodeCheckpoint,
  digestOf,
  encodeCheckpoint,
  tensorsOf,
} from "../../../src/checkpoint/checkpoint.ts";
import { MODELS } from "../../../src/run/presets.ts";

const LAYOUT = layoutOf(specsOf(MODELS.nano));
const RUN_ID: Hex = `0x${"0a".repeat(32)}`;

test("parameters survive the way to bytes and back bit for bit; equal parameters give equal bytes", async () => {
  const theta = initialParameters(MODELS.nano, 1);
  theta[3] = -0;
  const bytes = encodeCheckpoint(LAYOUT, theta);
  assert.deepEqual(encodeCheckpoint(LAYOUT, theta.slice()), bytes);
  const back = decodeCheckpoint(LAYOUT, Buffer.from(bytes));
  assert.deepEqual(Buffer.from(back.buffer), Buffer.from(theta.buffer));
  assert.equal(await digestOf(RUN_ID, LAYOUT, back), await digestOf(RUN_ID, LAYOUT, theta));
});

test("the digest depends on the run and on every bit", async () => {
  const theta = initialParameters(MODELS.nano, 1);
  const digest = await digestOf(RUN_ID, LAYOUT, theta);
  assert.notEqual(await digestOf(`0x${"0b".repeat(32)}`, LAYOUT, theta), digest);
  const last = theta.length - 1;
  const changed = theta.slice();
  const word = new Uint32Array(changed.buffer);
  word[last] = (word[last] ?? 0) ^ 1;
  assert.notEqual(await digestOf(RUN_ID, LAYOUT, changed), digest);
});

test("the gaps between tensors belong to no tensor", () => {
  const lengths = tensorsOf(LAYOUT, new Float32Array(LAYOUT.total)).map((view) => view.length);
  assert.deepEqual(lengths, LAYOUT.lengths);
});

test("a checkpoint of another model is refused", () => {
  const other = layoutOf(specsOf({ ...MODELS.nano, layers: 1 }));
  const bytes = encodeCheckpoint(other, new Float32Array(other.total));
  assert.throws(
    () => decodeCheckpoint(LAYOUT, bytes),
    (error) => isAssayError(error, "checkpoint-invalid"),
  );
});
