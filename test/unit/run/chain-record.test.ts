/** @file Reading a window from the chain: which commitments and votes count, and what is accepted. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient, CommitmentField } from "../../../chain/client/client.ts";
import type { Commitment } from "../../../chain/client/commitments.ts";
import { type Hex, hexOf } from "../../../src/protocol/digest.ts";
import { NO_RECORD } from "../../../src/protocol/record.ts";
import { encodeVote } from "../../../src/protocol/vote.ts";
import { isInPhase, windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { ChainRecord } from "../../../src/run/chain-record.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const WINDOW = 2;
const HOTKEYS = [0, 1, 2, 3].map((uid): Hex => `0x${`a${uid}`.repeat(32)}`);
const THETA: Hex = `0x${"77".repeat(32)}`;
const DIGEST: Hex = `0x${"88".repeat(32)}`;
const RULES: Hex = `0x${"99".repeat(32)}`;

type Slot = { readonly uid: number; readonly block: number; readonly fields: CommitmentField[] };

function voteFields(
  window: number,
  acceptedUids: readonly number[],
  theta = THETA,
  rules = RULES,
): CommitmentField[] {
  const [number, bitmap, digest] = encodeVote({
    window,
    rulesDigest: rules,
    recordDigest: NO_RECORD,
    acceptedUids,
    thetaDigest: theta,
    neurons: HOTKEYS.length,
  });
  return [
    { kind: "raw", bytes: number },
    { kind: "raw", bytes: bitmap },
    { kind: "blakeTwo256", digest: hexOf(digest) },
  ];
}

const blockOf = (hash: Hex | undefined): number => Number.parseInt(hash?.slice(2) ?? "", 16);

/** A chain whose commitment slots are the newest of `slots` at each block; uids 0 and 1 validate, 60 to 40. */
function ledgerOf(
  slots: readonly Slot[],
  stakes: readonly bigint[] = [60n, 40n, 0n, 0n],
): ChainRecord {
  const chain = stub<ChainClient>({
    hotkeys: async () => HOTKEYS,
    stakes: async () => stakes,
    validatorPermits: async () => [true, true, false, false],
    commitments: async (_netuid, _hotkeys, at) => {
      const found = new Map<Hex, Commitment>();
      for (const { uid, block, fields } of slots.toSorted((a, b) => a.block - b.block))
        if (block <= blockOf(at)) found.set(HOTKEYS[uid] ?? "0x", { block, fields });
      return found;
    },
  });
  const blocks = stub<BlockClock>({
    hashOf: async (block): Promise<Hex> => `0x${block.toString(16)}`,
  });
  return new ChainRecord({ netuid: 3, clock, rules: async () => RULES }, { chain, blocks });
}

const commitSlot = (uid: number, block: number): Slot => ({
  uid,
  block,
  fields: [{ kind: "blakeTwo256", digest: DIGEST }],
});
const voteSlot = (
  uid: number,
  accepted: readonly number[],
  window = WINDOW,
  rules = RULES,
): Slot => ({
  uid,
  block: clock.firstJudgeBlock(window),
  fields: voteFields(window, accepted, THETA, rules),
});

test("a block is in one phase of one window", () => {
  const first = clock.firstCommitBlock(WINDOW);
  assert.ok(isInPhase(clock, { window: WINDOW, phase: "commit" }, first));
  assert.ok(!isInPhase(clock, { window: WINDOW, phase: "commit" }, first - 1));
  assert.ok(!isInPhase(clock, { window: WINDOW + 1, phase: "commit" }, first));
});

test("only commitments inside the commit phase count, from its first to its deadline block", async () => {
  const first = clock.firstCommitBlock(WINDOW);
  const deadline = clock.deadlineBlock(WINDOW);
  const counted = async (block: number): Promise<number> =>
    (await ledgerOf([commitSlot(2, block)]).commits(WINDOW)).length;
  assert.equal(await counted(first - 1), 0);
  assert.equal(await counted(first), 1);
  assert.equal(await counted(deadline), 1);
  assert.equal(await counted(deadline + 1), 0);
  assert.equal(await counted(clock.firstCommitBlock(WINDOW - 1)), 0);
});

