/** @file A true pulse comes through a flood of false ones; `npm run chain:flood` pours longer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pulseFlood, pulseLine } from "./pulse-flood.ts";

test("a signed pulse is in the second block, whatever pours in without a signature", async (t) => {
  const report = await pulseFlood({ sockets: 4, perSecond: 1000, seconds: 1 });
  t.diagnostic(pulseLine(report));
  assert.ok((report.signedIn ?? 0) <= 2, `in block ${report.signedIn}`);
  assert.ok(report.sent > 500, `${report.sent} sent`);
});
