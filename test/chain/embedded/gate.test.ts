/** @file The gate before the block, on the real runtime: what is free, for whom, how often, and that no wrapper goes round it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { decodeValidity } from "../../../chain/embedded/blocks/validity.ts";
import { concat, fromHex, hexOfKey, keyOf } from "../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { ScaleReader } from "../../../chain/embedded/codec/scale.ts";
import { ChainError } from "../../../chain/errors.ts";
import {
  funded,
  key,
  NETUID,
  openDevChain,
  type Pair,
  requireCall,
  type Signer,
  signerFor,
  storagePrefix,
  transfer,
} from "./dev-chain.ts";

/** Hotkeys without a balance, as most are: two validators and a miner. */
const [FIRST, SECOND, MINER] = ["//first", "//second", "//miner"];
/** Has a balance and no uid. */
const RICH = "//Ferdie";
const TEMPO = 200;
const QUOTA = 31;
const FREE_PRIORITY = 10_000_000_000_000n;
const FIRST_STAKE_TAO = 3000n;

function neuron(uri: string, stake: number): JsonObject {
  const [hotkey, coldkey] = [key(uri).address, key(`${uri}//cold`).address];
  return { hotkey, coldkey, stake, validatorPermit: stake > 0 };
}

function patch(): JsonObject {
  const network = {
    netuid: NETUID,
    ownerColdkey: key("//Alice").address,
    ownerHotkey: key("//Alice//hotkey").address,
    tempo: TEMPO,
    servingRateLimit: 0,
    neurons: [neuron(FIRST, Number(FIRST_STAKE_TAO) * 1e9), neuron(SECOND, 1e12), neuron(MINER, 0)],
    additional: "",
  };
  const stakers = [FIRST, SECOND].map((uri) => `${uri}//cold`);
  return { ...funded(stakers), subtensorModule: { networks: [network] } };
}

let chain: EmbeddedChain;
let signer: Signer;
const nonces = new Map<string, number>();
before(async () => {
  await cryptoReady();
  chain = await openDevChain({ genesisPatch: patch() });
  signer = signerFor(chain);
});
after(async () => chain.close());
beforeEach(() => {
  for (const uri of [FIRST, SECOND, MINER, RICH]) {
    nonces.set(uri, chain.nextNonce(key(uri).publicKey));
  }
});

const call = (pallet: string, name: string, ...args: readonly unknown[]): unknown =>
  requireCall(signer, pallet, name)(...args);
const ones = (uids: readonly number[]): number[] => uids.map(() => 1);
const weights = (uids: readonly number[], netuid = NETUID): unknown =>
  call("subtensorModule", "setWeights", netuid, uids, ones(uids), 0);
const mechanismWeights = (mecid: number): unknown =>
  call("subtensorModule", "setMechanismWeights", NETUID, mecid, [0, 1, 2], [1, 1, 1], 0);
const axon = (ip: number, port: number, kind = 4): unknown =>
  call("subtensorModule", "serveAxon", NETUID, 1, ip, port, kind, 4, 0, 0);
const commitment = (netuid = NETUID): unknown =>
  call("commitments", "setCommitment", netuid, { fields: [{ Raw1: "0x01" }] });
const batch = (...calls: readonly unknown[]): unknown => call("utility", "batch", calls);

function signed(uri: string, what: unknown, ahead = 0): Uint8Array {
  return signer.sign(key(uri), what, (nonces.get(uri) ?? 0) + ahead);
}

/** Extrinsics of the head beside the timestamp. */
const included = (): number => (chain.block()?.extrinsics.length ?? 0) - 1;

/** Name (latin1) of an entry of a map whose key ends in the account. */
function entryOf(pallet: string, item: string, { publicKey }: Pair): string | undefined {
  const names = chain.keysAt(keyOf(storagePrefix(pallet, item)), 1000);
  return names.find((name) => name.endsWith(keyOf(publicKey)));
}

/** Rao; behind four u32 in the account. */
function balance(pair: Pair): bigint {
  const entry = entryOf("System", "Account", pair);
  const value = entry === undefined ? null : chain.storageAt(hexOfKey(entry));
  return value === null ? 0n : new ScaleReader(fromHex(value).subarray(16)).u64();
}

