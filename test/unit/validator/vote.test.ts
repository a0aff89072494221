/** @file The vote: inside the judge phase, with the right content, and a refusal does not end the validator. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ChainClient, CommitmentField, Head } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import { NEW_RATING } from "../../../src/gauntlet/rating.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import type { Log } from "../../../src/command/log.ts";
import { bytesOf, type Hex } from "../../../src/protocol/digest.ts";
import { rulesDigest } from "../../../src/protocol/rules.ts";
import { decodeVote } from "../../../src/protocol/vote.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Fate, Judgement } from "../../../validator/fate.ts";
import type { Memory } from "../../../validator/memory.ts";
import type { Permit } from "../../../validator/permit.ts";
import type { Validator } from "../../../validator/validator.ts";
import { vote } from "../../../validator/vote.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const WINDOW = 2;
const THETA: Hex = `0x${"77".repeat(32)}`;
const HEAD: Hex = `0x${"55".repeat(32)}`;
const HOTKEY: Hex = `0x${"a1".repeat(32)}`;
const headOf = (number: number): Head => ({ number, hash: "0x00" });

/** `voted`: windows of which the weights' sender was told that the vote is on its way, each with the votes sent by then. */
type Sent = {
  fields: (readonly CommitmentField[])[];
  said: string[];
  voted: (readonly [window: number, votes: number])[];
};

/** A validator at block `now` whose chain includes in block `landed`, or refuses. */
function validatorAt(now: number, landed: number | Error): { validator: Validator; sent: Sent } {
  const sent: Sent = { fields: [], said: [], voted: [] };
  const answer = async (): Promise<{ block: Head }> => {
    if (typeof landed !== "number") throw landed;
    return { block: headOf(landed) };
  };
  const node = participantOf({
    run: stub<Run>({ clock, manifest: EXAMPLE_MANIFEST }),
    follower: stub<Follower>({ digest: THETA, window: WINDOW }),
    blocks: stub<BlockClock>({
      current: headOf(now),
      reached: async (block) => {
        // Blocks that are still to come are made later than anything that is answered now.
        if (block > now) await setImmediate();
        return headOf(block);
      },
    }),
    chain: stub<ChainClient>({
      setCommitment: (_signer, _netuid, fields) => (sent.fields.push(fields), answer()),
    }),
    netuid: 3,
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: HOTKEY }),
    log: stub<Log>({ warn: () => undefined }),
    signal: new AbortController().signal,
    say: (text) => void sent.said.push(text),
  });
  const memory = stub<Memory>({ book: EMPTY_SCOREBOOK, recordHead: HEAD });
  const permit = stub<Permit>({ isGiven: true });
  const weightNews = new Reminder((text) => void sent.said.push(text));
  const hidden = stub<Validator["hidden"]>({});
  const unseen = stub<Validator["unseen"]>({
    voted: (window) => void sent.voted.push([window, sent.fields.length]),
  });
  return { validator: { node, memory, weigh: null, permit, hidden, unseen, weightNews }, sent };
}

function fateOf(uid: number, refusal: Fate["refusal"]): Fate {
  return {
    commit: { uid, hotkey: "0x00", digest: "0x00", block: 1 },
    payload: stub<NonNullable<Fate["payload"]>>({}),
    refusal,
    gate: { factor: 0.1, noise: { before: [2], after: [1.9] }, fall: 0.05 },
    own: null,
  };
}

/** A window in which the updates of `uids` passed every check, and that of uid 1 did not. */
function judgementOf(...uids: readonly number[]): Judgement {
  return stub<Judgement>({
    window: WINDOW,
    rules: EXAMPLE_MANIFEST,
    hotkeys: Array.from({ length: 9 }, (): Hex => "0x00"),
    fates: [
      fateOf(1, { reason: "loss-not-lowered", detail: "" }),
      ...uids.map((uid) => fateOf(uid, null)),
    ],
  });
}

test("the vote names the window, the rules, the own record and parameters, and the uids that passed", async () => {
  const first = clock.firstJudgeBlock(WINDOW);
  const { validator, sent } = validatorAt(first, first + 1);
  await vote(validator, judgementOf(2, 8));
  const [number, bitmap, digest] = sent.fields[0] ?? [];
  assert.ok(number?.kind === "raw" && bitmap?.kind === "raw" && digest?.kind === "blakeTwo256");
  const decoded = decodeVote([number.bytes, bitmap.bytes, bytesOf(digest.digest)], 9);
  assert.deepEqual(decoded, {
    window: WINDOW,
    rulesDigest: rulesDigest(EXAMPLE_MANIFEST),
    recordDigest: HEAD,
    acceptedUids: [2, 8],
    thetaDigest: THETA,
  });
  assert.deepEqual(sent.said, []);
  assert.deepEqual(sent.voted, [[WINDOW, 1]], "told once it is under way, not before");
});

