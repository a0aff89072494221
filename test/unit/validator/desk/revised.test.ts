/** @file Answers that were taken back while a window was judged: gate and evaluation ask again until nothing more is. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { EMPTY_CREDIT_BOOK } from "../../../../src/gauntlet/credit-book.ts";
import type { PairedLosses } from "../../../../src/gauntlet/loss-score.ts";
import type { BlockClock } from "../../../../src/run/block-clock.ts";
import type { Follower } from "../../../../src/run/follower.ts";
import type { Run } from "../../../../src/run/run.ts";
import type { Ask, Desk } from "../../../../validator/desk/desk.ts";
import { evaluate } from "../../../../validator/evaluate.ts";
import type { Judgement, Payload } from "../../../../validator/fate.ts";
import { gate } from "../../../../validator/gate.ts";
import type { Memory } from "../../../../validator/memory.ts";
import type { Validator } from "../../../../validator/validator.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";
import { hex, RUN, THETA } from "./scene.ts";

const LIE: PairedLosses = { before: [2], after: [1] };
const TRUTH: PairedLosses = { before: [2], after: [3] };

/** A validator whose desk says `answers` one after the other, each taken back for the next; the last one stands. */
function deskThatRevises(answers: readonly PairedLosses[]): Validator {
  let asked = 0;
  const desk = stub<Desk>({
    begin: () => undefined,
    until: () => undefined,
    get revision() {
      return Math.min(asked, answers.length - 1);
    },
    async measure({ task }: Ask) {
      const losses = answers[Math.min(asked, answers.length - 1)] ?? TRUTH;
      if (task.pages.kind === "noise") asked += 1;
      return losses;
    },
  });
  const node = participantOf({
    run: stub<Run>({
      runId: RUN,
      manifest: EXAMPLE_MANIFEST,
      clock: stub<Run["clock"]>({ lastJudgeBlock: () => 20 }),
    }),
    blocks: stub<BlockClock>({
      current: { number: 10, hash: RUN },
      reached: () => new Promise(() => undefined),
    }),
    follower: stub<Follower>({ digest: THETA }),
    signal: new AbortController().signal,
    say: () => undefined,
  });
  return stub<Validator>({ desk, node, memory: stub<Memory>({ book: EMPTY_CREDIT_BOOK }) });
}

const judgement = (): Judgement =>
  stub<Judgement>({
    window: 3,
    rules: EXAMPLE_MANIFEST,
    hotkeys: [hex("10")],
    keys: stub<Judgement["keys"]>({}),
    usual: stub<Judgement["usual"]>({ norms: [1] }),
    fates: [
      {
        commit: { uid: 0, hotkey: hex("10"), digest: hex("11"), block: 1 },
        payload: stub<Payload>({ update: [] }),
        refusal: null,
        gate: null,
        own: null,
      },
    ],
  });

test("the gate asks again for what was taken back before the vote", async () => {
  const { fates } = await gate(deskThatRevises([LIE, LIE, TRUTH]), judgement());
  assert.equal(fates[0]?.refusal?.reason, "loss-not-lowered");
});

test("the evaluation asks again until nothing more is taken back", async () => {
  const { fates } = await evaluate(deskThatRevises([LIE, LIE, LIE, TRUTH]), judgement());
  assert.equal(fates[0]?.refusal?.reason, "loss-not-lowered");
});
