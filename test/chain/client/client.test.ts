/**
 * @file The client against a chain: what is read, and what each call changes. The chain is the embedded one; with
 * ASSAY_TEST_CHAIN=native four native nodes (`npm run chain:network`).
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import { type Hex } from "../../../chain/wallet/hex.ts";
import { accounts, failed, refused, failsAs, NETUID, VALIDATOR_STAKES } from "./fixture.ts";
import { type ServedChain, serveFixture } from "./served.ts";

const DIGEST: Hex = `0x${"ab".repeat(32)}`;
const [miner, second, stranger] = accounts.miners;
const [validator] = accounts.validators;
assert.ok(miner !== undefined && second !== undefined && stranger !== undefined);
assert.ok(validator !== undefined);

let chain: ServedChain;
let client: ChainClient;
before(async () => {
  chain = await serveFixture();
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
});

describe("a subnet", () => {
  it("of the genesis is read as a metagraph", async () => {
    const head = await client.head();
    const graph = await client.metagraph(NETUID);
    assert.deepEqual([graph.block, graph.hash], [head.number, head.hash]);
    assert.equal(graph.tempo, 12);
    assert.equal(graph.ownerColdkey, accounts.ownerColdkey.publicKey);
    assert.equal(graph.ownerHotkey, accounts.ownerHotkey.publicKey);
    assert.deepEqual(
      graph.neurons.map(({ uid, hotkey, coldkey, stakeRao }) => [uid, hotkey, coldkey, stakeRao]),
      accounts.validators.map(({ hotkey, coldkey }, uid) => [
        uid,
        hotkey.publicKey,
        coldkey.publicKey,
        VALIDATOR_STAKES[uid],
      ]),
    );
    for (const neuron of graph.neurons) {
      assert.equal(neuron.axon, null);
      assert.equal(neuron.validatorPermit, true);
    }
    const hotkeys = await client.hotkeys(NETUID);
    assert.deepEqual(
      hotkeys,
      graph.neurons.map(({ hotkey }) => hotkey),
    );
    assert.deepEqual(await client.stakes(NETUID, hotkeys), [...VALIDATOR_STAKES]);
    assert.deepEqual(await client.validatorPermits(NETUID), [true, true]);
  });

  it("that does not exist is named", async () => {
    await assert.rejects(client.metagraph(77), failsAs({ code: "subnet-missing", netuid: 77 }));
  });

  it("takes a miner, which serves on loopback; the past stays as it was", async () => {
    const past = await client.head();
    const { block } = await client.burnedRegister(miner.coldkey, NETUID, miner.hotkey.publicKey);
    await client.serveAxon(miner.hotkey, NETUID, { ip: "127.0.0.1", port: 8091 });
    const graph = await client.metagraph(NETUID);
    const neuron = graph.neurons.find(({ hotkey }) => hotkey === miner.hotkey.publicKey);
    assert.deepEqual(
      [neuron?.uid, neuron?.coldkey, neuron?.axon, neuron?.registeredAt, neuron?.validatorPermit],
      [2, miner.coldkey.publicKey, { ip: "127.0.0.1", port: 8091 }, block.number, false],
    );
    assert.equal((await client.metagraph(NETUID, past.hash)).neurons.length, 2);
    assert.equal((await client.hotkeys(NETUID, past.hash)).length, 2);
  });

  it("takes weights, which pay the miner at the epoch; the ledger balances to the rao", async () => {
    const weights = { uids: [2], values: [65_535], versionKey: 0n };
    const { block } = await client.setWeights(validator.hotkey, NETUID, weights);
    const graph = await client.metagraph(NETUID, block.hash);
    assert.equal(graph.neurons[0]?.lastUpdate, block.number);
    await chain.pass(2 * graph.tempo);
    const paid = (await client.metagraph(NETUID)).neurons[2];
    assert.equal(paid?.incentive, 65_535);
    assert.ok((paid?.emissionRao ?? 0n) > 0n);
    const ledger = await client.emissionLedger(NETUID);
    const { issuedRao, ...parts } = ledger;
    assert.ok(issuedRao > 0n);
    assert.equal(
      issuedRao,
      Object.values(parts).reduce((sum, part) => sum + part, 0n),
    );
  });

  it("names its run in its identity", async () => {
    assert.equal((await client.subnetIdentity(77)) ?? null, null);
    const additional = `assay:run=${DIGEST}`;
    await client.setSubnetIdentity(accounts.ownerColdkey, NETUID, { name: "0xabc", additional });
    assert.equal(await client.subnetIdentity(NETUID), additional);
  });

  it("has hyperparameters", async () => {
    const parameters = await client.hyperparameters(NETUID);
    assert.equal(parameters.tempo, 12);
    assert.equal(parameters.commitRevealEnabled, false);
    assert.deepEqual(parameters.alphaValues, [45_875, 58_982]);
  });

  it("can be created", async () => {
    const { netuid } = await client.registerNetwork(accounts.rich, second.hotkey.publicKey);
    assert.equal(netuid, NETUID + 1);
    const graph = await client.metagraph(netuid);
    assert.equal(graph.ownerColdkey, accounts.rich.publicKey);
  });
});

describe("money", () => {
  it("moves between accounts and into stake and back", async () => {
    const to = stranger.hotkey.publicKey;
    const had = await client.balance(to);
    await client.transfer(accounts.rich, to, 12_345n);
    assert.equal(await client.balance(to), had + 12_345n);
    const { publicKey } = accounts.validators[1]?.hotkey ?? accounts.rich;
    const stake = { netuid: NETUID, hotkey: publicKey, amountRao: 1_000_000_000n };
    const of = async (): Promise<bigint> => (await client.stakes(NETUID, [publicKey]))[0] ?? -1n;
    const staked = await of();
    await client.addStake(accounts.rich, stake);
    assert.ok((await of()) >= staked + stake.amountRao);
    await client.removeStake(accounts.rich, { ...stake, amountRao: 400_000_000n });
    assert.ok((await of()) >= staked + 600_000_000n);
    assert.ok((await of()) < staked + 700_000_000n + 10_000_000_000n);
  });
});

describe("a call that fails", () => {
  const weights = { uids: [2], values: [1], versionKey: 0n };

  it("is named as the chain's metadata names it", async () => {
    await assert.rejects(
      client.setWeights(stranger.hotkey, NETUID, weights),
      refused("HotKeyNotRegisteredInSubNet"),
    );
    await assert.rejects(
      client.serveAxon(stranger.hotkey, NETUID, { ip: "127.0.0.1", port: 1 }),
      refused("HotKeyNotRegisteredInNetwork"),
    );
    await assert.rejects(
      client.setWeights(validator.hotkey, NETUID, { ...weights, uids: [99] }),
      refused("UidVecContainInvalidOne"),
    );
    await assert.rejects(
      client.setWeights(validator.hotkey, NETUID, { ...weights, uids: [2, 2], values: [1, 1] }),
      refused("DuplicateUids"),
    );
    const much = 10n ** 18n;
    await assert.rejects(
      client.addStake(accounts.rich, {
        netuid: NETUID,
        hotkey: miner.hotkey.publicKey,
        amountRao: much,
      }),
      failed("NotEnoughBalanceToStake"),
    );
    await assert.rejects(
      client.burnedRegister(accounts.rich, 77, stranger.hotkey.publicKey),
      failed("SubnetNotExists"),
    );
  });

  it("carries the documentation of the error", async () => {
    const unknown = client.burnedRegister(accounts.rich, 77, stranger.hotkey.publicKey);
    await assert.rejects(unknown, (error) => {
      assert.ok(error instanceof ChainError && error.fault.code === "extrinsic-failed");
      assert.ok(error.fault.docs.length > 10, error.fault.docs);
      return true;
    });
  });

  it("before it is sent has arguments that do not fit, or a name the runtime lacks", async () => {
    await assert.rejects(
      client.setWeights(validator.hotkey, 70_000, weights),
      failsAs({ code: "extrinsic-invalid" }),
    );
    await assert.rejects(
      client.serveAxon(miner.hotkey, NETUID, { ip: "localhost", port: 1 }),
      failsAs({ code: "invalid-address", text: "localhost" }),
    );
    await assert.rejects(
      client.submit(accounts.rich, { pallet: "SubtensorModule", name: "fly", args: [] }),
      failsAs({ code: "runtime-incompatible", item: "call SubtensorModule.fly" }),
    );
  });
});

describe("commitments", () => {
  it("sent at once by one hotkey wait for each other, and all arrive", async () => {
    const sent = [1, 2, 3].map(async (byte) =>
      client.setCommitment(miner.hotkey, NETUID, [{ kind: "raw", bytes: Uint8Array.of(byte) }]),
    );
    const blocks = (await Promise.all(sent)).map(({ block }) => block.number);
    assert.equal(new Set(blocks).size, 3, blocks.join());
  });

  it("are read at any block, one slot per hotkey, the last one wins", async () => {
    const hotkeys = [miner.hotkey.publicKey, validator.hotkey.publicKey, stranger.hotkey.publicKey];
    const blake = { kind: "blakeTwo256", digest: DIGEST } as const;
    const raw = { kind: "raw", bytes: Uint8Array.of(1, 2, 3) } as const;
    const first = await client.setCommitment(miner.hotkey, NETUID, [blake]);
    const later = await client.setCommitment(miner.hotkey, NETUID, [raw, blake]);
    const vote = await client.setCommitment(validator.hotkey, NETUID, [raw, raw, blake]);
    const then = await client.commitments(NETUID, hotkeys, first.block.hash);
    assert.deepEqual(
      [...then],
      [[miner.hotkey.publicKey, { block: first.block.number, fields: [blake] }]],
    );
    const now = await client.commitments(NETUID, hotkeys);
    assert.deepEqual(now.get(miner.hotkey.publicKey), {
      block: later.block.number,
      fields: [raw, blake],
    });
    assert.deepEqual(now.get(validator.hotkey.publicKey)?.block, vote.block.number);
    assert.equal(now.has(stranger.hotkey.publicKey), false);
    await assert.rejects(
      client.setCommitment(stranger.hotkey, NETUID, [blake]),
      refused("HotKeyNotRegisteredInSubNet"),
    );
  });
});
