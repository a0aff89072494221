/** @file A reader's thread says what the chain's own thread would say, whatever happens to the chain, and is replaced when it dies. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type LivingServer, StartingReader } from "../../../../chain/embedded/reader/start.ts";
import { type RpcServer, serveRpc } from "../../../../chain/embedded/rpc/server.ts";
import { key, openDevChain, signerFor, storagePrefix, transfer } from "../dev-chain.ts";
import { asked, result } from "./asked.ts";
import { eventually } from "../../../support/eventually.ts";

const HOST = "127.0.0.1";
/** More than a reader's window. */
const MANY_BLOCKS = 300;
let chain: EmbeddedChain;
/** In the chain's own thread. */
let own: RpcServer;
let reader: LivingServer;

before(async () => {
  const starting = new StartingReader();
  chain = await openDevChain();
  own = await serveRpc(chain, { host: HOST, port: 0 });
  for (let i = 0; i < 3; i++) await chain.seal();
  reader = await starting.serve(chain, { host: HOST, port: 0, dev: true });
});
after(async () => {
  await reader.close();
  await own.close();
  await chain.close();
});

/** Waits until the reader has the chain's head. */
async function caughtUp(): Promise<void> {
  await eventually(
    "the reader has the chain's head",
    async () => (await result(reader.port, "chain_getBlockHash")) === chain.head().hash,
  );
}

async function same(method: string, params: unknown = []): Promise<unknown> {
  const [here, there] = await Promise.all(
    [own, reader].map(async ({ port }) => asked(port, method, params)),
  );
  assert.deepEqual(there, here, `${method} ${JSON.stringify(params).slice(0, 200)}`);
  return there?.result;
}

/** All of the state after a block. */
async function sameState(hash: string): Promise<void> {
  const keys = await same("state_getKeys", ["0x", hash]);
  await same("state_queryStorageAt", [keys, hash]);
}

test("the same answers: blocks, states and runtime calls, of now and of long ago", async () => {
  const early = chain.head();
  const signed = transfer(signerFor(chain), key("//Alice"), 0);
  await chain.seal([signed]);
  const full = chain.head().hash;
  for (let i = 0; i < MANY_BLOCKS; i++) await chain.seal();
  await caughtUp();
  for (const hash of [undefined, full, early.hash, chain.genesisHash]) {
    await same("chain_getHeader", [hash]);
    await same("chain_getBlock", [hash]);
    await same("state_call", [
      "AccountNonceApi_account_nonce",
      toHex(key("//Alice").publicKey),
      hash,
    ]);
    await same("state_getRuntimeVersion", [hash]);
    await sameState(hash ?? chain.head().hash);
  }
  await same("chain_getBlockHash", [[0, 1, early.number, early.number + 200, 10_000]]);
  await same("state_getMetadata");
  await same("rpc_methods");
  await same("system_properties");
  await same("system_syncState");
  await same("state_getStorage", ["0x00", `0x${"77".repeat(32)}`]);
  await same("chain_getHeader", [`0x${"77".repeat(32)}`]);
  await same("payment_queryFeeDetails", [toHex(signed)]);
  const number = toHex(storagePrefix("System", "Number"));
  // Half of these blocks are the reader's own, half the author tells it.
  const from = chain.blockHash(chain.head().number - 255);
  await same("state_queryStorage", [[number], from]);
  const old = [chain.blockHash(early.number), chain.blockHash(early.number + 100)];
  await same("state_queryStorage", [[number], ...old]);
  const range = await asked(reader.port, "state_queryStorage", [[number], chain.genesisHash]);
  assert.equal(range.error?.code, -32602, "more blocks than one question may span");
});

