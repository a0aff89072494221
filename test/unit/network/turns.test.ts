/** @file Turns: never more at once than agreed, nobody forgotten, whoever gives up leaves no gap. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { Turns } from "../../../src/network/turns.ts";

test("at most so many at once for a key, and everybody gets a turn or gives up", async () => {
  const plan = fc.array(
    fc.record({ key: fc.constantFrom("a", "b"), ms: fc.nat(4), gives: fc.boolean() }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(plan, async (acts) => {
      const turns = new Turns(2);
      const active = new Map<string, number>();
      let done = 0;
      const one = async ({ key, ms, gives }: (typeof acts)[number]): Promise<void> => {
        const stop = new AbortController();
        const taken = turns.take(key, stop.signal, async () => {
          active.set(key, (active.get(key) ?? 0) + 1);
          assert.ok((active.get(key) ?? 0) <= 2);
          await sleep(ms);
          active.set(key, (active.get(key) ?? 0) - 1);
          done += 1;
        });
        if (gives) stop.abort(new Error("gives up"));
        await taken.catch((error: unknown) => {
          assert.match(String(error), /gives up/);
          done += 1;
        });
      };
      await Promise.all(acts.map(one));
      assert.equal(done, acts.length);
      // Nothing is left behind: two turns are free at once.
      await Promise.all(
        [1, 2].map(() => turns.take("a", new AbortController().signal, sleep.bind(null, 0))),
      );
    }),
    { numRuns: 30 },
  );
});

test("an act that fails passes its turn on, and a signal that is over takes none", async () => {
  const turns = new Turns(1);
  const { signal } = new AbortController();
  const failing = turns.take("a", signal, async () => Promise.reject(new Error("failed")));
  const next = turns.take("a", signal, async () => "next");
  await assert.rejects(failing, /failed/);
  assert.equal(await next, "next");
  const over = AbortSignal.abort(new Error("over"));
  await assert.rejects(
    turns.take("a", over, async () => "never"),
    /over/,
  );
});
