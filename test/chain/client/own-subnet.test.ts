/**
 * @file A subnet of one's own on a development chain, by extrinsics alone: tokens from //Alice, the subnet, its start,
 * registrations, stake, a permit, weights, a payout. Nothing of it is in the genesis.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { isRateLimited, refusalNames } from "../../../chain/client/refusal.ts";
import { MIN_STAKE_RAO } from "../../../chain/client/staking.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import {
  failed,
  failsAs,
  openDevelopmentChain,
  refused,
  serveChain,
  type TestChain,
} from "./fixture.ts";

const TAO = 1_000_000_000n;
const GIFT = 1_000n * TAO;
const STAKE = 500n * TAO;
const NETUID = 1;

const alice = signerFromUri("//Alice");
const pair = (name: string): { coldkey: Signer; hotkey: Signer } => ({
  coldkey: signerFromUri(`//${name}//cold`),
  hotkey: signerFromUri(`//${name}//hot`),
});
const owner = pair("founder");
const validator = pair("assayer");
const miners = [pair("digger"), pair("panner")] as const;
const strangers = [owner, validator, ...miners];

let chain: TestChain;
let client: ChainClient;
before(async () => {
  chain = await serveChain(await openDevelopmentChain());
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
});

/** Makes blocks up to and including `block`. */
async function sealTo(block: number): Promise<void> {
  while (chain.embedded.head().number < block) await chain.embedded.seal();
}

async function nextEpoch(): Promise<number> {
  const block = await client.nextEpoch(NETUID);
  assert.ok(block !== null);
  return block;
}

describe("a newcomer", () => {
  it("sees that the chain is a development chain, and its token", async () => {
    assert.equal(await client.isDevelopmentChain(), true);
    const properties = await client.systemProperties();
    assert.deepEqual([properties.tokenSymbol, properties.tokenDecimals], ["TAO", 9]);
    assert.equal(await client.existentialDeposit(), 500n);
    assert.deepEqual(await client.subnets(), []);
  });

  it("gets tokens from //Alice, whose key everybody knows", async () => {
    assert.equal(await client.balance(owner.coldkey.ss58), 0n);
    await Promise.all(
      strangers.map(async ({ coldkey }) => client.transfer(alice, coldkey.ss58, GIFT)),
    );
    for (const { coldkey } of strangers)
      assert.deepEqual(
        [await client.balance(coldkey.ss58), await client.balance(coldkey.publicKey)],
        [GIFT, GIFT],
      );
    await assert.rejects(client.balance("5nobody"), failsAs({ code: "invalid-address" }));
  });

  it("closes an account only when told to", async () => {
    const passing = signerFromUri("//passing");
    await client.transfer(alice, passing.ss58, TAO);
    await assert.rejects(
      client.transfer(passing, alice.ss58, TAO - 1000n),
      failsAs({ code: "extrinsic-failed" }),
    );
    await client.transferAll(passing, alice.ss58);
    assert.equal(await client.balance(passing.ss58), await client.existentialDeposit());
    await client.transfer(alice, passing.ss58, TAO);
    await client.transferAll(passing, alice.ss58, { keepAlive: false });
    assert.equal(await client.balance(passing.ss58), 0n);
    await client.transfer(alice, passing.ss58, TAO);
    const fee = TAO / 100n;
    await client.transfer(passing, alice.ss58, TAO - fee, { keepAlive: false });
    assert.ok((await client.balance(passing.ss58)) < fee);
  });
});

