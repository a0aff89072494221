/** @file What a league keeps of a cast is taken for the very same cast alone: of the same text, rules, uids and hashes. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { CastResult } from "../../../league/cast.ts";
import type { CastOrder } from "../../../league/cast-process.ts";
import { keepResult, keptResultOf, recordsPathIn } from "../../../league/kept.ts";
import { castOf } from "../../../league/plan.ts";
import { strategiesByName } from "../../../league/strategy-list.ts";

const known = await strategiesByName();
const shape = { miners: 12, cheats: 3, seed: 1, windows: 60 };
const RESULT: CastResult = { rows: [], loss: 1.5, moved: 60 };

function orderIn(
  folder: string,
  { set = [], ...other }: Partial<typeof shape> & { set?: string[] } = {},
): CastOrder {
  const spec = castOf(["copy", "noise"], { ...shape, ...other }, known);
  const run = { regime: "learning", windows: spec.windows, config: null, set } as const;
  const recordsPath = recordsPathIn(folder, { regime: "learning", spec });
  return { spec, run, thetaPath: null, recordsPath };
}

test("a kept cast is found again, and no other one", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-kept-"));
  try {
    const order = orderIn(folder);
    assert.equal(keptResultOf(order), null);
    keepResult(order, RESULT);
    assert.deepEqual(keptResultOf(order), RESULT);
    assert.deepEqual(keptResultOf({ ...order, thetaPath: "elsewhere" }), RESULT);
    for (const other of [
      { seed: 2 },
      { windows: 30 },
      { cheats: 5 },
      { set: ["credit.floor=0.3"] },
    ])
      assert.equal(keptResultOf(orderIn(folder, other)), null, JSON.stringify(other));
    const plateau = { ...order.run, regime: "plateau" } as const;
    assert.equal(keptResultOf({ ...order, run: plateau }), null);
    assert.equal(keptResultOf({ ...order, recordsPath: null }), null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what older leagues kept, without settings, is played again", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-kept-"));
  try {
    const order = orderIn(folder);
    keepResult(order, RESULT);
    const [file = ""] = readdirSync(folder);
    const { settings: _settings, ...rest } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    writeFileSync(join(folder, file), JSON.stringify(rest));
    assert.equal(keptResultOf(order), null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
