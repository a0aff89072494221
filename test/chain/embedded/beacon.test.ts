/** @file Timelocked weights on the real runtime: what Bittensor's client encrypted, opened by a pulse that drand published. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { compact } from "../../../chain/embedded/codec/scale.ts";
import { concat, keyOf, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { ChainError } from "../../../chain/errors.ts";
import fixture from "../../fixtures/timelocked.json" with { type: "json" };
import { funded, key, openDevChain, requireCall, signerFor, storagePrefix } from "./dev-chain.ts";

const NETUID = 1;
const TEMPO = 6;
const BARE_V4 = 4;
const VERSION = 4;

const [early, pulse] = fixture.pulses;
const { commit } = fixture;

function neuron(uri: string, stake: number): JsonObject {
  const [hotkey, coldkey] = [key(uri).address, key(`${uri}//cold`).address];
  return { hotkey, coldkey, stake, validatorPermit: stake > 0 };
}

/** //Alice and //Bob are validators, uids 0 and 2; uid 1 is a miner. Commit-reveal is on. */
async function open(beacon: "quicknet" | null): Promise<EmbeddedChain> {
  await cryptoReady();
  const network = {
    netuid: NETUID,
    ownerColdkey: key("//Charlie").address,
    ownerHotkey: key("//Charlie//hotkey").address,
    tempo: TEMPO,
    neurons: [neuron("//Alice", 3e12), neuron("//miner", 0), neuron("//Bob", 1e12)],
    additional: "",
  };
  const genesisPatch = {
    ...funded(["//Alice//cold", "//Bob//cold"]),
    subtensorModule: { networks: [network] },
    drand: { beacon },
  };
  const chain = await openDevChain({ genesisPatch });
  const enabled = storagePrefix("SubtensorModule", "CommitRevealWeightsEnabled");
  chain.setStorage([[keyOf(concat(enabled, Uint8Array.of(NETUID, 0))), Uint8Array.of(1)]]);
  return chain;
}

const hex = (text: string): `0x${string}` => `0x${text}`;

function committed(chain: EmbeddedChain, uri: string): Uint8Array {
  const signer = signerFor(chain);
  const call = requireCall(signer, "subtensorModule", "commitTimelockedMechanismWeights");
  const args = [NETUID, 0, hex(commit.ciphertext), commit.round, VERSION];
  return signer.sign(key(uri), call(...args), chain.nextNonce(key(uri).publicKey));
}

/** `write_pulse` without a signature: the pulse proves itself. */
function sent(chain: EmbeddedChain, one: (typeof fixture.pulses)[number]): Uint8Array {
  const call = requireCall(signerFor(chain), "drand", "writePulse");
  const sealed = {
    round: one.round,
    randomness: hex(one.randomness),
    signature: hex(one.signature),
  };
  const sender = { Sr25519: toHex(key("//Dave").publicKey) };
  const made = call({ blockNumber: 0, pulses: [sealed], public: sender }, null);
  assert.ok(typeof made === "object" && made !== null && "toU8a" in made);
  assert.ok(typeof made.toU8a === "function");
  const bytes: unknown = made.toU8a();
  assert.ok(bytes instanceof Uint8Array);
  const bare = concat(Uint8Array.of(BARE_V4), bytes);
  return concat(compact(bare.length), bare);
}

/** Stored weights of a uid: pairs of u16 after their number, or null. */
function weightsOf(chain: EmbeddedChain, uid: number): string | null {
  const at = concat(storagePrefix("SubtensorModule", "Weights"), Uint8Array.of(NETUID, 0, uid, 0));
  return chain.storageAt(toHex(at));
}

async function sealTo(chain: EmbeddedChain, block: number): Promise<void> {
  while (chain.head().number < block) await chain.seal();
}

function refusedAs(detail: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(
      error instanceof ChainError && error.fault.code === "extrinsic-invalid",
      String(error),
    );
    assert.match(error.fault.detail, detail);
    return true;
  };
}

describe("timelocked weights", () => {
  it("open by themselves when the pulse has come", async () => {
    const chain = await open("quicknet");
    await chain.seal();
    await chain.submit(committed(chain, "//Alice"));
    // A copy of it under another hotkey opens too, and sets nothing: the hotkey is in it.
    await chain.submit(committed(chain, "//Bob"));
    await sealTo(chain, TEMPO + 1);
    assert.deepEqual([weightsOf(chain, 0), weightsOf(chain, 2)], [null, null]);
    assert.ok(early !== undefined && pulse !== undefined);
    await chain.submit(sent(chain, early));
    await chain.seal();
    assert.equal(weightsOf(chain, 0), null, "another round opens nothing");
    await chain.submit(sent(chain, pulse));
    await chain.seal();
    const before = process.cpuUsage();
    await chain.seal();
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    assert.deepEqual([weightsOf(chain, 0), weightsOf(chain, 2)], ["0x040100ffff", null]);
    assert.ok(took < 2_000, `opening two took ${took} ms of a processor`);
    await chain.close();
  });

  it("are refused aloud where no beacon is followed, as its pulses are", async () => {
    const chain = await open(null);
    await chain.seal();
    await assert.rejects(
      chain.submit(committed(chain, "//Alice")),
      refusedAs(/^Custom error: 15$/),
    );
    assert.ok(pulse !== undefined);
    await assert.rejects(chain.submit(sent(chain, pulse)), refusedAs(/^Custom error: 15$/));
    await chain.close();
  });

  it("take no pulse that is not the beacon's, and none twice", async () => {
    const chain = await open("quicknet");
    await chain.seal();
    assert.ok(early !== undefined && pulse !== undefined);
    const forged = { ...pulse, round: 1001 };
    await assert.rejects(chain.submit(sent(chain, forged)), refusedAs(/bad signature/));
    await chain.submit(sent(chain, pulse));
    await chain.submit(sent(chain, early));
    await chain.seal();
    const rounds = chain.keysAt(keyOf(storagePrefix("Drand", "Pulses")), 10);
    assert.equal(rounds.length, 2);
    await assert.rejects(chain.submit(sent(chain, pulse)), refusedAs(/outdated|temporarily/));
    await chain.close();
  });
});
