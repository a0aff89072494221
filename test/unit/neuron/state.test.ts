/** @file A node's state folder: what was saved comes back, anything damaged counts as absent. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import type { Hex } from "../../../src/protocol/digest.ts";
import { rulesOf } from "../../../src/protocol/rules.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { openNeuronState } from "../../../src/neuron/state.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-state-"));
after(() => rmSync(folder, { recursive: true }));
const RUN: Hex = `0x${"01".repeat(32)}`;
const OTHER_RUN: Hex = `0x${"02".repeat(32)}`;
const CHECKPOINT = { window: 7, address: RUN };
const GENESIS: Hex = `0x${"03".repeat(32)}`;
const PLACE = { genesis: GENESIS, runId: RUN };

test("the newest checkpoint of a run is remembered, of that run only", async () => {
  const state = openNeuronState(join(folder, "a", "b"));
  assert.equal(state.checkpointOf(PLACE), null);
  await state.saveRun(PLACE, { window: 3, address: RUN });
  await state.saveRun(PLACE, CHECKPOINT);
  assert.deepEqual(openNeuronState(state.folder).checkpointOf(PLACE), CHECKPOINT);
  assert.equal(state.checkpointOf({ ...PLACE, runId: OTHER_RUN }), null);
  assert.equal(state.checkpointOf({ ...PLACE, genesis: OTHER_RUN }), null);
  assert.equal(state.runOn(GENESIS)?.runId, RUN);
  assert.equal(state.runOn(OTHER_RUN), null, "a chain that was made anew is another one");
});

test("a damaged state file counts as absent and is replaced by the next save", async () => {
  const state = openNeuronState(join(folder, "c"));
  for (const text of [
    "",
    "{",
    "[]",
    '{"runId":1}',
    '{"runId":"0x01","checkpoint":{"window":-1}}',
  ]) {
    writeFileSync(join(state.folder, "state.json"), text);
    assert.equal(state.checkpointOf(PLACE), null, text);
  }
  await state.saveRun(PLACE, CHECKPOINT);
  assert.deepEqual(state.checkpointOf(PLACE), CHECKPOINT);
});

test("saved bytes come back; an unknown name is null", async () => {
  const state = openNeuronState(join(folder, "d"));
  assert.equal(await state.load("x.bin"), null);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (bytes) => {
      await state.save("x.bin", bytes);
      assert.deepEqual(await state.load("x.bin"), bytes);
    }),
    { numRuns: 30 },
  );
});

test("one flipped, cut or added byte anywhere makes the file count as absent", async () => {
  const state = openNeuronState(join(folder, "e"));
  const path = join(state.folder, "x.bin");
  await state.save("x.bin", Uint8Array.of(1, 2, 3, 4));
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 4;
    writeFileSync(path, bad);
    assert.equal(await state.load("x.bin"), null, `byte ${at}`);
    writeFileSync(path, good.subarray(0, at));
    assert.equal(await state.load("x.bin"), null, `cut at ${at}`);
  }
  writeFileSync(path, Buffer.concat([good, Buffer.of(0)]));
  assert.equal(await state.load("x.bin"), null);
  writeFileSync(path, good);
  assert.deepEqual(await state.load("x.bin"), Uint8Array.of(1, 2, 3, 4));
});

test("where a run stood is remembered with its rules, of that run on that chain only", async () => {
  const state = openNeuronState(join(folder, "f"));
  const standing = { rules: rulesOf(EXAMPLE_MANIFEST), over: false };
  const later = [{ window: 11, standing: { ...standing, over: true } }];
  const known = { window: 9, standing, later, to: 12 };
  assert.equal(state.standingOf(PLACE), null);
  await state.saveStanding(PLACE, known);
  assert.deepEqual(openNeuronState(state.folder).standingOf(PLACE), known);
  assert.equal(state.standingOf({ ...PLACE, runId: OTHER_RUN }), null);
  await state.saveRun(PLACE, null);
  assert.deepEqual(state.runOn(GENESIS), { runId: RUN, standing: known });
  // As earlier versions wrote it: one window.
  const { rules, over } = standing;
  writeFileSync(
    join(state.folder, "standing.json"),
    JSON.stringify({ ...PLACE, window: 9, rules, over }),
  );
  assert.deepEqual(state.standingOf(PLACE), { window: 9, standing, later: [], to: 9 });
  writeFileSync(join(state.folder, "standing.json"), '{"window":1}');
  assert.equal(state.standingOf(PLACE), null);
});
