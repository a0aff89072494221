/** @file Composing amendments: what is planned holds in the window that it names on every node, and what cannot hold is refused. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ChainClient } from "../../../../chain/client/client.ts";
import { isAssayError } from "../../../../src/errors.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { type IncentiveRules, rulesDigest, rulesOf } from "../../../../src/protocol/rules.ts";
import { encodeRunText, parseRunText } from "../../../../src/protocol/run-text.ts";
import { windowClock } from "../../../../src/protocol/window.ts";
import { Amendments } from "../../../../src/run/amendments.ts";
import type { BlockClock } from "../../../../src/run/block-clock.ts";
import { firstWindowSeeing, type RunNow, standingOf } from "../../../../subnet/owner/run-now.ts";
import { earliestWindow, holdsFrom, planAmendment } from "../../../../subnet/params/amend.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { stub } from "../../stub.ts";

const RUN: Hex = `0x${"ab".repeat(32)}`;
const OTHER: Hex = `0x${"cd".repeat(32)}`;
const { signal } = new AbortController();
const BARE = encodeRunText({ runId: RUN, after: null, amendment: null });
const manifest = { ...EXAMPLE_MANIFEST, finalityLag: 1 };
const clock = windowClock(manifest);

type Written = { readonly block: number; readonly text: string };

const withPower = (power: number): IncentiveRules => ({
  ...rulesOf(manifest),
  scoring: { ...manifest.scoring, power },
});

/** A chain on which `written` happened in ascending blocks, as far as block `head`. */
function chainAt(written: readonly Written[], head: number) {
  const textAt = (block: number): string =>
    written.findLast((one) => one.block <= block)?.text ?? BARE;
  const blocks = stub<BlockClock>({
    hashOf: async (block): Promise<Hex> => `0x${block.toString(16)}`,
    async reached(block) {
      // Nobody may wait for the future here: what is shown now follows from what is final now.
      assert.ok(block <= head, `block ${block} was waited for at ${head}`);
      return { number: head, hash: "0x" };
    },
  });
  const chain = stub<ChainClient>({
    subnetIdentity: async (_netuid, at) => textAt(Number(at)),
  });
  return { textAt, subnet: { chain, blocks } };
}

async function runAt(written: readonly Written[], head: number): Promise<RunNow> {
  const { textAt, subnet } = chainAt(written, head);
  const additional = textAt(head);
  const named = {
    head: { number: head, hash: `0x${head.toString(16)}` as const },
    identity: {
      name: "x",
      githubRepo: "",
      contact: "",
      url: "",
      discord: "",
      description: "",
      logoUrl: "",
      additional,
    },
    text: parseRunText(additional),
    signal,
  };
  return standingOf(subnet, { runId: RUN, manifest, swapped: false }, named);
}

/** The digest of the rules that a node holds in a window once everything is written. */
async function digestIn(written: readonly Written[], window: number): Promise<Hex> {
  const { subnet } = chainAt(written, Number.MAX_SAFE_INTEGER);
  const amendments = new Amendments({ runId: RUN, manifest, clock }, subnet);
  return rulesDigest((await amendments.at(window, signal)).rules);
}

const blockIn = (window: number, offset = 1): number => clock.startBlock(window) + offset;

/** Why a wish is refused. */
function refusal(run: RunNow, wish: Parameters<typeof planAmendment>[1]): string {
  try {
    planAmendment(run, wish);
  } catch (error) {
    assert.ok(isAssayError(error, "amendment-refused"), String(error));
    return error.message;
  }
  return assert.fail("it was planned");
}

test("the first window that a text can decide is the first whose state is read after its block", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), (block) => {
      const window = firstWindowSeeing(clock, block);
      assert.ok(window >= 1);
      // Written in the next block at the earliest, it is seen in this window's state, but not in the one before.
      if (window > 1) assert.ok(clock.seedBlock(window - 2) <= block);
      assert.ok(clock.seedBlock(window - 1) > block);
    }),
  );
});

test("without a wish for a window it is the earliest that is certain", async () => {
  for (const head of [0, 20, blockIn(4), blockIn(4, 9), blockIn(4, 10), blockIn(4, 11)]) {
    const run = await runAt([], head);
    const { amendment, text } = planAmendment(run, { rules: withPower(1), replace: false });
    assert.equal(amendment?.from, earliestWindow(run));
    assert.ok(clock.seedBlock(amendment.from - 1) >= head + 4, `${head}: ${amendment.from}`);
    assert.deepEqual(parseRunText(text).amendment, amendment);
  }
});

test("words of others and the run's own words stay", async () => {
  const text = `site=x ${encodeRunText({ runId: RUN, after: { runId: OTHER, window: 3 }, amendment: null })} more`;
  const run = await runAt([{ block: 1, text }], blockIn(4));
  const plan = planAmendment(run, { rules: withPower(1), replace: false });
  const read = parseRunText(plan.text);
  assert.deepEqual([read.runId, read.after], [RUN, { runId: OTHER, window: 3 }]);
  assert.ok(plan.text.endsWith(" site=x more"));
  const crowded = await runAt([{ block: 1, text: `${BARE} ${"x".repeat(600)}` }], blockIn(4));
  assert.throws(
    () => planAmendment(crowded, { rules: withPower(1), replace: false }),
    /600 of them are other words/,
  );
});

