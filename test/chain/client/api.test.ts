/** @file The decorated client over our connection: the same answers, one socket, the same life. */
import assert from "node:assert/strict";
import { createServer, connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { connectChain } from "../../../chain/client/client.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { keyringPackage } from "../../../chain/polkadot.ts";
import { accounts, failsAs, NETUID, openTestChain, serveChain, type TestChain } from "./fixture.ts";
import { eventually } from "../../support/eventually.ts";

/** A proxy that counts the connections that it carries. */
async function countingProxy(port: number): Promise<{
  endpoint: string;
  count(): number;
  cut(): void;
  close(): void;
}> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    const onward = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `ws://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    count: () => count,
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}

async function read(api: ApiPromise, item: string, ...keys: unknown[]): Promise<unknown> {
  const entry = api.query["subtensorModule"]?.[item];
  assert.ok(entry !== undefined, item);
  return (await entry(...keys)).toJSON();
}

let embedded: EmbeddedChain;
let chain: TestChain;
before(async () => {
  embedded = await openTestChain();
  chain = await serveChain(embedded, { sealing: "instant" });
});
after(async () => {
  await chain.close();
});

describe("the decorated client", () => {
  it("is one for each client, reads what the client reads, on the client's own socket", async () => {
    const proxy = await countingProxy(chain.port);
    const client = await connectChain({ endpoints: [proxy.endpoint] });
    const [api, again] = await Promise.all([client.api(), client.api()]);
    assert.equal(again, api);
    assert.equal(api.genesisHash.toHex(), client.genesisHash);
    const hotkeys = await client.hotkeys(NETUID);
    assert.equal(await read(api, "subnetworkN", NETUID), hotkeys.length);
    for (const [uid, hotkey] of hotkeys.entries()) {
      const found = await read(api, "keys", NETUID, uid);
      assert.equal(api.createType("AccountId", found).toHex(), hotkey);
    }
    assert.equal(proxy.count(), 1);
    await client.close();
    proxy.close();
  });

  it("sends calls, and says why one is refused", async () => {
    const client = await connectChain({ endpoints: [chain.endpoint] });
    const api = await client.api();
    const keyring = new keyringPackage.Keyring({ type: "sr25519" });
    const rich = keyring.addFromUri("//rich");
    const to = signerFromUri("//somebody").ss58;
    const had = await client.balance(to);
    const transfer = api.tx["balances"]?.["transferKeepAlive"]?.(to, 5_000_000n);
    assert.ok(transfer !== undefined);
    const seen: string[] = [];
    await transfer.signAndSend(rich, ({ status }) => void seen.push(status.type));
    await eventually(`finalised: ${seen.join()}`, () => seen.includes("Finalized"));
    assert.equal((await client.balance(to)) - had, 5_000_000n);
    const poor = keyring.addFromUri("//poor");
    await assert.rejects(transfer.signAndSend(poor), /1010: Invalid Transaction/);
    await client.close();
  });

  it("goes on after a break: reads wait, subscriptions are begun again", async () => {
    const proxy = await countingProxy(chain.port);
    const client = await connectChain({ endpoints: [proxy.endpoint], timeoutMs: 8000 });
    const api = await client.api();
    const heights: number[] = [];
    const stop = await api.rpc.chain.subscribeNewHeads(
      ({ number }) => void heights.push(number.toNumber()),
    );
    await eventually("the first head", () => heights.length > 0);
    proxy.cut();
    assert.equal(await read(api, "networksAdded", NETUID), true);
    await eventually("connected again", () => api.isConnected);
    // The subscription is begun on the new connection before anything is asked there for long.
    await eventually("heads after the break", () => {
      void embedded.seal();
      return heights.some((height) => height > (heights[0] ?? 0) + 1);
    });
    stop();
    assert.equal(proxy.count(), 2);
    await client.close();
    proxy.close();
  });

  it("ends with the client, which it leaves open when it disconnects itself", async () => {
    const client = await connectChain({ endpoints: [chain.endpoint] });
    const api = await client.api();
    await api.disconnect();
    assert.ok((await client.balance(accounts.rich.publicKey)) > 0n);
    const next = await client.api();
    assert.notEqual(next, api);
    assert.equal(await read(next, "networksAdded", NETUID), true);
    await client.close();
    await assert.rejects(client.api(), failsAs({ code: "chain-unreachable" }));
  });
});
