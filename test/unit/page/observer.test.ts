/** @file What a page learns of a recorded run: real axons serve its records, the chain is a stand-in. */
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import type { Axon } from "../../../src/network/server.ts";
import { minerView, validatorView } from "../../../src/page/detail.ts";
import { History } from "../../../src/page/history.ts";
import { Observer } from "../../../src/page/observer.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { encodeRecord, type WindowRecord } from "../../../src/protocol/record.ts";
import type { Subject } from "../../../src/page/subject.ts";
import { lines, recordOf, records } from "../view/recorded.ts";
import { clock, LIAR, openAxon, subject as subjectOf, VALIDATOR } from "./scene.ts";

const never = new AbortController().signal;
let asked: string[] = [];
/** Windows whose records are served. */
let served = records.length;

let honest: Axon;
let liar: Axon;
before(async () => {
  honest = await openAxon({
    record(window) {
      asked.push(`record ${window}`);
      return window < served ? (lines[window] ?? null) : null;
    },
    losses: (from) =>
      [1, 2, 3].filter((window) => window >= from).map((window) => ({ window, loss: 5 - window })),
  });
  // Serves another's records under its own hotkey, and losses of windows that nobody has seen.
  liar = await openAxon({
    record: (window) => lines[window] ?? null,
    losses: () => [{ window: 1_000_000, loss: 0 }],
  });
});
after(() => Promise.all([honest.close(), liar.close()]));

const subject = (
  height: number | (() => number),
  more: Parameters<typeof subjectOf>[2] = {},
): Subject =>
  subjectOf(
    height,
    new Map([
      [VALIDATOR, honest],
      [LIAR, liar],
    ]),
    more,
  );

/** This node is the validator itself. */
const ownNode: Subject["node"] = () => ({
  role: "validator",
  hotkey: "x",
  publicKey: VALIDATOR,
  device: "cpu",
  activity: "",
});

const END = clock.lastJudgeBlock(5) + 3;

test("windows, losses, participants and pay of a run that is over", async () => {
  asked = [];
  const observer = new Observer(subject(END));
  await observer.look(never);
  const now = observer.now ?? assert.fail();
  assert.equal(now.trouble, null);
  assert.deepEqual(
    observer.windows().map(({ window, recordedBy, accepted }) => [window, recordedBy, accepted]),
    records.map(({ window, accepted }) => [window, 1, accepted]),
  );
  assert.deepEqual(observer.losses(), [
    { window: 1, loss: 4 },
    { window: 2, loss: 3 },
    { window: 3, loss: 2 },
  ]);
  const roles = new Map(now.participants.map(({ uid, role }) => [uid, role]));
  assert.deepEqual(
    [0, 1, 3, 7].map((uid) => roles.get(uid)),
    ["owner", "validator", "miner", "miner"],
  );
  const miner = now.participants.find(({ uid }) => uid === 7) ?? assert.fail();
  assert.equal(miner.judged?.verdict.code, "copied");
  assert.equal(miner.judged?.record, `http://127.0.0.1:${honest.port}/records/5`);
  assert.equal(miner.paidRao, "20");
  assert.equal(now.participants[1]?.agreement, 1);
  assert.equal(now.ledger?.pendingRao, "6");
  assert.equal(now.burnRao, "7");
  assert.equal(now.run?.window, 6);
});

test("details: why a cheater has nothing, who votes how, what epochs paid", async () => {
  const observer = new Observer(subject(END));
  await observer.look(never);
  const view = minerView(observer, 7) ?? assert.fail();
  assert.equal(view.windows.length, 5);
  assert.equal(view.why?.score, 0);
  assert.ok((view.why?.changes.at(-1)?.share ?? 0) > 0.1);
  assert.deepEqual(
    view.opinions.map(({ uid, verdict }) => [uid, verdict.code]),
    [[1, "copied"]],
  );
  assert.deepEqual(
    view.epochs.map(({ block, paidRao }) => [block, paidRao]),
    [
      [12, "10"],
      [24, "10"],
    ],
  );
  const votes = validatorView(observer, 1)?.votes ?? [];
  assert.equal(votes.length, 6);
  assert.ok(votes.every(({ voted, asMajority }) => voted && asMajority));
  assert.equal(minerView(observer, 500), null);
});

test("terms of a record under rules that the node does not hold are left out, and it is only looked at what it holds", async () => {
  const looked: number[] = [];
  const { run } = subject(END).run() ?? assert.fail();
  const foreign: Hex = `0x${"77".repeat(32)}`;
  const record = (window: number): string =>
    encodeRecord({ ...recordOf(window), configDigest: foreign });
  const observer = new Observer(
    subject(END, {
      run: () => ({
        run,
        amendments: {
          standingAt(window) {
            looked.push(window);
            return null;
          },
        },
      }),
      node: ownNode,
      record: (window) => (window < records.length ? record(window) : null),
    }),
  );
  await observer.look(never);
  assert.deepEqual(looked, [5]);
  assert.equal(observer.now?.trouble, null);
  const view = minerView(observer, 7) ?? assert.fail();
  assert.equal(view.windows.length, 5);
  assert.equal(view.why, null);
});