test("commitments of another kind or with more fields do not count", async () => {
  const block = clock.firstCommitBlock(WINDOW);
  const bad: CommitmentField[][] = [
    [],
    [{ kind: "raw", bytes: new Uint8Array(32) }],
    [{ kind: "other", name: "Sha256" }],
    [
      { kind: "blakeTwo256", digest: DIGEST },
      { kind: "blakeTwo256", digest: DIGEST },
    ],
  ];
  for (const fields of bad)
    assert.deepEqual(await ledgerOf([{ uid: 2, block, fields }]).commits(WINDOW), []);
  const [commit] = await ledgerOf([commitSlot(2, block)]).commits(WINDOW);
  assert.deepEqual(commit, { uid: 2, hotkey: HOTKEYS[2], digest: DIGEST, block });
});

test("the accepted set is what the majority of stake accepts and somebody committed", async () => {
  const commits = [2, 3].map((uid) => commitSlot(uid, clock.firstCommitBlock(WINDOW)));
  const both = await ledgerOf([...commits, voteSlot(0, [2, 3]), voteSlot(1, [2])]).outcome(WINDOW);
  assert.equal(both.thetaDigest, THETA);
  assert.deepEqual(
    both.accepted.map((one) => one.uid),
    [2, 3],
  );
  const minority = await ledgerOf([...commits, voteSlot(0, [2]), voteSlot(1, [2, 3])]).outcome(
    WINDOW,
  );
  assert.deepEqual(
    minority.accepted.map((one) => one.uid),
    [2],
  );
  const nothingSent = await ledgerOf([voteSlot(0, [2]), voteSlot(1, [2])]).outcome(WINDOW);
  assert.deepEqual(nothingSent.accepted, []);
});

test("votes by other rules decide nothing, and those who cast them are not silent", async () => {
  const commit = commitSlot(2, clock.firstCommitBlock(WINDOW));
  const votes = [voteSlot(0, [2], WINDOW, THETA), voteSlot(1, [2])];
  const blocked = await ledgerOf([commit, ...votes]).outcome(WINDOW);
  assert.equal(blocked.rules, RULES);
  assert.equal(blocked.thetaDigest, null, "40 of 100");
  assert.deepEqual(
    blocked.voters.map(({ uid, silence }) => [uid, silence]),
    [
      [0, 0],
      [1, 0],
    ],
  );
  const others = [voteSlot(0, [2]), voteSlot(1, [2], WINDOW, THETA)];
  const carried = await ledgerOf([commit, ...others]).outcome(WINDOW);
  assert.deepEqual(
    carried.accepted.map(({ uid }) => uid),
    [2],
  );
});

test("without votes there is no digest and nothing is accepted", async () => {
  const outcome = await ledgerOf([commitSlot(2, clock.firstCommitBlock(WINDOW))]).outcome(WINDOW);
  assert.equal(outcome.thetaDigest, null);
  assert.deepEqual(outcome.accepted, []);
  assert.deepEqual(outcome.voters, []);
});

test("votes outside the judge phase, for another window or malformed do not count", async () => {
  const early = {
    uid: 0,
    block: clock.firstJudgeBlock(WINDOW) - 1,
    fields: voteFields(WINDOW, [2]),
  };
  const late = { uid: 0, block: clock.lastJudgeBlock(WINDOW) + 1, fields: voteFields(WINDOW, [2]) };
  const other = { ...voteSlot(0, []), fields: voteFields(WINDOW + 1, [2]) };
  const short = { ...voteSlot(0, []), fields: voteFields(WINDOW, [2]).slice(0, 2) };
  const swapped = { ...voteSlot(0, []), fields: voteFields(WINDOW, [2]).toReversed() };
  for (const slot of [early, late, other, short, swapped])
    assert.deepEqual(await ledgerOf([slot]).votes(WINDOW), []);
  assert.equal((await ledgerOf([voteSlot(0, [2])]).votes(WINDOW)).length, 1);
});

test("a vote by somebody without a permit changes nothing", async () => {
  const commits = commitSlot(3, clock.firstCommitBlock(WINDOW));
  const outcome = await ledgerOf([commits, voteSlot(2, [3])], [0n, 0n, 900n, 0n]).outcome(WINDOW);
  assert.equal(outcome.thetaDigest, null);
  assert.deepEqual(outcome.accepted, []);
});

test("a validator that was heard one window ago still counts in the total", async () => {
  const commits = [commitSlot(2, clock.firstCommitBlock(WINDOW))];
  const silent = [...commits, voteSlot(0, [2], WINDOW - 1), voteSlot(1, [2])];
  assert.deepEqual((await ledgerOf(silent).outcome(WINDOW)).accepted, []);
  const neverHeard = [...commits, voteSlot(1, [2])];
  assert.equal((await ledgerOf(neverHeard).outcome(WINDOW)).accepted.length, 1);
});