test("extrinsics: what the reader refuses, what it passes on, what waits", async () => {
  const signer = signerFor(chain);
  const alice = key("//Alice");
  const [next, later] = [1, 4].map((nonce) => transfer(signer, alice, nonce));
  assert.ok(next !== undefined && later !== undefined);
  const stale = transfer(signer, alice, 0);
  const forged = Uint8Array.from(next);
  forged[60] = (forged[60] ?? 0) ^ 1;
  const submit = async (bytes: Uint8Array) =>
    asked(reader.port, "author_submitExtrinsic", [toHex(bytes)]);
  assert.deepEqual((await submit(stale)).error, {
    code: 1010,
    message: "Invalid Transaction",
    data: "Transaction is outdated",
  });
  assert.equal((await submit(stale)).error?.code, 1012, "banned");
  assert.equal((await submit(forged)).error?.data, "Transaction has a bad signature");
  assert.equal((await submit(Uint8Array.of(9, 9))).error?.code, 1001);
  assert.equal(chain.pool.entries().length, 0);
  assert.equal(typeof (await submit(later)).result, "string");
  assert.equal(typeof (await submit(next)).result, "string");
  assert.equal((await submit(next)).error?.code, 1013);
  await same("author_pendingExtrinsics");
  assert.deepEqual(await result(reader.port, "author_pendingExtrinsics"), [next, later].map(toHex));
  assert.equal(await same("system_accountNextIndex", [alice.address]), 2);
  await result(reader.port, "dev_newBlock");
  assert.equal(chain.block()?.extrinsics.length, 2);
  await same("author_pendingExtrinsics");
  assert.equal(await same("system_accountNextIndex", [alice.address]), 2);
});

test("storage set by hand, the chain moved back, time moved on: the reader follows", async () => {
  const start = chain.head().number;
  await result(reader.port, "dev_newBlock", [{ count: 3 }]);
  assert.equal(chain.head().number, start + 3);
  await result(reader.port, "dev_setStorage", [[["0x0a0b", "0xff"]]]);
  assert.equal(await result(reader.port, "state_getStorage", ["0x0a0b"]), "0xff");
  await sameState(chain.head().hash);
  await result(reader.port, "dev_newBlock");
  await sameState(chain.head().hash);
  const undone = chain.head().hash;
  await result(reader.port, "dev_setHead", [-2]);
  assert.equal(chain.head().number, start + 2);
  await sameState(chain.head().hash);
  await same("chain_getHeader", [undone]);
  assert.equal(await result(reader.port, "state_getStorage", ["0x0a0b"]), null);
  const time = Date.parse("2031-01-01T00:00:00Z");
  assert.equal(await result(reader.port, "dev_timeTravel", ["2031-01-01T00:00:00Z"]), time);
  await result(reader.port, "dev_newBlock");
  await sameState(chain.head().hash);
  // Far behind what the reader still holds.
  await result(reader.port, "dev_setHead", [5]);
  await result(reader.port, "dev_newBlock");
  assert.equal(chain.head().number, 6);
  await sameState(chain.head().hash);
  await same("chain_getBlockHash", [[4, 5, 6, 7]]);
  for (const params of [[1e308], [-1], ["never"], [null]])
    assert.equal((await asked(reader.port, "dev_timeTravel", params)).error?.code, -32602);
  assert.equal((await asked(reader.port, "dev_setRuntimeLogLevel", [6])).error?.code, -32602);
  assert.equal((await asked(reader.port, "dev_setHead", [10_000])).error?.code, 4003);
});

test("a thread that dies is replaced on the same port, with the chain as it is", async () => {
  const { port } = reader;
  await result(port, "dev_newBlock");
  await reader.kill();
  await chain.seal();
  await eventually("another thread took its place", async () => {
    const head = await result(port, "chain_getBlockHash").catch(() => null);
    return head === chain.head().hash;
  });
  await sameState(chain.head().hash);
  await result(port, "dev_newBlock");
  await sameState(chain.head().hash);
});

test("a busy port is told as what it is", async () => {
  const second = new StartingReader();
  await assert.rejects(
    second.serve(chain, { host: HOST, port: own.port, dev: false }),
    (error: Error & { code?: string }) => error.code === "port-in-use",
  );
});
