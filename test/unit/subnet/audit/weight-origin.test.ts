/** @file When the weights on a chain were fixed, whatever a validator did since: sets, commits that wait, that were revealed, that expired. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { WeightOrigins } from "../../../../subnet/audit/weight-origin.ts";
import { HiddenChain, NETUID, validator } from "../../validator/hidden-chain.ts";

const ROW = { uids: [1], values: [65_535], versionKey: 0n };

let chain: HiddenChain;
beforeEach(async () => {
  chain = await HiddenChain.open();
});
afterEach(async () => {
  await chain.close();
});

const set = async (): Promise<number> =>
  (await chain.chain.setWeights(validator.hotkey, NETUID, ROW)).block.number;

const salted = (salt: number) => ({ ...ROW, salt: [salt] });

const commit = async (salt: number): Promise<number> =>
  (await chain.chain.commitWeights(validator.hotkey, NETUID, salted(salt))).block.number;

const reveal = async (salt: number): Promise<unknown> =>
  chain.chain.revealWeights(validator.hotkey, NETUID, salted(salt));

/** The origin of what stands after the newest block, or after an older one. */
async function origin(block = chain.embedded.head().number): Promise<number> {
  const { netuid, blocks } = chain.subnet;
  const origins = new WeightOrigins({ netuid, chain: chain.chain, blocks });
  const at = await blocks.hashOf(block);
  const neuron = await chain.chain.neuronOf(NETUID, validator.hotkey.ss58, at);
  return origins.of(validator.hotkey.publicKey, block, neuron?.lastUpdate ?? 0);
}

test("weights that are set count from their block, also while commits wait", async () => {
  const block = await set();
  assert.equal(await origin(), block);
  await chain.switchTo(true);
  await chain.epoch();
  await commit(1);
  await commit(2);
  assert.equal(await origin(), block);
  await chain.switchTo(false);
  assert.equal(await origin(), block, "switched off, they can never be revealed");
  const anew = await set();
  assert.equal(await origin(), anew);
});

test("hidden weights count from the commit that was revealed, not from those before, after, or expired", async () => {
  await chain.switchTo(true);
  await chain.epoch();
  await commit(1);
  const revealed = await commit(2);
  await chain.epoch();
  await reveal(2);
  assert.equal(await origin(), revealed);
  const early = chain.embedded.head().number;
  // Nobody reveals these.
  await commit(3);
  assert.equal(await origin(), revealed);
  await chain.epoch();
  await commit(4);
  await chain.epoch();
  await chain.epoch();
  assert.equal(await origin(), revealed, "they expired");
  const next = await commit(5);
  assert.equal(await origin(), revealed, "the commit that removed them is not revealed yet");
  await chain.epoch();
  assert.equal(await origin(), revealed);
  await reveal(5);
  assert.equal(await origin(), next);
  assert.equal(await origin(early), revealed, "an archive answers as it was");
});

test("who has never fixed any has none", async () => {
  assert.equal(await origin(), 0);
  await chain.switchTo(true);
  await chain.epoch();
  await commit(1);
  assert.equal(await origin(), 0);
});
