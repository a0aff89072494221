/** @file The end of a run outlasts a chain that is late, and nothing else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ChainError } from "../../../chain/errors.ts";
import { whileLate } from "../../../subnet/localnet/late-chain.ts";

const late = new ChainError({ code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" });
const never = new AbortController().signal;
const soon = { patienceMs: 50, retryMs: 1 };

/** Work that fails so often, and counts how often it was begun. */
function failing(
  times: number,
  error: unknown,
): { readonly begun: number; run(): Promise<string> } {
  let begun = 0;
  return {
    get begun() {
      return begun;
    },
    async run() {
      begun += 1;
      if (begun <= times) throw error;
      return "done";
    },
  };
}

test("work is begun again while the chain is late", async () => {
  const work = failing(2, late);
  assert.equal(await whileLate(() => work.run(), never, { ...soon, patienceMs: 60_000 }), "done");
  assert.equal(work.begun, 3);
});

test("a chain that stays away ends it, as anything else does at once", async () => {
  const gone = failing(Infinity, late);
  await assert.rejects(
    whileLate(() => gone.run(), never, soon),
    late,
  );
  assert.ok(gone.begun > 1);
  const wrong = new Error("not the chain");
  const broken = failing(1, wrong);
  await assert.rejects(
    whileLate(() => broken.run(), never, soon),
    wrong,
  );
  assert.equal(broken.begun, 1);
});

test("who wants to stop does not wait for it", async () => {
  const stop = new AbortController();
  const work = failing(Infinity, late);
  const waiting = whileLate(() => work.run(), stop.signal, { patienceMs: 60_000, retryMs: 60_000 });
  stop.abort();
  await assert.rejects(waiting);
  assert.equal(work.begun, 1);
});