function saying(detail: RegExp): (error: unknown) => boolean {
  return (error) => {
    const { fault } = error instanceof ChainError ? error : assert.fail(String(error));
    assert.ok(fault.code === "extrinsic-invalid");
    assert.equal(fault.reason, "Invalid Transaction");
    assert.match(fault.detail, detail);
    return true;
  };
}

async function refusedWith(code: number, uri: string, what: unknown): Promise<void> {
  const answer = saying(new RegExp(`^Custom error: ${code}$`));
  await assert.rejects(chain.submit(signed(uri, what)), answer);
}

/** Priority that the runtime gives an extrinsic on the head. */
function priority(bytes: Uint8Array): bigint {
  const args = concat(Uint8Array.of(2), bytes, fromHex(chain.head().hash));
  return decodeValidity(chain.call("TaggedTransactionQueue_validate_transaction", args)).priority;
}

function wrapped(): readonly (readonly [string, unknown])[] {
  const inner = commitment();
  const others = [key("//Alice").address, key("//Charlie").address];
  const self = key(RICH).address;
  return [
    ["batch", batch(inner, inner)],
    ["batchAll", call("utility", "batchAll", [weights([0, 1, 2])])],
    ["forceBatch", call("utility", "forceBatch", [axon(1, 1)])],
    ["asDerivative", call("utility", "asDerivative", 0, inner)],
    ["ifElse", call("utility", "ifElse", inner, inner)],
    ["proxy", call("proxy", "proxy", self, null, inner)],
    ["asMultiThreshold1", call("multisig", "asMultiThreshold1", others.slice(1), inner)],
    ["a batch in a batch", batch(batch(inner))],
  ];
}

describe("a free call", () => {
  it("of an account without a uid is refused by upstream's number", async () => {
    await refusedWith(19, RICH, weights([0, 1, 2]));
    await refusedWith(19, RICH, mechanismWeights(0));
    await refusedWith(10, RICH, axon(1, 1));
    await refusedWith(19, RICH, commitment());
    await refusedWith(3, RICH, commitment(9));
    await refusedWith(3, FIRST, commitment(9));
  });

  it("of an account that does not even exist is refused as one that cannot pay", async () => {
    for (const what of [weights([0, 1, 2]), axon(1, 1), commitment()]) {
      await assert.rejects(chain.submit(signed("//nobody", what)), saying(/Inability to pay/));
    }
  });

  it("that would fail in its block is refused before it", async () => {
    await refusedWith(255, FIRST, weights([0, 1, 2], 9)); // commit-reveal is on where nothing is stored
    await refusedWith(255, MINER, weights([0, 1]));
    await refusedWith(255, FIRST, weights([0, 7]));
    await refusedWith(255, FIRST, weights([0, 0]));
    await refusedWith(255, FIRST, mechanismWeights(1));
    await refusedWith(255, MINER, axon(1, 1, 5));
    await refusedWith(11, MINER, axon(0xff_ff_ff_ff, 1));
    await refusedWith(13, MINER, axon(1, 0));
  });

  it("of a registered hotkey passes, one of a kind at a time", async () => {
    await chain.submit(signed(FIRST, weights([0, 1, 2])));
    await chain.submit(signed(FIRST, commitment(), 1));
    await chain.submit(signed(FIRST, axon(1, 1), 2));
    for (const second of [weights([0, 1]), mechanismWeights(0), commitment(), axon(2, 2)]) {
      const outranked = { message: /Priority is too low/ };
      await assert.rejects(chain.submit(signed(FIRST, second, 3)), outranked);
    }
    await chain.submit(signed(SECOND, commitment()));
    await chain.submit(signed(MINER, axon(3, 3)));
    await chain.seal();
    assert.equal(included(), 5);
    await chain.submit(signed(FIRST, commitment(), 3));
    await chain.seal();
    assert.equal(included(), 1);
  });

  it("has a priority above calls without a tip: all the same, and what is staked on top", () => {
    for (const what of [weights([0]), weights([0, 1, 2]), commitment(), axon(1, 1)])
      assert.equal(priority(signed(FIRST, what)), FREE_PRIORITY + FIRST_STAKE_TAO);
    assert.equal(priority(signed(MINER, axon(1, 1))), FREE_PRIORITY);
    assert.ok(priority(transfer(signer, key(RICH), 0)) < FREE_PRIORITY / 1000n);
  });

  it("beyond the quota of its epoch is refused until the next", async () => {
    for (let nonce = nonces.get(SECOND) ?? 0; nonce < QUOTA; nonce++) {
      await chain.submit(signer.sign(key(SECOND), commitment(), nonce));
      await chain.seal();
      assert.equal(included(), 1);
    }
    nonces.set(SECOND, QUOTA);
    await refusedWith(255, SECOND, commitment());
    // Not the same bytes again: a refused extrinsic stays refused for a while.
    for (let block = 0; block < TEMPO; block++) await chain.seal();
    await chain.submit(signed(SECOND, commitment()));
    await chain.seal();
    assert.equal(included(), 1);
  });
});

