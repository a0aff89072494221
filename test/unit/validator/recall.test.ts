/** @file A validator that was away judges as one that was there: it reads what was applied from the chain, and fetches it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { usualNormsOf } from "../../../src/gauntlet/norms.ts";
import { keptOfTensor, type SparseUpdate } from "../../../src/protocol/codec.ts";
import { type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../../src/protocol/update.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { ChainRecord, Commit, WindowOutcome } from "../../../src/run/chain-record.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { Run } from "../../../src/run/run.ts";
import { KnownWork, keptWindows } from "../../../validator/known-work.ts";
import type { Memory } from "../../../validator/memory.ts";
import { recall } from "../../../validator/recall.ts";
import type { Validator } from "../../../validator/validator.ts";
import { participantOf } from "../participant.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const LENGTHS = [4096];
const clock = windowClock(EXAMPLE_MANIFEST);
const { overlapWindows } = EXAMPLE_MANIFEST.scoring;
const ID: Hex = `0x${"0a".repeat(32)}`;
const HOTKEYS = [0, 1, 2].map((uid): Hex => `0x${`a${uid}`.repeat(32)}`);
const thetaOf = (window: number): Hex => `0x${(window + 1).toString(16).padStart(64, "0")}`;

function updateOf(value: number): SparseUpdate {
  const { k, chunk } = EXAMPLE_MANIFEST.codec;
  const indices = Uint32Array.from({ length: keptOfTensor(4096, k, chunk) }, (_, at) => 16 * at);
  return [{ indices, values: new Float32Array(indices.length).fill(value) }];
}

const header = (window: number, hotkey: Hex, baseDigest: Hex) =>
  ({ genesis: ID, runId: ID, netuid: 3, window, hotkey, baseDigest }) as const;

/** What a past window was: the sizes of the three updates, and who was accepted; null: it had no votes. */
type Past = { readonly sizes: readonly number[]; readonly accepted: readonly number[] } | null;

/** A validator before window `now` that saw nothing yet. `isServed`: whether anybody has the updates of a window. */
function validatorAt(
  now: number,
  past: (window: number) => Past,
  isServed = (_window: number): boolean => true,
) {
  const blobs = new Map<Hex, Uint8Array>();
  const layout = { lengths: LENGTHS, ...EXAMPLE_MANIFEST.codec };
  const commits = (window: number): Commit[] =>
    (past(window)?.sizes ?? []).map((size, uid) => {
      const hotkey = HOTKEYS[uid] ?? ID;
      const made = { ...header(window, hotkey, thetaOf(window)), window: BigInt(window) };
      const bytes = encodeWholeUpdate(made, updateOf(size), layout);
      const digest = updateDigest(bytes);
      if (isServed(window)) blobs.set(digest, bytes);
      return { uid, hotkey, digest, block: 1 };
    });
  const read: number[] = [];
  const fetched: Hex[] = [];
  const node = participantOf({
    run: stub<Run>({
      clock,
      updateLayout: layout,
      maximumUpdateBytes: 1 << 20,
      expectedHeader: (window, hotkey, base) => header(window, hotkey, base),
    }),
    blocks: stub<BlockClock>({ reached: () => new Promise(() => undefined) }),
    follower: stub<Follower>({ digestOf: () => null }),
    record: stub<ChainRecord>({
      outcome: async (window) => {
        read.push(window);
        const { accepted = [] } = past(window) ?? {};
        return stub<WindowOutcome>({
          thetaDigest: past(window) === null ? null : thetaOf(window),
          accepted: commits(window).filter(({ uid }) => accepted.includes(uid)),
        });
      },
      commits: async (window) => commits(window),
    }),
    finder: stub<BlobFinder>({
      tryFind: async (digest) => {
        fetched.push(digest);
        return blobs.get(digest) ?? null;
      },
    }),
    signal: new AbortController().signal,
  });
  const work = new KnownWork();
  const validator = stub<Validator>({ node, memory: stub<Memory>({ work }) });
  const recalled = (): Promise<void> => recall(validator, now, overlapWindows);
  return { work, recalled, fetched, read };
}

const windowsOf = (work: KnownWork): number[] =>
  [...new Set(work.fingerprints.map(({ window }) => window))].toSorted((a, b) => a - b);

test("the last applied set gives the usual norms, as to those that were there", async () => {
  const { work, recalled, fetched } = validatorAt(20, (window) => ({
    sizes: [2 ** (window % 4), 2 ** (1 + (window % 4)), 200],
    accepted: [0, 1],
  }));
  await recalled();
  const root = Math.sqrt(256);
  const expected = usualNormsOf([[8 * root], [16 * root]]);
  assert.deepEqual(work.usualNorms(20, overlapWindows), { window: 19, norms: expected });
  const grown = work.usualNorms(20, overlapWindows, (from) => ({ growth: from }));
  assert.deepEqual(
    grown?.norms,
    expected.map((norm) => 19 * norm),
    "by the rule of their window",
  );
  assert.equal(windowsOf(work)[0], 20 - keptWindows(overlapWindows));
  const last = work.fingerprints.filter(({ window }) => window >= 17);
  assert.equal(
    last.length,
    3 * overlapWindows,
    "unapplied work too, as long as it is compared with",
  );
  assert.equal(fetched.length, 3 * overlapWindows + 2 * 8);
});

test("windows without votes are looked through, and what was recalled is not read again", async () => {
  const { work, recalled, fetched, read } = validatorAt(9, (window) =>
    window > 4 ? null : { sizes: [window, window, window], accepted: [2] },
  );
  await recalled();
  // No votes named what window 4 came to in the three after it.
  assert.equal(work.usualNorms(9, overlapWindows)?.window, 3);
  const before = [fetched.length, read.length];
  await recalled();
  assert.deepEqual([fetched.length, read.length], before);
});

test("a first window has nothing to recall, and a late chain does not hold it up", async () => {
  const { work, recalled } = validatorAt(0, () => null);
  await recalled();
  assert.equal(work.usualNorms(0, overlapWindows), null);
});

test("what nobody serves any more is done without, and the window before it is no stand-in", async () => {
  const { work, recalled } = validatorAt(
    5,
    () => ({ sizes: [1, 1, 1], accepted: [0] }),
    (window) => window !== 4,
  );
  await recalled();
  assert.deepEqual(windowsOf(work), [0, 1, 2, 3]);
  assert.equal(work.usualNorms(5, overlapWindows), null);
});
