/** @file The demo's manifest is valid for every number of windows that the command accepts. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { encodeManifest, parseManifest } from "../../../src/protocol/manifest-file.ts";
import { demoManifest, MODELS } from "../../../src/run/presets.ts";

test("the demo's manifest encodes and parses back equal", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100_000 }),
      fc.integer({ min: 48, max: 70_000 }),
      (windows, pages) => {
        const manifest = demoManifest({
          name: "localnet",
          netuid: 1,
          genesisCheckpoint: `0x${"01".repeat(32)}`,
          startBlock: 100,
          windows,
          data: { manifest: `0x${"02".repeat(32)}`, pages },
        });
        assert.deepEqual(parseManifest(encodeManifest(manifest)).manifest, manifest);
        assert.ok(manifest.inner.warmupSteps >= 1);
        assert.ok(manifest.inner.warmupSteps < manifest.inner.totalSteps);
      },
    ),
  );
});

test("the nano model has a layout", () => {
  assert.ok(layoutOf(specsOf(MODELS.nano)).total > 100_000);
});
