/** @file The transaction pool on the real runtime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type Engine } from "../../../../chain/embedded/chain.ts";
import { startSealing } from "../../../../chain/embedded/sealing.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { type Signer, key, openDevEngine, requireCall, signerFor, transfer } from "../dev-chain.ts";

async function open(): Promise<{ engine: Engine; signer: Signer; seen: string[] }> {
  const engine = await openDevEngine();
  const seen: string[] = [];
  engine.subscribe((event) => {
    if (event.type !== "transaction") return;
    const { status } = event;
    seen.push(typeof status === "string" ? status : (Object.keys(status)[0] ?? ""));
  });
  return { engine, signer: signerFor(engine), seen };
}

const refused = (reason: string, detail: RegExp) => (error: unknown) =>
  error instanceof ChainError &&
  error.fault.code === "extrinsic-invalid" &&
  error.fault.reason === reason &&
  detail.test(error.fault.detail);

const inBlock = (engine: Engine): string[] =>
  (engine.block()?.extrinsics ?? []).slice(1).map(toHex);

test("a nonce gap waits in the future queue until the gap is filled", async () => {
  const { engine, signer, seen } = await open();
  const alice = key("//Alice");
  const [zero, one, two] = [
    transfer(signer, alice, 0),
    transfer(signer, alice, 1),
    transfer(signer, alice, 2),
  ];
  await engine.submit(two);
  await engine.submit(one);
  assert.deepEqual([engine.pool.readyCount, engine.pool.futureCount], [0, 2]);
  await engine.seal();
  assert.deepEqual(inBlock(engine), []);
  await engine.submit(zero);
  assert.deepEqual([engine.pool.readyCount, engine.pool.futureCount], [3, 0]);
  assert.equal(engine.nextNonce(alice.publicKey), 3);
  await engine.seal();
  assert.deepEqual(inBlock(engine), [zero, one, two].map(toHex));
  assert.deepEqual(seen.slice(0, 5), ["future", "future", "ready", "ready", "ready"]);
  assert.deepEqual(seen.slice(5), [
    ...Array<string>(3).fill("inBlock"),
    ...Array<string>(3).fill("finalized"),
  ]);
  await engine.close();
});

test("nonces in two blocks: the second does not wait for a tag that is already on chain", async () => {
  const { engine, signer } = await open();
  const alice = key("//Alice");
  await engine.submit(transfer(signer, alice, 0));
  await engine.submit(transfer(signer, alice, 2));
  await engine.seal();
  await engine.submit(transfer(signer, alice, 1));
  await engine.seal();
  assert.equal(inBlock(engine).length, 2);
  await engine.close();
});

test("stale nonce, tampered signature, no money, duplicates: refused in a node's words", async () => {
  const { engine, signer } = await open();
  const alice = key("//Alice");
  const first = transfer(signer, alice, 0);
  await engine.submit(first);
  await assert.rejects(engine.submit(first), refused("Transaction Already Imported", /^0x/));
  await engine.seal();
  const stale = transfer(signer, alice, 0, 5);
  await assert.rejects(engine.submit(stale), refused("Invalid Transaction", /outdated/));
  await assert.rejects(engine.submit(stale), refused("Transaction is temporarily banned", /^$/));
  const tampered = transfer(signer, alice, 1);
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 4;
  await assert.rejects(engine.submit(tampered), refused("Invalid Transaction", /bad signature/));
  const poor = transfer(signer, key("//Nobody"), 0);
  await assert.rejects(engine.submit(poor), refused("Invalid Transaction", /Inability to pay/));
  await assert.rejects(
    engine.submit(Uint8Array.of(0)),
    refused("Extrinsic has invalid format", /./),
  );
  await assert.rejects(
    engine.submit(Uint8Array.of(12, 1)),
    refused("Extrinsic has invalid format", /./),
  );
  await engine.close();
});

test("the same nonce again needs a higher priority", async () => {
  const { engine, signer } = await open();
  await engine.submit(transfer(signer, key("//Alice"), 0, 1));
  await assert.rejects(
    engine.submit(transfer(signer, key("//Alice"), 0, 2)),
    refused("Priority is too low", /vs/),
  );
  await engine.close();
});

test("pool limits refuse what does not fit", async () => {
  const engine = await openDevEngine({ poolLimits: { ready: 2, future: 1 } });
  const signer = signerFor(engine);
  const alice = key("//Alice");
  await engine.submit(transfer(signer, alice, 0));
  await engine.submit(transfer(signer, alice, 1));
  await assert.rejects(
    engine.submit(transfer(signer, alice, 2)),
    refused("Immediately Dropped", /limit/),
  );
  await engine.submit(transfer(signer, alice, 4));
  await assert.rejects(
    engine.submit(transfer(signer, alice, 5)),
    refused("Immediately Dropped", /limit/),
  );
  await engine.close();
});

test("rewinding makes included extrinsics stale no longer, and pending ones are checked anew", async () => {
  const { engine, signer } = await open();
  const alice = key("//Alice");
  const zero = transfer(signer, alice, 0);
  await engine.submit(zero);
  await engine.seal();
  await engine.submit(transfer(signer, alice, 1));
  engine.setHead(0);
  assert.deepEqual([engine.pool.readyCount, engine.pool.futureCount], [0, 1]);
  await engine.submit(zero);
  await engine.seal();
  assert.equal(inBlock(engine).length, 2);
  await engine.close();
});

test("nonces used by extrinsics outside the pool are noticed", async () => {
  const { engine, signer } = await open();
  const alice = key("//Alice");
  await engine.submit(transfer(signer, alice, 0, 1));
  await engine.submit(transfer(signer, alice, 2));
  await engine.seal([transfer(signer, alice, 0, 2), transfer(signer, alice, 1)]);
  assert.deepEqual([engine.pool.readyCount, engine.pool.futureCount], [1, 0]);
  await engine.seal();
  assert.equal(inBlock(engine).length, 1);
  await engine.close();
});

test("what does not fit into one block goes into the next ones", async () => {
  const { engine, signer } = await open();
  const remark = requireCall(signer, "system", "remark");
  const alice = key("//Alice");
  const megabyte = `0x${"00".repeat(1_000_000)}`;
  for (let nonce = 0; nonce < 6; nonce++) {
    await engine.submit(signer.sign(alice, remark(megabyte), nonce));
  }
  const sizes: number[] = [];
  for (let blocks = 0; blocks < 4; blocks++) {
    await engine.seal();
    sizes.push(inBlock(engine).length);
  }
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    6,
  );
  assert.ok((sizes[0] ?? 0) >= 2 && (sizes[0] ?? 0) < 6, String(sizes));
  assert.equal(engine.pool.readyCount, 0);
  await engine.close();
});

test("an extrinsic that becomes unpayable in its block is refused; those behind it are checked anew", async () => {
  const { engine, signer, seen } = await open();
  const all = requireCall(signer, "balances", "transferAll");
  const alice = key("//Alice");
  await engine.submit(signer.sign(alice, all(key("//Bob").address, false), 0));
  await engine.submit(transfer(signer, alice, 1));
  await engine.seal();
  assert.equal(inBlock(engine).length, 1);
  assert.ok(seen.includes("invalid"), seen.join());
  assert.equal(engine.pool.readyCount + engine.pool.futureCount, 0);
  await engine.close();
});

test("three signature schemes pass, each with its own key", async () => {
  const { engine, signer } = await open();
  const ed = key("//Alice", "ed25519");
  const ecdsa = key("//Alice", "ecdsa");
  const send = requireCall(signer, "balances", "transferKeepAlive");
  await engine.submit(signer.sign(key("//Alice"), send(ed.address, 10_000_000_000), 0));
  await engine.submit(signer.sign(key("//Alice"), send(ecdsa.address, 10_000_000_000), 1));
  await engine.seal();
  await engine.submit(transfer(signer, ed, 0));
  await engine.submit(transfer(signer, ecdsa, 0));
  await engine.seal();
  assert.equal(inBlock(engine).length, 2);
  const forged = transfer(signer, ed, 1);
  forged[40] = (forged[40] ?? 0) ^ 1;
  await assert.rejects(engine.submit(forged), refused("Invalid Transaction", /bad signature/));
  await engine.close();
});

test("instant sealing makes a block for each burst; interval sealing keeps its beat", async () => {
  const { engine, signer } = await open();
  const alice = key("//Alice");
  const done = new Promise<void>((resolve) => {
    engine.subscribe((event) => {
      if (event.type === "head" && event.block.number === 1) resolve();
    });
  });
  const instant = startSealing(engine, "instant");
  await Promise.all([0, 1, 2].map((nonce) => engine.submit(transfer(signer, alice, nonce))));
  await done;
  assert.equal(inBlock(engine).length, 3);
  instant.stop();
  const start = performance.now();
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    engine.subscribe((event) => {
      if (event.type !== "head") return;
      times.push(performance.now() - start);
      if (times.length === 12) resolve();
    });
    startSealing(engine, 40);
  });
  const last = times.at(-1) ?? 0;
  // Beats may be skipped on a busy machine, but never come early or drift off the grid by half a beat.
  assert.ok(last >= 12 * 40 - 5, `12 beats in ${last} ms`);
  await engine.close();
  const { number } = engine.head();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(engine.head().number, number);
});

test("hex round trip of a pool hash", async () => {
  const { engine, signer } = await open();
  const hash = await engine.submit(transfer(signer, key("//Alice"), 0));
  assert.equal(fromHex(hash).length, 32);
  assert.equal(engine.pool.status(hash), "ready");
  await engine.close();
});
