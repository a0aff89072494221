/**
 * @file Encrypted calls where four authors take turns: each opens what is encrypted to its own key, and no other's. Skipped aloud
 * where no node is built.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { toHex } from "../../../chain/embedded/codec/bytes.ts";
import { findNode } from "../../../chain/native/binary.ts";
import { Replay } from "../../../chain/native/replay.ts";
import { Network } from "../../../chain/network/network.ts";
import { blockOf, hashOf, heightOf } from "../../../chain/network/rpc.ts";
import { accounts, NETUID, testGenesis } from "../client/fixture.ts";

const AUTHORITIES = 4;
const SLOT_MS = 500;
const FIRST_PORT = 21_500;
const FINAL_MS = 120_000;
/** A carrier is longer: a ciphertext of ML-KEM-768. So is the inherent before it, an author's key. */
const CARRIER_BYTES = 1088;
/** An author's key serves so many: until then each has one. */
const ROTATION_BLOCKS = 16;
const LIFE_BLOCKS = 60;
const CALLS = 6;
const program = findNode();
const skip =
  program === null ? "SKIPPED: the native node is not built (npm run chain:node)" : false;

describe("encrypted calls on native nodes", { skip }, () => {
  let network: Network;
  let client: ChainClient;
  const folder = mkdtempSync(join(tmpdir(), "assay-shield-"));

  before(async () => {
    assert.ok(program !== null);
    const runtimeCode = await readRuntimeArtifact();
    const pace = { authorities: AUTHORITIES, blockMs: SLOT_MS, firstPort: FIRST_PORT };
    network = await Network.start({ program, runtimeCode, folder, ...pace, patch: testGenesis() });
    const [first] = network.nodes;
    assert.ok(first !== undefined);
    await network.until(first, ({ final }) => final >= ROTATION_BLOCKS, FINAL_MS);
    client = await connectChain({ endpoints: [first.endpoint] });
  });
  after(async () => {
    await client.close();
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are encrypted to a key of each author in turn", async () => {
    const keys = new Set<string>();
    for (let number = 1; number <= ROTATION_BLOCKS; number++) {
      const hash = await hashOf(network.nodes[0]?.rpcPort ?? 0, number);
      const key = await client.shieldKey(hash);
      if (key !== null) keys.add(toHex(key));
    }
    assert.equal(keys.size, AUTHORITIES);
  });

  it("are opened in the block that holds their carrier, right behind it, and execute again in V8", async () => {
    const { hotkey } = accounts.validators[0] ?? assert.fail("no validator");
    const port = network.nodes[0]?.rpcPort ?? 0;
    const authors = new Set<number>();
    for (let call = 1; call <= CALLS; call++) {
      const weights = { uids: [1], values: [call], versionKey: 0n };
      const { number } = await client.head();
      const sent = await client.setShieldedWeights(hotkey, NETUID, weights, number + LIFE_BLOCKS);
      assert.ok(sent !== null, "it came too late");
      const { header, extrinsics } = await blockOf(port, sent.block.hash);
      const carrier = extrinsics.findLastIndex(({ length }) => length > CARRIER_BYTES);
      const sizes = extrinsics.map(({ length }) => length);
      assert.ok(
        carrier > 1 && carrier === extrinsics.length - 2,
        `extrinsics of ${sizes.join(", ")} bytes`,
      );
      const metagraph = await client.metagraph(NETUID, sent.block.hash);
      assert.equal(metagraph.neurons[0]?.lastUpdate, header.number);
      const slot = Buffer.from(header.logs[0] ?? []).readBigUInt64LE(6);
      authors.add(Number(slot % BigInt(AUTHORITIES)));
    }
    assert.ok(authors.size > 1, "one author alone opened them");
    const { final } = await heightOf(port);
    const replay = new Replay(network.genesis);
    for (let number = 1; number <= final; number++) {
      const block = await blockOf(port, await hashOf(port, number));
      assert.equal(replay.execute(block), block.header.stateRoot);
    }
  });
});
