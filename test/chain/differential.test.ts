/**
 * @file Differential test: the same blocks on our host and on smoldot's executor, from the same states, must leave
 * the same storage and give the same results; epochs, registrations, weights and commitments included.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hexOfKey, keyOf, toHex } from "../../chain/embedded/codec/bytes.ts";
import { openingHeader } from "../../chain/embedded/blocks/block-builder.ts";
import { writeExactJson } from "../../chain/embedded/codec/exact-json.ts";
import { genesisConfig } from "../../chain/embedded/blocks/genesis.ts";
import { auraSlot } from "../../chain/embedded/blocks/header.ts";
import { readRuntimeArtifact } from "../../chain/embedded/artifact.ts";
import { CODE_KEY, parameterKey } from "../../chain/embedded/state/well-known-keys.ts";
import { WasmRuntime } from "../../chain/embedded/wasm/runtime.ts";
import { textVector } from "../../chain/embedded/codec/scale.ts";
import { trieKeys, trieSet } from "../../chain/embedded/state/trie.ts";
import {
  type Pair,
  NETUID,
  key,
  openDevChain,
  requireCall,
  signerFor,
  storagePrefix,
  subnetPatch,
  transfer,
} from "./embedded/dev-chain.ts";
import { askOracle, compareHead } from "./embedded/oracle.ts";

const BLOCKS = 54;
const inOrder = (a: string, b: string): number => (a < b ? -1 : 1);

test(`${BLOCKS} blocks with real extrinsics and epochs: no difference in storage`, async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  const nonces = new Map<string, number>();
  const send = async (pair: Pair, call: unknown): Promise<void> => {
    const nonce = nonces.get(pair.address) ?? 0;
    nonces.set(pair.address, nonce + 1);
    await chain.submit(signer.sign(pair, call, nonce));
  };
  const pay = requireCall(signer, "balances", "transferKeepAlive");
  const register = requireCall(signer, "subtensorModule", "burnedRegister");
  const setWeights = requireCall(signer, "subtensorModule", "setWeights");
  const commit = signer.call("commitments", "setCommitment");
  const [alice, bob, charlie, dave] = [
    key("//Alice"),
    key("//Bob"),
    key("//Charlie"),
    key("//Dave"),
  ];
  let compared = 0;
  let committed = 0;
  for (let block = 1; block <= BLOCKS; block++) {
    if (block % 6 === 1) await send(alice, pay(dave.address, 1_000_000 + block));
    if (block % 9 === 2) await send(alice, register(NETUID, key(`//Miner//${block}`).address));
    if (block % 12 === 5) {
      await send(bob, setWeights(NETUID, [2, 3], [60_000, 20_000 + block], 0));
      await send(charlie, setWeights(NETUID, [2, 3], [50_000, 30_000 + block], 0));
    }
    // A dispatch that fails: the same registration twice.
    if (block === 30) await send(alice, register(NETUID, key("//Miner//2").address));
    if (commit !== null && block % 12 === 7) {
      await send(dave, commit(NETUID, { fields: [{ Raw32: `0x${"5a".repeat(32)}` }] }));
      committed++;
    }
    await chain.seal();
    compared += await compareHead(chain);
  }
  assert.equal(chain.pool.readyCount + chain.pool.futureCount, 0);
  // The blocks did what they should: miners registered, epochs paid by the weights.
  const stored = (item: string): string[] => {
    const keys = chain.keysAt(keyOf(storagePrefix("SubtensorModule", item)), 1000);
    return keys.map((name) => chain.storageAt(hexOfKey(name)) ?? "0x");
  };
  assert.ok(stored("Uids").length >= 3 + 5, "registrations");
  assert.ok(
    stored("Incentive").some((value) => /[1-9a-f]/.test(value.slice(4))),
    "incentives",
  );
  assert.ok(compared > BLOCKS * 10, `only ${compared} entries`);
  console.log(
    `${BLOCKS} blocks, ${compared} storage entries, ${committed} commitments, 0 differences`,
  );
  await chain.close();
});

test("apply results: included, failed, stale, future and forged extrinsics", async () => {
  const chain = await openDevChain();
  const signer = signerFor(chain);
  const alice = key("//Alice");
  const forged = transfer(signer, alice, 0);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 4;
  const all = requireCall(signer, "balances", "transferKeepAlive");
  const samples = [
    transfer(signer, alice, 0),
    signer.sign(alice, all(key("//Bob").address, 10n ** 18n), 0),
    transfer(signer, alice, 7),
    forged,
    transfer(signer, key("//Alice", "ed25519"), 0),
    transfer(signer, key("//Alice", "ecdsa"), 0),
  ];
  await chain.seal([transfer(signer, key("//Bob"), 0)]);
  samples.push(transfer(signer, key("//Bob"), 0));
  const { number, hash } = chain.head();
  const header = chain.header();
  const slot = (header === null ? 0n : (auraSlot(header) ?? 0n)) + 1n;
  const opening = openingHeader({ parentHash: hash, number: number + 1, slot });
  const results = new Set<string>();
  for (const bytes of samples) {
    const ours = toHex(chain.dryRun(bytes));
    const theirs = await askOracle(chain.stateAt(), [
      ["Core_initialize_block", opening],
      ["BlockBuilder_apply_extrinsic", bytes],
    ]);
    assert.equal(ours, theirs.result);
    results.add(ours.slice(0, 8));
  }
  assert.deepEqual(
    [...results].toSorted(),
    ["0x0000", "0x000108", "0x010001", "0x010002", "0x010003", "0x010004"].toSorted(),
  );
  await chain.close();
});

test("genesis state built by the oracle is the same, entry by entry", async () => {
  const chain = await openDevChain();
  const runtimeCode = await readRuntimeArtifact();
  const config = genesisConfig(new WasmRuntime(runtimeCode), {
    runtimeCode,
    preset: "development",
    patch: subnetPatch(),
    slotDurationMs: 250,
  });
  const onlyCode = trieSet(null, CODE_KEY, runtimeCode);
  const args = textVector(writeExactJson(config));
  const { result, changes } = await askOracle(onlyCode, [["GenesisBuilder_build_state", args]]);
  assert.equal(result, "0x00");
  const added = new Set([CODE_KEY, parameterKey("SlotDuration")].map(hexOfKey));
  const state = chain.stateAt(chain.genesisHash);
  const ours = [...trieKeys(state, "")].map(hexOfKey).filter((name) => !added.has(name));
  const theirs = [...changes].filter(([, value]) => value !== null).map(([name]) => name);
  assert.deepEqual(theirs.toSorted(inOrder), ours);
  for (const name of ours) assert.equal(chain.storageAt(name), changes.get(name));
  assert.ok(ours.length > 50, `${ours.length} entries`);
  await chain.close();
});
