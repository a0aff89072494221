/** @file The file of targets of a local network: chain and every member with an axon, by name. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { Member } from "../../../subnet/localnet/members.ts";
import { writeTargets } from "../../../subnet/localnet/targets.ts";
import { stub } from "../stub.ts";

const keyOf = (name: string): Hex => `0x${Buffer.from(name).toString("hex").padStart(64, "0")}`;

test("who has published an axon is a target, under its name", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-targets-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const members = (["owner", "validator", "copy"] as const).map((kind) =>
    stub<Member>({
      name: `${kind}-1`,
      kind,
      hotkey: stub<Signer>({ publicKey: keyOf(kind) }),
    }),
  );
  const neurons = members
    .slice(0, 2)
    .map(({ hotkey }, index) =>
      stub<Neuron>({ hotkey: hotkey.publicKey, axon: { ip: "127.0.0.1", port: 7000 + index } }),
    );
  const stranger = stub<Neuron>({ hotkey: keyOf("x"), axon: { ip: "203.0.113.1", port: 1 } });
  const graph = stub<Metagraph>({ neurons: [...neurons, stranger] });
  const chain = stub<ChainClient>({ metagraph: async () => graph });
  const endpoint = "ws://127.0.0.1:9944";
  await writeTargets({ folder, members, endpoint, isNative: false, subnet: { chain, netuid: 1 } });
  assert.deepEqual(JSON.parse(readFileSync(join(folder, "targets.json"), "utf8")), [
    { targets: ["127.0.0.1:9944"], labels: { node: "chain", kind: "chain" } },
    { targets: ["127.0.0.1:7000"], labels: { node: "owner-1", kind: "owner" } },
    { targets: ["127.0.0.1:7001"], labels: { node: "validator-1", kind: "validator" } },
  ]);
});