const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test("a record that is larger than an honest one can be is not shown", async () => {
  const honestRecord = recordOf(1);
  const [miner] = honestRecord.miners;
  const [voter] = honestRecord.voters;
  const [vote] = voter?.votes ?? [];
  assert.ok(miner && voter && vote);
  const bad: Partial<WindowRecord>[] = [
    { accepted: many(5000, 3) },
    { flags: many(9, "outage") },
    { miners: many(5000, { ...miner, losses: null }) },
    { miners: [{ ...miner, verdict: "a".repeat(65) }] },
    { voters: many(5000, { ...voter, votes: [] }) },
    { voters: [{ ...voter, votes: many(17, vote) }] },
    { voters: many(16, { ...voter, votes: [{ ...vote, acceptedUids: many(5000, 3) }] }) },
  ];
  const told = [{}, ...bad, {}].map((part, window) =>
    encodeRecord({ ...honestRecord, window, ...part }),
  );
  const observer = new Observer(
    subject(clock.lastJudgeBlock(told.length + 4), {
      node: ownNode,
      record: (window) => told[window] ?? null,
    }),
  );
  await observer.look(never);
  assert.deepEqual(
    observer.windows().map(({ window }) => window),
    [0, told.length - 1],
  );
});

test("a judge that tells what is no record is left alone for a while", async () => {
  let told = 0;
  const silly = await openAxon({
    record() {
      told += 1;
      return "{}";
    },
  });
  const observer = new Observer(subjectOf(END, new Map([[VALIDATOR, silly]])));
  await observer.look(never);
  await silly.close();
  assert.equal(told, 1);
  assert.deepEqual(observer.windows(), []);
});

test("what is known is not asked for again, and what comes later is found", async () => {
  asked = [];
  served = 2;
  let height = clock.startBlock(2);
  const observer = new Observer(subject(() => height));
  await observer.look(never);
  assert.deepEqual(
    observer.windows().map(({ window }) => window),
    [0, 1],
  );
  asked = [];
  served = 3;
  await observer.look(never);
  // No new block: nothing is asked.
  assert.deepEqual(asked, []);
  height++;
  await observer.look(never);
  assert.deepEqual(asked, ["record 2"]);
  assert.equal(observer.history?.last, 2);
  served = records.length;
});

test("a node's own records and losses are not asked for over the network", async () => {
  asked = [];
  const observer = new Observer(
    subject(END, {
      node: ownNode,
      record: (window) => lines[window] ?? null,
      losses: (from) => (from <= 4 ? [{ window: 4, loss: 1 }] : []),
    }),
  );
  await observer.look(never);
  assert.deepEqual(asked, []);
  assert.equal(observer.windows().length, 6);
  assert.deepEqual(observer.losses(), [{ window: 4, loss: 1 }]);
});

test("before there is a run, the chain is shown all the same", async () => {
  const observer = new Observer(subject(4, { run: () => null }));
  await observer.look(never);
  assert.equal(observer.now?.run, null);
  assert.equal(observer.now?.participants.length, 10);
  assert.deepEqual(observer.windows(), []);
  assert.deepEqual(minerView(observer, 3)?.windows, []);
});

test("where a chain has forgotten old epochs, pay is counted from now on, and the rest is shown", async () => {
  let height = END;
  const observer = new Observer(subject(() => height, { forgottenBefore: 100 }));
  for (let look = 0; look < 4; look++) {
    height = END + look;
    await observer.look(never);
    assert.equal(observer.now?.trouble, null);
  }
  assert.equal(observer.now?.paidSince, END + 3);
  assert.equal(observer.now?.participants[3]?.paidRao, "0");
  assert.equal(observer.windows().length, 6);
});

test("an epoch that the chain does not answer once is read at the next look, and no pay is lost", async () => {
  let height = 13;
  const chain = { forgottenBefore: 0 };
  const observer = new Observer(subject(() => height, chain));
  const paid = async (at: number): Promise<unknown> => {
    height = at;
    await observer.look(never);
    const { now } = observer;
    return [now?.paidSince, now?.participants[3]?.paidRao, now?.trouble];
  };
  assert.deepEqual(await paid(13), [0, "10", null]);
  chain.forgottenBefore = 25;
  assert.deepEqual(await paid(25), [0, "10", null]);
  chain.forgottenBefore = 0;
  assert.deepEqual(await paid(26), [0, "20", null]);
});

test("a crowded subnet keeps fewer windows, so that memory does not grow with its miners", () => {
  const history = new History("credit");
  const record = recordOf(4);
  const [row] = record.miners;
  if (row === undefined) return;
  const miners = Array.from({ length: 256 }, (_, index) => {
    const hotkey: Hex = `0x${(1000 + index).toString(16).padStart(64, "0")}`;
    return { ...row, losses: null, verdict: "no-commitment", uid: index, hotkey };
  });
  for (let window = 0; window < 200; window++) history.add({ ...record, window, miners });
  // What comes later of the past is not kept instead of what is newer.
  history.add({ ...record, window: 3, miners });
  assert.equal(history.windows.length, 128);
  assert.equal(history.windows[0]?.line.window, 72);
  assert.equal(history.last, 199);
});
