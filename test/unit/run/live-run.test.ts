/** @file Which run is live: a name swapped under a run that goes on fools neither members nor newcomers. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isDiscarded } from "../../../chain/client/patient.ts";
import type { ChainClient } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import { AssayError } from "../../../src/errors.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { encodeManifest } from "../../../src/protocol/manifest-file.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import { liveRun, seenRun } from "../../../src/run/live-run.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { firstStanding } from "../../../src/protocol/standing.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const FIRST: Hex = `0x${"11".repeat(32)}`;
const SECOND: Hex = `0x${"22".repeat(32)}`;
const MEMBER = { runId: FIRST };
const clock = windowClock(EXAMPLE_MANIFEST);
const { signal } = new AbortController();

/** A subnet at block `now` whose identity was set as `written` says; `FIRST` is the example's run. */
function subnetAt(
  now: number,
  written: readonly { readonly block: number; readonly text: string }[],
  { served = true, keptFrom = 0 } = {},
): Subnet {
  const textAt = (block: number): string | null =>
    written.findLast((one) => one.block <= block)?.text ?? null;
  return stub<Subnet>({
    netuid: EXAMPLE_MANIFEST.netuid,
    chain: stub<ChainClient>({
      subnetIdentity: async (_netuid, at) => {
        const block = at === undefined ? now : Number(at);
        if (block === 0 || block >= keptFrom) return textAt(block);
        const reason = `Client error: UnknownBlock: State already discarded for block ${block}.`;
        throw new ChainError({ code: "rpc-failed", endpoint: "", method: "", reason });
      },
    }),
    blocks: stub<BlockClock>({
      current: { number: now, hash: "0x" },
      hashOf: async (block): Promise<Hex> => `0x${block.toString(16)}`,
      reached: async (block) => ({ number: block, hash: "0x" }),
    }),
    finder: stub<BlobFinder>({
      find: async (address) => {
        if (address === FIRST && served) return encodeManifest(EXAMPLE_MANIFEST);
        throw new AssayError({ code: "blob-missing", digest: address });
      },
    }),
  });
}

const first = { block: 3, text: `assay:run=${FIRST}` };
const middle = clock.startBlock(20);
const swap = { block: clock.startBlock(10), text: `assay:run=${SECOND}` };
const following = (window: number): { block: number; text: string } => ({
  ...swap,
  text: `assay:run=${SECOND} after=${FIRST}@${window}`,
});

test("no run, and a first run", async () => {
  assert.equal(await liveRun(subnetAt(9, []), null, signal), null);
  const found = await liveRun(subnetAt(9, [first]), null, signal);
  assert.deepEqual(found, { runId: FIRST, swapped: false });
});

test("a swapped name: members that come back and newcomers stay with the run that goes on", async () => {
  for (const own of [MEMBER, null])
    assert.deepEqual(await liveRun(subnetAt(middle, [first, swap]), own, signal), {
      runId: FIRST,
      swapped: true,
    });
});

test("a successor takes over at the window that it names", async () => {
  const early = await liveRun(subnetAt(middle, [first, following(30)]), null, signal);
  assert.deepEqual(early, { runId: FIRST, swapped: true });
  const due = await liveRun(subnetAt(middle, [first, following(15)]), MEMBER, signal);
  assert.deepEqual(due, { runId: SECOND, swapped: false });
});

test("a run that is over, or that nobody serves, is no obstacle", async () => {
  const over = clock.startBlock(EXAMPLE_MANIFEST.windows);
  const next = { block: over, text: `assay:run=${SECOND}` };
  assert.equal((await liveRun(subnetAt(over + 9, [first, next]), MEMBER, signal))?.runId, SECOND);
  const gone = await liveRun(subnetAt(middle, [first, swap], { served: false }), null, signal);
  assert.equal(gone?.runId, SECOND);
});

