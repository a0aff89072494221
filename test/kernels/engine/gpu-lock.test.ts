/** @file The GPU's lock: threads take turns, and a thread ended by force does not keep it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { freeGpuLock, gpuLock, withGpu } from "../../../kernels/engine/gpu-lock.ts";

const SOURCE = `
const { parentPort, workerData, threadId } = require("node:worker_threads");
import(workerData.module).then(async ({ joinGpuLock, withGpu }) => {
  joinGpuLock(workerData.lock);
  for (let i = 0; i < 200; i++)
    await withGpu(async () => {
      const seen = workerData.count[0];
      await null;
      workerData.count[0] = seen + 1;
      if (workerData.keep) { parentPort.postMessage("held"); await new Promise((r) => setTimeout(r, 60000)); }
    });
});`;

const count = new Int32Array(new SharedArrayBuffer(4));
const start = (keep: boolean): Worker =>
  new Worker(SOURCE, {
    eval: true,
    workerData: {
      module: new URL("../../../kernels/engine/gpu-lock.ts", import.meta.url).href,
      lock: gpuLock(),
      count,
      keep,
    },
  });

test("threads take turns", async () => {
  const workers = [start(false), start(false), start(false)];
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  assert.equal(count[0], 600);
});

test("an error gives the lock back", async () => {
  await assert.rejects(
    withGpu(async () => {
      throw new Error("lost");
    }),
    /lost/,
  );
  assert.equal(await withGpu(async () => 1), 1);
});

test("the lock of a thread that was ended by force is freed", async () => {
  const worker = start(true);
  const { threadId } = worker;
  await once(worker, "message");
  assert.equal(gpuLock()[0], threadId);
  await worker.terminate();
  freeGpuLock(threadId);
  assert.equal(await withGpu(async () => 2), 2);
});
