/** @file Similar updates before the vote: what is measured, who is refused, and that the record alone gives the same verdicts. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Engine } from "../../../kernels/engine/engine.ts";
import type { Fingerprint } from "../../../src/gauntlet/fast-checks.ts";
import { gateUpdate } from "../../../src/gauntlet/gate.ts";
import type { PairedLosses } from "../../../src/gauntlet/loss-score.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { ChainRecord } from "../../../src/run/chain-record.ts";
import type { Run } from "../../../src/run/run.ts";
import { compare } from "../../../validator/compare.ts";
import type { Fate, Judgement } from "../../../validator/fate.ts";
import { KnownWork } from "../../../validator/known-work.ts";
import type { Memory } from "../../../validator/memory.ts";
import type { Validator } from "../../../validator/validator.ts";
import { fingerprint, mixed } from "../gauntlet/fingerprints.ts";
import { participantOf } from "../participant.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const WINDOW = 10;
const clock = windowClock(EXAMPLE_MANIFEST);
const rules = { ...EXAMPLE_MANIFEST, scoring: CREDIT_SCORING };
const HOTKEYS = Array.from({ length: 20 }, (_, uid) => fingerprint(uid, "a").hotkey);

/** Whose pages an update holds work on: "uid" of this window, "uid@window" of an earlier one. */
type Work = Readonly<Record<number, readonly string[]>>;

const BEFORE = Array.from({ length: 16 }, (_, at) => 2 + 0.05 * (at % 5));
const lowered = (fall: number): PairedLosses => ({
  before: BEFORE,
  after: BEFORE.map((loss, at) => loss - fall - 0.002 * (at % 3)),
});

function fateOf(one: Fingerprint, noise = lowered(0.02)): Fate {
  const { uid, hotkey } = one;
  const { reason, fall } = gateUpdate(noise);
  return {
    commit: { uid, hotkey, digest: hotkey, block: 1 },
    payload: {
      fingerprint: one,
      // The engine of this test knows an update by its first coordinate.
      update: [{ indices: Uint32Array.of(uid), values: Float32Array.of(0) }],
      bytes: 9,
    },
    refusal: reason === "accepted" ? null : { reason, detail: "" },
    gate: { factor: 0.1, noise, fall },
    own: null,
  };
}

/** Compares these updates; `tried` are the measurements, as "update on pages". */
async function compared(
  updates: readonly Fingerprint[],
  work: Work,
  {
    earlier = [],
    block = clock.firstJudgeBlock(WINDOW),
    fates = updates.map((one) => fateOf(one)),
  }: {
    readonly earlier?: readonly Fingerprint[];
    readonly block?: number;
    readonly fates?: readonly Fate[];
  } = {},
): Promise<{ readonly judgement: Judgement; readonly tried: readonly string[] }> {
  const tried: string[] = [];
  const known = new KnownWork();
  for (const one of [...earlier, ...updates]) known.add(one, rules.scoring.overlapWindows);
  const node = participantOf({
    run: stub<Run>({
      clock,
      keys: (window) =>
        stub<Judgement["keys"]>({ hashes: { window: "0x00", evaluation: `0x${window}` } }),
      // Tokens tell whose pages of which window they are.
      ownTokens: ({ hashes }, { uid }) =>
        Promise.resolve(Int32Array.of(uid, Number(hashes.evaluation.slice(2)))),
    }),
    blocks: stub<BlockClock>({
      current: { number: block, hash: "0x00" },
      hashOf: async () => "0x00",
    }),
    record: stub<ChainRecord>({ hotkeys: async () => HOTKEYS }),
    engine: stub<Engine>({
      losses: async ({ tokens: [of = -1, window = -1], update }) => {
        const uid = update?.[0]?.indices[0];
        if (uid === undefined) return Float64Array.from(BEFORE);
        const pages = window === WINDOW ? `${of}` : `${of}@${window}`;
        tried.push(`${uid} on ${pages}`);
        return Float64Array.from(lowered(work[uid]?.includes(pages) === true ? 0.2 : 0.02).after);
      },
    }),
  });
  const judgement: Judgement = {
    window: WINDOW,
    hotkeys: HOTKEYS,
    rules,
    keys: stub<Judgement["keys"]>({ hashes: { window: "0x00", evaluation: `0x${WINDOW}` } }),
    usual: { window: 9, norms: [1] },
    fates,
    comparisons: [],
  };
  const validator = stub<Validator>({
    desk: undefined,
    node,
    memory: stub<Memory>({ work: known }),
  });
  return { judgement: await compare(validator, judgement), tried };
}

const reasonsOf = ({ fates }: Judgement): Record<number, string> =>
  Object.fromEntries(
    fates.flatMap(({ commit, refusal }) => (refusal ? [[commit.uid, refusal.reason]] : [])),
  );
