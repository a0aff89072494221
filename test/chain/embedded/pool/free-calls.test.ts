/** @file No call is free that the flood does not send. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDevChain } from "../dev-chain.ts";
import { callsWithoutFee, FREE_CALLS } from "./free-calls.ts";

test("what costs nothing is in the flood, and what is in the flood costs nothing", async (t) => {
  const chain = await openDevChain();
  t.after(async () => chain.close());
  const { free, unread } = callsWithoutFee(chain);
  // A proof of zeros is no proof.
  assert.deepEqual(unread, ["Grandpa.report_equivocation", "Grandpa.report_equivocation_unsigned"]);
  const flooded = FREE_CALLS.filter(({ kind }) => kind === "free").map(({ name }) => name);
  assert.deepEqual([...new Set(free)].toSorted(), [...new Set(flooded)].toSorted());
});
