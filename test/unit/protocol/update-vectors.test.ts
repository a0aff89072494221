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

function float32Of(digits: string): number {
  const bytes = bytesOf(hex(digits));
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
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
  const update: SparseUpdate = vector.tensors.map(({ indices, codes, low, high }) => ({
    indices: Uint32Array.from(indices),
    codes: Uint8Array.from(codes),
    low: float32Of(low),
    high: float32Of(high),
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

for (const { why, body } of vectors.notCanonical)
  test(`refused: ${why}`, () => {
    assert.throws(
      () => decodeBody(bytesOf(hex(body)), { lengths: [4], k: 2, chunk: 4 }),
      (error) => isAssayError(error, "update-malformed") && /canonical/.test(error.message),
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
