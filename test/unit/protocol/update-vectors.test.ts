/** @file Updates and a record line, byte for byte as docs/protocol.md says: vectors of an independent restatement. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import { decodeBody, encodeBody, type SparseUpdate } from "../../../src/protocol/codec.ts";
import { bytesOf, type Hex, hexOf, updateDigest } from "../../../src/protocol/digest.ts";
import { chainRecord, NO_RECORD, verifyRecords } from "../../../src/protocol/record.ts";
import { encodeWholeUpdate, readUpdate } from "../../../src/protocol/update.ts";
import protocol from "../../fixtures/protocol.json" with { type: "json" };
import vectors from "../../fixtures/update.json" with { type: "json" };

const hex = (digits: string): Hex => `0x${digits}`;

function floats(digits: string): Float32Array {
  const { buffer, byteOffset, length } = bytesOf(hex(digits));
  const view = new DataView(buffer, byteOffset);
  return Float32Array.from({ length: length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

const { inputs, theta } = protocol;
const binding = {
  genesis: hex(inputs.genesis),
  runId: hex(inputs.runId),
  netuid: inputs.netuid,
  window: BigInt(inputs.window),
  hotkey: hex(inputs.hotkey),
  baseDigest: hex(theta.digest),
};

for (const vector of vectors.updates) {
  const { lengths, k, chunk } = vector;
  const layout = { lengths, k, chunk };
  const update: SparseUpdate = vector.tensors.map(({ indices, values }) => ({
    indices: Uint32Array.from(indices),
    values: floats(values),
  }));

  test(`tensors of ${lengths.join()} with k = ${k} of ${chunk}: body, whole update, digest`, () => {
    assert.equal(hexOf(encodeBody(update, layout)), hex(vector.body));
    const bytes = encodeWholeUpdate(binding, update, layout);
    assert.equal(updateDigest(bytes), hex(vector.digest));
    const reading = readUpdate(bytes, layout, binding);
    assert.ok(reading.ok);
    assert.deepEqual(reading.update, update);
  });
}

test("values arrive as signs and the magnitudes nearest to the chunk's means", () => {
  const indices = Uint32Array.of(0, 1, 2, 3);
  for (const { chunk, values, sent } of vectors.sent) {
    const layout = { lengths: [chunk], k: 4, chunk };
    const tensor = { indices, values: floats(values) };
    assert.deepEqual(decodeBody(encodeBody([tensor], layout), layout)[0]?.values, floats(sent));
  }
});

for (const { why, body, ...layout } of vectors.refused)
  test(`refused: ${why}`, () => {
    assert.throws(
      () => decodeBody(bytesOf(hex(body)), layout),
      (error) => isAssayError(error, "update-malformed"),
    );
  });

test("a record's line verifies and has the vector's digest", () => {
  const { line, digest } = vectors.record;
  const { records, head } = verifyRecords([line]);
  assert.equal(head, hex(digest));
  const [record] = records;
  assert.ok(record);
  const { previous, ...content } = record;
  assert.equal(previous, NO_RECORD);
  assert.equal(chainRecord(previous, content).line, line);
});
