/** @file What chaos prints at its end, and what makes a case fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brokenBounds,
  type CaseResult,
  causeLines,
  jsonOf,
  lineOf,
} from "../../../../chaos/outcome/result.ts";
import { diceOf } from "../../../../chaos/outcome/dice.ts";

const GOOD: CaseResult = {
  name: "miner-paused",
  recoveredAfterWindows: 2,
  digestsEqual: true,
  leastPay: 0.5,
  payWindows: 20,
  causes: [],
  folder: "/logs",
};

test("a case breaks a bound by late recovery, none, other parameters, or too little pay", () => {
  assert.deepEqual(brokenBounds(GOOD), []);
  assert.match(brokenBounds({ ...GOOD, recoveredAfterWindows: 3 }).join(), /after 3 windows/);
  assert.match(brokenBounds({ ...GOOD, recoveredAfterWindows: null }).join(), /did not go on/);
  assert.match(brokenBounds({ ...GOOD, digestsEqual: false }).join(), /differ/);
  assert.match(brokenBounds({ ...GOOD, leastPay: 0.49 }).join(), /0\.49 of its fair pay/);
  assert.deepEqual(brokenBounds({ ...GOOD, leastPay: null }), []);
  assert.deepEqual(brokenBounds({ ...GOOD, leastPay: 0.1, payWindows: 3 }), [], "too few to tell");
  assert.deepEqual(brokenBounds({ ...GOOD, recoveredAfterWindows: 9 }, 9), []);
});

test("people get a line, the cause and the logs; programs one object", () => {
  const bad = { ...GOOD, recoveredAfterWindows: null, causes: ["training did not go on"] };
  assert.equal(
    lineOf(GOOD),
    "passed  miner-paused: recovered after 2, digests equal, least pay 0.50 of fair over 20 windows",
  );
  assert.match(lineOf(bad), /^FAILED {2}miner-paused: recovered after never/);
  assert.deepEqual(causeLines(GOOD), []);
  assert.deepEqual(
    causeLines(bad).map((line) => line.trim()),
    ["cause training did not go on", "logs  /logs"],
  );
  assert.equal(
    jsonOf([GOOD, bad]),
    '{"cases":[{"name":"miner-paused","recoveredAfterWindows":2,"digestsEqual":true,"passed":true},{"name":"miner-paused","recoveredAfterWindows":null,"digestsEqual":true,"passed":false}]}',
  );
});

function draw(seed: number): string[] {
  const dice = diceOf(seed);
  return Array.from({ length: 200 }, () => dice.one(["a", "b", "c"]));
}

test("a seed gives the same choices again, and every choice is made", () => {
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.deepEqual(new Set(draw(7)), new Set(["a", "b", "c"]));
});
