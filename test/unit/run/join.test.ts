/** @file What a run's manifest and that of its data must say alike. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { checkpointSchema } from "../../../src/api/types.ts";
import { buildDataManifest, parseDataManifest } from "../../../src/data/data-manifest.ts";
import { isAssayError } from "../../../src/errors.ts";
import { requireAgreement } from "../../../src/run/join.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";

const tokens = new Uint8Array(100_000);
const shard = { training: tokens, heldOut: tokens, tokenBytes: 1, vocabulary: 256 } as const;

test("pages, sequences of a page and context are the same in both manifests, or the run is refused by name", () => {
  const { model, data } = EXAMPLE_MANIFEST;
  const shape = { context: model.context, sequencesPerPage: data.sequencesPerPage };
  const found = parseDataManifest(buildDataManifest(shard, shape).manifest);
  const run = { model, data: { ...data, pages: found.pages } };
  requireAgreement(run, found);
  const others = [
    [{ ...run, data: { ...run.data, sequencesPerPage: data.sequencesPerPage + 1 } }, /sequencesP/],
    [{ ...run, data: { ...run.data, pages: found.pages + 1 } }, /says pages/],
    [{ ...run, model: { ...model, context: model.context + 1 } }, /says context/],
  ] as const;
  for (const [other, words] of others)
    assert.throws(
      () => requireAgreement(other, found),
      (error) => isAssayError(error, "manifest-invalid") && words.test(error.message),
    );
});

const named = (bytes: number): unknown => ({ window: 1, address: `0x${"ab".repeat(bytes)}` });

test("an address of a checkpoint has 32 bytes, neither fewer nor more", () => {
  assert.ok(checkpointSchema.safeParse(named(32)).success);
  for (const bytes of [0, 1, 31, 33, 64])
    assert.equal(checkpointSchema.safeParse(named(bytes)).success, false, String(bytes));
});
