/** @file Amendments over a run's life: whoever reads the same chain, whenever they begin, derives the same rules for every window. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Hex } from "../../../src/protocol/digest.ts";
import { type IncentiveRules, rulesDigest, rulesOf } from "../../../src/protocol/rules.ts";
import { encodeRunText } from "../../../src/protocol/run-text.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import { Amendments, type KnownStanding } from "../../../src/run/amendments.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST, published } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const RUN_ID: Hex = `0x${"ab".repeat(32)}`;
const OTHER: Hex = `0x${"cd".repeat(32)}`;
const clock = windowClock(EXAMPLE_MANIFEST);
const LENGTH = clock.blocksPerWindow;
const WINDOWS = 24;
const { signal } = new AbortController();
const run = stub<Run>({ runId: RUN_ID, manifest: EXAMPLE_MANIFEST, clock });

/** What the owner wrote, and in which block. */
type Written = { readonly block: number; readonly text: string };

/** A node that reads a chain on which `written` happened in ascending blocks. */
function nodeOf(
  written: readonly Written[],
  known: KnownStanding | null = null,
  keptFrom = 0,
): Amendments {
  const blocks = stub<BlockClock>({
    hashOf: async (block): Promise<Hex> => `0x${block.toString(16)}`,
    reached: async (block) => ({ number: block, hash: "0x" }),
  });
  const subnetIdentity = async (_netuid: number, at?: Hex): Promise<string | null> => {
    if (Number(at) < keptFrom) throw new Error("State already discarded");
    return written.findLast(({ block }) => block <= Number(at))?.text ?? null;
  };
  return new Amendments(run, { chain: { subnetIdentity }, blocks }, known);
}

const withPower = (power: number): IncentiveRules => ({
  ...rulesOf(EXAMPLE_MANIFEST),
  scoring: { ...EXAMPLE_MANIFEST.scoring, power },
});
const START = rulesDigest(EXAMPLE_MANIFEST);

/** The text that lets `power` hold from a window on, in place of `after`. */
function amending(power: number, from: number, after: Hex = START, runId = RUN_ID): string {
  const amendment = { run: runId, after, from, rules: withPower(power) };
  return encodeRunText({ runId: RUN_ID, after: null, amendment });
}

const blockIn = (window: number, offset = 1): number => clock.startBlock(window) + offset;

/** The power in force in each window. */
async function powers(node: Amendments): Promise<number[]> {
  const found: number[] = [];
  for (let window = 0; window < WINDOWS; window++)
    found.push(published((await node.at(window, signal)).rules.scoring).power);
  return found;
}

/** `first` up to a window, `then` from it on. */
const switching = (at: number, first: number, then: number): number[] =>
  Array.from({ length: WINDOWS }, (_, window) => (window < at ? first : then));

test("without any amendment the manifest's rules hold", async () => {
  assert.deepEqual(await powers(nodeOf([])), switching(0, 2, 2));
});

test("votes are counted by the rules of their own window, whichever is asked for first", async () => {
  const node = nodeOf([{ block: blockIn(4), text: amending(1, 9) }], null);
  const read = node.reader(signal);
  const [late, early] = await Promise.all([read(12), read(8)]);
  assert.deepEqual([early, late], [START, rulesDigest(withPower(1))]);
  const known = { window: 12, standing: { rules: withPower(1), over: false } };
  const resumed = nodeOf([{ block: blockIn(4), text: amending(1, 9) }], known).reader(signal);
  assert.deepEqual(
    await Promise.all([12, 3, 20, 9, 8].map((window) => resumed(window))),
    [late, START, late, late, START],
    "also of windows before those that a restart remembers",
  );
});

test("an amendment holds from the window that it names", async () => {
  const node = nodeOf([{ block: blockIn(4), text: amending(1, 9) }]);
  assert.deepEqual(await powers(node), switching(9, 2, 1));
});

test("a late one holds from the first window whose state one window earlier has it", async () => {
  // Written inside window 6: first in the state at the seed block of window 7, so it decides window 8.
  const node = nodeOf([{ block: blockIn(6), text: amending(1, 2) }]);
  assert.deepEqual(await powers(node), switching(8, 2, 1));
});

test("overwritten before it held, it is cancelled", async () => {
  const node = nodeOf([
    { block: blockIn(4), text: amending(1, 12) },
    { block: blockIn(8), text: amending(3, 15) },
  ]);
  assert.deepEqual(await powers(node), switching(15, 2, 3));
});

test("removed or overwritten by nonsense after it held, it stays", async () => {
  for (const text of ["", "assay:rules={", amending(4, 3)]) {
    const node = nodeOf([
      { block: blockIn(4), text: amending(1, 7) },
      { block: blockIn(9), text },
    ]);
    assert.deepEqual(await powers(node), switching(7, 2, 1), text);
  }
});

test("one that names other rules, another run or values that cannot work counts as absent", async () => {
  const impossible = encodeRunText({
    runId: RUN_ID,
    after: null,
    amendment: {
      run: RUN_ID,
      after: START,
      from: 3,
      rules: {
        ...rulesOf(EXAMPLE_MANIFEST),
        evaluation: { ...EXAMPLE_MANIFEST.evaluation, ownSequences: 65_000 },
      },
    },
  });
  for (const text of [amending(1, 3, RUN_ID), amending(1, 3, START, OTHER), impossible])
    assert.deepEqual(await powers(nodeOf([{ block: blockIn(1), text }])), switching(0, 2, 2));
});

