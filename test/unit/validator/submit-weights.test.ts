/** @file The weights: for the hotkeys that were scored, told when refused, and on chain before the record is served. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ChainClient, Head, WeightVector } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import type { Log } from "../../../src/command/log.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import type { Score, ScoredWindow } from "../../../src/gauntlet/scorebook.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { Reminder } from "../../../src/neuron/reminder.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Memory } from "../../../validator/memory.ts";
import type { Permit } from "../../../validator/permit.ts";
import { submitWeights } from "../../../validator/submit-weights.ts";
import { Unseen } from "../../../validator/unseen.ts";
import type { Validator } from "../../../validator/validator.ts";
import { vectorOf, weightsRefusal } from "../../../validator/weights.ts";
import { participantOf } from "../participant.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const WINDOW = 2;
const ID: Hex = `0x${"77".repeat(32)}`;
/** uid -> hotkey when the window was scored. */
const SCORED = [0, 1, 2, 3].map((uid): Hex => `0x${`a${uid}`.repeat(32)}`);

type Sent = { weights: WeightVector[]; said: string[]; released: number[] };

const forbidden = async (): Promise<never> => assert.fail("this subnet hides nothing");

/** A validator whose chain includes weights, or refuses them. */
function validatorOf(refusal?: Error): { validator: Validator; sent: Sent } {
  const sent: Sent = { weights: [], said: [], released: [] };
  const answer = async (): Promise<{ block: Head }> => {
    if (refusal !== undefined) throw refusal;
    return { block: { number: 1, hash: "0x00" } };
  };
  const say = (text: string): void => void sent.said.push(text);
  const node = participantOf({
    chain: stub<ChainClient>({
      setWeights: (_signer, _netuid, weights) => (sent.weights.push(weights), answer()),
      hotkeys: async () => SCORED,
      shieldKey: async () => null,
    }),
    netuid: 3,
    signer: stub<Participant["neuron"]["signer"]>({}),
    log: stub<Log>({ warn: () => undefined }),
    signal: new AbortController().signal,
    say,
  });
  const memory = stub<Memory>({
    release: (window) => void sent.released.push(window),
    forgo: () => undefined,
  });
  const permit = stub<Permit>({ isGiven: true });
  const hidden = { look: async () => false, hold: forbidden, commit: forbidden };
  const unseen = new Unseen(node);
  return {
    validator: { node, memory, permit, hidden, unseen, weightNews: new Reminder(say) },
    sent,
  };
}