describe("an owner", () => {
  it("creates a subnet for the price that the chain named", async () => {
    const cost = await client.networkLockCost();
    assert.equal(cost, TAO);
    const had = await client.balance(owner.coldkey.ss58);
    const { netuid } = await client.registerNetwork(owner.coldkey, owner.hotkey.ss58);
    assert.equal(netuid, NETUID);
    const spent = had - (await client.balance(owner.coldkey.ss58));
    assert.ok(spent >= cost && spent < cost + TAO / 100n, `${spent}`);
    assert.ok((await client.networkLockCost()) > cost, "the next one is dearer");
    assert.deepEqual(await client.subnetOwner(NETUID), {
      coldkey: owner.coldkey.publicKey,
      hotkey: owner.hotkey.publicKey,
    });
    await assert.rejects(client.subnetOwner(9), failsAs({ code: "subnet-missing", netuid: 9 }));
    const parameters = await client.hyperparameters(NETUID);
    assert.equal(parameters.commitRevealEnabled, false);
    assert.deepEqual(
      [parameters.tempo, parameters.immunityPeriod, parameters.weightsRateLimit],
      [12, 1000, 0],
    );
  });

  it("names it and starts it; nobody else can", async () => {
    assert.equal(await client.identity(NETUID), null);
    const name = "own";
    await client.setSubnetIdentity(owner.coldkey, NETUID, { name, url: "https://example.org" });
    const identity = await client.identity(NETUID);
    assert.deepEqual(
      [identity?.name, identity?.url, identity?.additional],
      [name, "https://example.org", ""],
    );
    assert.equal(await client.subnetIdentity(NETUID), "");
    await assert.rejects(
      client.setSubnetIdentity(validator.coldkey, NETUID, { name: "mine" }),
      failed("NotSubnetOwner"),
    );
    await assert.rejects(
      client.startCall(validator.coldkey, NETUID),
      failsAs({ code: "extrinsic-failed", error: "BadOrigin" }),
    );
    const stake = { netuid: NETUID, hotkey: owner.hotkey.ss58, amountRao: STAKE };
    await assert.rejects(client.addStake(validator.coldkey, stake), failed("SubtokenDisabled"));
    const { block } = await client.startCall(owner.coldkey, NETUID);
    const [listed] = await client.subnets();
    assert.deepEqual(
      [listed?.netuid, listed?.name, listed?.startedAt, listed?.neurons, listed?.tempo],
      [NETUID, name, block.number + 1, 1, 12],
    );
    assert.equal(listed?.ownerColdkey, owner.coldkey.publicKey);
  });
});