test("a distrusted hotkey passes the gate and is not voted for", async () => {
  const first = clock.firstJudgeBlock(WINDOW);
  const { validator, sent } = validatorAt(first, first + 1);
  const entry = { rating: NEW_RATING, windows: 9, lastWindow: 1, history: [], penalties: [] };
  const trust = -EXAMPLE_MANIFEST.scoring.trustThreshold;
  validator.memory.book = {
    ...EMPTY_SCOREBOOK,
    window: 1,
    entries: [{ ...entry, hotkey: "0x00", trust }],
  };
  await vote(validator, judgementOf(2));
  const [, bitmap] = sent.fields[0] ?? [];
  assert.ok(bitmap?.kind === "raw");
  assert.ok(bitmap.bytes.every((byte) => byte === 0));
});

test("in the last judge block it is too late, and a vote that lands after it is told", async () => {
  const last = clock.lastJudgeBlock(WINDOW);
  const late = validatorAt(last, last + 1);
  await vote(late.validator, judgementOf(2));
  assert.equal(late.sent.fields.length, 0);
  assert.match(late.sent.said[0] ?? "", /too late to vote/);
  assert.deepEqual(late.sent.voted, [[WINDOW, 0]], "no weights wait for it");
  const unlucky = validatorAt(last - 1, last + 1);
  await vote(unlucky.validator, judgementOf(2));
  assert.match(unlucky.sent.said[0] ?? "", /too late to count/);
});

test("a chain that refuses costs the vote, a bug is passed on", async () => {
  const refusal = new ChainError({ code: "extrinsic-invalid", reason: "Stale", detail: "" });
  const refused = validatorAt(clock.firstJudgeBlock(WINDOW), refusal);
  await vote(refused.validator, judgementOf(2));
  assert.match(refused.sent.said[0] ?? "", /vote refused: extrinsic-invalid/);
  const bug = new TypeError("bug");
  await assert.rejects(vote(validatorAt(0, bug).validator, judgementOf(2)), bug);
});

test("of several uids with one work the lowest that is trusted is voted for", async () => {
  const first = clock.firstJudgeBlock(WINDOW);
  const { validator, sent } = validatorAt(first, first + 1);
  const entry = { rating: NEW_RATING, windows: 9, lastWindow: 1, history: [], penalties: [] };
  const [distrusted, second, third, alone] = [1, 2, 3, 4].map(
    (one): Hex => `0x${`0${one}`.repeat(32)}`,
  );
  assert.ok(distrusted && second && third && alone);
  validator.memory.book = {
    ...EMPTY_SCOREBOOK,
    window: 1,
    entries: [{ ...entry, hotkey: distrusted, trust: -1 }],
  };
  const group = [2, 4, 6];
  const of = (uid: number, hotkey: Hex): Fate => {
    const fate = fateOf(uid, null);
    return { ...fate, commit: { ...fate.commit, hotkey }, group: uid === 7 ? undefined : group };
  };
  const fates = [of(2, distrusted), of(4, second), of(6, third), of(7, alone)];
  await vote(
    validator,
    stub<Judgement>({
      window: WINDOW,
      rules: EXAMPLE_MANIFEST,
      hotkeys: judgementOf().hotkeys,
      fates,
    }),
  );
  const [number, bitmap, digest] = sent.fields[0] ?? [];
  assert.ok(number?.kind === "raw" && bitmap?.kind === "raw" && digest?.kind === "blakeTwo256");
  const decoded = decodeVote([number.bytes, bitmap.bytes, bytesOf(digest.digest)], 9);
  assert.deepEqual(decoded?.acceptedUids, [4, 7]);
});

const never: ChainClient["setCommitment"] = () => new Promise(() => undefined);

test("a vote whose fate nobody knows costs no more than its window", async () => {
  const first = clock.firstJudgeBlock(WINDOW);
  const { validator, sent } = validatorAt(first, first);
  const { node } = validator;
  const cut = {
    ...node,
    subnet: { ...node.subnet, chain: stub<ChainClient>({ setCommitment: never }) },
  };
  await vote({ ...validator, node: cut }, judgementOf(2));
  assert.deepEqual(sent.said, []);
});
