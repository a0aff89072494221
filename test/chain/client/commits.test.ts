/**
 * @file A subnet by extrinsics alone, with commit-reveal on: register, serve, commit, reveal, epoch, payout, unstake. Its switch is set by
 * the sudo key of the development chain.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { commitHash, type SaltedWeights } from "../../../chain/client/commits.ts";
import { concat, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { storagePrefix } from "../embedded/dev-chain.ts";
import { openDevelopmentChain, refused, serveChain, type TestChain } from "./fixture.ts";

const TAO = 1_000_000_000n;
const NETUID = 1;
const SALT = [1, 2, 3, 4, 5, 6, 7, 8];

const alice = signerFromUri("//Alice");
const pair = (name: string) => ({
  coldkey: signerFromUri(`//${name}//cold`),
  hotkey: signerFromUri(`//${name}//hot`),
});
const [owner, validator, miner] = [pair("founder"), pair("assayer"), pair("digger")];
const weights: SaltedWeights = { uids: [2], values: [7], salt: SALT, versionKey: 0n };

let chain: TestChain;
let client: ChainClient;
before(async () => {
  chain = await serveChain(await openDevelopmentChain());
  client = await connectChain({ endpoints: [chain.endpoint] });
  for (const { coldkey } of [owner, validator, miner])
    await client.transfer(alice, coldkey.ss58, 1_000n * TAO);
  await client.registerNetwork(owner.coldkey, owner.hotkey.ss58);
  await client.startCall(owner.coldkey, NETUID);
  for (const { coldkey, hotkey } of [validator, miner])
    await client.burnedRegister(coldkey, NETUID, hotkey.ss58);
  const stake = { netuid: NETUID, hotkey: validator.hotkey.ss58, amountRao: 500n * TAO };
  await client.addStake(validator.coldkey, stake);
  await nextEpoch();
});
after(async () => {
  await client.close();
  await chain.close();
});

/** Makes blocks up to and including the subnet's next epoch. */
async function nextEpoch(): Promise<void> {
  const block = (await client.nextEpoch(NETUID)) ?? assert.fail("no epoch");
  while (chain.embedded.head().number < block) await chain.embedded.seal();
}

/** As an owner will by AdminUtils: the sudo key of a development chain writes the switch. */
async function switchOn(): Promise<void> {
  const item = storagePrefix("SubtensorModule", "CommitRevealWeightsEnabled");
  const key = toHex(concat(item, Uint8Array.of(NETUID, 0)));
  const api = await client.api();
  const call = api.tx["system"]?.["setStorage"]?.([[key, "0x01"]]).method.toHex();
  await client.submit(alice, { pallet: "Sudo", name: "sudo", args: [call] });
}

describe("a subnet with commit-reveal", () => {
  it("is made so by its switch", async () => {
    const { hotkey } = validator;
    await assert.rejects(
      client.commitWeights(hotkey, NETUID, weights),
      refused("CommitRevealDisabled"),
    );
    await assert.rejects(
      client.revealWeights(hotkey, NETUID, weights),
      refused("CommitRevealDisabled"),
    );
    await switchOn();
    assert.equal((await client.hyperparameters(NETUID)).commitRevealEnabled, true);
    await assert.rejects(
      client.setWeights(validator.hotkey, NETUID, weights),
      refused("CommitRevealEnabled"),
    );
  });

  it("is served on", async () => {
    await client.serveAxon(miner.hotkey, NETUID, { ip: "203.0.113.9", port: 4001 });
    assert.equal((await client.neuronOf(NETUID, miner.hotkey.ss58))?.axon?.port, 4001);
  });

  it("takes a commit, and its reveal in the next epoch only", async () => {
    const { hotkey } = validator;
    await assert.rejects(
      client.revealWeights(hotkey, NETUID, weights),
      refused("NoWeightsCommitFound"),
    );
    const { block } = await client.commitWeights(hotkey, NETUID, weights);
    const { epoch, open } = await client.commits(NETUID, hotkey.ss58);
    const hash = commitHash(hotkey.publicKey, NETUID, weights);
    assert.deepEqual(open, [{ hash, block: block.number, revealEpoch: epoch + 1 }]);
    await assert.rejects(client.revealWeights(hotkey, NETUID, weights), refused("RevealTooEarly"));
    await nextEpoch();
    const other = { ...weights, values: [8] };
    await assert.rejects(
      client.revealWeights(hotkey, NETUID, other),
      refused("NoWeightsCommitFound"),
    );
    await client.revealWeights(hotkey, NETUID, weights);
    assert.deepEqual((await client.commits(NETUID, hotkey.ss58)).open, []);
  });

  it("pays by what was revealed", async () => {
    const { coldkey, hotkey } = miner;
    assert.equal(await client.stakeOf(coldkey.ss58, hotkey.ss58, NETUID), 0n);
    await nextEpoch();
    assert.ok((await client.stakeOf(coldkey.ss58, hotkey.ss58, NETUID)) > 0n);
  });

  it("pays what was earned in TAO, once somebody has paid some in", async () => {
    const { coldkey, hotkey } = miner;
    await client.transfer(alice, await client.subnetAccount(NETUID), 10n * TAO);
    const had = await client.balance(coldkey.ss58);
    await client.removeStake(coldkey, { netuid: NETUID, hotkey: hotkey.ss58, amountRao: TAO });
    const got = (await client.balance(coldkey.ss58)) - had;
    assert.ok(got <= TAO && got > TAO - TAO / 100n, `${got}`);
  });

  it("says which commit an epoch finds open: of the epoch before it, its own last of all", async () => {
    const { hotkey } = validator;
    const earliest = async () =>
      client.earliestCommits(NETUID, [owner.hotkey.publicKey, hotkey.publicKey]);
    assert.deepEqual(await earliest(), [null, null]);
    const { block } = await client.commitWeights(hotkey, NETUID, { ...weights, salt: [9] });
    await client.commitWeights(hotkey, NETUID, { ...weights, salt: [10] });
    assert.deepEqual(await earliest(), [null, block.number]);
    await nextEpoch();
    assert.deepEqual(await earliest(), [null, null], "they expire as the next epoch begins");
    const { epoch, open, expired } = await client.commits(NETUID, hotkey.ss58);
    assert.deepEqual([open.map(({ revealEpoch }) => revealEpoch), expired], [[epoch, epoch], []]);
    await client.revealWeights(hotkey, NETUID, { ...weights, salt: [10] });
  });

  it("takes ten of one epoch, and says that eleven are too many", async () => {
    const { hotkey } = validator;
    await nextEpoch();
    for (let salt = 0; salt < 10; salt++)
      await client.commitWeights(hotkey, NETUID, { ...weights, salt: [salt] });
    assert.equal((await client.commits(NETUID, hotkey.ss58)).open.length, 10);
    await assert.rejects(
      client.commitWeights(hotkey, NETUID, weights),
      refused("TooManyUnrevealedCommits"),
    );
    await nextEpoch();
    await nextEpoch();
  });

  it("forgets what nobody revealed", async () => {
    await client.commitWeights(validator.hotkey, NETUID, weights);
    await nextEpoch();
    await nextEpoch();
    const { open, expired } = await client.commits(NETUID, validator.hotkey.ss58);
    assert.deepEqual([open.length, expired.length], [0, 1]);
    await assert.rejects(
      client.revealWeights(validator.hotkey, NETUID, weights),
      refused("RevealTooEarly"),
    );
  });
});
