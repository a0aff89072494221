/** @file Stopping: closers run once, in reverse, all of them; what was stopped on purpose is no error. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { aborted, Lifecycle, runUntilStopped } from "../../../src/command/lifecycle.ts";

test("everything closes once, last opened first, also when some fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), async (failing) => {
      const lifecycle = new Lifecycle();
      const closed: number[] = [];
      for (const [index, fails] of failing.entries())
        lifecycle.onClose(String(index), async () => {
          await Promise.resolve();
          closed.push(index);
          if (fails) throw new Error("cannot close");
        });
      const failed = await lifecycle.close();
      assert.deepEqual(closed, [...failing.keys()].toReversed());
      assert.deepEqual(failed, closed.filter((index) => failing[index]).map(String));
      assert.deepEqual(await lifecycle.close(), []);
      assert.equal(closed.length, failing.length);
    }),
  );
});

test("closing aborts the signal, and the first reason stays", () => {
  const lifecycle = new Lifecycle();
  assert.equal(lifecycle.signal.aborted, false);
  lifecycle.stop("first");
  lifecycle.stop("second");
  assert.equal(lifecycle.signal.reason.message, "first");
});

test("a body that ends by itself, is stopped, or fails", async () => {
  const ended = new Lifecycle();
  await runUntilStopped(ended, () => Promise.resolve());
  assert.ok(ended.signal.aborted);

  const stopped = new Lifecycle();
  let closed = false;
  stopped.onClose("x", () => void (closed = true));
  setTimeout(() => stopped.stop("SIGTERM"), 5);
  await runUntilStopped(stopped, async () => {
    await aborted(stopped.signal);
    throw new Error("because it was stopped");
  });
  assert.ok(closed);

  const failing = new Lifecycle();
  failing.onClose("x", () => void (closed = false));
  const failure = new Error("broken");
  await assert.rejects(
    runUntilStopped(failing, () => Promise.reject(failure)),
    failure,
  );
  assert.equal(closed, false, "closed in spite of the failure");
});

test("what broke in the background ends the process with that error, the first one", async () => {
  const lifecycle = new Lifecycle();
  const lost = new Error("lost the chain");
  const body = async (): Promise<void> => {
    lifecycle.fail(lost);
    lifecycle.fail(new Error("later"));
    await aborted(lifecycle.signal);
  };
  await assert.rejects(runUntilStopped(lifecycle, body), lost);
  const odd = new Lifecycle();
  odd.fail("text");
  assert.equal(odd.failure?.cause, "text");
});

test("aborted resolves at once for a signal that is aborted already", async () => {
  await aborted(AbortSignal.abort());
});