test("a window that is past, too near or beyond the run is refused with the earliest", async () => {
  const run = await runAt([], blockIn(4));
  const rules = withPower(1);
  assert.match(refusal(run, { rules, replace: false, from: 3 }), /past or running.*window 4/);
  assert.match(refusal(run, { rules, replace: false, from: 5 }), /too near.*earliest window is 6/);
  assert.match(refusal(run, { rules, replace: false, from: 60 }), /ends before window 60/);
  const late = await runAt([], blockIn(58));
  assert.match(refusal(late, { rules, replace: false }), /too near its end/);
  const over = await runAt([], blockIn(61));
  assert.match(refusal(over, { rules, replace: false }), /over after 60 windows/);
});

test("the rules in force, rules that cannot work and a document that is too long are refused", async () => {
  const run = await runAt([], blockIn(4));
  assert.match(refusal(run, { rules: withPower(2), replace: false }), /nothing to amend/);
  const rules = rulesOf({
    ...manifest,
    evaluation: { ...manifest.evaluation, ownSequences: 65 },
  });
  assert.match(refusal(run, { rules, replace: false }), /evaluation\.ownSequences: more sequences/);
  const other = { evaluation: manifest.evaluation, scoring: CREDIT_SCORING };
  assert.match(
    refusal(run, { rules: other, replace: false }),
    /scoring\.mode: a run keeps its mode/,
  );
  // No valid rules are that long today; a key more in some later release could make them so.
  const scoring = { ...manifest.scoring, power: 1, note: "x".repeat(400) };
  const long = refusal(run, {
    rules: { scoring, evaluation: manifest.evaluation },
    replace: false,
  });
  assert.match(long, /takes \d{3} bytes, 800 are allowed/);
});

test("a pending one is shown, replaced or cancelled when asked, and left alone when that would be a gamble", async () => {
  const first = planAmendment(await runAt([], blockIn(4)), {
    rules: withPower(1),
    replace: false,
    from: 9,
  });
  const written = [{ block: blockIn(4, 3), text: first.text }];
  const run = await runAt(written, blockIn(5));
  assert.equal(run.pending?.from, 9);
  assert.match(refusal(run, { rules: withPower(3), replace: false }), /is pending.*window 9/);
  const other = planAmendment(run, { rules: withPower(3), replace: true, from: 7 });
  assert.equal(other.amendment?.after, rulesDigest(manifest));
  const replaced = [...written, { block: blockIn(5, 5), text: other.text }];
  assert.equal(await digestIn(replaced, 7), rulesDigest(withPower(3)));
  assert.equal(await digestIn(replaced, 9), rulesDigest(withPower(3)));
  // The rules in force as the wish: the pending one goes, nothing comes.
  const cancel = planAmendment(run, { rules: withPower(2), replace: true });
  assert.equal(cancel.amendment, null);
  const cancelled = [...written, { block: blockIn(5, 5), text: cancel.text }];
  assert.equal(await digestIn(cancelled, 9), rulesDigest(manifest));
  // Window 9 is decided by the state at the seed block of window 8.
  const near = await runAt(written, clock.seedBlock(8) - 2);
  assert.match(refusal(near, { rules: withPower(3), replace: true }), /too soon to be cancelled/);
  const decided = await runAt(written, clock.seedBlock(8));
  assert.equal(decided.pending, null);
  const after = planAmendment(decided, { rules: withPower(3), replace: false });
  assert.equal(after.amendment?.after, rulesDigest(withPower(1)));
});

test("whatever was written before, a plan holds on every node from the window that holdsFrom says, or never", async () => {
  const wishes = fc.array(
    fc.record({
      /** Blocks since the wish before, and from reading the chain until the call is in a block. */
      wait: fc.integer({ min: 1, max: 40 }),
      delay: fc.integer({ min: 1, max: 30 }),
      power: fc.integer({ min: 1, max: 4 }),
      ahead: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
      replace: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(wishes, async (all) => {
      const written: Written[] = [];
      const promised: { from: number | null; block: number; digest: Hex }[] = [];
      let head = 1;
      for (const { wait, delay, power, ahead, replace } of all) {
        head += wait;
        const run = await runAt(written, head);
        const from = ahead === null ? undefined : earliestWindow(run) + ahead;
        let plan;
        try {
          plan = planAmendment(run, { rules: withPower(power), from, replace });
        } catch (error) {
          if (isAssayError(error, "amendment-refused")) continue;
          throw error;
        }
        head += delay;
        const digest = rulesDigest(withPower(power));
        promised.push({ from: holdsFrom(run, plan, head), block: head, digest });
        written.push({ block: head, text: plan.text });
      }
      for (const [index, { from, digest }] of promised.entries()) {
        const next = promised[index + 1]?.block ?? Number.MAX_SAFE_INTEGER;
        if (from === null || clock.seedBlock(from - 1) >= next) continue;
        assert.equal(await digestIn(written, from), digest);
        assert.notEqual(await digestIn(written, from - 1), digest);
      }
    }),
    { numRuns: 200 },
  );
});