describe("neurons", () => {
  it("register for the price that the subnet named", async () => {
    for (const { coldkey, hotkey } of [validator, ...miners]) {
      assert.equal(await client.neuronOf(NETUID, hotkey.ss58), null);
      const price = await client.burnCost(NETUID);
      const had = await client.balance(coldkey.ss58);
      await client.burnedRegister(coldkey, NETUID, hotkey.ss58);
      const spent = had - (await client.balance(coldkey.ss58));
      assert.ok(spent <= price + TAO / 100n && spent > price / 2n, `${spent} of ${price}`);
      const neuron = await client.neuronOf(NETUID, hotkey.ss58);
      const same = (await client.metagraph(NETUID)).neurons.find(({ uid }) => uid === neuron?.uid);
      assert.deepEqual(neuron, same);
      assert.equal(neuron?.hotkey, hotkey.publicKey);
    }
  });

  it("serve on loopback; too soon again is a refusal that passes", async () => {
    const [{ hotkey }] = miners;
    assert.equal(await client.servableFrom(NETUID, hotkey.ss58), 0);
    const { block } = await client.serveAxon(hotkey, NETUID, { ip: "127.0.0.1", port: 4001 });
    const moved = { ip: "127.0.0.1", port: 4002 };
    const early = client.serveAxon(hotkey, NETUID, moved);
    await assert.rejects(early, refused("ServingRateLimitExceeded"));
    const error: unknown = await early.catch((reason: unknown) => reason);
    assert.deepEqual(
      [isRateLimited(error), refusalNames(error)],
      [true, ["ServingRateLimitExceeded"]],
    );
    const from = await client.servableFrom(NETUID, hotkey.ss58);
    assert.equal(from, block.number + 50);
    // The next extrinsic is in the block after the head.
    await sealTo(from - 1);
    await client.serveAxon(hotkey, NETUID, moved);
    assert.deepEqual((await client.neuronOf(NETUID, hotkey.ss58))?.axon, moved);
  });

  it("a validator learns what a permit asks for, stakes, and has it after the epoch that counts the stake", async () => {
    const { coldkey, hotkey } = validator;
    const weights = { uids: [2, 3], values: [65_535, 21_845], versionKey: 0n };
    const without = await client.stakeForPermit(NETUID, hotkey.ss58);
    assert.deepEqual(
      [without.permitted, without.stakeRao, without.neededRao, without.missingRao],
      [false, 0n, MIN_STAKE_RAO, MIN_STAKE_RAO],
    );
    await assert.rejects(
      client.setWeights(hotkey, NETUID, weights),
      refused("NeuronNoValidatorPermit"),
    );
    const stake = { netuid: NETUID, hotkey: hotkey.ss58, amountRao: MIN_STAKE_RAO - 1n };
    await assert.rejects(client.addStake(coldkey, stake), failed("AmountTooLow"));
    await client.addStake(coldkey, { ...stake, amountRao: STAKE });
    const { tempo } = await client.hyperparameters(NETUID);
    const waiting = await client.stakeForPermit(NETUID, hotkey.ss58);
    assert.deepEqual(
      [waiting.permitted, waiting.stakeRao, waiting.missingRao, waiting.permitEpoch],
      [false, STAKE, 0n, (await nextEpoch()) + tempo],
    );
    await sealTo(await nextEpoch());
    const counted = await client.stakeForPermit(NETUID, hotkey.ss58);
    assert.deepEqual([counted.permitted, counted.permitEpoch], [false, await nextEpoch()]);
    await sealTo(await nextEpoch());
    const then = await client.stakeForPermit(NETUID, hotkey.ss58);
    assert.equal(then.permitted, true);
    assert.equal(then.othersRao, 0n, "nobody is paid before there are weights, the owner neither");
    await client.setWeights(hotkey, NETUID, weights);
  });

  it("are paid by the next epoch, as they were weighted", async () => {
    const stakeOf = async ({ coldkey, hotkey }: (typeof miners)[number]): Promise<bigint> =>
      client.stakeOf(coldkey.ss58, hotkey.ss58, NETUID);
    assert.deepEqual(await Promise.all(miners.map(stakeOf)), [0n, 0n]);
    await sealTo(await nextEpoch());
    const [first, second] = await Promise.all(miners.map(stakeOf));
    assert.ok(first !== undefined && second !== undefined && second > 0n);
    const error = first - 3n * second;
    assert.ok(1000n * (error < 0n ? -error : error) < first, `${first} and ${second}, not 3 : 1`);
    const neuron = await client.neuronOf(NETUID, miners[0].hotkey.ss58);
    assert.equal(neuron?.emissionRao, first);
    assert.ok((neuron?.incentive ?? 0) > 49_000);
    assert.ok(((await client.neuronOf(NETUID, validator.hotkey.ss58))?.dividends ?? 0) > 65_000);
    assert.deepEqual(await client.stakesOf(miners[0].coldkey.ss58), [
      { hotkey: miners[0].hotkey.publicKey, netuid: NETUID, stakeRao: first },
    ]);
    assert.deepEqual(await client.stakesOf(alice.ss58), []);
    const { issuedRao, ...parts } = await client.emissionLedger(NETUID);
    assert.equal(
      issuedRao,
      Object.values(parts).reduce((sum, part) => sum + part, 0n),
    );
  });

  it("a validator takes out what it staked, and what it earned as far as somebody paid in", async () => {
    const { coldkey, hotkey } = validator;
    const [subnet] = await client.subnets();
    assert.equal(subnet?.stakedTaoRao, STAKE);
    const stake = { netuid: NETUID, hotkey: hotkey.ss58, amountRao: STAKE };
    const had = await client.balance(coldkey.ss58);
    await client.removeStake(coldkey, stake);
    const got = (await client.balance(coldkey.ss58)) - had;
    assert.ok(got <= STAKE && got > STAKE - TAO / 100n);
    const earned = await client.stakeOf(coldkey.ss58, hotkey.ss58, NETUID);
    assert.ok(earned > MIN_STAKE_RAO);
    await assert.rejects(
      client.removeStake(coldkey, { ...stake, amountRao: earned }),
      failed("InsufficientLiquidity"),
    );
    const behind = { stakeRao: earned, principalRao: 0n, redeemableRao: 0n };
    const place = [coldkey.ss58, hotkey.ss58, NETUID] as const;
    assert.deepEqual(await client.redeemable(...place), behind);
    await client.transfer(alice, await client.subnetAccount(NETUID), MIN_STAKE_RAO);
    assert.equal(await client.subnetPot(NETUID), MIN_STAKE_RAO);
    assert.deepEqual(await client.redeemable(...place), {
      ...behind,
      redeemableRao: MIN_STAKE_RAO,
    });
    await client.removeStake(coldkey, { ...stake, amountRao: MIN_STAKE_RAO });
    assert.equal(await client.subnetPot(NETUID), 0n);
    const two = MIN_STAKE_RAO * 2n;
    await client.addStake(coldkey, { ...stake, amountRao: two });
    const [first, second] = miners;
    const miner = { hotkey: first.hotkey.ss58, netuid: NETUID };
    await client.moveStake(coldkey, { ...stake, amountRao: two }, miner);
    await client.transferStake(coldkey, { ...miner, amountRao: two }, second.coldkey.ss58);
    const theirs = [second.coldkey.ss58, first.hotkey.ss58, NETUID] as const;
    const given = { stakeRao: two, principalRao: two, redeemableRao: two };
    assert.deepEqual(await client.redeemable(...theirs), given);
    assert.equal(await client.stakeOf(...theirs), two);
    await client.removeStake(second.coldkey, { ...miner, amountRao: two });
    await assert.rejects(client.subnetAccount(77), failsAs({ code: "subnet-missing", netuid: 77 }));
  });
});
