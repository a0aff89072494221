/** @file Two Ctrl-C: the first once, the second again and again; work that a first one cuts after its time. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../../../subnet/localnet/stop.ts";
import { eventually } from "../../support/eventually.ts";

const LIMIT_MS = 500;

/** While somebody listens, a signal does not end this process. */
const guard = (): void => undefined;

test("the first signal is told from the ones after it, until nobody listens", () => {
  const stop = new Stop();
  const heard: string[] = [];
  const done = stop.listen({
    first: () => heard.push("first"),
    second: () => heard.push("second"),
  });
  process.on("SIGINT", guard);
  assert.equal(stop.isAsked, false);
  assert.equal(stop.sinceMs, 0);
  for (const signal of ["SIGINT", "SIGTERM", "SIGINT"] as const) process.emit(signal);
  done();
  process.emit("SIGINT");
  process.off("SIGINT", guard);
  assert.deepEqual(heard, ["first", "second", "second"]);
  assert.ok(stop.isAsked && stop.signal.aborted);
});

test("work is cut so long after the first Ctrl-C, however it began", async () => {
  const stop = new Stop();
  const [early, done] = [stop.limit(LIMIT_MS), stop.limit(LIMIT_MS)];
  await sleep(1.2 * LIMIT_MS);
  assert.equal(early.signal.aborted, false, "nobody wants to stop");
  assert.equal(stop.ask(), true);
  assert.equal(stop.ask(), false);
  done.done();
  await sleep(LIMIT_MS / 20);
  const late = stop.limit(LIMIT_MS);
  assert.equal(late.signal.aborted, false);
  await eventually("both are over", () => early.signal.aborted && late.signal.aborted);
  assert.ok(stop.sinceMs > 0.98 * LIMIT_MS, "and not before");
  assert.equal(done.signal.aborted, false, "it was done before");
  const none = stop.limit(0);
  await sleep(5);
  assert.ok(none.signal.aborted);
});