test("an owner's later text cannot raise a run that is over, nor a mistake that was taken back end one", async () => {
  const third: Hex = `0x${"33".repeat(32)}`;
  // Ended by the successor's text; a later text of the owner leaves `after=` out.
  const later = [
    first,
    following(12),
    { block: clock.startBlock(16), text: `assay:run=${SECOND}` },
  ];
  for (const own of [MEMBER, null])
    assert.equal((await liveRun(subnetAt(middle, later), own, signal))?.runId, SECOND);
  // Two names by mistake, then the right one again: nobody is misled at any height.
  const mistaken = [
    first,
    { block: clock.startBlock(8), text: `assay:run=${third}` },
    { block: clock.startBlock(9), text: `assay:run=${SECOND}` },
  ];
  for (let window = 9; window < 30; window++) {
    const found = await liveRun(subnetAt(clock.startBlock(window) + 3, mistaken), null, signal);
    assert.deepEqual(found, { runId: FIRST, swapped: true }, `window ${window}`);
  }
});

test("an emptied identity does not put a participant out of its run; a run that has not begun may be replaced", async () => {
  const emptied = [first, { block: clock.startBlock(10), text: "" }];
  assert.equal((await liveRun(subnetAt(middle, emptied), MEMBER, signal))?.runId, FIRST);
  assert.equal(await liveRun(subnetAt(middle, emptied), null, signal), null);
  const early = EXAMPLE_MANIFEST.startBlock - 5;
  const corrected = [first, { block: early, text: `assay:run=${SECOND}` }];
  assert.equal((await liveRun(subnetAt(early + 2, corrected), MEMBER, signal))?.runId, SECOND);
});

test("a run that is over is not live again because its name is", async () => {
  const second = following(15);
  const again = { block: clock.startBlock(18), text: `assay:run=${FIRST}` };
  const subnet = subnetAt(middle, [first, second, again]);
  const standing = { window: 17, standing: { ...firstStanding(EXAMPLE_MANIFEST), over: true } };
  const asked = [MEMBER, { ...MEMBER, standing }, null];
  const found = await Promise.all(asked.map((own) => liveRun(subnet, own, signal)));
  assert.deepEqual(found[1], found[2]);
  assert.deepEqual(found[0], found[2]);
});

test("on a chain that is pruned, who was in a run that goes on stays; who looks sees what it is named; everybody else is told what to ask", async () => {
  const long = clock.startBlock(EXAMPLE_MANIFEST.windows - 2);
  const keptFrom = long - 3 * clock.blocksPerWindow;
  const window = clock.windowOf(long) - 1;
  const own = { ...MEMBER, standing: { window, standing: firstStanding(EXAMPLE_MANIFEST) } };
  const unchanged = subnetAt(long, [first], { keptFrom });
  const found = { runId: FIRST, swapped: false };
  assert.deepEqual(await liveRun(unchanged, own, signal), found);
  assert.deepEqual(await seenRun(unchanged, signal), found);
  await assert.rejects(liveRun(unchanged, null, signal), isDiscarded);
  // Another name, before or after what is kept: the member knows where its run stood, and need not look back for it.
  for (const block of [keptFrom - 5, long - 5])
    for (const text of [`assay:run=${SECOND}`, ""]) {
      const swapped = subnetAt(long, [first, { block, text }], { keptFrom });
      assert.deepEqual(
        await liveRun(swapped, own, signal),
        { runId: FIRST, swapped: true },
        `${text} at ${block}`,
      );
    }
  // Its run is over: a member counts as new, and a name that was swapped before what is kept must not lead it elsewhere.
  const over = clock.startBlock(EXAMPLE_MANIFEST.windows) + 9;
  const next = [first, { block: 40, text: `assay:run=${SECOND}` }];
  const pruned = subnetAt(over, next, { keptFrom: over - 5 });
  await assert.rejects(liveRun(pruned, own, signal), isDiscarded);
  assert.deepEqual(await seenRun(pruned, signal), { runId: SECOND, swapped: false });
});
