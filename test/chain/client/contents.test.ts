/** @file What lies in a block: who signed which call, and which of them the chain refused in it. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { accounts, failsAs } from "./fixture.ts";
import { type ServedChain, serveFixture } from "./served.ts";

const { rich, miners } = accounts;
const [miner] = miners;
assert.ok(miner !== undefined);

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

it("is told by the names of calls, with their signers", async () => {
  const { block } = await client.transfer(rich, miner.coldkey.ss58, 5_000_000_000n);
  const found = await client.block(block.hash);
  assert.deepEqual([found.number, found.hash], [block.number, block.hash]);
  const signed = found.extrinsics.filter(({ signer }) => signer !== null);
  assert.equal(signed.length, 1);
  const [transfer] = signed;
  assert.equal(transfer?.signer, rich.publicKey);
  assert.equal(transfer.pallet, "Balances");
  assert.match(transfer.call, /^transfer_/);
  assert.equal(transfer.error, null);
  assert.ok(transfer.bytes > 100 && transfer.bytes < 400);
  const inherent = found.extrinsics.find(({ pallet }) => pallet === "Timestamp");
  assert.deepEqual([inherent?.call, inherent?.signer], ["set", null]);
});

it("names the error of what was refused in the block", async () => {
  const first = (await client.head()).number;
  // Refused in the block, not by the pool: nobody has so much.
  await assert.rejects(
    client.submit(rich, {
      pallet: "Balances",
      name: "transfer_keep_alive",
      args: [miner.coldkey.ss58, 10n ** 18n],
    }),
    failsAs({ code: "extrinsic-failed" }),
  );
  const head = (await client.head()).number;
  const errors: string[] = [];
  for (let number = first; number <= head; number++) {
    const { extrinsics } = await client.block(await client.blockHash(number));
    errors.push(...extrinsics.flatMap(({ error }) => (error === null ? [] : [error])));
  }
  assert.deepEqual(errors, ["System.Arithmetic"]);
});

it("is asked of a block that there is", async () => {
  await assert.rejects(client.block(`0x${"07".repeat(32)}`), failsAs({ code: "rpc-failed" }));
});
