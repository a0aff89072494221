/** @file How many large transfers go at once: one on a slow line, four on a fast one, and never more than it says. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Line } from "../../../src/run/line.ts";

const { signal } = new AbortController();
const transfer = (bytes: number, ms: number) => async (): Promise<Uint8Array> => {
  await sleep(ms);
  return new Uint8Array(bytes);
};

test("a fast line carries up to four at once, a slow one goes back to one, and failures say nothing", async () => {
  const line = new Line();
  assert.equal(line.atOnce, 1);
  for (let times = 0; times < 6; times++) await line.carry(signal, transfer(1 << 20, 1));
  assert.equal(line.atOnce, 4);
  await line.carry(signal, () => Promise.resolve(null));
  await assert.rejects(
    line.carry(signal, () => Promise.reject(new Error("gone"))),
    /gone/,
  );
  assert.equal(line.atOnce, 4);
  for (let times = 0; times < 6; times++) await line.carry(signal, transfer(1000, 20));
  assert.equal(line.atOnce, 1);
});

test("no more are under way than it carries, all come to their turn, and who is stopped leaves the queue", async () => {
  const line = new Line();
  let [active, most, done] = [0, 0, 0];
  const counted = async (): Promise<Uint8Array> => {
    most = Math.max(most, ++active);
    await sleep(5);
    active -= 1;
    done += 1;
    return new Uint8Array(1 << 20);
  };
  const stop = new AbortController();
  const all = Array.from({ length: 12 }, () => line.carry(signal, counted));
  const stopped = assert.rejects(line.carry(stop.signal, counted), /SIGTERM/);
  stop.abort(new Error("SIGTERM"));
  await Promise.all([...all, stopped]);
  assert.deepEqual([done, active], [12, 0]);
  assert.ok(most <= 4, `${most}`);
});