const groupsOf = ({ fates }: Judgement): readonly string[] =>
  fates.map(({ group }) => group?.join() ?? "-");

test("nothing similar: nothing is measured", async () => {
  const { judgement, tried } = await compared(
    [fingerprint(1, "a"), fingerprint(2, "b")],
    {},
    { earlier: [fingerprint(3, "c", { window: 9 })] },
  );
  assert.deepEqual([tried, reasonsOf(judgement), judgement.comparisons], [[], {}, []]);
  assert.deepEqual(groupsOf(judgement), ["-", "-"]);
});

test("a recomputed body of the same window: its maker is proven to have copied, the victim stands", async () => {
  const updates = [fingerprint(1, "a"), fingerprint(2, "a"), fingerprint(3, "b")];
  const { judgement, tried } = await compared(updates, { 1: ["2"], 2: ["2"], 3: ["3"] });
  assert.deepEqual(reasonsOf(judgement), { 1: "copied" });
  assert.deepEqual(tried, ["1 on 1", "2 on 2", "1 on 2", "2 on 1"], "uid 3 costs nothing");
  assert.deepEqual(
    judgement.comparisons.map(({ uid, other, overlap }) => [uid, other.uid, other.window, overlap]),
    [
      [1, 2, WINDOW, 1],
      [2, 1, WINDOW, 1],
    ],
  );
  const detail = judgement.fates[0]?.refusal?.detail ?? "";
  assert.match(detail, /helps the pages of uid 2 with margin \d+\.\d, and shares 100 % /);
  assert.ok(
    judgement.fates[0]?.own && judgement.fates[1]?.own,
    "own losses are kept for the score",
  );
});

test("one work under three names: a group with one credit", async () => {
  const updates = [
    fingerprint(1, "a"),
    fingerprint(4, "a"),
    fingerprint(6, "a"),
    fingerprint(7, "b"),
  ];
  const all = ["1", "4", "6"];
  const { judgement } = await compared(updates, { 1: all, 4: all, 6: all, 7: ["7"] });
  assert.deepEqual(reasonsOf(judgement), {});
  assert.deepEqual(groupsOf(judgement), ["1,4,6", "1,4,6", "1,4,6", "-"]);
  assert.equal(judgement.comparisons.length, 4, "two pairs tie three together");
});

test("similar coordinates without any work on the other's pages: both stand", async () => {
  const close = fingerprint(2, "b", { indices: mixed("a", "b", 0.3) });
  const { judgement } = await compared([fingerprint(1, "a"), close], { 1: ["1"], 2: ["2"] });
  assert.deepEqual([reasonsOf(judgement), groupsOf(judgement)], [{}, ["-", "-"]]);
});

test("another's earlier work, applied or not, is tried on the pages that it was made for", async () => {
  const earlier = [fingerprint(3, "a", { window: 8 })];
  const old = { 1: ["3@8"] };
  const { judgement, tried } = await compared([fingerprint(1, "a")], old, { earlier });
  assert.deepEqual(reasonsOf(judgement), { 1: "copied" });
  assert.deepEqual(tried, ["1 on 1", "1 on 3@8"]);
  assert.match(judgement.fates[0]?.refusal?.detail ?? "", /uid 3 of window 8/);
});

test("who works on its own pages copied no earlier work, and without a proof nobody did", async () => {
  const earlier = [fingerprint(3, "a", { window: 8 })];
  const own = await compared([fingerprint(1, "a")], { 1: ["1", "3@8"] }, { earlier });
  assert.deepEqual([reasonsOf(own.judgement), own.tried], [{}, ["1 on 1"]]);
  const neither = await compared([fingerprint(1, "a")], {}, { earlier });
  assert.deepEqual([reasonsOf(neither.judgement), neither.tried], [{}, ["1 on 1", "1 on 3@8"]]);
  const mine = [fingerprint(1, "a", { window: 8 })];
  const again = await compared([fingerprint(1, "a")], {}, { earlier: mine });
  assert.deepEqual(again.tried, [], "own unapplied work may come again");
});

test("what failed before is not compared, and a vote that would be late goes first", async () => {
  const updates = [fingerprint(1, "a"), fingerprint(2, "a")];
  const [first, second] = updates;
  assert.ok(first && second);
  const fates = [fateOf(first), fateOf(second, lowered(-0.02))];
  const failed = await compared(updates, {}, { fates });
  assert.deepEqual([failed.tried, reasonsOf(failed.judgement)], [[], { 2: "loss-not-lowered" }]);
  const late = await compared(
    updates,
    { 1: ["2"], 2: ["2"] },
    { block: clock.lastJudgeBlock(WINDOW) - 2 },
  );
  assert.deepEqual([late.tried, reasonsOf(late.judgement)], [[], {}]);
});
