/** @file The link to a chain: what it refuses at start, and what it survives later. */
import assert from "node:assert/strict";
import { connect, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain, type Head } from "../../../chain/client/client.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { ChainError, type ChainFault } from "../../../chain/errors.ts";
import { accounts, openTestChain, serveChain, type TestChain } from "./fixture.ts";
import { eventually, tookMs } from "../../support/eventually.ts";

function hasCode(code: ChainFault["code"]): (error: unknown) => boolean {
  return (error) => error instanceof ChainError && error.code === code;
}

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<{
  endpoint: string;
  /** Connections that there are. */
  readonly size: number;
  close(): void;
}> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket)).resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `ws://127.0.0.1:${port}`,
    get size() {
      return sockets.size;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A proxy that can freeze: existing connections stay open but carry nothing any more, new ones work. */
async function freezingProxy(port: number): Promise<{
  endpoint: string;
  freeze(): void;
  close(): void;
}> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((socket) => {
    const onward = connect(port, "127.0.0.1");
    pairs.add([socket, onward]);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    endpoint: `ws://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    freeze: () => {
      for (const [socket, onward] of pairs) {
        socket.unpipe(onward).pause();
        onward.unpipe(socket).pause();
      }
    },
    close: () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
    },
  };
}

let embedded: EmbeddedChain;
let chain: TestChain;
before(async () => {
  embedded = await openTestChain();
  chain = await serveChain(embedded, { sealing: "manual" });
});
after(async () => {
  await chain.close();
});

describe("connecting", () => {
  it("fails with chain-unreachable, within the limit, where nothing or nobody answers", async () => {
    const silent = await silentServer();
    try {
      for (const endpoints of [
        ["ws://127.0.0.1:1"],
        [silent.endpoint],
        ["ws://127.0.0.1:1", silent.endpoint],
        ["not a url"],
        [],
      ]) {
        const took = await tookMs(400, () =>
          assert.rejects(connectChain({ endpoints, timeoutMs: 400 }), hasCode("chain-unreachable")),
        );
        assert.ok(took < 2000, `${endpoints.join()} took ${took} ms`);
      }
    } finally {
      silent.close();
    }
  });

  it("refuses another chain than the expected one", async () => {
    const expectedGenesis = `0x${"00".repeat(32)}` as const;
    await assert.rejects(
      connectChain({ endpoints: [chain.endpoint], expectedGenesis }),
      (error) =>
        error instanceof ChainError &&
        error.fault.code === "wrong-genesis" &&
        error.fault.expected === expectedGenesis &&
        error.fault.found === embedded.genesisHash,
    );
  });

  it("passes over dead endpoints to one that lives", async () => {
    const client = await connectChain({
      endpoints: ["ws://127.0.0.1:1", chain.endpoint],
      expectedGenesis: embedded.genesisHash,
    });
    assert.equal(client.endpoint, chain.endpoint);
    assert.equal(client.genesisHash, embedded.genesisHash);
    await client.close();
  });

  it("to a second, silent endpoint is given up at once when the client is closed", async () => {
    const silent = await silentServer();
    const client = await connectChain({ endpoints: [chain.endpoint, silent.endpoint] });
    while (silent.size === 0) await sleep(5);
    const start = performance.now();
    await client.close();
    while (silent.size > 0) {
      assert.ok(performance.now() - start < 4000, "the connection is still being made");
      await sleep(5);
    }
    silent.close();
  });

  it("is undone by its signal, and a closed client refuses everything", async () => {
    const controller = new AbortController();
    const client = await connectChain({ endpoints: [chain.endpoint], signal: controller.signal });
    controller.abort();
    await assert.rejects(client.head(), hasCode("chain-unreachable"));
    await assert.rejects(connectChain({ endpoints: [chain.endpoint], signal: controller.signal }), {
      name: "AbortError",
    });
    await client.close();
  });
});

async function collect(
  client: ChainClient,
  count: number,
  signal: AbortSignal,
  heads: Head[] = [],
): Promise<Head[]> {
  for await (const head of client.followHeads(signal)) {
    heads.push(head);
    if (heads.length === count) break;
  }
  return heads;
}

/** Waits until the first head was seen. */
function firstOf(heads: readonly Head[]): Promise<void> {
  return eventually("a head came", () => heads.length > 0);
}

describe("heads", () => {
  it("come in order, each once, also when blocks are made in bursts", async () => {
    const client = await connectChain({ endpoints: [chain.endpoint] });
    const first = await client.head();
    const seen: Head[] = [];
    const reading = collect(client, 8, AbortSignal.timeout(60_000), seen);
    await firstOf(seen);
    for (let i = 0; i < 7; i++) await embedded.seal();
    const heads = await reading;
    assert.deepEqual(
      heads.map(({ number }) => number),
      Array.from({ length: 8 }, (_, index) => first.number + index),
    );
    for (const { number, hash } of heads) assert.equal(await client.blockHash(number), hash);
    await assert.rejects(client.blockHash(1_000_000), hasCode("rpc-failed"));
    await client.close();
  });

  it("end quietly when they are no longer wanted", async () => {
    const client = await connectChain({ endpoints: [chain.endpoint] });
    const controller = new AbortController();
    const [first, second]: [Head[], Head[]] = [[], []];
    const reading = collect(client, 1000, controller.signal, first);
    await firstOf(first);
    controller.abort();
    assert.equal((await reading).length, 1);
    const closing = collect(client, 1000, new AbortController().signal, second);
    await firstOf(second);
    await client.close();
    assert.equal((await closing).length, 1);
  });
});

describe("a connection that breaks", () => {
  it("comes back by itself on the same port: reads wait for it, heads leave no gap", async () => {
    const served = await serveChain(embedded, { sealing: "manual" });
    const client = await connectChain({ endpoints: [served.endpoint], timeoutMs: 8000 });
    const { number } = await client.head();
    const seen: Head[] = [];
    const reading = collect(client, 5, AbortSignal.timeout(60_000), seen);
    await firstOf(seen);
    await served.close();
    for (let i = 0; i < 4; i++) await embedded.seal();
    const waiting = client.balance(accounts.rich.publicKey);
    await sleep(150);
    const again = await serveChain(embedded, { port: served.port, sealing: "manual" });
    assert.ok((await waiting) > 0n);
    assert.deepEqual(
      (await reading).map((head) => head.number - number),
      [0, 1, 2, 3, 4],
    );
    await client.close();
    await again.close();
  });

  it("is replaced by another endpoint", async () => {
    const served = await serveChain(embedded, { sealing: "manual" });
    const client = await connectChain({ endpoints: [served.endpoint, chain.endpoint] });
    await served.close();
    assert.ok((await client.head()).number >= 0);
    assert.equal(client.endpoint, chain.endpoint);
    await client.close();
  });

  it("for good makes reads fail after their limit, not hang", async () => {
    const served = await serveChain(embedded, { sealing: "manual" });
    const client = await connectChain({ endpoints: [served.endpoint], timeoutMs: 500 });
    await served.close();
    const took = await tookMs(500, () =>
      assert.rejects(client.head(), hasCode("chain-unreachable")),
    );
    assert.ok(took < 3000, `${took} ms`);
    await client.close();
  });
});

describe("the watchdog", () => {
  it("leaves an endpoint that stands still for one that moves", async () => {
    const still = await serveChain(await openTestChain(), { sealing: "manual" });
    const moving = await serveChain(await openTestChain(), { sealing: 50 });
    const client = await connectChain({
      endpoints: [still.endpoint, moving.endpoint],
      stallMs: 100,
    });
    assert.equal(client.endpoint, still.endpoint);
    const heads = await collect(client, 3, AbortSignal.timeout(60_000));
    assert.equal(heads.length, 3);
    assert.equal(client.endpoint, moving.endpoint);
    await client.close();
    moving.embedded.sealing?.stop();
    await moving.close();
    await still.close();
  });

  it("ends a half-open connection, which would otherwise be waited for in vain", async () => {
    const proxy = await freezingProxy(chain.port);
    const client = await connectChain({
      endpoints: [proxy.endpoint],
      stallMs: 100,
      timeoutMs: 5000,
    });
    const head = await client.head();
    proxy.freeze();
    assert.deepEqual(await client.head(), head);
    await client.close();
    proxy.close();
  });

  it("stays with a quiet chain that answers", async () => {
    const client = await connectChain({ endpoints: [chain.endpoint], stallMs: 60 });
    const quiet = await client.head();
    await sleep(400);
    assert.deepEqual(await client.head(), quiet);
    await client.close();
  });
});
