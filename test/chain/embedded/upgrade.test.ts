/** @file Code from state: an upgrade runs from the next block, bad code stays out, old databases go on with theirs. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before as beforeAll, test } from "node:test";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type ChainEvent, type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import {
  type Hex,
  NO_BYTES,
  concat,
  hexOfKey,
  keyOf,
  toHex,
} from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, twox64 } from "../../../chain/embedded/codec/hashing.ts";
import { byteVector, u32 } from "../../../chain/embedded/codec/scale.ts";
import { codeOf } from "../../../chain/embedded/wasm/runtimes.ts";
import { CODE_KEY } from "../../../chain/embedded/state/well-known-keys.ts";
import { ChainError } from "../../../chain/errors.ts";
import {
  SWIFT_FOLDER,
  key,
  openDevChain,
  requireCall,
  type Signer,
  signerFor,
  storagePrefix,
  transfer,
} from "./dev-chain.ts";
import { compareHead } from "./oracle.ts";
import { raisedRuntime } from "../../../chain/native/raised-runtime.ts";

const folder = await mkdtemp(join(SWIFT_FOLDER, "assay-upgrade-"));
after(() => rm(folder, { recursive: true, force: true }));

let committed: Uint8Array;
let raised: Uint8Array;
let spec = 0;
beforeAll(async () => {
  committed = await readRuntimeArtifact();
  raised = raisedRuntime(committed);
  const chain = await openDevChain();
  spec = chain.runtimeVersion.specVersion;
  await chain.close();
});

/** A call of System by //Alice, who is sudo. */
function bySudo(signer: Signer, name: string, nonce: number, ...args: readonly unknown[]) {
  const sudo = requireCall(signer, "sudo", "sudo");
  return signer.sign(key("//Alice"), sudo(requireCall(signer, "system", name)(...args)), nonce);
}

async function upgraded(chain: EmbeddedChain): Promise<void> {
  const signer = signerFor(chain);
  await chain.submit(bySudo(signer, "setCode", 0, toHex(raised)));
  await chain.seal();
}

const specOf = (chain: EmbeddedChain, number?: number): number =>
  chain.runtimeVersionAt(number === undefined ? undefined : (chain.blockHash(number) ?? undefined))
    .specVersion;

test("set_code runs from the next block; each block is asked by its own runtime", async () => {
  const chain = await openDevChain();
  const before = signerFor(chain);
  await chain.seal();
  await chain.submit(bySudo(before, "setCode", 0, toHex(raised)));
  await chain.seal();
  assert.deepEqual([specOf(chain, 0), specOf(chain, 1), specOf(chain, 2)], [spec, spec, spec + 1]);
  assert.equal(chain.storageAt(hexOfKey(CODE_KEY)), toHex(raised));
  assert.ok(
    chain.header()?.logs.some(([tag]) => tag === 8),
    "the environment was updated",
  );
  // A signature covers the version; so does what the runtime says it last was, once it has run.
  await assert.rejects(chain.submit(transfer(before, key("//Alice"), 1)), /bad signature/);
  const { hash } = chain.head();
  await chain.submit(transfer(signerFor(chain), key("//Alice"), 1));
  await chain.seal();
  assert.equal(chain.block()?.extrinsics.length, 2);
  const lastUpgrade = toHex(storagePrefix("System", "LastRuntimeUpgrade"));
  assert.notEqual(chain.storageAt(lastUpgrade), chain.storageAt(lastUpgrade, hash));
  const version = (at?: Hex): string => toHex(chain.call("Core_version", NO_BYTES, at));
  assert.notEqual(version(), version(chain.genesisHash));
  chain.setHead(1);
  assert.equal(specOf(chain), spec);
  await chain.submit(transfer(before, key("//Alice"), 0));
  await chain.seal();
  assert.equal(chain.block()?.extrinsics.length, 2);
  await chain.close();
});

test("an upgrade that Root authorised is applied by anybody", async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  await chain.submit(bySudo(signer, "authorizeUpgrade", 0, toHex(blake2b256(raised))));
  await chain.seal();
  const apply = requireCall(signer, "system", "applyAuthorizedUpgrade");
  const wrong = signer.sign(key("//Bob"), apply(toHex(committed)), 0);
  await chain.seal([wrong]);
  assert.equal(specOf(chain), spec);
  const nonce = chain.nextNonce(key("//Bob").publicKey);
  await chain.submit(signer.sign(key("//Bob"), apply(toHex(raised)), nonce));
  await chain.seal();
  assert.equal(specOf(chain), spec + 1);
  await chain.close();
});

test("the block of an upgrade and the next are smoldot's, the check of versions included", async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  await chain.seal();
  for (const code of [committed, raised]) {
    chain.setHead(1);
    await chain.seal([bySudo(signer, "setCode", 0, toHex(code))]);
    assert.equal(chain.block()?.extrinsics.length, 2);
    await compareHead(chain);
    assert.equal(specOf(chain), code === raised ? spec + 1 : spec);
  }
  await chain.submit(transfer(signerFor(chain), key("//Alice"), 1));
  await chain.seal();
  assert.equal(chain.block()?.extrinsics.length, 2);
  await compareHead(chain);
  await chain.close();
});

