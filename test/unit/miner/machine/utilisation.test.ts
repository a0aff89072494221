/** @file docs/utilisation.md: fresh, with the published utilisation from the published figures, and Assay's above it on a line that adds up. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PUBLISHED, PUBLISHED_SETTING } from "../../../../miner/machine/published.ts";
import { utilisationMarkdown, utilisationRows } from "../../../../miner/machine/utilisation.ts";
import { PLANNED_MODELS } from "../../../../src/run/presets.ts";
import { parametersOf } from "../../../../kernels/nn/memory.ts";

const DOCUMENT = new URL("../../../../docs/utilisation.md", import.meta.url);
const rows = utilisationRows();
const [said, published] = rows;

test("docs/utilisation.md is fresh", () => {
  const message = "run: node miner/main.ts plan --model 72b --markdown > docs/utilisation.md";
  assert.equal(readFileSync(DOCUMENT, "utf8"), utilisationMarkdown(), message);
});

test("the published bytes are those of 146 times less than float32, of the published parameters", () => {
  assert.equal(parametersOf(PLANNED_MODELS["72b"]), PUBLISHED.parameters);
  assert.ok(32 / PUBLISHED.bitsPerParameter > 146);
  assert.ok(Math.abs(PUBLISHED_SETTING.updateBytes / 1.99e9 - 1) < 0.001);
});

test("94.5 % come out of the published figures within a point, on one line that takes 70 s for its bytes", () => {
  assert.ok(published !== undefined);
  assert.ok(Math.abs(published.utilisation - PUBLISHED.utilisation) < 0.01);
  const { download, upload } = published.stages;
  assert.ok(Math.abs(download + upload - PUBLISHED.communicationSeconds) < 0.1);
  // Worked out by hand: 17 updates in 70 s.
  const mbps = (17 * 8 * PUBLISHED_SETTING.updateBytes) / 70 / 1e6;
  assert.ok(Math.abs(published.setting.line.uplinkMbps / mbps - 1) < 0.002);
});

test("the lines that are said of the published peers do not add up", () => {
  assert.ok(said !== undefined && said.utilisation < 0.7);
});

test("Assay's window reaches 96 % on a line that brings its bytes in the time it says", () => {
  const own = rows.filter(({ name }) => name.startsWith("Assay"));
  const best = own.filter(({ utilisation }) => utilisation >= 0.96);
  assert.ok(best.some(({ stages }) => Math.abs(stages.compute - 1200) < 5));
  for (const { setting, stages } of own) {
    const { line, miners, updateBytes, pageBytes } = setting;
    const bits = 8 * ((miners - 1) * updateBytes + pageBytes);
    const fetched = stages.download + stages.outerStep + stages.digest + stages.pages;
    assert.ok(fetched >= bits / (line.downlinkMbps * 1e6));
    assert.ok(stages.upload >= ((8 * updateBytes) / (line.uplinkMbps * 1e6)) * (1 - 1e-9));
  }
});
