/** @file What a uid earned is read up to the block that is asked for, the owner's cut as of that block too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "../../../src/protocol/digest.ts";
import { Earnings, type EpochChain } from "../../../src/run/earnings.ts";

const TEMPO = 11;
const PAID_RAO = 100n;
const CUT_RAO = 18n;
const OWNER: Hex = "0x01";
const MINER: Hex = "0x02";

const hashOf = (block: number): Hex => `0x${block.toString(16).padStart(64, "0")}`;
const blockAt = (hash: Hex | undefined): number => Number(hash);
const epochsUpTo = (block: number): number => Math.floor(block / (TEMPO + 1));

/** A chain whose every twelfth block pays the miner 100 rao and the owner 18. */
function chain(): EpochChain {
  const neurons = [
    { uid: 0, hotkey: OWNER, emissionRao: 0n, incentive: 0, dividends: 0 },
    { uid: 1, hotkey: MINER, emissionRao: PAID_RAO, incentive: 0, dividends: 0 },
  ];
  return {
    metagraph: async () => ({ neurons, ownerHotkey: OWNER }),
    nextEpoch: async (_netuid, at) => (epochsUpTo(blockAt(at)) + 1) * (TEMPO + 1),
    lastEpoch: async (_netuid, at) => epochsUpTo(blockAt(at)) * (TEMPO + 1),
    emissionLedger: async (_netuid, at) => ({
      paidOwnerRao: CUT_RAO * BigInt(epochsUpTo(blockAt(at))),
    }),
  };
}

test("an epoch counts from its block on, for the miner and the owner alike, and once", async () => {
  const earnings = new Earnings({
    netuid: 1,
    chain: chain(),
    blocks: { hashOf: async (block) => hashOf(block) },
  });
  for (const number of [0, 11, 12, 12, 23, 24, 25, 60]) {
    await earnings.read({ number, hash: hashOf(number) });
    const epochs = BigInt(epochsUpTo(number));
    assert.equal(earnings.paidRao(1), epochs * PAID_RAO, `miner at block ${number}`);
    assert.equal(earnings.paidRao(0), epochs * CUT_RAO, `owner at block ${number}`);
  }
  assert.equal(earnings.paidRao(1, 13), 4n * PAID_RAO, "the first epoch is left out");
});

test("of old epochs a sum stays, by hotkey, and of a neuron nothing but its pay", async () => {
  const known = chain();
  let holder = MINER;
  const subnet = {
    netuid: 1,
    chain: {
      ...known,
      metagraph: async (netuid: number, at: Hex) => {
        const { neurons, ownerHotkey } = await known.metagraph(netuid, at);
        const held = neurons.map((one) => ({
          ...one,
          hotkey: one.uid === 1 ? holder : one.hotkey,
          coldkey: OWNER,
        }));
        return { neurons: held, ownerHotkey };
      },
    },
    blocks: { hashOf: async (block: number) => hashOf(block) },
  };
  const earnings = new Earnings(subnet, 0, 3);
  await earnings.read({ number: 60, hash: hashOf(60) });
  const heir: Hex = "0x03";
  holder = heir;
  await earnings.read({ number: 72, hash: hashOf(72) });
  assert.deepEqual(
    earnings.epochs.map(({ block }) => block),
    [48, 60, 72],
  );
  assert.deepEqual(earnings.epochs.at(-1)?.neurons.at(1), {
    hotkey: heir,
    emissionRao: PAID_RAO,
    incentive: 0,
    dividends: 0,
  });
  assert.deepEqual(
    [OWNER, MINER, heir].map((hotkey) => earnings.paidTo(hotkey)),
    [6n * CUT_RAO, 5n * PAID_RAO, PAID_RAO],
  );
});
