/** @file Which updates are tried on own pages: the mode says. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Engine } from "../../../kernels/engine/engine.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { ScoringRules } from "../../../src/protocol/scoring.ts";
import type { Run } from "../../../src/run/run.ts";
import { evaluate } from "../../../validator/evaluate.ts";
import type { Fate, GateResult, Judgement, Payload, Refusal } from "../../../validator/fate.ts";
import type { Validator } from "../../../validator/validator.ts";
import { participantOf } from "../participant.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const GATE: GateResult = { factor: 0.1, noise: { before: [2], after: [1.9] }, fall: 0.05 };

const HOTKEYS: readonly Hex[] = Array.from({ length: 5 }, (): Hex => "0x00");

function fateOf(uid: number, reason: Refusal["reason"] | null, gate: GateResult | null): Fate {
  return {
    commit: { uid, hotkey: "0x00", digest: "0x00", block: 1 },
    payload: stub<Payload>({ update: [] }),
    refusal: reason === null ? null : { reason, detail: "" },
    gate,
    own: null,
  };
}

/** The uids whose updates were tried on their own pages. */
async function tried(scoring: ScoringRules): Promise<readonly number[]> {
  const drawn: number[] = [];
  const node = participantOf({
    run: stub<Run>({
      manifest: EXAMPLE_MANIFEST,
      ownTokens: (_keys, { uid, neurons }) => {
        assert.equal(neurons, HOTKEYS.length);
        drawn.push(uid);
        return Promise.resolve(new Int32Array(2));
      },
    }),
    engine: stub<Engine>({ losses: async () => Float64Array.of(1) }),
  });
  const judgement = stub<Judgement>({
    window: 1,
    rules: { ...EXAMPLE_MANIFEST, scoring },
    hotkeys: HOTKEYS,
    keys: stub<Judgement["keys"]>({}),
    fates: [
      fateOf(0, null, GATE),
      fateOf(1, "loss-not-lowered", GATE),
      fateOf(2, "not-finite", GATE),
      fateOf(3, "copied", null),
    ],
  });
  const { fates } = await evaluate(stub<Validator>({ desk: undefined, node }), judgement);
  const measured = fates.filter(({ own }) => own !== null).map(({ commit }) => commit.uid);
  assert.deepEqual(drawn, measured);
  return measured;
}

test("mode published tries what passed the gate", async () => {
  assert.deepEqual(await tried(EXAMPLE_MANIFEST.scoring), [0]);
});

test("mode credit tries what did not lower the loss as well", async () => {
  assert.deepEqual(await tried(CREDIT_SCORING), [0, 1]);
});
