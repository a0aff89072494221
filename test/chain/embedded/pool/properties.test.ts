/** @file The transaction pool against its slow model, over random submissions and blocks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { refusal, type ValidTransaction } from "../../../../chain/embedded/blocks/validity.ts";
import { concat, type Hex, keyOf } from "../../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../../chain/embedded/codec/hashing.ts";
import { compact, u32 } from "../../../../chain/embedded/codec/scale.ts";
import { TransactionPool } from "../../../../chain/embedded/pool/pool.ts";
import { failureOf } from "../../../../chain/embedded/rpc/failure.ts";
import { type Item, PoolModel, type Verdict } from "./model.ts";

const ACCOUNTS = 5;
const LIMITS = {
  ready: 9,
  readyBytes: 900,
  readyPerAccount: 4,
  future: 6,
  futureBytes: 400,
  futurePerAccount: 3,
};
const HEADER_BYTES = 16;

await cryptoReady();

const accountBytes = (account: number): Uint8Array => new Uint8Array(32).fill(account + 1);
const tag = (account: number, nonce: number): string =>
  keyOf(concat(accountBytes(account), u32(nonce)));

/** Bytes whose every part the host below reads back. */
function encode({ account, nonce, priority, length, order }: Item): Uint8Array {
  const body = concat(u32(account), u32(nonce), u32(priority), u32(order));
  const pad = new Uint8Array(length - HEADER_BYTES - 2);
  return concat(compact(HEADER_BYTES + pad.length), body, pad);
}

function bodyOf(bytes: Uint8Array): DataView {
  const skip = (bytes[0] ?? 0) & 1 ? 2 : 1;
  return new DataView(bytes.buffer, bytes.byteOffset + skip);
}

function sorted(list: readonly Item[]): Item[] {
  return list.toSorted((a, b) => a.order - b.order);
}

/** A pool over the same nonces as the model's. */
class World {
  readonly model = new PoolModel(ACCOUNTS, LIMITS);
  readonly next: number[] = Array.from({ length: ACCOUNTS }, () => 0);
  readonly items = new Map<Hex, Item>();
  readonly pool: TransactionPool;
  #head = 0;
  #order = 0;

  constructor() {
    this.pool = new TransactionPool(
      {
        validate: (bytes) => this.#validate(bytes),
        headNumber: () => this.#head,
        onStatus: () => undefined,
        nowMs: () => 0,
        clockMs: () => 0,
        workMs: () => 0,
      },
      LIMITS,
    );
  }

  #validate(bytes: Uint8Array): ValidTransaction {
    const body = bodyOf(bytes);
    const [account, nonce] = [body.getUint32(0, true), body.getUint32(4, true)];
    const next = this.next[account] ?? 0;
    if (nonce < next) throw refusal("Invalid Transaction", "Transaction is outdated");
    return {
      priority: BigInt(body.getUint32(8, true)),
      requires: nonce > next ? [tag(account, nonce - 1)] : [],
      provides: [tag(account, nonce)],
      longevity: 64n,
    };
  }

  submit(what: Omit<Item, "order">): void {
    const item = {
      ...what,
      nonce: (this.next[what.account] ?? 0) + what.nonce,
      order: this.#order++,
    };
    const bytes = encode(item);
    assert.equal(bytes.length, item.length);
    let verdict: Verdict;
    try {
      const hash = this.pool.submit(bytes);
      this.items.set(hash, item);
      verdict = this.pool.status(hash) ?? assert.fail("taken, and not there");
    } catch (error) {
      const { code } = failureOf(error);
      assert.ok(code === 1010 || code === 1014 || code === 1016, `code ${code}`);
      verdict = code;
    }
    assert.equal(verdict, this.model.submit(item));
  }

  seal(count: number): void {
    const hashes = [...this.pool.inOrder()].slice(0, count).map(({ hash }) => hash);
    const taken = hashes.map((hash) => this.items.get(hash));
    assert.deepEqual(taken, this.model.seal(count));
    for (const item of taken) if (item !== undefined) this.next[item.account] = item.nonce + 1;
    this.#head++;
    this.pool.included(hashes);
  }

  /** The same entries in the same queues, the same order of a block, and no limit passed. */
  compare(): void {
    const { model, pool, items } = this;
    const inQueue = (queue: "ready" | "future"): Item[] =>
      [...items].filter(([hash]) => pool.status(hash) === queue).map(([, item]) => item);
    assert.deepEqual(sorted(inQueue("ready")), sorted(model.ready));
    assert.deepEqual(sorted(inQueue("future")), sorted(model.future));
    assert.deepEqual(
      [...pool.inOrder()].map(({ hash }) => items.get(hash)),
      model.order(),
    );
    assert.ok(pool.readyCount <= LIMITS.ready && pool.futureCount <= LIMITS.future);
    for (let account = 0; account < ACCOUNTS; account++) {
      const next = this.next[account] ?? 0;
      const own = model.ready.filter((item) => item.account === account).length;
      assert.equal(pool.consecutive(accountBytes(account), next), own);
    }
  }
}

const submission = fc.record({
  account: fc.integer({ min: 0, max: ACCOUNTS - 1 }),
  nonce: fc.integer({ min: -1, max: 6 }),
  priority: fc.integer({ min: 1, max: 12 }),
  length: fc.constantFrom(80, 100, 150),
});
const step = fc.oneof(
  { weight: 12, arbitrary: submission },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 6 }) },
);

test("the pool and its model agree about every submission, every queue and every block", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const world = new World();
      for (const next of steps) {
        if (typeof next === "number") world.seal(next);
        else if (next.nonce >= 0 || (world.next[next.account] ?? 0) > 0) world.submit(next);
        world.compare();
      }
    }),
    { numRuns: 150 },
  );
});

test("an account that sends much does not keep out one that sends little, whoever came first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 8 }), (priority, before) => {
      const world = new World();
      for (let count = 0; count < 40; count++) {
        if (count === before) world.submit({ account: 4, nonce: 0, priority, length: 100 });
        world.submit({ account: count % 4, nonce: count >> 2, priority, length: 80 });
      }
      world.compare();
      const turns = [...world.pool.inOrder()].map(({ hash }) => world.items.get(hash)?.account);
      const at = turns.indexOf(4);
      assert.ok(at >= 0 && at < ACCOUNTS, `its turn is ${at}`);
    }),
  );
});