describe("a wrapper", () => {
  it("is not free: who cannot pay is refused, with a uid or without", async () => {
    for (const [name, what] of wrapped()) {
      for (const uri of [MINER, "//nobody"]) {
        await assert.rejects(chain.submit(signed(uri, what)), saying(/Inability to pay/), name);
      }
    }
  });

  it("pays, and what it holds is checked all the same", async () => {
    let had = balance(key(RICH));
    for (const [ahead, [name, what]] of wrapped().entries()) {
      await chain.submit(signed(RICH, what, ahead));
      await chain.seal();
      assert.equal(included(), 1, name);
      const left = balance(key(RICH));
      assert.ok(had - left > 5000n, `${name} cost ${had - left} rao`);
      had = left;
    }
    assert.equal(entryOf("Commitments", "CommitmentOf", key(RICH)), undefined);
    assert.notEqual(entryOf("Commitments", "CommitmentOf", key(FIRST)), undefined);
  });

  it("of sudo is refused to all but its key", async () => {
    const sudo = call("sudo", "sudo", call("system", "remark", "0x"));
    await assert.rejects(chain.submit(signed(RICH, sudo)), saying(/Invalid signing address/));
    await chain.submit(signer.sign(key("//Alice"), sudo, 0));
    await chain.seal();
    assert.equal(included(), 1);
  });
});

describe("authoring", () => {
  it("leaves out what became invalid since it entered the pool", async () => {
    const free = signed(FIRST, commitment());
    const hash = await chain.submit(free);
    const uid = entryOf("SubtensorModule", "Uids", key(FIRST)) ?? assert.fail();
    const kill = call("system", "killStorage", [hexOfKey(uid)]);
    const tip = signer.sign(key("//Alice"), call("sudo", "sudo", kill), 1);
    await chain.seal([tip, free]);
    assert.equal(included(), 1);
    assert.equal(chain.pool.status(hash), null);
    assert.equal(chain.nextNonce(key(FIRST).publicKey), nonces.get(FIRST));
  });

  it("asks one thing of an account that can no longer pay, so that tips which nobody pays keep nobody out", async () => {
    const sink = key("//sink").address;
    for (const uri of ["//Charlie", "//Dave"]) {
      const pair = key(uri);
      const first = chain.nextNonce(pair.publicKey);
      const away = call("balances", "transferAll", sink, false);
      await chain.submit(signer.sign(pair, away, first, 2_000_000_000n));
      const remark = call("system", "remark", "0x00");
      for (let ahead = 1; ahead <= 300; ahead++)
        await chain.submit(signer.sign(pair, remark, first + ahead, 500_000_000_000_000n));
    }
    const honest = await chain.submit(signed(RICH, call("balances", "transferKeepAlive", sink, 7)));
    assert.ok(chain.pool.status(honest) !== null);
    await chain.seal();
    assert.equal(chain.pool.status(honest), null);
    assert.equal(included(), 3);
    await chain.seal();
    assert.equal(included(), 0, "what stayed out has left the pool or waits for its turn");
  });
});
