/** @file A validator's weights on the real runtime, beside one that copies all that it can read: state, blocks and pool. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import type { Submitted } from "../../../chain/client/parts.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { copied, NETUID, openWorld, weightsOf } from "./copied.ts";

const TAO = 10 ** 9;
const EPOCHS = 8;
const SEEDS = [1, 2, 3, 4, 5];

test("weights that can be read in the pool are copied in time, for what stake alone gives", async (t) => {
  const { percent, read } = await copied({ seed: 1, epochs: EPOCHS, ownedRao: 0 });
  t.diagnostic(`copier: ${percent.toFixed(2)} %`);
  assert.equal(read, EPOCHS);
  assert.ok(Math.abs(percent - 100) < 0.1);
});

for (const seed of SEEDS)
  test(`encrypted ones in the last block before the epoch count before anybody reads them: seed ${seed}`, async (t) => {
    const { percent, read, feeRao } = await copied({ seed, epochs: EPOCHS, ownedRao: TAO });
    t.diagnostic(`copier: ${percent.toFixed(2)} %; a carrier costs ${feeRao} rao`);
    assert.equal(read, 1, "those of the first epoch, which it was told");
    assert.ok(percent < 99, String(percent));
  });

const WEIGHTS = { uids: [3, 4], values: [65_535, 7], versionKey: 0n };

type Sender = Awaited<ReturnType<typeof openWorld>> & {
  readonly key: Signer;
  /** Waits until the pool holds so many. */
  readonly pooled: (count: number) => Promise<void>;
};

/** A chain and one of its validators. */
async function sender(t: TestContext): Promise<Sender> {
  const world = await openWorld({ seed: 0, ownedRao: TAO });
  t.after(world.close);
  const { chain, client, keys } = world;
  // The life of an extrinsic has four blocks at least.
  while (chain.head().number < 4) await chain.seal();
  const [key] = keys;
  assert.ok(key !== undefined);
  const pooled = async (count: number): Promise<void> => {
    while ((await client.pendingExtrinsics()).length !== count) await sleep(4);
  };
  return { ...world, key, pooled };
}

test("weights that miss the last block before an epoch are in none after it: read by nobody, paid by nobody", async (t) => {
  const { chain, client, key, pooled } = await sender(t);
  for (const ahead of [2, 3, 9, 20]) {
    const before = chain.head().number + ahead;
    const had = await client.balance(key.ss58);
    const sent = client.setShieldedWeights(key, NETUID, WEIGHTS, before);
    await pooled(1);
    // Blocks with no room for them.
    while (chain.head().number < before - 1) await chain.seal([]);
    const { number } = await chain.seal();
    assert.equal(number, before);
    assert.equal(await sent, null, `${ahead} blocks ahead`);
    await pooled(0);
    assert.deepEqual(await weightsOf({ client }, 0), []);
    assert.equal(await client.balance(key.ss58), had);
  }
  assert.equal(await client.setShieldedWeights(key, NETUID, WEIGHTS, chain.head().number), null);
  const block = chain.head().number + 1;
  const sent = client.setShieldedWeights(key, NETUID, WEIGHTS, block + 1);
  await pooled(1);
  await chain.seal();
  assert.equal((await sent)?.block.number, block, "the last block that may have them");
  assert.deepEqual(await weightsOf({ client }, 0), [
    [3, 65_535],
    [4, 7],
  ]);
});

test("what a hotkey sends while its encrypted weights are under way comes after them, whatever becomes of those", async (t) => {
  const { chain, client, key, pooled } = await sender(t);
  const commit = async (byte: number): Promise<Submitted> =>
    client.setCommitment(key, NETUID, [{ kind: "raw", bytes: Uint8Array.of(byte) }]);
  for (const isLate of [false, true]) {
    const before = chain.head().number + 2;
    const weights = client.setShieldedWeights(key, NETUID, WEIGHTS, before);
    await pooled(1);
    const vote = commit(isLate ? 1 : 2);
    await (isLate ? chain.seal([]) : chain.seal());
    if (isLate) await chain.seal();
    assert.equal((await weights) === null, isLate);
    await pooled(1);
    const { number } = await chain.seal();
    assert.equal((await vote).block.number, number);
  }
});
