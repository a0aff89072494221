/** @file Whose turn it is: by the time each has had, within what each and all may take. Clocks that work moves by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Turns, type Work } from "../../../../chain/embedded/rpc/turns.ts";
import { eventually } from "../../../support/eventually.ts";

const FREE = {
  pendingRequests: 2,
  workMsPerSecond: 1e6,
  mostWorkMs: 1e9,
  workMsPerSecondInAll: 1e9,
};

/** A world whose clocks move when work says so: the thread's with the other, but not while the machine stands still. */
function world(limits: Partial<typeof FREE> = {}): {
  turns: Turns;
  done: string[];
  errors: unknown[];
  work: (name: string, ms: number) => Work;
  standStill: (name: string, ms: number) => Work;
  pass: (ms: number) => void;
  now: () => number;
} {
  let [now, worked] = [0, 0];
  const done: string[] = [];
  const errors: unknown[] = [];
  const turns = new Turns(
    { ...FREE, ...limits },
    { nowMs: () => now, workMs: () => worked },
    (error) => errors.push(error),
  );
  const work = (name: string, ms: number) => (): void => {
    now += ms;
    worked += ms;
    done.push(name);
  };
  const standStill = (name: string, ms: number) => (): void => {
    now += ms;
    done.push(name);
  };
  return {
    turns,
    done,
    errors,
    work,
    standStill,
    pass: (ms) => (now += ms),
    now: () => now,
  };
}

async function settled(done: readonly string[], count: number): Promise<void> {
  await eventually(`${count} are done`, () => done.length >= count);
  assert.equal(done.length, count);
}

test("who asks little waits for one request of others, however many they sent", async () => {
  const { turns, done, work } = world();
  const [greedy, modest] = [turns.line(), turns.line()];
  for (let i = 0; i < 50; i++) greedy.push(work("greedy", 10));
  while (done.length < 5) await sleep(1);
  const before = done.length;
  modest.push(work("modest", 1));
  await settled(done, 51);
  assert.ok(done.indexOf("modest") <= before + 1, done.join(" "));
});

const SHARE = { workMsPerSecond: 500, mostWorkMs: 1000, workMsPerSecondInAll: 900 };

test("who asked while the machine stood still waits for nothing", async () => {
  const { turns, done, work, standStill } = world(SHARE);
  const line = turns.line();
  line.push(standStill("stood still", 60_000));
  line.push(work("next", 1));
  await settled(done, 2);
});

test("work of seconds is owed whole: no more than the share of the thread, however long each piece", async () => {
  const { turns, done, work, pass, now } = world(SHARE);
  const line = turns.line();
  const pieces = 10;
  for (let i = 0; i < pieces; i++) line.push(work("dear", 4000));
  while (done.length < pieces) {
    await sleep(10);
    pass(500);
  }
  // The last piece is not paid for yet, and what was saved up at first was had before.
  const spentMs = (pieces - 1) * 4000 - SHARE.mostWorkMs;
  const waitedMs = now() - 4000;
  assert.ok(spentMs / waitedMs <= 0.5, `${spentMs} ms of ${waitedMs}`);
  assert.ok(waitedMs <= 90_000, `${waitedMs} ms`);
});

test("work that is done out of turn is owed as well; what is owed has an end", async () => {
  const { turns, done, work, pass } = world(SHARE);
  const line = turns.line();
  assert.throws(
    () =>
      line.spend(() => {
        void work("out of turn", 600_000)();
        throw new Error("what it found");
      }),
    { message: "what it found" },
  );
  assert.equal(line.spentMs, 600_000);
  line.push(work("next", 1));
  pass(19_000);
  await sleep(40);
  assert.equal(done.length, 1);
  pass(2000);
  await settled(done, 2);
});

test("lines with equal work share the thread; who was away has saved up nothing", async () => {
  const { turns, done, work } = world();
  const [first, second] = [turns.line(), turns.line()];
  for (let i = 0; i < 20; i++) first.push(work("a", 5));
  await settled(done, 20);
  for (let i = 0; i < 20; i++) {
    first.push(work("a", 5));
    second.push(work("b", 5));
  }
  await settled(done, 60);
  const half = done.slice(20, 40).filter((name) => name === "b").length;
  assert.ok(half >= 9 && half <= 11, done.join(""));
});

test("a line that has had its share of a second waits until time has passed", async () => {
  const { turns, done, work, pass } = world({ workMsPerSecond: 100, mostWorkMs: 100 });
  const line = turns.line();
  for (let i = 0; i < 5; i++) line.push(work("w", 60));
  await settled(done, 2);
  await sleep(40);
  assert.equal(done.length, 2, "120 of 100 ms");
  pass(500);
  await settled(done, 3);
  pass(300);
  await settled(done, 4);
  pass(10_000);
  await settled(done, 5);
});

test("no more than so many wait for something; errors are told; a closed line forgets", async () => {
  const { turns, done, errors, work } = world();
  const line = turns.line();
  const open: (() => void)[] = [];
  const pending = async (): Promise<void> => {
    done.push("pending");
    await new Promise<void>((resolve) => open.push(resolve));
  };
  for (let i = 0; i < 3; i++) line.push(pending);
  await settled(done, 2);
  await sleep(20);
  assert.deepEqual([done.length, line.pending, line.waiting], [2, 2, 1]);
  open.shift()?.();
  await settled(done, 3);
  for (const resolve of open) resolve();
  line.push(() => {
    throw new Error("one");
  });
  line.push(async () => Promise.reject(new Error("two")));
  line.push(work("after", 1));
  await settled(done, 4);
  await eventually("both errors are told", () => errors.length === 2);
  line.push(work("never", 1));
  line.close();
  await sleep(20);
  assert.equal(done.length, 4);
});

test("a line that is not ready keeps its work, and others go on", async () => {
  const { turns, done, work } = world();
  let isReady = false;
  const held = turns.line(() => isReady);
  held.push(work("held", 1));
  turns.line().push(work("other", 1));
  await settled(done, 1);
  assert.deepEqual(done, ["other"]);
  isReady = true;
  await settled(done, 2);
});
