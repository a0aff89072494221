/** @file A dozen cells of the matrix of faults; `npm run chaos -- --simulated` plays all of it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { runCell } from "../../../../chaos/simulated/matrix.ts";
import { judgedCell } from "../../../../chaos/simulated/judge.ts";
import { play } from "../../../../chaos/simulated/play.ts";
import { matrixOf, shortForm } from "../../../../chaos/simulated/plan.ts";
import { materialOfStage } from "../../../../chaos/simulated/stage.ts";
import type { Material } from "../../../../simulation/material.ts";

let material: Material;
before(() => {
  material = materialOfStage();
});

for (const cell of shortForm())
  test(`training goes on after ${cell.name}`, async () => {
    const { causes } = await runCell(cell, material);
    assert.deepEqual(causes, []);
  });

test("the matrix names each cell once, and a seed chooses the same pairs", () => {
  const cells = matrixOf(40, 7);
  assert.equal(new Set(cells.map(({ name }) => name)).size, cells.length);
  assert.deepEqual(matrixOf(40, 7), cells);
  assert.notDeepEqual(matrixOf(40, 8), cells);
});

test("a fault that a cell must not survive is found", async () => {
  const cell = shortForm().find(({ name }) => name === "pause-everybody-train-5");
  assert.ok(cell !== undefined);
  const result = await play(cell, material, (played) => {
    const rows = played.rows.map((row) => ({ ...row, accepted: [] }));
    return judgedCell(cell, { ...played, rows });
  });
  assert.equal(result.recoveredAfterWindows, null);
  assert.match(result.causes.join(), /did not go on.*is null despite a quorum/);
});

test("a cell in which nobody ever comes back fails, and says why", async () => {
  const dead = { what: "kill", whom: "everybody", phase: "train", windows: Infinity } as const;
  const cell = { name: "dead", seed: 1, faults: [dead], payWindows: 1 };
  const { causes } = await runCell(cell, material);
  assert.notEqual(causes.length, 0);
});
