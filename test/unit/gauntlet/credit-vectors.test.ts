/** @file Mode `credit` against vectors of a restatement of docs/gauntlet.md#15-mode-credit in Python: the same doubles, bit for bit. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import vectors from "../../fixtures/credit.json" with { type: "json" };
import { EMPTY_CREDIT_BOOK, scoreCreditWindow } from "../../../src/gauntlet/credit-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import { isReason, isRejection } from "../../../src/gauntlet/verdict.ts";
import { type Hex, isHex } from "../../../src/protocol/digest.ts";
import { logistic } from "../../../src/protocol/logistic.ts";

type Told = {
  readonly uid: number;
  readonly hotkey: string;
  readonly reason: string;
  readonly score?: { readonly own: number; readonly noise: number; readonly margin: number };
};

const hexOf = (text: string): Hex => (isHex(text, 32) ? text : assert.fail(text));

function evidenceOf({ uid, hotkey: text, reason, score: told }: Told): MinerEvidence {
  const hotkey = hexOf(text);
  const score = told && { ...told, indicator: 0 as const };
  if (isReason(reason) && isRejection(reason))
    return { kind: "rejected", uid, hotkey, reason, score };
  assert.ok(score !== undefined && reason === "accepted");
  return { kind: "evaluated", uid, hotkey, score };
}

test("the logistic function has the same bits, and is the logistic function", () => {
  for (const [x = 0, expected] of vectors.logistic) {
    assert.equal(logistic(x), expected);
    const error = Math.abs(logistic(x) * (1 + Math.exp(-x)) - 1);
    assert.ok(error < 1e-15, `${x}: ${error}`);
  }
});

for (const [index, { constants, windows }] of vectors.runs.entries())
  test(`scorebook, finals and weights of run ${index}`, () => {
    let book = EMPTY_CREDIT_BOOK;
    for (const [window, { isNull, miners, plateau, scale, rows }] of windows.entries()) {
      const evidence = { window, isNull, miners: miners.toReversed().map(evidenceOf) };
      const step = scoreCreditWindow(book, evidence, constants);
      book = step.book;
      assert.equal(step.regime.plateau, plateau, `window ${window}`);
      assert.equal(book.scale, scale, `window ${window}`);
      const found = step.scores.map(({ uid, entry, trust, final, weight }) => {
        const { credit, odds, windows: counted } = entry;
        return { uid, credit, odds, windows: counted, trust, final, weight };
      });
      assert.deepEqual(found, rows, `window ${window}`);
    }
  });
