/** @file The embedded chain as a whole: genesis, blocks, traps, archive, persistence. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { calculate_state_root } from "@acala-network/chopsticks-executor";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { buildBlock, candidates } from "../../../chain/embedded/blocks/block-builder.ts";
import { hexOfKey, keyOf, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { parseExactJson, writeExactJson } from "../../../chain/embedded/codec/exact-json.ts";
import { parameterKey } from "../../../chain/embedded/state/well-known-keys.ts";
import { Overlay } from "../../../chain/embedded/state/overlay.ts";
import { WasmRuntime } from "../../../chain/embedded/wasm/runtime.ts";
import { trieGet, trieKeys, valueBytes } from "../../../chain/embedded/state/trie.ts";
import { ChainError } from "../../../chain/errors.ts";
import { key, openDevChain, signerFor, storagePrefix, transfer } from "./dev-chain.ts";

const folder = await mkdtemp(join(tmpdir(), "assay-chain-"));
after(() => rm(folder, { recursive: true, force: true }));

const chainError = (code: string) => (error: unknown) =>
  error instanceof ChainError && error.code === code;

test("genesis: true state root, slot duration in storage, code in :code", async () => {
  const chain = await openDevChain({ slotDurationMs: 400 });
  const state = chain.stateAt();
  const entries = Array.from(trieKeys(state, ""), (name): [string, string] => {
    const value = trieGet(state, name);
    return [hexOfKey(name), value === null ? "0x" : toHex(valueBytes(value))];
  });
  const version = chain.runtimeVersion.systemVersion === 0 ? 0 : 1;
  assert.equal(chain.header()?.stateRoot, await calculate_state_root(entries, version));
  assert.equal(chain.slotDurationMs, 400);
  assert.equal(chain.storageAt(hexOfKey(parameterKey("SlotDuration"))), "0x9001000000000000");
  assert.equal(chain.storageAt("0x3a636f6465"), toHex(await readRuntimeArtifact()));
  await chain.close();
});

test("a wrong preset or patch is told in words", async () => {
  await assert.rejects(openDevChain({ preset: "nope" }), /genesis-invalid[^]*nope[^]*development/);
  await assert.rejects(
    openDevChain({ genesisPatch: { balances: { nonsense: 1 } } }),
    chainError("genesis-invalid"),
  );
  await assert.rejects(
    openDevChain({ runtimeCode: Uint8Array.of(1, 2, 3) }),
    chainError("runtime-unreadable"),
  );
});

test("integers keep every digit through the genesis JSON", () => {
  const text =
    '{"a":[1152921504606846976,340282366920938463463374607431768211455],"b":-1.5,"c":"1"}';
  assert.equal(writeExactJson(parseExactJson(text)), text);
});

test("a missing import is named at load time", () => {
  // (module (import "env" "ext_future_version_9" (func)))
  const name = Buffer.from("ext_future_version_9");
  const section = [1, 3, ...Buffer.from("env"), name.length, ...name, 0, 0];
  const wasm = [
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    0x60,
    0,
    0,
    2,
    section.length,
    ...section,
  ];
  assert.throws(
    () => new WasmRuntime(Uint8Array.from(wasm)),
    /runtime-import-missing[^]*ext_future_version_9/,
  );
});

test("each block's root equals smoldot's; an old state stays readable and callable", async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  for (let nonce = 0; nonce < 3; nonce++) {
    await chain.submit(transfer(signer, key("//Alice"), nonce));
    await chain.seal();
    const state = chain.stateAt();
    const entries = Array.from(trieKeys(state, ""), (name): [string, string] => {
      const value = trieGet(state, name);
      return [hexOfKey(name), value === null ? "0x" : toHex(valueBytes(value))];
    });
    const version = chain.runtimeVersion.systemVersion === 0 ? 0 : 1;
    const header = chain.header();
    assert.ok(header !== null);
    assert.equal(header.stateRoot, await calculate_state_root(entries, version));
    const body = (chain.block()?.extrinsics ?? []).map((bytes, index): [string, string] => [
      toHex(Uint8Array.of(index << 2)),
      toHex(bytes),
    ]);
    // System version 2 is the first that hashes long values in the extrinsics root too.
    const layout = chain.runtimeVersion.systemVersion < 2 ? 0 : 1;
    assert.equal(header.extrinsicsRoot, await calculate_state_root(body, layout));
  }
  const old = chain.blockHash(1) ?? undefined;
  const nonceOf = (hash?: `0x${string}`): number =>
    chain.call("AccountNonceApi_account_nonce", key("//Alice").publicKey, hash)[0] ?? -1;
  assert.deepEqual([nonceOf(old), nonceOf()], [1, 3]);
  assert.throws(() => chain.storageAt("0x00", `0x${"11".repeat(32)}`), RangeError);
  await chain.close();
});

test("states older than the window are rebuilt exactly", async () => {
  const chain = await openDevChain();
  const number = toHex(storagePrefix("System", "Number"));
  for (let i = 0; i < 600; i++) await chain.seal();
  for (const n of [0, 1, 255, 256, 257, 300, 599, 600]) {
    const hash = chain.blockHash(n) ?? undefined;
    const value = chain.storageAt(number, hash);
    assert.equal(value === null ? 0 : Buffer.from(value.slice(2), "hex").readUInt32LE(), n);
    assert.equal(
      toHex(new Overlay(chain.stateAt(hash)).stateRoot(1)),
      chain.header(hash)?.stateRoot,
    );
  }
  await chain.close();
});

test("dirty heap: 20 blocks with the heap filled with 0xAA before each call are the same blocks", async () => {
  const chain = await openDevChain();
  const code = await readRuntimeArtifact();
  const clean = new WasmRuntime(code);
  const dirty = new WasmRuntime(code, { heapFill: 0xaa });
  const signer = signerFor(chain);
  let parent = { hash: chain.head().hash, state: chain.stateAt() };
  for (let i = 0; i < 20; i++) {
    const extrinsics = candidates(i % 4 === 0 ? [transfer(signer, key("//Alice"), i / 4)] : []);
    const plan = {
      parentHash: parent.hash,
      parentState: parent.state,
      number: i + 1,
      slot: 7_000_000_000n + BigInt(i),
      slotDurationMs: 250n,
      extrinsics,
    };
    const [a, b] = [buildBlock(clean, plan), buildBlock(dirty, plan)];
    assert.equal(a.hash, b.hash);
    assert.deepEqual(a.changes, b.changes);
    parent = { hash: a.hash, state: a.state };
  }
  await chain.close();
});

test("an undecodable extrinsic traps, is dropped without a trace, and the next call works", async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  const junk = Uint8Array.of(8, 0xff, 0xff);
  await assert.rejects(chain.submit(junk), /Verification Error/);
  const good = transfer(signer, key("//Alice"), 0);
  const { hash } = await chain.seal([junk, good, junk]);
  const extrinsics = chain.block(hash)?.extrinsics ?? [];
  assert.deepEqual(extrinsics.slice(1).map(toHex), [toHex(good)]);
  const other = await openDevChain();
  assert.equal((await other.seal([good])).hash, hash);
  await Promise.all([chain.close(), other.close()]);
});

test("stop and start: same chain, and it goes on as if it had not stopped", async () => {
  const database = join(folder, "chain.db");
  const first = await openDevChain({ database });
  const uninterrupted = await openDevChain();
  const signer = signerFor(first);
  const block = transfer(signer, key("//Alice"), 0);
  for (const chain of [first, uninterrupted]) {
    await chain.seal([block]);
    for (let i = 0; i < 30; i++) await chain.seal();
  }
  const head = first.head();
  await first.close();
  const second = await openDevChain({ database });
  assert.deepEqual(second.head(), head);
  assert.equal(second.blockHash(7), uninterrupted.blockHash(7));
  await second.seal();
  await uninterrupted.seal();
  assert.deepEqual(second.head(), uninterrupted.head());
  second.setStorage([[keyOf(Uint8Array.of(1, 2)), Uint8Array.of(3)]]);
  second.setHead(20);
  second.setStorage([[keyOf(Uint8Array.of(1, 2)), Uint8Array.of(4)]]);
  await second.close();
  const third = await openDevChain({ database });
  assert.equal(third.head().number, 20);
  assert.equal(third.storageAt("0x0102"), "0x04");
  await third.close();
});

async function refused(database: string): Promise<void> {
  await assert.rejects(openDevChain({ database }), (error: unknown) => {
    assert.ok(error instanceof ChainError);
    assert.deepEqual(error.fault, { code: "database-unreadable", path: database });
    return true;
  });
}

test("two chains never share one database", async () => {
  const database = join(folder, "shared.db");
  const first = await openDevChain({ database });
  await assert.rejects(openDevChain({ database }), chainError("database-in-use"));
  await first.seal();
  await first.close();
  const second = await openDevChain({ database });
  assert.equal(second.head().number, 1);
  await second.close();
});

test("a foreign, a damaged and another chain's database are refused by name", async () => {
  const text = join(folder, "text.db");
  await writeFile(text, "this is not a database, however long one makes it ".repeat(40));
  await refused(text);
  const nowhere = join(folder, "absent", "x.db");
  await assert.rejects(openDevChain({ database: nowhere }), chainError("database-refused"));
  const foreign = join(folder, "foreign.db");
  const other = new DatabaseSync(foreign);
  other.exec("CREATE TABLE recipes (name TEXT)");
  other.close();
  await refused(foreign);
  const ours = join(folder, "ours.db");
  const chain = await openDevChain({ database: ours });
  for (let i = 0; i < 3; i++) await chain.seal();
  await chain.close();
  await assert.rejects(openDevChain({ database: ours, slotDurationMs: 999 }), (error: unknown) => {
    assert.ok(error instanceof ChainError && error.fault.code === "database-foreign");
    const { found, foundMs, expectedMs } = error.fault;
    assert.deepEqual([found, expectedMs], [chain.genesisHash, 999]);
    assert.deepEqual(error.explanation.commands, [{ again: { sealing: String(foundMs) } }]);
    return true;
  });
  const edit = new DatabaseSync(ours);
  edit.exec("UPDATE blocks SET changes = x'00' WHERE number = 2");
  edit.close();
  await refused(ours);
});

test("virtual time: one slot a block, forward travel, never backwards", async () => {
  const chain = await openDevChain({ slotDurationMs: 500 });
  const now = toHex(storagePrefix("Timestamp", "Now"));
  const time = (): number =>
    Number(Buffer.from((chain.storageAt(now) ?? "0x").slice(2), "hex").readBigUInt64LE());
  await chain.seal();
  const start = time();
  await chain.seal();
  assert.equal(time(), start + 500);
  assert.equal(chain.timeTravel(start + 60_000), start + 60_000);
  await chain.seal();
  assert.equal(time(), start + 60_000);
  chain.timeTravel(0);
  await chain.seal();
  assert.equal(time(), start + 60_500);
  await chain.close();
});
