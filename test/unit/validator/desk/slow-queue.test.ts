/** @file The desk over a queue that takes longer than the tasks do. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../../../src/queue/jobs.ts";
import type { Handed } from "../../../../validator/desk/desk.ts";
import { parseTask } from "../../../../validator/evaluation/task.ts";
import { MemoryQueue } from "./memory-queue.ts";
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
