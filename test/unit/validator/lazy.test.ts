/** @file A validator without workers loads no queue: nothing of it costs a newcomer time or memory. */
import { strict as assert } from "node:assert";
import { registerHooks } from "node:module";
import { test } from "node:test";

const QUEUE = /node_modules\/(?:bullmq|ioredis|@electric-sql)\//;

test("starting a validator loads nothing of the queue; the room for workers does", async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    load(url, context, next) {
      if (QUEUE.test(url)) loaded.push(url);
      return next(url, context);
    },
  });
  try {
    await import("../../../validator/start.ts");
    assert.equal(loaded.length, 0, loaded.join(" "));
    await import("../../../validator/desk/room.ts");
    assert.ok(
      loaded.some((url) => url.includes("/bullmq/")),
      "the hook sees it",
    );
  } finally {
    hooks.deregister();
  }
});
