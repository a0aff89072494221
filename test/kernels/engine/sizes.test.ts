/** @file Estimates of an engine's memory: the state's bytes against what its memories really hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { footprintOf } from "../../../kernels/engine/sizes.ts";
import { FlatState } from "../../../kernels/engine/state.ts";
import { AREA } from "../../../kernels/exact/workspace.ts";
import { layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { NANO } from "../support.ts";

/** Bytes of a memory that are no vectors: areas of the kernels, and room for the vectors to be aligned. */
const WORKSPACE = AREA.end + 256 * 1024;

const MODEL = { ...NANO, width: 128, hidden: 512 };
const MUON = { ...ADAMW_DEFAULTS, kind: "muon" } as const;
const DILOCO = { kind: "diloco", momentum: 0.9 } as const;

for (const [name, options] of Object.entries({
  adamw: { innerOptimizer: ADAMW_DEFAULTS },
  "eight bits": { innerOptimizer: ADAMW_DEFAULTS, momentBits: 8 },
  "outer momentum": { innerOptimizer: ADAMW_DEFAULTS, outerOptimizer: DILOCO },
  muon: { innerOptimizer: MUON },
  "muon in several memories, with an outer momentum": {
    innerOptimizer: MUON,
    outerOptimizer: DILOCO,
    shardBytes: 9e6,
  },
} as const))
  test(`the state's bytes are what its memories were made for: ${name}`, () => {
    const all = { model: MODEL, ...options };
    const state = new FlatState(layoutOf(specsOf(MODEL)), all);
    const held = state.shards.reduce((sum, { theta }) => sum + theta.view.buffer.byteLength, 0);
    const estimated = Object.values(footprintOf(all)).reduce((sum, bytes) => sum + bytes, 0);
    // Beside the vectors a memory holds the kernels' workspaces.
    const rest = held - estimated;
    assert.ok(
      rest > -0.02 * held && rest < WORKSPACE * state.shards.length,
      `${held}, ${estimated}`,
    );
  });

test("outer momentum and Muon's scratch are counted", () => {
  const plain = footprintOf({ model: MODEL, innerOptimizer: ADAMW_DEFAULTS });
  assert.deepEqual([plain.outerMomentum, plain.scratch], [0, 0]);
  const more = footprintOf({ model: MODEL, innerOptimizer: MUON, outerOptimizer: DILOCO });
  assert.equal(more.outerMomentum, plain.theta);
  // Three times the largest matrix and three squares of its shorter side, floats.
  assert.equal(more.scratch, 4 * (3 * 512 * 128 + 3 * 128 * 128));
});
