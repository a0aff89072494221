/** @file Encrypted weights where blocks become final late: too late is what the pool says by its newest block, and a carrier holds up nobody once a block has it. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { NETUID, openWorld } from "./copied.ts";

const TAO = 10 ** 9;
const WEIGHTS = { uids: [3, 4], values: [65_535, 7], versionKey: 0n };

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString("utf8");
}

/** A node in front of another one, of whose blocks none becomes final after this one. */
async function stalled(t: TestContext, endpoint: string, final: string): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    const onward = new WebSocket(endpoint);
    const opened = new Promise((resolve) => onward.once("open", resolve));
    onward.on("message", (data) => {
      const text = textOf(data);
      if (!/chain_finalizedHead|"finalized":/.test(text)) socket.send(text);
    });
    socket.on("message", (data) => {
      const text = textOf(data);
      const id = /"id":(\d+)/.exec(text)?.[1];
      if (text.includes("chain_getFinalizedHead"))
        socket.send(`{"jsonrpc":"2.0","id":${id},"result":"${final}"}`);
      else void opened.then(() => onward.send(text));
    });
    socket.on("close", () => onward.close());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

type Lagging = Awaited<ReturnType<typeof openWorld>> & { readonly late: ChainClient };

/** A chain, and a client for which nothing is final after its fourth block. */
async function lagging(t: TestContext): Promise<Lagging> {
  const world = await openWorld({ seed: 0, ownedRao: TAO });
  t.after(world.close);
  while (world.chain.head().number < 4) await world.chain.seal();
  const endpoint = await stalled(t, world.endpoint, world.chain.head().hash);
  const late = await connectChain({ endpoints: [endpoint] });
  t.after(async () => late.close());
  return { ...world, late };
}

test("weights that the pool takes no more are too late, though the block that makes them so is not final", async (t) => {
  const { chain, late, keys } = await lagging(t);
  const [key] = keys;
  assert.ok(key !== undefined);
  while (chain.head().number < 9) await chain.seal();
  assert.equal(await late.setShieldedWeights(key, NETUID, WEIGHTS, 10), null);
});

test("a vote follows encrypted weights in the next block, though theirs is not final", async (t) => {
  const { chain, client, late, keys } = await lagging(t);
  const [key] = keys;
  assert.ok(key !== undefined);
  const pooled = async (): Promise<void> => {
    while ((await client.pendingExtrinsics()).length !== 1) await sleep(4);
  };
  const before = chain.head().number + 2;
  const weights = late.setShieldedWeights(key, NETUID, WEIGHTS, before);
  weights.catch(() => undefined); // never final: ends with its client
  await pooled();
  const vote = late.setCommitment(key, NETUID, [{ kind: "raw", bytes: Uint8Array.of(1) }]);
  vote.catch(() => undefined);
  await chain.seal();
  await pooled();
  const { number } = await chain.seal();
  assert.equal(number, before);
  assert.equal(
    (await client.commitments(NETUID, [key.publicKey])).get(key.publicKey)?.block,
    number,
  );
});
