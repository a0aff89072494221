/** @file A validator without a permit is told amounts, block and command; one with a permit is told that, once. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { PermitNeed } from "../../../chain/client/staking.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Neuron } from "../../../src/neuron/neuron.ts";
import { Permit } from "../../../validator/permit.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const NONE: PermitNeed = {
  permitted: false,
  stakeRao: 1_000_000_000n,
  neededRao: 5_000_000_001n,
  missingRao: 4_000_000_001n,
  othersRao: 7_000_000_000n,
  permitEpoch: 130,
};

function watched(): { permit: Permit; said: string[]; needs: PermitNeed[] } {
  const said: string[] = [];
  const needs: PermitNeed[] = [];
  const node = participantOf({
    netuid: 3,
    chain: stub<ChainClient>({ stakeForPermit: async () => needs.shift() ?? NONE }),
    blocks: stub<BlockClock>({ current: { number: 100, hash: "0x00" } }),
    signer: stub<Neuron["signer"]>({ publicKey: "0x00" }),
    say: (text) => void said.push(text),
    line: (command) => JSON.stringify(command),
  });
  return { permit: new Permit(node), said, needs };
}

test("what is missing is named exactly, with the epoch and the command that stakes it", async () => {
  const { permit, said } = watched();
  await permit.look(-1);
  assert.equal(permit.isGiven, false);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /has 1\.000000000 alpha and needs 5\.000000001 alpha/);
  assert.match(said[0] ?? "", /block 130, in 30 blocks/);
  assert.match(said[0] ?? "", /hold 7\.000000000 alpha/);
  assert.match(said[0] ?? "", /"miner stake".*"amount":"4\.000000001"/);
});

test("it is told again while it lasts, when stake is enough, and when the permit came", async () => {
  const { permit, said, needs } = watched();
  for (let window = -1; window < 12; window++) await permit.look(window);
  assert.equal(said.length, 2);
  needs.push(
    { ...NONE, missingRao: 0n },
    { ...NONE, permitted: true },
    { ...NONE, permitted: true },
  );
  await permit.look(12);
  assert.match(said[2] ?? "", /which is enough: an epoch gives the permit/);
  assert.equal(permit.isGiven, false);
  await permit.look(13);
  assert.equal(permit.isGiven, true);
  assert.match(said[3] ?? "", /permit/);
  await permit.look(14);
  assert.equal(said.length, 4);
});

test("one that has its permit when it starts is told so, once; one that lost it, again", async () => {
  const { permit, said, needs } = watched();
  const has = { ...NONE, permitted: true };
  needs.push(has, has, NONE, has);
  for (let window = 0; window < 4; window++) await permit.look(window);
  assert.equal(said.length, 3);
  for (const index of [0, 2]) assert.match(said[index] ?? "", /gave this validator its permit/);
  assert.match(said[1] ?? "", /no validator permit/);
});

test("on a subnet without epochs that is said too", async () => {
  const { permit, said, needs } = watched();
  needs.push({ ...NONE, permitEpoch: null });
  await permit.look(0);
  assert.match(said[0] ?? "", /no epoch is due/);
});