test("two at once: the second replaces the first, or comes too late for its predecessor", async () => {
  const node = nodeOf([
    { block: blockIn(4, 1), text: amending(1, 7) },
    { block: blockIn(4, 2), text: amending(3, 7) },
  ]);
  assert.deepEqual(await powers(node), switching(7, 2, 3));
  const chained = nodeOf([
    { block: blockIn(4), text: amending(1, 7) },
    { block: blockIn(9), text: amending(3, 11, rulesDigest(withPower(1))) },
  ]);
  assert.deepEqual((await powers(chained)).slice(6, 13), [2, 1, 1, 1, 1, 3, 3]);
});

test("another run ends this one only if it names it, and not before its window", async () => {
  const swap = nodeOf([{ block: blockIn(4), text: `assay:run=${OTHER}` }]);
  assert.equal((await swap.at(WINDOWS, signal)).over, false);
  const after = nodeOf([{ block: blockIn(4), text: `assay:run=${OTHER} after=${RUN_ID}@10` }]);
  const over: boolean[] = [];
  for (const window of [5, 9, 10, 11]) over.push((await after.at(window, signal)).over);
  assert.deepEqual(over, [false, false, true, true]);
});

test("whatever the owner writes, no two nodes are under different rules in one window", async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: WINDOWS }))
      .chain(([power, from]) =>
        fc
          .constantFrom(START, ...[1, 2, 3, 4].map((one) => rulesDigest(withPower(one))), OTHER)
          .map((after) => amending(power, from, after)),
      ),
    fc.constant(`assay:run=${OTHER} after=${RUN_ID}@9`),
  );
  const written = fc
    .array(fc.record({ block: fc.integer({ min: 1, max: blockIn(WINDOWS) }), text }), {
      maxLength: 8,
    })
    .map((all) => all.toSorted((a, b) => a.block - b.block));
  await fc.assert(
    fc.asyncProperty(written, fc.integer({ min: 0, max: WINDOWS }), async (all, joined) => {
      const early = nodeOf(all);
      const late = nodeOf(all);
      // The early node has followed since the beginning and asks window by window, before later texts were written.
      for (let window = 0; window < WINDOWS; window++) {
        const visible = all.filter(({ block }) => block <= blockIn(window, LENGTH - 1));
        const then = (await nodeOf(visible).at(window, signal)).rules;
        assert.deepEqual((await early.at(window, signal)).rules, then);
        if (window >= joined) assert.deepEqual((await late.at(window, signal)).rules, then);
      }
    }),
  );
});

test("a fold that goes on from what it gave before gives the same, also for windows before that", async () => {
  const written = [
    { block: blockIn(4), text: amending(1, 7) },
    { block: blockIn(9), text: amending(3, 11, rulesDigest(withPower(1))) },
  ];
  const whole = nodeOf(written);
  const expected = await powers(whole);
  for (const window of [0, 6, 7, 8, 12]) {
    const known = { window, standing: await whole.at(window, signal) };
    const resumed = nodeOf(written, known);
    const later = await resumed.at(WINDOWS - 1, signal);
    assert.equal(published(later.rules.scoring).power, expected.at(-1));
    assert.deepEqual(await powers(nodeOf(written, known)), expected);
  }
  assert.ok(whole.isChange(7) && whole.isChange(11) && !whole.isChange(8));
});

/** A chain that has forgotten every state. */
const forgotten = (): Promise<string | null> => assert.fail("nothing is to be read");

test("a look at what is held reads nothing and leaves it as it is, also below where a restart goes on", async () => {
  const blocks = stub<BlockClock>({
    hashOf: async (): Promise<Hex> => "0x",
    reached: async (block) => ({ number: block, hash: "0x" }),
  });
  const standing = { rules: withPower(1), over: false };
  const node = new Amendments(
    run,
    { chain: { subnetIdentity: forgotten }, blocks },
    { window: 5000, standing },
  );
  assert.deepEqual(
    [4998, 5000, 5001].map((window) => node.standingAt(window)),
    [null, standing, null],
  );
  assert.equal(await node.at(5000, signal), standing);
});

test("what is known is enough on a chain that has forgotten what was before; a question about that costs nothing that is known", async () => {
  const written = [
    { block: blockIn(4), text: amending(1, 9) },
    { block: blockIn(11), text: amending(3, 13, rulesDigest(withPower(1))) },
  ];
  const whole = nodeOf(written);
  const expected = await powers(whole);
  for (const window of [0, 7, 9, 12, 16, WINDOWS + 5]) {
    const known = whole.knownFrom(window);
    assert.equal(known.window, Math.min(window, WINDOWS - 1));
    assert.equal(known.to, WINDOWS - 1);
    // No state is left at all.
    const resumed = nodeOf([], known, Number.POSITIVE_INFINITY);
    for (let one = known.window; one < WINDOWS; one++) {
      const standing = await resumed.at(one, signal);
      assert.equal(published(standing.rules.scoring).power, expected[one], `${window}: ${one}`);
      if (known.window > 1) await assert.rejects(resumed.at(1, signal), /discarded/);
    }
    assert.deepEqual(resumed.knownFrom(window), known);
  }
});