/** Codes with which no chain can go on, and what is said of each. */
function badCodes(): readonly (readonly [Uint8Array, RegExp])[] {
  // (module (global (export "__heap_base") i32 (i32.const 65536)))
  const name = Buffer.from("__heap_base");
  const global = [6, 8, 1, 0x7f, 0, 0x41, 0x80, 0x80, 0x04, 0x0b];
  const exported = [7, name.length + 4, 1, name.length, ...name, 3, 0];
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...global, ...exported);
  return [
    [Uint8Array.of(0), /not a runtime artifact/],
    [raised.subarray(0, raised.length - 9), /not a runtime artifact/],
    [Uint8Array.from(raised, (byte, at) => (at === 20_000 ? byte ^ 1 : byte)), /artifact|./],
    [empty, /lacks Core_initialize_block/],
  ];
}

test("code that cannot run is left out aloud, and the chain goes on", async () => {
  const said: string[] = [];
  const chain = await openDevChain({ log: (level, text) => said.push(`${level} ${text}`) });
  const signer = signerFor(chain);
  for (const [code, reason] of badCodes()) {
    const statuses: unknown[] = [];
    const stop = chain.subscribe((event: ChainEvent) => {
      if (event.type === "transaction") statuses.push(event.status);
    });
    const before = codeOf(chain.stateAt());
    await chain.submit(bySudo(signer, "setCodeWithoutChecks", 0, toHex(code)));
    await chain.seal();
    stop();
    assert.deepEqual(statuses, ["ready", "invalid"]);
    assert.equal(chain.block()?.extrinsics.length, 1);
    assert.equal(codeOf(chain.stateAt()), before);
    assert.match(said.at(-1) ?? "", /^error code-refused/);
    assert.match(said.at(-1) ?? "", reason);
    assert.throws(() => chain.setStorage([[CODE_KEY, code]]), /code-refused/);
  }
  // With checks the runtime itself says no, in a block.
  await chain.submit(bySudo(signer, "setCode", 0, toHex(committed)));
  await chain.seal();
  assert.equal(chain.block()?.extrinsics.length, 2);
  assert.equal(specOf(chain), spec);
  assert.throws(() => chain.setStorage([[CODE_KEY, null]]), /code-refused/);
  await chain.close();
});

test("code that a hook sets cannot be left out: the block is not made, and it is said why", async () => {
  const chain = await openDevChain();
  await chain.seal();
  // Scheduler.Agenda of block 3: System.set_code_without_checks(0x00) by Root.
  const call = concat(Uint8Array.of(0, 3), byteVector(Uint8Array.of(0)));
  const task = concat(Uint8Array.of(4, 1, 0, 0, 1), byteVector(call), Uint8Array.of(0, 0, 0));
  const agenda = concat(storagePrefix("Scheduler", "Agenda"), twox64(u32(3)), u32(3));
  chain.setStorage([[keyOf(agenda), task]]);
  await chain.seal();
  for (let attempt = 0; attempt < 2; attempt++)
    await assert.rejects(
      chain.seal(),
      (error) => error instanceof ChainError && error.code === "code-refused",
    );
  assert.equal(chain.head().number, 2);
  chain.setStorage([[keyOf(agenda), null]]);
  await chain.seal();
  assert.equal(chain.head().number, 3);
  await chain.close();
});

test("a database goes on with the code in its state, whatever the release has by now", async () => {
  const database = join(folder, "old.db");
  const first = await openDevChain({ database });
  await first.seal();
  await first.close();
  // A rebuilt artifact.
  const second = await openDevChain({ database, runtimeCode: raised });
  assert.deepEqual([second.genesisHash, specOf(second)], [first.genesisHash, spec]);
  await upgraded(second);
  await second.seal();
  const head = second.head();
  await second.close();
  // And back: the state knows best.
  const third = await openDevChain({ database });
  assert.deepEqual([third.head(), specOf(third), specOf(third, 1)], [head, spec + 1, spec]);
  await third.seal();
  await third.close();
  await assert.rejects(
    openDevChain({ database, slotDurationMs: 999 }),
    (error) => error instanceof ChainError && error.code === "database-foreign",
  );
});

test("a database of the first format opens, without snapshots, and becomes one of the second", async () => {
  const database = join(folder, "first.db");
  const chain = await openDevChain({ database });
  for (let i = 0; i < 260; i++) await chain.seal();
  const head = chain.head();
  await chain.close();
  const edit = new DatabaseSync(database);
  edit.exec("DROP TABLE snapshots; DROP TABLE codes; UPDATE about SET value = 'assay-chain-1'");
  edit.close();
  const again = await openDevChain({ database, runtimeCode: raised });
  assert.deepEqual(again.head(), head);
  await again.close();
  const look = new DatabaseSync(database);
  const format = look.prepare("SELECT value FROM about WHERE name = 'format'").get();
  const snapshots = look.prepare("SELECT number FROM snapshots").all();
  look.close();
  assert.deepEqual(
    snapshots.map((row) => row["number"]),
    [260],
  );
  assert.equal(format?.["value"], "assay-chain-2");
});
