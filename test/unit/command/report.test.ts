/** @file What a child process reports about its failure arrives with its own words; anything else is no report. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { KernelError } from "../../../kernels/errors.ts";
import { failureOf } from "../../../src/command/failure.ts";
import { reportedFailure } from "../../../src/command/report.ts";
import { AssayError } from "../../../src/errors.ts";
import { ASSAY_FAULTS } from "../../support/faults.ts";

test("code, words and next commands survive the channel, for every fault", () => {
  const errors = [
    ...Object.values(ASSAY_FAULTS).map((fault) => new AssayError(fault)),
    new KernelError("device-refused", "cuda: no driver", { details: { device: "cuda" } }),
  ];
  for (const error of errors) {
    const failure = failureOf(error);
    const arrived = reportedFailure(JSON.parse(JSON.stringify({ failure })));
    assert.equal(arrived?.code, error.code);
    assert.deepEqual(arrived.explanation, error.explanation);
    assert.deepEqual(failureOf(arrived), failure);
  }
});

test("any other message is none", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (message) => {
      assert.equal(reportedFailure(message), null);
    }),
  );
  assert.equal(reportedFailure({ failure: { code: 1 } }), null);
  assert.equal(reportedFailure(undefined), null);
});
