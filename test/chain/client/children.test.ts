/** @file A subnet with a child: its parent is paid, and the audit computes every payout again to the rao. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import { checkPayouts } from "../../../subnet/audit/payouts.ts";
import { failed, openDevelopmentChain, serveChain, type TestChain } from "./fixture.ts";

const TAO = 1_000_000_000n;
const GIFT = 2_000n * TAO;
const STAKE = 500n * TAO;
const NETUID = 1;
const ROOT = 0;
/** All of a hotkey's stake. */
const WHOLE = (1n << 64n) - 1n;
const HALF = WHOLE / 2n;

const alice = signerFromUri("//Alice");
const pair = (name: string): { coldkey: Signer; hotkey: Signer } => ({
  coldkey: signerFromUri(`//${name}//cold`),
  hotkey: signerFromUri(`//${name}//hot`),
});
const [owner, child, parent, miner] = ["founder", "child", "parent", "digger"].map(pair);
assert.ok(owner !== undefined && child !== undefined && parent !== undefined);
assert.ok(miner !== undefined);

let chain: TestChain;
let client: ChainClient;
/** Block in which the subnet started. */
let started = 0;
before(async () => {
  chain = await serveChain(await openDevelopmentChain());
  client = await connectChain({ endpoints: [chain.endpoint] });
  for (const { coldkey } of [owner, child, parent, miner])
    await client.transfer(alice, coldkey.ss58, GIFT);
  await client.registerNetwork(owner.coldkey, owner.hotkey.ss58);
  for (const { coldkey, hotkey } of [child, miner])
    await client.burnedRegister(coldkey, NETUID, hotkey.ss58);
});
after(async () => {
  await client.close();
  await chain.close();
});

const call = async (signer: Signer, name: string, ...args: readonly unknown[]): Promise<unknown> =>
  client.submit(signer, { pallet: "SubtensorModule", name, args });

async function toEpoch(): Promise<void> {
  const block = await client.nextEpoch(NETUID);
  while (chain.embedded.head().number < (block ?? 0)) await chain.embedded.seal();
}

/** The epochs since the start, computed again by what `reader` reads. */
async function checked(reader: ChainClient): ReturnType<typeof checkPayouts> {
  const current = await client.head();
  const hashOf = async (block: number): ReturnType<ChainClient["blockHash"]> =>
    client.blockHash(block);
  const signal = AbortSignal.timeout(60_000);
  const blocks = { current, hashOf };
  return checkPayouts(
    { netuid: NETUID, chain: reader, blocks, signal, progress: () => {} },
    started,
  );
}

describe("a parent", () => {
  it("has no uid, stakes, and names its child before the subnet starts", async () => {
    await call(parent.coldkey, "try_associate_hotkey", parent.hotkey.publicKey);
    const children = [[HALF, child.hotkey.publicKey]];
    const set = async (): Promise<unknown> =>
      call(parent.coldkey, "set_children", parent.hotkey.publicKey, NETUID, children);
    await assert.rejects(set(), failed("NotEnoughStakeToSetChildkeys"));
    const stake = { netuid: ROOT, hotkey: parent.hotkey.ss58, amountRao: TAO };
    await client.addStake(parent.coldkey, stake);
    await set();
    const [kin] = await client.kin(NETUID, [child.hotkey.publicKey]);
    assert.deepEqual(kin, {
      children: [],
      take: 0,
      parents: [
        { hotkey: parent.hotkey.publicKey, proportion: HALF, stakeRao: 0n, sameOwner: false },
      ],
    });
    await call(child.coldkey, "set_childkey_take", child.hotkey.publicKey, NETUID, 6553);
  });

  it("is paid for what its stake earned, less the child's take", async () => {
    started = (await client.startCall(owner.coldkey, NETUID)).block.number;
    for (const { coldkey, hotkey } of [child, parent])
      await client.addStake(coldkey, { netuid: NETUID, hotkey: hotkey.ss58, amountRao: STAKE });
    // The first finds the stake too new.
    await toEpoch();
    await toEpoch();
    const uids = [2];
    await client.setWeights(child.hotkey, NETUID, { uids, values: [65_535], versionKey: 0n });
    await toEpoch();
    await toEpoch();
    const held = await client.stakeOf(parent.coldkey.ss58, parent.hotkey.ss58, NETUID);
    assert.ok(held > STAKE, `${held}`);
    const graph = await client.metagraph(NETUID);
    assert.ok((graph.neurons[1]?.stakeRao ?? 0n) > held, "the child has half more and a take");
  });
});

describe("the audit", () => {
  it("computes every payout of a subnet with children again", async () => {
    const { epochs, found, unsupported } = await checked(client);
    assert.deepEqual([found, unsupported], [null, null]);
    const paying = epochs.filter(({ pay }) => pay.dividendsPaidRao > 0n);
    assert.ok(paying.length >= 2);
    assert.ok(epochs.at(-1)?.facts.holdings[1]?.kin.parents.length === 1);
  });

  it("would not without what children inherit", async () => {
    const none = { children: [], parents: [], take: 0 };
    const kin: ChainClient["kin"] = async (_, hotkeys) => hotkeys.map(() => none);
    const { found } = await checked(Object.assign(Object.create(client), { kin }));
    assert.ok(found !== null);
  });
});
