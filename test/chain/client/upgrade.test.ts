/** @file A chain that is upgraded under its clients: they go on, and what a node says of old blocks is proven. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { toHex } from "../../../chain/embedded/codec/bytes.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { key, requireCall, signerFor, storagePrefix } from "../embedded/dev-chain.ts";
import { raisedRuntime } from "../../../chain/native/raised-runtime.ts";
import { failsAs, openDevelopmentChain, serveChain, type TestChain } from "./fixture.ts";
import { eventually } from "../../support/eventually.ts";

const alice = signerFromUri("//Alice");
const bob = signerFromUri("//Bob");

let embedded: EmbeddedChain;
let served: TestChain;
let client: ChainClient;

before(async () => {
  embedded = await openDevelopmentChain();
  served = await serveChain(embedded);
  client = await connectChain({ endpoints: [served.endpoint] });
});
after(async () => {
  await client.close();
  await served.close();
  await embedded.close();
});

async function upgrade(): Promise<void> {
  const signer = signerFor(embedded);
  const code = toHex(raisedRuntime(await readRuntimeArtifact()));
  const call = requireCall(signer, "system", "setCode")(code);
  const nonce = embedded.nextNonce(key("//Alice").publicKey);
  await embedded.submit(
    signer.sign(key("//Alice"), requireCall(signer, "sudo", "sudo")(call), nonce),
  );
}

function textOf(data: RawData): string {
  return Buffer.concat([data].flat().map((part) => new Uint8Array(part))).toString("utf8");
}

/** A node between the client and the chain that changes the first byte of every proof. */
async function lyingNode(port: number): Promise<{ endpoint: string; close(): void }> {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket) => {
    const onward = new WebSocket(`ws://127.0.0.1:${port}`);
    const waiting: string[] = [];
    socket.on("message", (data) => {
      const text = textOf(data);
      if (onward.readyState === WebSocket.OPEN) onward.send(text);
      else waiting.push(text);
    });
    onward.on("open", () => waiting.forEach((text) => onward.send(text)));
    onward.on("message", (data) => {
      socket.send(
        textOf(data).replace(/(?<="proof":\[")0x\w\w/, (byte) =>
          byte === "0x00" ? "0x01" : "0x00",
        ),
      );
    });
    socket.on("close", () => onward.close());
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const address = http.address();
  return {
    endpoint: `ws://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    close: () => {
      for (const socket of server.clients) socket.terminate();
      http.close();
    },
  };
}

describe("a chain that is upgraded", () => {
  it("keeps its clients: ours, and the decorated one", async () => {
    const api = await client.api();
    const spec = api.runtimeVersion.specVersion.toNumber();
    await client.transfer(alice, bob.ss58, 1_000_000n);
    const versions: number[] = [];
    const stop = await api.rpc.state.subscribeRuntimeVersion((version) => {
      versions.push(version.specVersion.toNumber());
    });
    await upgrade();
    await eventually(
      "the decorated client notices",
      () => api.runtimeVersion.specVersion.toNumber() === spec + 1,
    );
    // Signed for the new version at once; under the old one the pool would refuse it.
    const had = await client.balance(bob.ss58);
    await client.transfer(alice, bob.ss58, 2_000_000n);
    assert.equal((await client.balance(bob.ss58)) - had, 2_000_000n);
    const nonce = await api.rpc.system.accountNextIndex(alice.ss58);
    const call = api.tx["balances"]?.["transferKeepAlive"]?.(bob.ss58, 3_000_000);
    assert.ok(call !== undefined);
    await call.signAsync(key("//Alice"), { nonce });
    await api.rpc.author.submitExtrinsic(call);
    await eventually(
      "its transfer",
      () => embedded.nextNonce(key("//Alice").publicKey) === nonce.toNumber() + 1,
    );
    assert.deepEqual(versions, [spec, spec + 1]);
    stop();
    // A block has the runtime of its own state, and metadata to read it by.
    const old = await api.rpc.state.getRuntimeVersion(embedded.genesisHash);
    assert.equal(old.specVersion.toNumber(), spec);
    const [first, last] = await Promise.all(
      [embedded.genesisHash, embedded.head().hash].map(async (at) => api.rpc.state.getMetadata(at)),
    );
    assert.notEqual(first?.toHex(), last?.toHex());
  });

  it("proves what it stored, to who trusts a block's hash alone", async () => {
    const keys = [
      toHex(storagePrefix("System", "LastRuntimeUpgrade")),
      "0x3a636f6465",
      "0x1234",
    ] as const;
    for (const number of [0, embedded.head().number]) {
      const at = await client.blockHash(number);
      const values = await client.provenStorage(keys, at);
      assert.deepEqual(
        [...values.values()],
        keys.map((one) => embedded.storageAt(one, at)),
      );
    }
  });

  it("cannot be lied about", async () => {
    const liar = await lyingNode(served.port);
    const deceived = await connectChain({ endpoints: [liar.endpoint] });
    const { hash } = embedded.head();
    await assert.rejects(
      deceived.provenStorage(["0x3a636f6465"], hash),
      failsAs({ code: "proof-invalid", key: "0x3a636f6465" }),
    );
    await deceived.close();
    liar.close();
  });
});

it("refuses a proof of more keys than it answers", async () => {
  const answer = await fetch(served.endpoint.replace("ws", "http"), {
    method: "POST",
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "state_getReadProof",
      params: [Array.from({ length: 1001 }, () => "0x00")],
    }),
  });
  const { error } = z.object({ error: z.object({ code: z.number() }) }).parse(await answer.json());
  assert.equal(error.code, -32602);
});
