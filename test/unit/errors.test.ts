/** @file Each fault of src/ has words, and the error keeps its code, details and cause. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Fault } from "../../src/faults.ts";
import { ASSAY_FAULTS } from "../support/faults.ts";

for (const fault of Object.values(ASSAY_FAULTS) satisfies Fault[]) {
  test(`${fault.code} keeps its fields, its words and what lies under it`, () => {
    const inner = new Error("inner");
    const error = new AssayError(fault, { cause: inner });
    assert.equal(error.code, fault.code);
    assert.deepEqual(error.fault, fault);
    assert.equal(error.cause, inner);
    assert.equal(error.name, "AssayError");
    assert.ok(error.message.startsWith(error.summary));
    assert.ok(isAssayError(error) && isAssayError(error, fault.code));
    assert.ok(!isAssayError(inner));
  });
}

test("a signal is told apart from an exit code", () => {
  const error = new AssayError({ code: "node-died", role: "miner", exitCode: null, logPath: "x" });
  assert.match(error.explanation.cause, /signal/);
});

test("amounts are told to the last rao", () => {
  const { explanation } = new AssayError({
    code: "not-enough-funds",
    account: "5F",
    haveRao: 1_500_000_000n,
    needRao: 2_000_000_001n,
    purpose: "Registering",
  });
  assert.match(explanation.cause, /2\.000000001 TAO.*1\.500000000 TAO/);
  assert.match(explanation.next, /0\.500000001 TAO/);
});
