/** @file The pace of a chain that waits for nobody: blocks are timed as they become final, and nothing holds them. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { windowClock } from "../../../src/protocol/window.ts";
import { RealTime } from "../../../subnet/localnet/real-time.ts";
import { eventually } from "../../support/eventually.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";

const HASH = "0x00";

/** Final blocks as they are told. */
class Blocks {
  current = { number: 0, hash: HASH } as const as {
    readonly number: number;
    readonly hash: typeof HASH;
  };
  #waiter: { block: number; resolve: () => void } | null = null;

  async reached(block: number, signal: AbortSignal): Promise<Blocks["current"]> {
    while (this.current.number < block) {
      await new Promise<void>((resolve, reject) => {
        this.#waiter = { block, resolve };
        signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
      });
    }
    return this.current;
  }

  make(number: number): void {
    this.current = { number, hash: HASH };
    this.#waiter?.resolve();
  }
}

test("blocks of windows are timed one by one, also those that become final together; it ends when it is told to", async () => {
  const blocks = new Blocks();
  const pace = new RealTime({ blocks }, 2000);
  assert.equal(pace.leadBlocks, 15);
  const clock = windowClock(EXAMPLE_MANIFEST);
  pace.follow(clock);
  const stop = new AbortController();
  const first = clock.startBlock(0);
  blocks.make(first - 1);
  const running = pace.run(stop.signal);
  await pace.hold();
  pace.holdAt();
  const seen = async (last: number, count: number): Promise<void> => {
    blocks.make(last);
    await eventually("they are timed", () => pace.times.report().blocks === count);
  };
  // The first block of a run waits for what comes before it, and counts for no window.
  await seen(first + 1, 1);
  await seen(first + 5, 5);
  assert.ok(pace.times.windowMs(0) !== null);
  assert.deepEqual([pace.waiting, pace.dropped.size], [null, 0]);
  stop.abort();
  await running;
});
