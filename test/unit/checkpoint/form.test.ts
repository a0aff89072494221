/** @file How parameters lie in files: shards that are safetensors files, an index that names every tensor, and the way back bit for bit. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { openTrees } from "../../../src/blobs/trees.ts";
import { encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { blocksOf, formOf, placeBytes } from "../../../src/checkpoint/form.ts";
import { importParameters } from "../../../src/checkpoint/import.ts";
import { encodeSafetensors } from "../../../src/checkpoint/safetensors.ts";
import { isAssayError } from "../../../src/errors.ts";
import { MODELS } from "../../../src/run/presets.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-form-"));
after(() => rmSync(folder, { recursive: true }));
const LAYOUT = layoutOf(specsOf(MODELS.nano));
const THETA = initialParameters(MODELS.nano, 3);

test("one file holds what every safetensors reader expects: the tensors in manifest order, nothing else", () => {
  const form = formOf(LAYOUT);
  assert.deepEqual(form.files, [{ name: "model.safetensors", bytes: form.bytes }]);
  assert.equal(form.notes.size, 0);
  const tensors = LAYOUT.specs.map(({ name, shape }, index) => {
    const [at, length] = [LAYOUT.offsets[index] ?? 0, LAYOUT.lengths[index] ?? 0];
    return { name, shape, values: THETA.slice(at, at + length) };
  });
  assert.deepEqual(encodeCheckpoint(LAYOUT, THETA), encodeSafetensors(tensors, { format: "pt" }));
});

test("any size of shards and of pieces: files within the size unless one tensor is larger, and the same parameters", () => {
  const size = fc.integer({ min: 1, max: 500_000 });
  fc.assert(
    fc.property(size, fc.integer({ min: 1, max: 200_000 }), (shardBytes, step) => {
      const form = formOf(LAYOUT, shardBytes);
      const bytes = Buffer.concat(Array.from(blocksOf(form, THETA), (block) => Buffer.from(block)));
      assert.equal(bytes.length, form.bytes);
      assert.equal(
        form.files.reduce((sum, file) => sum + file.bytes, 0),
        form.bytes,
      );
      const largest = 4 * Math.max(...LAYOUT.lengths);
      for (const file of form.files)
        assert.ok(file.bytes <= Math.max(shardBytes, largest) + 2000, file.name);
      const back = new Float32Array(LAYOUT.total);
      for (let at = 0; at < bytes.length; at += step)
        placeBytes(form, back, { at, bytes: bytes.subarray(at, at + step) });
      assert.deepEqual(back, THETA);
    }),
    { numRuns: 25 },
  );
});

test("a sharded checkpoint is a folder as Hugging Face lays it out, and is read as one", async () => {
  const form = formOf(LAYOUT, 100_000);
  assert.ok(form.files.length > 2);
  assert.equal(form.files[0]?.name, `model-00001-of-0000${form.files.length}.safetensors`);
  const address = await openTrees(folder).put(form, blocksOf(form, THETA));
  const path = join(folder, address.slice(2));
  const index = JSON.parse(readFileSync(join(path, "model.safetensors.index.json"), "utf8"));
  assert.deepEqual(
    Object.keys(index.weight_map),
    LAYOUT.specs.map(({ name }) => name),
  );
  assert.equal(index.metadata.total_size, 4 * LAYOUT.lengths.reduce((sum, one) => sum + one, 0));
  assert.deepEqual(await importParameters(path, MODELS.nano), THETA);
  writeFileSync(
    join(path, "model.safetensors.index.json"),
    JSON.stringify({ weight_map: { a: "../../etc/passwd" } }),
  );
  await assert.rejects(
    importParameters(path, MODELS.nano),
    (error) => isAssayError(error, "checkpoint-invalid") && /lies elsewhere/.test(error.message),
  );
});

test("a header that is not the model's is refused wherever it is cut", () => {
  const form = formOf(LAYOUT);
  const bytes = encodeCheckpoint(LAYOUT, THETA);
  const back = new Float32Array(LAYOUT.total);
  for (const at of [0, 7, 8, 40, 500]) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(
      () => placeBytes(form, back, { at: 0, bytes: changed }),
      (error) => isAssayError(error, "checkpoint-invalid"),
    );
  }
});
