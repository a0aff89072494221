/** @file Submitting: many at once, nonces that others used, timeouts, and a connection that breaks under way. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { startSealing } from "../../../chain/embedded/sealing.ts";
import { ChainError } from "../../../chain/errors.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { accounts, openTestChain, serveChain, type TestChain } from "./fixture.ts";

const target = signerFromUri("//target").publicKey;
const { rich } = accounts;

let embedded: EmbeddedChain;
let chain: TestChain;
let client: ChainClient;
before(async () => {
  embedded = await openTestChain();
  chain = await serveChain(embedded);
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
});

function amounts(count: number): readonly bigint[] {
  return Array.from({ length: count }, (_, index) => 1_000_000n + BigInt(index));
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

/** Whether an error advises to look, and not to send once more. */
function isReading({ explanation }: ChainError): boolean {
  const [command, ...more] = explanation.commands ?? [];
  return more.length === 0 && command !== undefined && "ours" in command
    ? command.ours === "miner balance"
    : false;
}

describe("submitting", () => {
  it("20 at once from one account: all final, all counted, in the order they were asked", async () => {
    const had = await client.balance(target);
    const sent = amounts(20);
    const done = await Promise.all(sent.map(async (rao) => client.transfer(rich, target, rao)));
    assert.equal(await client.balance(target), had + total(sent));
    const numbers = done.map(({ block }) => block.number);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  });

  it("a failure in the middle leaves the others alone", async () => {
    const had = await client.balance(target);
    const results = await Promise.allSettled([
      client.transfer(rich, target, 1_000_001n),
      client.transfer(rich, target, 10n ** 18n),
      client.submit(rich, { pallet: "Balances", name: "no_such_call", args: [] }),
      client.transfer(rich, target, 1_000_002n),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    assert.equal(await client.balance(target), had + 2_000_003n);
  });

  it("two clients with one account agree about nonces in the end", async () => {
    const other = await connectChain({ endpoints: [chain.endpoint] });
    const had = await client.balance(target);
    const sent = amounts(8);
    for (const rao of sent.slice(0, 4)) {
      await client.transfer(rich, target, rao);
      await other.transfer(rich, target, rao);
    }
    assert.equal(await client.balance(target), had + 2n * total(sent.slice(0, 4)));
    await other.close();
  });

  it("what cannot pay is refused by the pool", async () => {
    const poor = signerFromUri("//poor");
    await assert.rejects(
      client.transfer(poor, target, 1n),
      (error) => error instanceof ChainError && error.code === "extrinsic-invalid",
    );
  });
});

describe("an extrinsic under way", () => {
  it("that no block takes is a timeout with its hash", async () => {
    startSealing(embedded, "manual");
    const hasty = await connectChain({ endpoints: [chain.endpoint], submitTimeoutMs: 300 });
    await assert.rejects(
      hasty.transfer(rich, target, 5_000_000n),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "extrinsic-timeout" &&
        /^0x[0-9a-f]{64}$/.test(error.fault.sent.hash) &&
        /was sent, .* may still be taken, until block \d+/.test(error.message) &&
        isReading(error),
    );
    await embedded.seal();
    await hasty.close();
    startSealing(embedded, "instant");
  });

  it("that was given up is the same when it is repeated, whatever the account did in between", async () => {
    startSealing(embedded, "manual");
    const hasty = await connectChain({ endpoints: [chain.endpoint], submitTimeoutMs: 300 });
    const had = await hasty.balance(target);
    for (const rao of [5_000_000n, 1n, 5_000_000n])
      await assert.rejects(
        hasty.transfer(rich, target, rao),
        (error) => error instanceof ChainError && error.code === "extrinsic-timeout",
      );
    await embedded.seal();
    await hasty.transfer(rich, target, 5_000_000n);
    await hasty.transfer(rich, target, 1n);
    assert.equal(await hasty.balance(target), had + 5_000_001n);
    await hasty.close();
    startSealing(embedded, "instant");
  });

  it("counts by itself when it is equal to one that was under way, and each that was given up is repeated once", async () => {
    startSealing(embedded, "manual");
    const hasty = await connectChain({ endpoints: [chain.endpoint], submitTimeoutMs: 300 });
    const had = await hasty.balance(target);
    const pay = async (): Promise<unknown> => hasty.transfer(rich, target, 6_000_000n);
    const payTwice = async (): Promise<readonly string[]> =>
      (await Promise.allSettled([pay(), pay()])).map(({ status }) => status);
    assert.deepEqual(await payTwice(), ["rejected", "rejected"]);
    assert.equal(embedded.pool.readyCount, 2);
    assert.deepEqual(await payTwice(), ["rejected", "rejected"]);
    assert.equal(embedded.pool.readyCount, 2);
    await embedded.seal();
    assert.deepEqual(await payTwice(), ["fulfilled", "fulfilled"]);
    assert.equal(await hasty.balance(target), had + 12_000_000n);
    // Nothing is left to be repeated.
    startSealing(embedded, "instant");
    await pay();
    assert.equal(await hasty.balance(target), had + 18_000_000n);
    await hasty.close();
  });

  it("of a process that stood still beyond its time is looked for once more", async () => {
    startSealing(embedded, "manual");
    const hasty = await connectChain({ endpoints: [chain.endpoint], submitTimeoutMs: 2000 });
    const had = await hasty.balance(target);
    const sending = hasty.transfer(rich, target, 8_000_000n);
    while (embedded.pool.readyCount === 0) await sleep(5);
    await embedded.seal();
    // As after SIGSTOP: the clock has gone on, and nothing that came meanwhile is read yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    await sending;
    assert.equal(await hasty.balance(target), had + 8_000_000n);
    await hasty.close();
    startSealing(embedded, "instant");
  });

  it("whose chain goes away is said to be sent, by an error that advises to look and not to repeat", async () => {
    startSealing(embedded, "manual");
    const served = await serveChain(embedded, { sealing: "manual" });
    const news: string[] = [];
    const other = await connectChain({
      endpoints: [served.endpoint],
      onSubmit: ({ kind, sent }) => news.push(`${kind} ${sent.hash}`),
    });
    const sending = other.transfer(rich, target, 1_000_003n);
    while (embedded.pool.readyCount === 0) await sleep(5);
    await served.close();
    await sleep(50);
    await other.close();
    await assert.rejects(sending, (error) => {
      assert.ok(error instanceof ChainError && error.fault.code === "chain-unreachable");
      const hash = error.fault.sent?.hash ?? "";
      assert.deepEqual(news, [`sent ${hash}`, `settled ${hash}`]);
      assert.match(error.message, new RegExp(`${hash} may have been sent.* until block \\d+`));
      return isReading(error);
    });
    await embedded.seal();
    startSealing(embedded, "instant");
  });

  it("is found again after the connection broke, and is not sent twice", async () => {
    startSealing(embedded, "manual");
    const served = await serveChain(embedded, { sealing: "manual" });
    const other = await connectChain({ endpoints: [served.endpoint] });
    const had = await other.balance(target);
    const { number } = await other.head();
    const sending = other.transfer(rich, target, 7_000_000n);
    while (embedded.pool.readyCount === 0) await sleep(5);
    await served.close();
    await embedded.seal();
    await embedded.seal();
    const again = await serveChain(embedded, { port: served.port, sealing: "manual" });
    assert.equal((await sending).block.number, number + 1);
    assert.equal(await other.balance(target), had + 7_000_000n);
    await other.close();
    await again.close();
    startSealing(embedded, "instant");
  });
});
