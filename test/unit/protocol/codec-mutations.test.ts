/** @file Damaged bodies: accepted exactly where an oracle that shares no code accepts them, read as it reads them, at no more cost. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { mutate } from "../../support/codec-mutations.ts";

test("20,000 structured mutations: none wrongly accepted or refused, none above four times the work", (context) => {
  const report = mutate(20_000, 20_000);
  context.diagnostic(JSON.stringify(report));
  assert.ok(
    report.accepted > 1000,
    "some damage must make another valid body, or this tests nothing",
  );
  assert.equal(report.wronglyAccepted, 0);
  assert.equal(report.wronglyRefused, 0);
  assert.equal(report.readDifferently, 0);
  assert.ok(report.worstWork <= 4, `${report.worstWork} times the work`);
});
