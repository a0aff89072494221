/** @file One extrinsic through faults of endpoints, forks and an upgrade: it comes on the chain, and it does so once. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { hexOf } from "../../../chain/wallet/hex.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { accounts, failsAs, NETUID, openTestChain, serveChain } from "./fixture.ts";
import { closeEndpoint, faultyWorld, openEndpoint, STALL_MS } from "./faulty.ts";
import { eventually } from "../../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-forks-"));
after(() => rmSync(folder, { recursive: true }));

const { rich, validators } = accounts;
const hotkey = validators[0]?.hotkey ?? assert.fail();
const target = validators[1]?.coldkey.publicKey ?? assert.fail();

/** Signed extrinsics of all blocks. */
function signed(chain: EmbeddedChain): readonly string[] {
  const found: string[] = [];
  for (let number = 1; number <= chain.head().number; number++) {
    const block = chain.block(chain.blockHash(number) ?? assert.fail());
    // The high bit of the byte after the length says that it is signed; inherents are not.
    const hexes = (block?.extrinsics ?? []).map((bytes) => hexOf(bytes));
    found.push(...hexes.filter((hex) => /^0x(?:..|....|........)84/.test(hex)));
  }
  return found;
}

const say = (client: ChainClient, byte: number): ReturnType<ChainClient["setCommitment"]> =>
  client.setCommitment(hotkey, NETUID, [{ kind: "raw", bytes: Uint8Array.of(byte) }]);

describe("an extrinsic that an endpoint has", () => {
  for (const fault of ["stale", "half-open", "drop"] as const)
    it(`(${fault}) comes on the chain by the other one, once`, async () => {
      // An extrinsic lives 64 blocks.
      const world = await faultyWorld({}, { blockMs: 200 });
      const { client, chain, first, second } = world;
      try {
        const had = await client.balance(target);
        if (fault === "stale") first.proxy.set({ kind: fault });
        const sending = client.transfer(rich, target, 1_000_000n);
        if (fault !== "stale") {
          await eventually("it is handed over", () =>
            first.proxy.asked.some(({ method }) => method === "author_submitAndWatchExtrinsic"),
          );
          first.proxy.set({ kind: fault });
        }
        const { block } = await sending;
        assert.equal(chain.embedded.blockHash(block.number), block.hash);
        assert.equal(await client.balance(target, block.hash), had + 1_000_000n);
        assert.equal(client.endpoint, second.proxy.endpoint);
        await sleep(2 * STALL_MS);
        assert.equal(signed(chain.embedded).length, 1);
        for (const { proxy } of [first, second]) assert.deepEqual(proxy.notFinal, []);
      } finally {
        await world.close();
      }
    });

  it("is the only one of its account in the pool", async () => {
    const world = await faultyWorld({}, { blockMs: 60_000, lag: 0 });
    const { client, chain } = world;
    try {
      const sending = [1, 2, 3].map((byte) => say(client, byte));
      for (const done of sending) {
        await eventually("one is in the pool", () => chain.embedded.pool.readyCount === 1);
        await sleep(20);
        assert.equal(chain.embedded.pool.readyCount, 1);
        await chain.embedded.seal();
        await done;
      }
      assert.equal(signed(chain.embedded).length, 3);
    } finally {
      await world.close();
    }
  });

  it("and that was given up is the same when the call is made again", async () => {
    const world = await faultyWorld({ submitTimeoutMs: 2500 }, { blockMs: 60_000, lag: 0 });
    const { client, chain } = world;
    try {
      const had = await client.balance(target);
      const pay = (): ReturnType<ChainClient["transfer"]> =>
        client.transfer(rich, target, 7n ** 9n);
      await assert.rejects(pay(), failsAs({ code: "extrinsic-timeout" }));
      await chain.embedded.seal();
      const again = await pay();
      assert.equal(again.block.number, 1);
      const third = pay();
      await eventually("a new one", () => chain.embedded.pool.readyCount === 1);
      await chain.embedded.seal();
      assert.equal((await third).block.number, 2);
      assert.equal(await client.balance(target), had + 2n * 7n ** 9n);
      assert.equal(signed(chain.embedded).length, 2);
    } finally {
      await world.close();
    }
  });
});

describe("a fork", () => {
  it("that replaces the block of a commitment has it once more, and it counts where it is final", async () => {
    const [ours, theirs] = [join(folder, "ours.sqlite"), join(folder, "theirs.sqlite")];
    const before = await openTestChain(ours);
    for (let block = 0; block < 3; block++) await before.seal();
    await before.close();
    copyFileSync(ours, theirs);
    const replaced = await serveChain(await openTestChain(ours), { sealing: "manual" });
    const kept = await serveChain(await openTestChain(theirs), { sealing: "manual" });
    const endpoint = await openEndpoint(replaced.endpoint, 3);
    const { view, proxy } = endpoint;
    const client = await connectChain({ endpoints: [proxy.endpoint], stallMs: 2000 });
    try {
      const sending = say(client, 5);
      await eventually("it is in the pool", () => replaced.embedded.pool.readyCount === 1);
      await replaced.embedded.seal();
      await eventually("it is in a block", () => view.best.number === 4);
      assert.equal(signed(replaced.embedded).length, 1);
      for (let block = 0; block < 2; block++) await kept.embedded.seal();
      await view.switchTo(kept.endpoint);
      await eventually("it is handed over again", () => kept.embedded.pool.readyCount === 1);
      for (let block = 0; block < 4; block++) await kept.embedded.seal();
      const { block } = await sending;
      assert.equal(block.number, 6);
      assert.equal(block.hash, kept.embedded.blockHash(6));
      const read = await client.commitments(NETUID, [hotkey.publicKey], block.hash);
      assert.equal(read.get(hotkey.publicKey)?.block, 6);
      assert.deepEqual(signed(kept.embedded), signed(replaced.embedded));
      assert.deepEqual(proxy.notFinal, []);
    } finally {
      await client.close();
      await closeEndpoint(endpoint);
      for (const chain of [replaced, kept]) await chain.close();
    }
  });
});
