/** @file The desk: who measures, whose answers count, and what happens when workers lie, fall silent or the queue is lost. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PairedLosses } from "../../../../src/gauntlet/loss-score.ts";
import type { Desk, Handed } from "../../../../validator/desk/desk.ts";
import { type KnownWorker, SILENT_MS } from "../../../../validator/desk/workers.ts";
import { parseTask } from "../../../../validator/evaluation/task.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { deskWith as deskOver, hex, OWN, THETA, truth } from "./scene.ts";

const OTHER = hex("0d");

const deskWith = (queue = new MemoryQueue(), block = { number: 10 }) => deskOver(queue, block);

const hello = { device: "cpu", lossesPerSecond: 100, memoryBytes: 1 };
const join = (desk: Desk, name: string, hotkey = OTHER): KnownWorker => {
  const worker = desk.workers.add(hotkey, "127.0.0.1", { ...hello, name });
  worker.theta = THETA;
  return worker;
};
const uidOf = (handed: Handed): number => parseTask(handed.task)?.uid ?? -1;

async function taken(desk: Desk, worker: KnownWorker): Promise<Handed> {
  const [handed] = await desk.take(worker, THETA);
  assert.ok(handed !== undefined);
  return handed;
}

test("without workers the validator measures itself, and the queue is not asked", async () => {
  const { measure, queue, end } = deskWith();
  const found = await Promise.all([1, 2, 3].map(measure));
  assert.deepEqual(
    found,
    [1, 2, 3].map((uid) => truth(uid)),
  );
  assert.equal(queue.jobs.size, 0);
  end();
});

test("workers measure, each task once, and the validator leaves it to them", async () => {
  const { desk, measure, measuredHere, end } = deskWith();
  const worker = join(desk, "one");
  desk.until(100);
  const asked = [measure(1), measure(2), measure(1)];
  const handed = [await taken(desk, worker), await taken(desk, worker)];
  assert.deepEqual(await desk.take(worker, THETA), []);
  for (const one of handed) assert.equal(await desk.answer(worker, one, truth(uidOf(one))), null);
  assert.deepEqual(await Promise.all(asked), [truth(1), truth(2), truth(1)]);
  assert.equal(measuredHere(), 0);
  assert.equal(desk.revision, 0);
  end();
});

test("a worker with other parameters gets nothing", async () => {
  const { desk, measure, end } = deskWith();
  const worker = join(desk, "one");
  const asked = measure(1);
  assert.deepEqual(await desk.take(worker, hex("ff")), []);
  assert.deepEqual(await asked, truth(1), "it does not count as one that could");
  end();
});

test("a worker that falls silent loses its task to the next, or to the validator", async () => {
  const { desk, measure, end } = deskWith();
  const [dead, alive] = [join(desk, "dead"), join(desk, "alive")];
  desk.until(100);
  const [one, two] = [measure(1), measure(2)];
  const lost = await taken(desk, dead);
  await sleep(SILENT_MS / 2);
  desk.workers.heard(OTHER, "alive");
  const kept = await taken(desk, alive);
  for (
    const until = performance.now() + 20 * SILENT_MS;
    performance.now() < until;
    await sleep(20)
  ) {
    desk.workers.heard(OTHER, "alive");
    const [again] = await desk.take(alive, THETA);
    if (again === undefined) continue;
    assert.equal(again.id, lost.id);
    assert.equal(await desk.answer(alive, again, truth(uidOf(again))), null);
    break;
  }
  assert.equal(await desk.answer(dead, lost, truth(99)), null, "what comes late changes nothing");
  const silent = kept;
  assert.equal(uidOf(silent) + uidOf(lost), 3);
  assert.deepEqual(
    await Promise.all([one, two]),
    [truth(1), truth(2)],
    "the other fell silent too",
  );
  end();
});

test("when half of the time is over the validator measures as well, even what somebody has", async () => {
  const { desk, measure, block, measuredHere, end } = deskWith();
  const worker = join(desk, "slow");
  desk.until(20);
  const asked = measure(1);
  await taken(desk, worker);
  const beating = setInterval(() => desk.workers.heard(OTHER, "slow"), 50);
  await sleep(300);
  assert.equal(measuredHere(), 0);
  block.number = 15;
  assert.deepEqual(await asked, truth(1));
  clearInterval(beating);
  end();
});

test("a worker that lies is refused and named, and nothing that it said counts", async () => {
  const { desk, measure, said, end } = deskWith();
  const [liar, other] = [join(desk, "liar"), join(desk, "other", hex("0e"))];
  desk.until(100);
  const asked = [measure(1), measure(2)];
  const [first, second] = [await taken(desk, liar), await taken(desk, liar)];
  assert.equal(await desk.answer(liar, first, truth(uidOf(first))), null);
  await asked[uidOf(first) - 1];
  const { before, after } = truth(uidOf(second));
  const fault = await desk.answer(liar, second, { before, after: after.map((one) => one * 0.999) });
  assert.match(fault ?? "", /sequence \d: it says/);
  assert.ok(desk.revision > 0, "what it answered before is measured again");
  assert.match(said.join("\n"), /worker liar \(hotkey 0x0d.*gives wrong losses and is refused/);
  assert.ok(desk.workers.refusal(OTHER, "any name") !== null, "its hotkey is");
  assert.equal(desk.workers.refusal(hex("0e"), "other"), null);
  const again = [measure(1), measure(2)];
  const answered: number[] = [];
  while (answered.length < 2) {
    desk.workers.heard(hex("0e"), "other");
    const [handed] = await desk.take(other, THETA);
    if (handed === undefined) {
      await sleep(10);
      continue;
    }
    answered.push(uidOf(handed));
    await desk.answer(other, handed, truth(uidOf(handed)));
  }
  assert.deepEqual(
    answered.toSorted((a, b) => a - b),
    [1, 2],
  );
  assert.deepEqual(await Promise.all(again), [truth(1), truth(2)]);
  end();
});

test("a liar that said hello again, or has a second name, loses what it answered before", async () => {
  const { desk, measure, end } = deskWith();
  desk.until(100);
  const asked = [measure(1), measure(2), measure(3)];
  for (const name of ["liar", "second"]) {
    const worker = join(desk, name);
    const handed = await taken(desk, worker);
    assert.equal(await desk.answer(worker, handed, truth(uidOf(handed))), null);
    await asked[uidOf(handed) - 1];
  }
  const liar = join(desk, "liar");
  const last = await taken(desk, liar);
  assert.notEqual(await desk.answer(liar, last, { before: [1], after: [1] }), null);
  assert.ok(desk.revision > 0);
  const again = [measure(1), measure(2), measure(3)];
  const other = join(desk, "other", hex("0e"));
  const beating = setInterval(() => desk.workers.heard(hex("0e"), "other"), 50);
  const answered: number[] = [];
  for (let tries = 0; answered.length < 3 && tries < 200; tries++) {
    const [handed] = await desk.take(other, THETA);
    if (handed === undefined) {
      await sleep(10);
      continue;
    }
    answered.push(uidOf(handed));
    await desk.answer(other, handed, truth(uidOf(handed)));
  }
  clearInterval(beating);
  assert.deepEqual(
    await Promise.all(again),
    [1, 2, 3].map((uid) => truth(uid)),
  );
  assert.equal(answered.length, 3, "all three are measured again");
  end();
});

test("of workers that share the validator's hotkey only the liar is refused", async () => {
  const { desk, measure, end } = deskWith();
  const liar = join(desk, "liar", OWN);
  const asked = measure(1);
  const handed = await taken(desk, liar);
  await desk.answer(liar, handed, { before: [1], after: [1] });
  assert.ok(desk.workers.refusal(OWN, "liar") !== null);
  assert.equal(desk.workers.refusal(OWN, "honest"), null);
  assert.deepEqual(await asked, truth(1));
  end();
});

test("every kind of wrong answer is found, whichever sequences are looked at", async () => {
  const { before, after } = truth(1);
  const nan = after.map(() => NaN);
  const lies: (PairedLosses | null)[] = [
    null,
    { before: before.slice(1), after: after.slice(1) },
    { before, after: nan },
    { before, after: before },
    { before: before.map((one) => one + 0.01), after: after.map((one) => one + 0.01) },
  ];
  for (const lie of lies) {
    const { desk, measure, end } = deskWith();
    const worker = join(desk, "liar");
    const asked = measure(1);
    const handed = await taken(desk, worker);
    assert.notEqual(await desk.answer(worker, handed, lie), null);
    assert.deepEqual(await asked, truth(1));
    end();
  }
});

test("a queue that is lost is filled again; one that is away is done without", async () => {
  const { desk, queue, measure, end } = deskWith();
  const worker = join(desk, "one");
  desk.until(100);
  const asked = measure(1);
  const lost = await taken(desk, worker);
  queue.jobs.clear();
  const beating = setInterval(() => desk.workers.heard(OTHER, "one"), 50);
  for (let tries = 0; queue.jobs.size === 0 && tries < 500; tries++) await sleep(20);
  assert.equal(queue.jobs.size, 1);
  assert.equal(await desk.answer(worker, lost, truth(1)), null, "its work counts all the same");
  assert.deepEqual(await asked, truth(1));
  clearInterval(beating);
  queue.isAway = true;
  await sleep(SILENT_MS + 100);
  assert.deepEqual(await measure(2), truth(2));
  assert.deepEqual(await desk.take(worker, THETA), []);
  end();
});

test("a validator that was started again is not answered twice, and believes its queue no more than a worker", async () => {
  const first = deskWith();
  const worker = join(first.desk, "one");
  const asked = [first.measure(1), first.measure(2)];
  for (let n = 0; n < 2; n++) {
    const handed = await taken(first.desk, worker);
    await first.desk.answer(worker, handed, truth(uidOf(handed)));
  }
  await Promise.all(asked);
  first.end();
  const [, bent] = [...first.queue.jobs.values()];
  assert.ok(bent?.result !== undefined);
  const [good] = [...first.queue.jobs.values()];
  const again = deskWith(first.queue);
  bent.result = JSON.stringify({ before: "AAAAAAAA8D8=", after: "AAAAAAAA8D8=" });
  const goodUid = parseTask(good?.body ?? "")?.uid ?? 0;
  assert.deepEqual(await again.measure(goodUid), truth(goodUid));
  assert.equal(again.measuredHere(), 0);
  assert.deepEqual(await again.measure(3 - goodUid), truth(3 - goodUid));
  assert.equal(again.measuredHere(), 1);
  again.end();
});

test("what a worker cannot do the validator does", async () => {
  const { desk, measure, said, end } = deskWith();
  const worker = join(desk, "one");
  desk.until(100);
  const asked = measure(1);
  const handed = await taken(desk, worker);
  desk.giveUp(worker, handed, "nobody serves the payload");
  assert.deepEqual(await asked, truth(1));
  assert.match(said.join("\n"), /worker one cannot measure uid 1: nobody serves/);
  end();
});

test("what one worker cannot do another does, and who gives up three times gets nothing more", async () => {
  const { desk, measure, measuredHere, end } = deskWith();
  const [broken, sound] = [join(desk, "broken"), join(desk, "sound")];
  desk.until(100);
  const uids = [1, 2, 3, 4, 5, 6, 7, 8];
  const asked = uids.map(measure);
  const beating = setInterval(
    () => ["broken", "sound"].map((name) => desk.workers.heard(OTHER, name)),
    50,
  );
  let givenUp = 0;
  for (;;) {
    const [handed] = await desk.take(broken, THETA);
    if (handed === undefined) break;
    givenUp += 1;
    desk.giveUp(broken, handed, "its device is lost");
    await sleep(10);
  }
  assert.equal(givenUp, 3);
  for (let answered = 0, tries = 0; answered < uids.length && tries < 100; tries++) {
    const [handed] = await desk.take(sound, THETA);
    if (handed === undefined) {
      await sleep(10);
      continue;
    }
    answered += 1;
    await desk.answer(sound, handed, truth(uidOf(handed)));
  }
  assert.deepEqual(
    await Promise.all(asked),
    uids.map((uid) => truth(uid)),
  );
  assert.equal(measuredHere(), 0, "the validator does nothing that another worker can");
  clearInterval(beating);
  end();
});

test("what two workers cannot do the validator does", async () => {
  const { desk, measure, measuredHere, end } = deskWith();
  const workers = ["one", "two", "three"].map((name) => join(desk, name));
  desk.until(100);
  const asked = measure(1);
  const beating = setInterval(() => workers.map(({ name }) => desk.workers.heard(OTHER, name)), 50);
  for (const worker of workers.slice(0, 2)) {
    const handed = await taken(desk, worker);
    desk.giveUp(worker, handed, "nobody serves the payload");
    assert.deepEqual(await desk.take(worker, THETA), []);
  }
  assert.deepEqual(await asked, truth(1));
  assert.equal(measuredHere(), 1);
  clearInterval(beating);
  end();
});

test("while the queue is away the validator measures at once, though workers live", async () => {
  const { desk, queue, measure, block, end } = deskWith();
  join(desk, "one");
  const beating = setInterval(() => desk.workers.heard(OTHER, "one"), 50);
  desk.until(100);
  queue.isAway = true;
  const late = sleep(2000, null, { ref: false });
  assert.deepEqual(await Promise.race([measure(1), late]), truth(1));
  assert.equal(block.number, 10);
  clearInterval(beating);
  end();
});
