/** @file The raw spec of a native chain holds the state and the genesis hash of an embedded chain of the same genesis; keys are what the SDK derives. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { fromHex, keyOfHex, toHex } from "../../../chain/embedded/codec/bytes.ts";
import type { JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { trieRootHash } from "../../../chain/embedded/state/trie-root.ts";
import { type TrieRoot, trieSet } from "../../../chain/embedded/state/trie.ts";
import { ChainError } from "../../../chain/errors.ts";
import {
  authoritiesPatch,
  authorityKeys,
  peerIdOf,
  sparedBy,
} from "../../../chain/native/authority-keys.ts";
import { rawSpec, type SpecOptions } from "../../../chain/native/raw-spec.ts";

const NAMES = ["//Alice", "//Bob", "//Charlie", "//Dave"];
const authorities = NAMES.map((name) => authorityKeys(name).authority);
const BOOTNODE = `/ip4/127.0.0.1/tcp/30333/p2p/${authorities[0]?.peerId ?? ""}`;

async function optionsOf(patch: JsonObject, preset = "development"): Promise<SpecOptions> {
  const runtimeCode = await readRuntimeArtifact();
  const names = { name: "Test", id: "test", bootnodes: [BOOTNODE] };
  return { runtimeCode, preset, patch, slotDurationMs: 1000, ...names };
}

/** The file's state, read back entry by entry. */
function stateIn(top: Readonly<Record<string, string>>): TrieRoot {
  let state: TrieRoot = null;
  for (const [key, value] of Object.entries(top))
    state = trieSet(state, keyOfHex(key), fromHex(value));
  return state;
}

describe("a raw spec", () => {
  it("holds the genesis of the embedded chain, key by key", async () => {
    const options = await optionsOf(authoritiesPatch(authorities));
    const spec = await rawSpec(options);
    const { runtimeCode, preset, patch: genesisPatch, slotDurationMs } = options;
    const chain = await openEmbeddedChain({ runtimeCode, preset, genesisPatch, slotDurationMs });
    assert.equal(spec.genesisHash, chain.genesisHash);
    const { genesis, ...names } = JSON.parse(spec.text);
    const state = stateIn(genesis.raw.top);
    assert.equal(toHex(trieRootHash(state, 1)), spec.stateRoot);
    assert.equal(spec.stateRoot, chain.header(chain.genesisHash)?.stateRoot);
    assert.deepEqual(
      [names.chainType, names.protocolId, names.bootNodes],
      ["Local", "test", [BOOTNODE]],
    );
    assert.deepEqual([names.telemetryEndpoints, genesis.raw.childrenDefault], [null, {}]);
    chain.close();
  });

  it("of two block times differs in that entry alone", async () => {
    const one = await optionsOf(authoritiesPatch(authorities));
    const entries = async (slotDurationMs: number): Promise<[string, unknown][]> =>
      Object.entries(JSON.parse((await rawSpec({ ...one, slotDurationMs })).text).genesis.raw.top);
    const [slow, fast] = [new Map(await entries(6000)), new Map(await entries(500))];
    const changed = [...slow]
      .filter(([key, value]) => fast.get(key) !== value)
      .map(([, value]) => value);
    assert.deepEqual(changed, ["0x7017000000000000"]);
    assert.equal(slow.size, fast.size);
  });

  it("of a live chain has the authorities that are named, and no other account", async () => {
    const spec = await rawSpec(await optionsOf(authoritiesPatch(authorities), "live"));
    assert.equal(JSON.parse(spec.text).chainType, "Live");
    const chain = await openEmbeddedChain({
      runtimeCode: await readRuntimeArtifact(),
      preset: "live",
      slotDurationMs: 1000,
      genesisPatch: authoritiesPatch(authorities),
    });
    assert.equal(spec.genesisHash, chain.genesisHash);
    chain.close();
  });

  it("without anybody who makes blocks is refused", async () => {
    const spec = rawSpec(await optionsOf({}, "live"));
    await assert.rejects(
      spec,
      (error) => error instanceof ChainError && error.code === "genesis-invalid",
    );
  });

  it("of a genesis that the runtime refuses is refused with its words", async () => {
    const spec = rawSpec(await optionsOf({ balances: { balances: "much" } }));
    await assert.rejects(
      spec,
      (error) => error instanceof ChainError && error.code === "genesis-invalid",
    );
  });
});

describe("an authority's keys", () => {
  it("of a development name are those of the SDK's keyring", () => {
    const { authority, keystore, nodeKey } = authorityKeys("//Alice");
    // sp-keyring 49: Sr25519Keyring::Alice and Ed25519Keyring::Alice.
    assert.equal(authority.aura, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    assert.equal(authority.grandpa, "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu");
    assert.deepEqual(keystore, [
      {
        name: "61757261d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
        content: '"//Alice"',
      },
      {
        name: "6772616e88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee",
        content: '"//Alice"',
      },
    ]);
    assert.match(nodeKey, /^[\da-f]{64}$/);
    assert.equal(authorityKeys("//Alice").nodeKey, nodeKey);
  });

  it("are new each time without a name, and no two of them are the same", () => {
    const [one, other] = [authorityKeys(), authorityKeys()];
    const secrets = [one, other].flatMap(({ keystore, nodeKey }) => [
      ...keystore.map(({ content }) => content),
      nodeKey,
    ]);
    assert.equal(new Set(secrets).size, secrets.length);
    assert.notEqual(one.authority.peerId, other.authority.peerId);
  });

  it("have the peer id of libp2p's specification", () => {
    // The ed25519 key and peer id of the specification of peer ids by libp2p.
    const key = "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    assert.equal(
      peerIdOf(Buffer.from(key, "hex")),
      "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
    );
  });

  it("spare less than a third", () => {
    assert.deepEqual([1, 2, 3, 4, 6, 7, 10].map(sparedBy), [0, 0, 0, 1, 1, 2, 3]);
  });
});
