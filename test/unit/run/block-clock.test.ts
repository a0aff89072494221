/** @file The block clock: waiters wake exactly when their block is final, and all of them when the chain is lost. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Head } from "../../../chain/client/client.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { BlockClock } from "../../../src/run/block-clock.ts";

const hashOf = (block: number): Hex => `0x${block.toString(16).padStart(64, "0")}`;
const headOf = (number: number): Head => ({ number, hash: hashOf(number) });
const NEVER = new AbortController().signal;

/** A chain whose heads the test hands out one by one. */
function fakeChain(): {
  chain: ConstructorParameters<typeof BlockClock>[0];
  push(block: number): Promise<void>;
  end(error?: Error): void;
  readonly asked: number[];
} {
  const waiting: PromiseWithResolvers<Head | null>[] = [Promise.withResolvers()];
  const asked: number[] = [];
  return {
    asked,
    chain: {
      async *followHeads(signal) {
        const stop = new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true }),
        );
        stop.catch(() => undefined);
        for (let index = 0; ; index++) {
          const head = await Promise.race([waiting[index]?.promise ?? null, stop]);
          if (head === null) return;
          yield head;
        }
      },
      async blockHash(block) {
        asked.push(block);
        return hashOf(block);
      },
    },
    async push(block) {
      const last = waiting.at(-1);
      waiting.push(Promise.withResolvers());
      last?.resolve(headOf(block));
      await new Promise((resolve) => setImmediate(resolve));
    },
    end(error) {
      const last = waiting.at(-1);
      if (error === undefined) last?.resolve(null);
      else last?.reject(error);
    },
  };
}

test("each waiter wakes with the first head at or above its block, and not before", async () => {
  const jumps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(jumps, fc.array(fc.nat(30), { maxLength: 10 }), async (steps, wanted) => {
      const fake = fakeChain();
      const stop = new AbortController();
      const heads = new BlockClock(fake.chain, headOf(5));
      const following = heads.follow(stop.signal).catch(() => undefined);
      const woken = new Map<number, number>();
      const waits = wanted.map((block, index) =>
        heads.reached(block, NEVER).then(
          (head) => woken.set(index, head.number),
          () => undefined,
        ),
      );
      const seen = [5];
      await new Promise((resolve) => setImmediate(resolve));
      for (const step of steps) {
        seen.push((seen.at(-1) ?? 0) + step);
        await fake.push(seen.at(-1) ?? 0);
        for (const [index, block] of wanted.entries())
          assert.equal(
            woken.get(index),
            seen.find((head) => head >= block),
          );
      }
      assert.equal(heads.current.number, seen.at(-1));
      stop.abort();
      await Promise.all([following, ...waits]);
    }),
    { numRuns: 40 },
  );
});

test("a head that is older than the newest one does not turn the clock back", async () => {
  const fake = fakeChain();
  const stop = new AbortController();
  const heads = new BlockClock(fake.chain, headOf(10));
  const following = heads.follow(stop.signal);
  await fake.push(9);
  assert.equal(heads.current.number, 10);
  stop.abort();
  await following.catch(() => undefined);
});

test("a waiter's own signal ends only that waiter", async () => {
  const fake = fakeChain();
  const [stop, own] = [new AbortController(), new AbortController()];
  const heads = new BlockClock(fake.chain, headOf(0));
  const following = heads.follow(stop.signal);
  const reason = new Error("enough");
  const ended = assert.rejects(heads.reached(3, own.signal), reason);
  const other = heads.reached(3, NEVER);
  own.abort(reason);
  await ended;
  await assert.rejects(heads.reached(0, own.signal), reason);
  await fake.push(3);
  assert.equal((await other).number, 3);
  stop.abort();
  await following.catch(() => undefined);
});

test("when the chain is lost every waiter hears why", async () => {
  const lost = new Error("lost");
  const fake = fakeChain();
  const heads = new BlockClock(fake.chain, headOf(0));
  const waits = [1, 2].map((block) => assert.rejects(heads.reached(block, NEVER), lost));
  const following = assert.rejects(heads.follow(NEVER), lost);
  fake.end(lost);
  await Promise.all([...waits, following]);
});

test("a stream of heads that ends by itself is an error, not a silent stop", async () => {
  const fake = fakeChain();
  const heads = new BlockClock(fake.chain, headOf(0));
  const wait = assert.rejects(heads.reached(1, NEVER), /ended its stream/);
  const following = assert.rejects(heads.follow(NEVER), /ended its stream/);
  fake.end();
  await Promise.all([wait, following]);
});

test("stopping on purpose rejects waiters with the reason and ends following quietly", async () => {
  const fake = fakeChain();
  const stop = new AbortController();
  const heads = new BlockClock(fake.chain, headOf(0));
  const reason = new Error("SIGTERM");
  const wait = assert.rejects(heads.reached(1, NEVER), reason);
  const following = heads.follow(stop.signal);
  stop.abort(reason);
  await Promise.all([wait, following]);
});

test("hashes of seen blocks come from memory, others from the chain", async () => {
  const fake = fakeChain();
  const stop = new AbortController();
  const heads = new BlockClock(fake.chain, headOf(4));
  const following = heads.follow(stop.signal);
  await fake.push(5);
  assert.equal(await heads.hashOf(5), hashOf(5));
  assert.equal(await heads.hashOf(4), hashOf(4));
  assert.equal(await heads.hashOf(2), hashOf(2));
  assert.deepEqual(fake.asked, [2]);
  stop.abort();
  await following;
});
