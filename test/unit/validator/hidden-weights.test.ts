/** @file Hidden weights on the real chain: revealed in their epoch whatever became of the process that committed them. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { HiddenChain, miners, NETUID, owner } from "./hidden-chain.ts";

const FULL = 65_535;
const FIRST = { uids: [1, 2], values: [FULL, 7] };
const SECOND = { uids: [1, 2], values: [9, FULL] };
const rowOf = ({ uids, values }: typeof FIRST) => uids.map((uid, at) => [uid, values[at]]);

let chain: HiddenChain;
const opened: HiddenChain[] = [];
beforeEach(async () => {
  chain = await HiddenChain.open();
  opened.push(chain);
  await chain.switchTo(true);
  await chain.epoch();
});
after(async () => {
  for (const one of opened) await one.close();
});

test("weights are committed, revealed in the next epoch, served then and not before, and pay", async () => {
  const { hidden, step, served } = await chain.start();
  assert.equal(await hidden.look(), true);
  await hidden.hold(3);
  assert.equal(await hidden.commit(3, FIRST), true);
  await step();
  assert.deepEqual([await chain.row(), served()], [[], -1]);
  await chain.epoch();
  await step();
  assert.deepEqual([await chain.row(), served()], [rowOf(FIRST), 3]);
  assert.equal(await chain.open(), 0);
  await chain.epoch();
  const { coldkey, hotkey } = miners[0] ?? assert.fail();
  assert.ok((await chain.chain.stakeOf(coldkey.ss58, hotkey.ss58, NETUID)) > 0n);
});

test("killed after its commit, it reveals once it is back; many deaths lose nothing", async () => {
  for (const [window, weights] of [FIRST, SECOND, FIRST].entries()) {
    const dies = await chain.start();
    await dies.hidden.commit(window, weights);
    const early = await chain.start();
    await early.step();
    await chain.epoch();
    const back = await chain.start();
    assert.match(back.said.join(), /still to be revealed: one committed weight vector/);
    await back.step();
    assert.deepEqual([await chain.row(), back.served()], [rowOf(weights), window]);
  }
});

test("killed between the disk and the chain: what was never sent is dropped with a word, and nothing is in its way", async () => {
  const sending = Promise.withResolvers<undefined>();
  const dies = await chain.start({
    chain: {
      commitWeights: () => (sending.resolve(undefined), new Promise<never>(() => undefined)),
    },
  });
  void dies.hidden.commit(0, FIRST);
  await sending.promise;
  const back = await chain.start();
  assert.match(back.said.join(), /still to be revealed: one committed weight vector/);
  await back.hidden.commit(1, SECOND);
  await chain.epoch();
  await back.step();
  assert.deepEqual(await chain.row(), rowOf(SECOND));
  await chain.blocks(300);
  await back.step();
  assert.match(
    back.said.join("\n"),
    /window 0: one committed weight vector never came on the chain/,
  );
});

test("killed between its reveal and its own note of it, it serves the record all the same", async () => {
  const first = await chain.start();
  await first.hidden.commit(5, FIRST);
  await chain.epoch();
  const revealed = Promise.withResolvers<undefined>();
  const dies = await chain.start({
    chain: {
      revealWeights: async (...args) => {
        await chain.chain.revealWeights(...args);
        revealed.resolve(undefined);
        return new Promise<never>(() => undefined);
      },
    },
  });
  void dies.step();
  await revealed.promise;
  const back = await chain.start({ isEarly: true });
  assert.equal(back.served(), 5);
  assert.deepEqual(back.said.slice(1), []);
});

test("away for epochs: what has expired is dropped with a word, what is due is revealed", async () => {
  const first = await chain.start();
  await first.hidden.commit(0, FIRST);
  await first.step();
  await chain.epoch();
  await first.hidden.commit(1, SECOND);
  await first.step();
  await chain.epoch();
  const back = await chain.start();
  await back.step();
  assert.deepEqual([await chain.row(), back.served()], [rowOf(SECOND), 1]);
  await back.hidden.commit(2, FIRST);
  await back.step();
  await chain.epoch();
  await chain.epoch();
  await chain.epoch();
  const late = await chain.start();
  await late.step();
  assert.match(late.said.join("\n"), /window 2: too late to reveal one committed weight vector/);
  assert.deepEqual(await chain.row(), rowOf(SECOND));
});

test("an epoch has a commit at its beginning and one at its end; the last counts", async () => {
  const { hidden, step } = await chain.start();
  assert.equal(await hidden.commit(0, FIRST), true);
  assert.equal(await hidden.commit(1, FIRST), false);
  const next = (await chain.chain.nextEpoch(NETUID)) ?? assert.fail();
  await chain.blocks(next - chain.embedded.head().number - 3);
  assert.equal(await hidden.commit(2, SECOND), true);
  assert.equal(await chain.open(), 2);
  await step();
  await chain.epoch();
  await step();
  assert.deepEqual([await chain.row(), await chain.open()], [rowOf(SECOND), 0]);
});

test("without anything revealed a record is served once its weights cannot be hidden any more", async () => {
  const { hidden, step, served } = await chain.start({ released: 4 });
  await hidden.hold(5);
  for (const wanted of [4, 4, 5]) {
    await chain.epoch();
    await step();
    assert.equal(served(), wanted);
  }
});

test("switched off while the validator was away, nothing is in the way of weights that are set", async () => {
  const first = await chain.start();
  await first.hidden.commit(0, FIRST);
  await first.step();
  await chain.switchTo(false);
  const back = await chain.start({ released: 0 });
  assert.match(back.said.join(), /one committed weight vector will not be revealed/);
  assert.equal(back.served(), null);
  const later = await chain.start({ released: 0 });
  assert.deepEqual([later.said, later.served()], [[], null]);
});

test("the owner may switch it off and on again under a running validator", async () => {
  const { hidden, served, said, step } = await chain.start();
  await hidden.commit(0, FIRST);
  await chain.switchTo(false);
  assert.equal(await hidden.look(), false);
  assert.equal(served(), null);
  assert.match(said.at(-1) ?? "", /set at once; one committed weight vector will not be revealed/);
  await chain.epoch();
  await step();
  assert.deepEqual(await chain.row(), []);
  await chain.switchTo(true);
  assert.equal(await hidden.look(), true);
  await hidden.commit(3, SECOND);
  await chain.epoch();
  await step();
  assert.deepEqual([await chain.row(), served()], [rowOf(SECOND), 3]);
});

test("a subnet that asks for newer weights is told before a commit, which the chain would take", async () => {
  const { hidden } = await chain.start();
  const change = { name: "weightsVersion", value: 7 } as const;
  await chain.chain.setOwnerParameter(owner.coldkey, NETUID, change);
  await hidden.look();
  await assert.rejects(hidden.commit(0, FIRST), { name: "ChainError" });
  assert.equal(await chain.open(), 0);
});
