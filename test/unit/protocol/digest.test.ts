/** @file Digests against the vectors, and what they refuse. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import {
  blake2b256,
  bytesOf,
  type Hex,
  hexOf,
  isHex,
  thetaDigest,
  updateDigest,
} from "../../../src/protocol/digest.ts";
import vectors from "../../fixtures/protocol.json" with { type: "json" };

const runId: Hex = `0x${vectors.inputs.runId}`;

function floats(hex: string): Float32Array {
  return new Float32Array(bytesOf(`0x${hex}`).slice().buffer);
}

function digest(...tensors: number[][]): Hex {
  return thetaDigest(
    runId,
    tensors.map((values) => Float32Array.from(values)),
  );
}

test("the run id is the digest of the manifest's bytes", () => {
  assert.equal(blake2b256(new TextEncoder().encode(vectors.inputs.manifestBytes)), runId);
});

test("theta's digest equals the vector, also through a view into a larger buffer", () => {
  const tensors = vectors.theta.tensors.map(floats);
  assert.equal(thetaDigest(runId, tensors), `0x${vectors.theta.digest}`);
  const flat = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.length, 3));
  let at = 3;
  const views = tensors.map((tensor) => {
    flat.set(tensor, at);
    at += tensor.length;
    return flat.subarray(at - tensor.length, at);
  });
  assert.equal(thetaDigest(runId, views), `0x${vectors.theta.digest}`);
});

test("minus zero and where a tensor ends both count", () => {
  assert.notEqual(digest([0]), digest([-0]));
  assert.notEqual(digest([1, 2]), digest([1], [2]));
  assert.notEqual(digest([1], [2]), digest([2], [1]));
});

test("NaN has no digest", () => {
  const tensors = [Float32Array.of(1), Float32Array.of(0, Number.NaN)];
  assert.throws(
    () => thetaDigest(runId, tensors),
    (error) =>
      isAssayError(error, "state-corrupt") && /parameter 1 of tensor 1/.test(error.message),
  );
});

test("hex is lowercase, whole bytes, with 0x", () => {
  assert.equal(hexOf(Uint8Array.of(0, 171, 255)), "0x00abff");
  assert.deepEqual(bytesOf("0x00abff"), Uint8Array.of(0, 171, 255));
  for (const bad of ["0xAB", "0xabc", "0x0g", "0x 0"] as const) {
    assert.ok(!isHex(bad), bad);
    assert.throws(() => bytesOf(bad), RangeError);
  }
  assert.ok(!isHex("ab"));
  assert.ok(isHex("0x", 0) && !isHex("0x00", 2));
});

test("an update's digest covers every byte", () => {
  const update = Uint8Array.from({ length: 200 }, (_, at) => at);
  const before = updateDigest(update);
  update[199] = 0;
  assert.notEqual(updateDigest(update), before);
});

test("the parameters of the demo's model hash fast enough for every window", (context) => {
  const tensors = Array.from({ length: 20 }, (_, at) => new Float32Array(5500).fill(at));
  for (let warmup = 0; warmup < 20; warmup += 1) thetaDigest(runId, tensors);
  const start = performance.now();
  for (let round = 0; round < 10; round += 1) thetaDigest(runId, tensors);
  const milliseconds = (performance.now() - start) / 10;
  context.diagnostic(`440 KB in ${milliseconds.toFixed(2)} ms`);
  // Ten times the goal of 10 ms: a loaded machine must not fail the test, an accidental slow path must.
  assert.ok(milliseconds < 100, `${milliseconds} ms`);
});
