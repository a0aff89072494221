/** @file The desk over a queue that takes longer than the tasks do. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../../../src/queue/jobs.ts";
import type { WindowFacts } from "../../../../validator/evaluation/bench.ts";
import type { Handed } from "../../../../validator/desk/desk.ts";
import { parseTask } from "../../../../validator/evaluation/task.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { stub } from "../../stub.ts";
import { deskWith, hex, THETA, truth } from "./scene.ts";

/** One that takes far longer than small tasks do. */
class SlowQueue extends MemoryQueue {
  calls = 0;

  override async add(jobs: readonly Job[]): Promise<void> {
    this.calls += 1;
    await sleep(100);
    await super.add(jobs);
  }

  override async remove(id: string): Promise<boolean> {
    this.calls += 1;
    return super.remove(id);
  }
}

/** One whose calls are quick, and many. */
class ManyCalls extends MemoryQueue {
  adds = 0;

  override async add(jobs: readonly Job[]): Promise<void> {
    this.adds += 1;
    await super.add(jobs);
  }

  override async take(): ReturnType<MemoryQueue["take"]> {
    await sleep(8);
    return super.take();
  }
}

const uidOf = (handed: Handed): number => parseTask(handed.task)?.uid ?? -1;

test("who has many small tasks waits for a slow queue once, and then it has no more to do", async () => {
  const { desk, queue, measure, end } = deskWith(new SlowQueue());
  const worker = desk.workers.add(hex("0d"), "127.0.0.1", {
    name: "one",
    device: "cpu",
    lossesPerSecond: 100,
    memoryBytes: 1,
  });
  worker.theta = THETA;
  const work = async (uids: readonly number[]): Promise<void> => {
    const asked = uids.map((uid) => measure(uid));
    for (let left = uids.length; left > 0;) {
      const handed = await desk.take(worker, THETA, 16);
      left -= handed.length;
      for (const one of handed)
        assert.equal(await desk.answer(worker, one, truth(uidOf(one))), null);
    }
    assert.deepEqual(
      await Promise.all(asked),
      uids.map((uid) => truth(uid)),
    );
  };
  desk.until(100);
  await work([1, 2, 3, 4]);
  await sleep(300);
  const before = queue.calls;
  assert.ok(before > 0);
  await work([5, 6, 7, 8]);
  assert.equal(queue.calls, before, "neither added nor taken out");
  const asked = measure(9);
  const [handed] = await desk.take(worker, THETA, 1);
  assert.ok(handed !== undefined);
  assert.ok(queue.calls > before, "large tasks go through it all the same");
  assert.equal(await desk.answer(worker, handed, truth(9)), null);
  assert.deepEqual(await asked, truth(9));
  end();
});

test("a queue is slow by one call, not by the sum of many quick ones", async () => {
  // Eight milliseconds may be many on a machine that does something else: one round of some is enough.
  for (let round = 1; ; round++) {
    const { desk, queue, measure, end } = deskWith(new ManyCalls());
    const worker = desk.workers.add(hex("0d"), "127.0.0.1", {
      name: "one",
      device: "cpu",
      lossesPerSecond: 100,
      memoryBytes: 1,
    });
    worker.theta = THETA;
    desk.until(100);
    const asked = Array.from({ length: 20 }, (_, at) => measure(at + 1));
    const began = performance.now();
    assert.equal((await desk.take(worker, THETA, 16)).length, 10);
    assert.ok(performance.now() - began >= 25, "calls that take longer than the worker waits");
    const before = queue.adds;
    asked.push(measure(21));
    await sleep(20);
    const isAsked = queue.adds > before;
    end();
    await Promise.allSettled(asked);
    if (isAsked) return;
    assert.ok(round < 10, "it counts as slow");
  }
});

test("jobs of windows that ended before all was measured are forgotten", async () => {
  const { desk, queue, end } = deskWith(new MemoryQueue());
  const begin = (window: number): void => desk.begin(stub<WindowFacts>({ window }));
  await queue.add([{ id: "old", window: 3, priority: 1, body: "" }]);
  begin(4);
  await sleep(1);
  assert.equal(queue.jobs.size, 1, "a gate hurries");
  begin(5);
  await sleep(1);
  assert.equal(queue.jobs.size, 0);
  end();
});
