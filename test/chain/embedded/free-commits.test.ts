/** @file Commits and reveals before the block: free for who is registered, one of a kind at a time, nothing for anybody else. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { commitHash } from "../../../chain/client/commits.ts";
import { concat, keyOf, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { ChainError } from "../../../chain/errors.ts";
import {
  funded,
  key,
  NETUID,
  openDevChain,
  requireCall,
  type Signer,
  signerFor,
  storagePrefix,
} from "./dev-chain.ts";

const [VALIDATOR, MINER, STRANGER, NOBODY] = ["//validator", "//miner", "//Ferdie", "//nobody"];
const TEMPO = 20;
const SALT = [4, 5, 6];

function neuron(uri: string, stake: number): JsonObject {
  const [hotkey, coldkey] = [key(uri).address, key(`${uri}//cold`).address];
  return { hotkey, coldkey, stake, validatorPermit: stake > 0 };
}

let chain: EmbeddedChain;
let signer: Signer;
before(async () => {
  await cryptoReady();
  const network = {
    netuid: NETUID,
    ownerColdkey: key("//Alice").address,
    ownerHotkey: key("//Alice//hotkey").address,
    tempo: TEMPO,
    neurons: [neuron(VALIDATOR, 3e12), neuron(MINER, 0)],
    additional: "",
  };
  const genesisPatch = {
    ...funded([`${VALIDATOR}//cold`]),
    subtensorModule: { networks: [network] },
  };
  chain = await openDevChain({ genesisPatch });
  const enabled = storagePrefix("SubtensorModule", "CommitRevealWeightsEnabled");
  chain.setStorage([[keyOf(concat(enabled, Uint8Array.of(NETUID, 0))), Uint8Array.of(1)]]);
  signer = signerFor(chain);
  await chain.seal();
});
after(async () => chain.close());

const call = (name: string, ...args: readonly unknown[]): unknown =>
  requireCall(signer, "subtensorModule", name)(...args);

/** Of weights 1 for uid 1, with a salt that tells hotkeys' commits apart. */
function hashOf(uri: string, version = 0n): string {
  const weights = { uids: [1], values: [1], salt: SALT, versionKey: version };
  return commitHash(toHex(key(uri).publicKey), NETUID, weights);
}

const reveal = (): unknown => call("revealWeights", NETUID, [1], [1], SALT, 0);

/** Every way to commit to mechanism 0. */
function commits(uri: string): readonly unknown[] {
  return [
    call("commitWeights", NETUID, hashOf(uri)),
    call("commitMechanismWeights", NETUID, 0, hashOf(uri, 1n)),
    call("batchCommitWeights", [NETUID], [hashOf(uri, 2n)]),
  ];
}

/** With the nonce after those that wait. */
async function send(uri: string, what: unknown): Promise<void> {
  const pair = key(uri);
  await chain.submit(signer.sign(pair, what, chain.nextNonce(pair.publicKey)));
}

function saying(text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(
      error instanceof ChainError && error.fault.code === "extrinsic-invalid",
      String(error),
    );
    assert.match(`${error.fault.reason} ${error.fault.detail}`, text);
    return true;
  };
}

/** Extrinsics of the head beside the timestamp. */
const included = (): number => (chain.block()?.extrinsics.length ?? 0) - 1;

describe("free commits", () => {
  it("are nothing for whoever has no uid", async () => {
    for (const what of commits(STRANGER))
      await assert.rejects(send(STRANGER, what), saying(/Custom error: 19$/));
    for (const what of [...commits(NOBODY), reveal()])
      await assert.rejects(send(NOBODY, what), saying(/Inability to pay/));
    await assert.rejects(send(STRANGER, reveal()), saying(/Custom error: 16$/));
  });

  it("wait one at a time, in whatever form", async () => {
    const [first, ...others] = commits(VALIDATOR);
    await send(VALIDATOR, first);
    for (const second of others)
      await assert.rejects(send(VALIDATOR, second), saying(/Priority is too low/));
    await assert.rejects(send(VALIDATOR, reveal()), saying(/Custom error: 16$/));
    // A miner may commit too: what it could reveal is a weight for itself.
    await send(MINER, call("commitWeights", NETUID, hashOf(MINER)));
    await chain.seal();
    assert.equal(included(), 2);
    await assert.rejects(send(VALIDATOR, reveal()), saying(/Custom error: 17$/));
  });

  it("open by one reveal at a time, in their epoch", async () => {
    while (chain.head().number < TEMPO) await chain.seal();
    await send(VALIDATOR, reveal());
    const batch = call("batchRevealWeights", NETUID, [[1]], [[1]], [SALT], [0]);
    await assert.rejects(send(VALIDATOR, batch), saying(/Priority is too low/));
    // Of another kind: it may stand beside the reveal.
    await send(VALIDATOR, call("commitWeights", NETUID, hashOf(VALIDATOR, 3n)));
    await chain.seal();
    assert.equal(included(), 2);
    await assert.rejects(send(VALIDATOR, batch), saying(/Custom error: 16$/));
  });
});
