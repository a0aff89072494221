/** @file Who is told that the author has no time does not ask again at once, whatever number of clients wait for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import { Asker } from "../../../../chain/embedded/reader/asking.ts";
import { TryLater } from "../../../../chain/embedded/rpc/failure.ts";

const counter = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4));

test("a thousand questions while the author has no time are one question, and later ones are asked again", async () => {
  const { port1, port2 } = new MessageChannel();
  const [bell, asked, idle] = [counter(), counter(), counter()];
  const author = new Worker(new URL("busy-author.ts", import.meta.url), {
    workerData: { end: { port: port2, bell }, asked, idle },
    transferList: [port2],
  });
  try {
    const asker = new Asker({ port: port1, bell });
    const ask = (): number | null => asker.ask({ kind: "number", hash: "0x00" });
    const began = performance.now();
    assert.throws(ask, TryLater);
    for (let i = 0; i < 1000; i++) assert.throws(ask, { name: "TryLater", message: "no time" });
    // Every ten milliseconds one more.
    const most = 2 + (performance.now() - began) / 10;
    assert.ok(Atomics.load(asked, 0) <= most, `${Atomics.load(asked, 0)} were asked`);
    Atomics.store(idle, 0, 1);
    await sleep(15);
    assert.equal(ask(), 7);
  } finally {
    port1.close();
    await author.terminate();
  }
});