function scoredWith(weights: readonly number[]): ScoredWindow {
  const scores = weights.map((weight, uid) =>
    stub<Score>({ uid, hotkey: SCORED[uid] ?? "0x", weight }),
  );
  return stub<ScoredWindow>({ scores, book: { ...EMPTY_SCOREBOOK, window: WINDOW } });
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("weights go out for those who earned any; without any nothing is sent", async () => {
  const { validator, sent } = validatorOf();
  submitWeights(validator, scoredWith([0, 65_535, 0, 7]));
  await settled();
  assert.deepEqual(sent.weights, [{ uids: [1, 3], values: [65_535, 7], versionKey: 0n }]);
  assert.deepEqual(sent.released, [WINDOW], "they are on chain: the record may be served");
  submitWeights(validator, scoredWith([0, 0]));
  await settled();
  assert.equal(sent.weights.length, 1);
  assert.match(sent.said[0] ?? "", /no weights/);
});

test("weights are for the hotkey that was scored, never for whoever holds its uid now", () => {
  const scores = scoredWith([9, 8, 7, 6]).scores;
  assert.deepEqual(vectorOf(scores, SCORED), { uids: [0, 1, 2, 3], values: [9, 8, 7, 6] });
  const [zero = ID, one = ID, , three = ID] = SCORED;
  // uid 1 changed hands; uid 2's hotkey is gone and hotkey 3 came back under its number.
  const now = [zero, ID, three];
  assert.deepEqual(vectorOf(scores, now), { uids: [0, 2], values: [9, 6] });
  assert.deepEqual(vectorOf(scores, [ID, ID]), { uids: [], values: [] });
  assert.deepEqual(vectorOf(scores, [ID, ID, ID, ID, one]), { uids: [4], values: [8] });
});

const hotkeyOf = (one: number): Hex => `0x${one.toString(16).padStart(64, "0")}`;

test("any registration between score and weights: nobody is paid for another's work", () => {
  const number = fc.integer({ min: 0, max: 9 });
  const lists = fc.uniqueArray(number, { maxLength: 8 });
  fc.assert(
    fc.property(lists, lists, (then, now) => {
      const scores = then.map((one, uid) =>
        stub<Score>({ uid, hotkey: hotkeyOf(one), weight: 1 + one }),
      );
      const { uids, values } = vectorOf(scores, now.map(hotkeyOf));
      assert.deepEqual(
        values,
        uids.map((uid) => 1 + (now[uid] ?? -1)),
      );
      assert.equal(uids.length, then.filter((one) => now.includes(one)).length);
      assert.deepEqual(
        uids,
        uids.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("refused weights are told once, not in every window, and do not end the process", async () => {
  const { validator, sent } = validatorOf(new Error("too fast"));
  for (let time = 0; time < 3; time++) {
    submitWeights(validator, scoredWith([1]));
    await settled();
  }
  assert.equal(sent.weights.length, 3);
  assert.deepEqual(sent.released, [], "nothing of them is on chain");
  assert.equal(sent.said.length, 1);
  assert.match(sent.said[0] ?? "", /weights refused: .*too fast/);
});

type Shielded = Awaited<ReturnType<ChainClient["setShieldedWeights"]>>;
type Attempt = { readonly before: number; readonly values: readonly number[] };

/** A validator on a chain that opens encrypted calls, with an epoch every ten blocks; `answer` is asked at each attempt. */
function hidingOf(answer: () => Shielded | Error): {
  readonly validator: Validator;
  readonly sent: Sent;
  readonly attempts: Attempt[];
  readonly forgone: number[];
} {
  const { validator, sent } = validatorOf();
  const { node } = validator;
  const attempts: Attempt[] = [];
  const forgone: number[] = [];
  let now = 0;
  const chain = stub<ChainClient>({
    shieldKey: async () => new Uint8Array(1),
    balance: async () => 10n ** 9n,
    nextEpoch: async () => (Math.floor(now / 10) + 1) * 10,
    hotkeys: async () => SCORED,
    setWeights: node.subnet.chain.setWeights.bind(node.subnet.chain),
    setShieldedWeights: async (_signer, _netuid, { values }, before) => {
      attempts.push({ before, values });
      now = before;
      const given = answer();
      if (given instanceof Error) throw given;
      return given;
    },
  });
  const blocks = stub<Participant["subnet"]["blocks"]>({
    get current() {
      return { number: now, hash: "0x00" as const };
    },
    reached: async (number) => ({ number: (now = Math.max(now, number)), hash: "0x00" }),
  });
  const { log, signal, say } = node.neuron;
  const hiding = participantOf({
    run: stub<Participant["run"]>({
      clock: windowClock({ ...EXAMPLE_MANIFEST, startBlock: 1000 }),
      manifest: stub<Participant["run"]["manifest"]>({ finalityLag: 0 }),
    }),
    signer: stub<Participant["neuron"]["signer"]>({ ss58: "5" }),
    log,
    signal,
    say,
    chain,
    blocks,
    netuid: 3,
  });
  const memory = stub<Memory>({
    book: { ...EMPTY_SCOREBOOK, window: WINDOW },
    hold: () => undefined,
    forgo: (window) => void forgone.push(window),
    release: (window) => void sent.released.push(window),
  });
  const unseen = new Unseen(hiding);
  return { validator: { ...validator, node: hiding, memory, unseen }, sent, attempts, forgone };
}

test("encrypted weights go out before the epoch; on chain, their record may be served", async () => {
  const { validator, sent, attempts } = hidingOf(() => ({ block: { number: 9, hash: "0x00" } }));
  submitWeights(validator, scoredWith([1]));
  await settled();
  assert.deepEqual(attempts, [{ before: 10, values: [1] }]);
  assert.deepEqual([sent.weights, sent.released, sent.said], [[], [WINDOW], []]);
});

test("encrypted weights that are refused for good are sent in the open, which says why or counts later", async () => {
  const unpaid = new ChainError({
    code: "extrinsic-invalid",
    reason: "Invalid Transaction",
    detail: "Inability to pay some fees (e.g. account balance too low)",
  });
  const reasons = ["what was carried is refused", "the chain opens no encrypted calls"];
  for (const refusal of [unpaid, ...reasons.map((reason) => pool(reason))]) {
    const { validator, sent, attempts, forgone } = hidingOf(() => refusal);
    submitWeights(validator, scoredWith([1]));
    await settled();
    assert.deepEqual([attempts.length, sent.weights.length, sent.released], [1, 1, [WINDOW]]);
    assert.deepEqual(forgone, [WINDOW], "from here on nothing is hidden");
  }
});

test("those that the pool refuses by chance wait for the next epoch, and not for a third", async () => {
  for (const reason of ["the pool reports it as dropped", "Priority is too low", "Custom 23"])
    for (const times of [1, 2]) {
      let left = times;
      const answer = (): Shielded | Error =>
        left-- > 0 ? pool(reason) : { block: { number: 19, hash: "0x00" } };
      const { validator, sent, attempts } = hidingOf(answer);
      submitWeights(validator, scoredWith([1]));
      await settled();
      assert.deepEqual([attempts.length, sent.weights.length], [2, times - 1], reason);
      assert.deepEqual(sent.released, [WINDOW]);
      assert.ok(sent.said[0]?.includes(reason));
    }
});

test("those that come too late are sent again before the next epoch; too late for that too, in the open, and both are told", async () => {
  for (const lateTimes of [1, 2]) {
    let times = 0;
    const { validator, sent, attempts } = hidingOf(() =>
      times++ < lateTimes ? null : { block: { number: 19, hash: "0x00" } },
    );
    submitWeights(validator, scoredWith([1]));
    await settled();
    assert.deepEqual(
      attempts.map(({ before }) => before),
      [10, 20],
    );
    assert.deepEqual([sent.weights.length, sent.released], [lateTimes - 1, [WINDOW]]);
    assert.equal(sent.said.length, lateTimes);
    assert.match(sent.said[0] ?? "", /came too late for the epoch; nobody has read them/);
    assert.match(sent.said[1] ?? "in the open", /in the open/);
  }
});

test("without a permit no weights are sent: the chain would refuse them", async () => {
  const { validator, sent } = validatorOf();
  submitWeights({ ...validator, permit: stub<Permit>({ isGiven: false }) }, scoredWith([1]));
  await settled();
  assert.deepEqual([sent.weights, sent.said], [[], []]);
});

const failed = (error: string): ChainError =>
  new ChainError({ code: "extrinsic-failed", pallet: "SubtensorModule", error, docs: "" });
const pool = (reason: string): ChainError =>
  new ChainError({ code: "extrinsic-invalid", reason, detail: "" });
test("a refusal of weights is told in words, whether the pool or a block said it", () => {
  assert.match(weightsRefusal(failed("NeuronNoValidatorPermit")), /no validator permit/);
  assert.match(weightsRefusal(failed("CommitRevealEnabled")), /are committed/);
  assert.match(weightsRefusal(pool("AmountTooLow or NotEnoughStakeToSetWeights")), /stake of this/);
  assert.match(
    weightsRefusal(pool("SettingWeightsTooFast, CommittingWeightsTooFast or X")),
    /too recent/,
  );
  assert.match(weightsRefusal(failed("SomethingNew")), /SomethingNew/);
});
