/** @file The transaction pool on the real runtime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { startSealing } from "../../../../chain/embedded/sealing.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { type Signer, key, openDevChain, requireCall, signerFor, transfer } from "../dev-chain.ts";

async function open(): Promise<{ chain: EmbeddedChain; signer: Signer; seen: string[] }> {
  const chain = await openDevChain();
  const seen: string[] = [];
  chain.subscribe((event) => {
    if (event.type !== "transaction") return;
    const { status } = event;
    seen.push(typeof status === "string" ? status : (Object.keys(status)[0] ?? ""));
  });
  return { chain, signer: signerFor(chain), seen };
}

const refused = (reason: string, detail: RegExp) => (error: unknown) =>
  error instanceof ChainError &&
  error.fault.code === "extrinsic-invalid" &&
  error.fault.reason === reason &&
  detail.test(error.fault.detail);

const inBlock = (chain: EmbeddedChain): string[] =>
  (chain.block()?.extrinsics ?? []).slice(1).map(toHex);

test("a nonce gap waits in the future queue until the gap is filled", async () => {
  const { chain, signer, seen } = await open();
  const alice = key("//Alice");
  const [zero, one, two] = [
    transfer(signer, alice, 0),
    transfer(signer, alice, 1),
    transfer(signer, alice, 2),
  ];
  await chain.submit(two);
  await chain.submit(one);
  assert.deepEqual([chain.pool.readyCount, chain.pool.futureCount], [0, 2]);
  await chain.seal();
  assert.deepEqual(inBlock(chain), []);
  await chain.submit(zero);
  assert.deepEqual([chain.pool.readyCount, chain.pool.futureCount], [3, 0]);
  assert.equal(chain.nextNonce(alice.publicKey), 3);
  await chain.seal();
  assert.deepEqual(inBlock(chain), [zero, one, two].map(toHex));
  assert.deepEqual(seen.slice(0, 5), ["future", "future", "ready", "ready", "ready"]);
  assert.deepEqual(seen.slice(5), [
    ...Array<string>(3).fill("inBlock"),
    ...Array<string>(3).fill("finalized"),
  ]);
  await chain.close();
});

test("nonces in two blocks: the second does not wait for a tag that is already on chain", async () => {
  const { chain, signer } = await open();
  const alice = key("//Alice");
  await chain.submit(transfer(signer, alice, 0));
  await chain.submit(transfer(signer, alice, 2));
  await chain.seal();
  await chain.submit(transfer(signer, alice, 1));
  await chain.seal();
  assert.equal(inBlock(chain).length, 2);
  await chain.close();
});

test("stale nonce, tampered signature, no money, duplicates: refused in a node's words", async () => {
  const { chain, signer } = await open();
  const alice = key("//Alice");
  const first = transfer(signer, alice, 0);
  await chain.submit(first);
  await assert.rejects(chain.submit(first), refused("Transaction Already Imported", /^0x/));
  await chain.seal();
  const stale = transfer(signer, alice, 0, 5);
  await assert.rejects(chain.submit(stale), refused("Invalid Transaction", /outdated/));
  await assert.rejects(chain.submit(stale), refused("Transaction is temporarily banned", /^$/));
  const tampered = transfer(signer, alice, 1);
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 4;
  await assert.rejects(chain.submit(tampered), refused("Invalid Transaction", /bad signature/));
  const poor = transfer(signer, key("//Nobody"), 0);
  await assert.rejects(chain.submit(poor), refused("Invalid Transaction", /Inability to pay/));
  await assert.rejects(
    chain.submit(Uint8Array.of(0)),
    refused("Extrinsic has invalid format", /./),
  );
  await assert.rejects(
    chain.submit(Uint8Array.of(12, 1)),
    refused("Extrinsic has invalid format", /./),
  );
  await chain.close();
});

test("the same nonce again needs a higher priority", async () => {
  const { chain, signer } = await open();
  await chain.submit(transfer(signer, key("//Alice"), 0, 1));
  await assert.rejects(
    chain.submit(transfer(signer, key("//Alice"), 0, 2)),
    refused("Priority is too low", /vs/),
  );
  await chain.close();
});

test("pool limits refuse what does not fit", async () => {
  const chain = await openDevChain({ poolLimits: { ready: 2, future: 1 } });
  const signer = signerFor(chain);
  const alice = key("//Alice");
  await chain.submit(transfer(signer, alice, 0));
  await chain.submit(transfer(signer, alice, 1));
  await assert.rejects(
    chain.submit(transfer(signer, alice, 2)),
    refused("Immediately Dropped", /limit/),
  );
  await chain.submit(transfer(signer, alice, 4));
  await assert.rejects(
    chain.submit(transfer(signer, alice, 5)),
    refused("Immediately Dropped", /limit/),
  );
  await chain.close();
});

test("rewinding makes included extrinsics stale no longer, and pending ones are checked anew", async () => {
  const { chain, signer } = await open();
  const alice = key("//Alice");
  const zero = transfer(signer, alice, 0);
  await chain.submit(zero);
  await chain.seal();
  await chain.submit(transfer(signer, alice, 1));
  chain.setHead(0);
  assert.deepEqual([chain.pool.readyCount, chain.pool.futureCount], [0, 1]);
  await chain.submit(zero);
  await chain.seal();
  assert.equal(inBlock(chain).length, 2);
  await chain.close();
});

test("nonces used by extrinsics outside the pool are noticed", async () => {
  const { chain, signer } = await open();
  const alice = key("//Alice");
  await chain.submit(transfer(signer, alice, 0, 1));
  await chain.submit(transfer(signer, alice, 2));
  await chain.seal([transfer(signer, alice, 0, 2), transfer(signer, alice, 1)]);
  assert.deepEqual([chain.pool.readyCount, chain.pool.futureCount], [1, 0]);
  await chain.seal();
  assert.equal(inBlock(chain).length, 1);
  await chain.close();
});

test("what does not fit into one block goes into the next ones", async () => {
  const { chain, signer } = await open();
  const remark = requireCall(signer, "system", "remark");
  const alice = key("//Alice");
  const megabyte = `0x${"00".repeat(1_000_000)}`;
  for (let nonce = 0; nonce < 6; nonce++) {
    await chain.submit(signer.sign(alice, remark(megabyte), nonce));
  }
  const sizes: number[] = [];
  for (let blocks = 0; blocks < 4; blocks++) {
    await chain.seal();
    sizes.push(inBlock(chain).length);
  }
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    6,
  );
  assert.ok((sizes[0] ?? 0) >= 2 && (sizes[0] ?? 0) < 6, String(sizes));
  assert.equal(chain.pool.readyCount, 0);
  await chain.close();
});

test("an extrinsic that becomes unpayable in its block is refused; those behind it are checked anew", async () => {
  const { chain, signer, seen } = await open();
  const all = requireCall(signer, "balances", "transferAll");
  const alice = key("//Alice");
  await chain.submit(signer.sign(alice, all(key("//Bob").address, false), 0));
  await chain.submit(transfer(signer, alice, 1));
  await chain.seal();
  assert.equal(inBlock(chain).length, 1);
  assert.ok(seen.includes("invalid"), seen.join());
  assert.equal(chain.pool.readyCount + chain.pool.futureCount, 0);
  await chain.close();
});

test("three signature schemes pass, each with its own key", async () => {
  const { chain, signer } = await open();
  const ed = key("//Alice", "ed25519");
  const ecdsa = key("//Alice", "ecdsa");
  const send = requireCall(signer, "balances", "transferKeepAlive");
  await chain.submit(signer.sign(key("//Alice"), send(ed.address, 10_000_000_000), 0));
  await chain.submit(signer.sign(key("//Alice"), send(ecdsa.address, 10_000_000_000), 1));
  await chain.seal();
  await chain.submit(transfer(signer, ed, 0));
  await chain.submit(transfer(signer, ecdsa, 0));
  await chain.seal();
  assert.equal(inBlock(chain).length, 2);
  const forged = transfer(signer, ed, 1);
  forged[40] = (forged[40] ?? 0) ^ 1;
  await assert.rejects(chain.submit(forged), refused("Invalid Transaction", /bad signature/));
  await chain.close();
});

test("instant sealing makes a block for each burst; interval sealing keeps its beat", async (t) => {
  const { chain, signer } = await open();
  // Also when it fails: a chain that goes on sealing keeps the whole file waiting.
  t.after(() => chain.sealing?.stop());
  const alice = key("//Alice");
  const done = new Promise<void>((resolve) => {
    chain.subscribe((event) => {
      if (event.type === "head" && event.block.number === 1) resolve();
    });
  });
  const instant = startSealing(chain, "instant");
  await Promise.all([0, 1, 2].map((nonce) => chain.submit(transfer(signer, alice, nonce))));
  await done;
  assert.equal(inBlock(chain).length, 3);
  // The burst may have been announced in two turns of the event loop: the second finds nothing left and makes no block.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(chain.head().number, 1);
  instant.stop();
  const start = performance.now();
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    chain.subscribe((event) => {
      if (event.type !== "head") return;
      times.push(performance.now() - start);
      if (times.length === 12) resolve();
    });
    startSealing(chain, 40);
  });
  const last = times.at(-1) ?? 0;
  // Beats may be skipped on a busy machine, but never come early or drift off the grid by half a beat.
  assert.ok(last >= 12 * 40 - 5, `12 beats in ${last} ms`);
  await chain.close();
  const { number } = chain.head();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(chain.head().number, number);
});

test("hex round trip of a pool hash", async () => {
  const { chain, signer } = await open();
  const hash = await chain.submit(transfer(signer, key("//Alice"), 0));
  assert.equal(fromHex(hash).length, 32);
  assert.equal(chain.pool.status(hash), "ready");
  await chain.close();
});
