/** @file The bounds of an axon, one by one, on real sockets: sockets an address, bytes under way, one request at a time. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { buffer } from "node:stream/consumers";
import { openBlobs } from "../../../src/blobs/directory.ts";
import { searchAxons } from "../../../src/network/axon-search.ts";
import { BackOffs } from "../../../src/network/back-offs.ts";
import { fetchBytes, urlOf } from "../../../src/network/client.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { serveAxon } from "../../../src/network/server.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { Status } from "../../../src/api/types.ts";
import { eventually } from "../../support/eventually.ts";
import { stub } from "../stub.ts";

// Other systems have one loopback address.
const skip = process.platform !== "linux";
const folder = mkdtempSync(join(tmpdir(), "assay-bounds-"));
const blobs = openBlobs(folder);
const LARGE = new Uint8Array(12 << 20).fill(3);
const RECORD = JSON.stringify("\u{1f600}é".repeat(40_000));
const PEER = "127.0.0.9";

let axon: Axon;
let large: Hex;
before(async () => {
  large = await blobs.put(LARGE);
  axon = await serveAxon(
    {
      blobs,
      status: () => stub<Status>({ window: 1 }),
      digests: () => [],
      checkpoint: () => null,
      record: () => RECORD,
      verdict: () => null,
    },
    { host: "127.0.0.1", port: 0, peersAt: (ip) => (ip === PEER ? 2 : 0) },
  );
});
after(async () => {
  await axon.close();
  rmSync(folder, { recursive: true });
});

/** An answer of which nothing has been read. */
async function answer(
  path: string,
  localAddress: string,
  method = "GET",
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: axon.port,
      path,
      localAddress,
      method,
      agent: false,
    };
    request(options, resolve).on("error", reject).end();
  });
}

/** Waits until the system has connected a socket, or cut it. */
const settled = (socket: Socket): Promise<unknown> =>
  Promise.race(["connect", "close"].map((event) => once(socket, event).catch(() => undefined)));

/** Sockets that were let in, of so many. */
async function accepted(count: number, localAddress: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect({ host: "127.0.0.1", port: axon.port, localAddress }).on("error", () => undefined),
  );
  await Promise.all(sockets.map(settled));
  // The axon takes sockets in their order: whoever is answered behind them knows that they are let in or cut. The second answer is
  // for the news of a cut to get here.
  for (let behind = 0; behind < 2; behind++) await buffer(await answer("/healthz", "127.0.0.10"));
  return sockets.filter(
    (socket) => !socket.destroyed && !socket.closed && socket.readyState === "open",
  );
}

test(
  "HEAD tells the size of a blob and reads nothing; GET says it before the bytes",
  { skip },
  async () => {
    const head = await answer(`/blobs/${large}`, "127.0.0.2", "HEAD");
    assert.deepEqual(
      [head.statusCode, head.headers["content-length"]],
      [200, String(LARGE.length)],
    );
    assert.equal((await buffer(head)).length, 0);
    const full = await answer(`/blobs/${large}`, "127.0.0.2");
    assert.equal(full.headers["content-length"], String(LARGE.length));
    assert.deepEqual(new Uint8Array(await buffer(full)), LARGE);
    for (const [path, code] of [
      [`/blobs/0x${"00".repeat(32)}`, 404],
      ["/blobs/x", 400],
    ] as const)
      assert.equal((await answer(path, "127.0.0.2", "HEAD")).statusCode, code);
    const status = await answer("/healthz", "127.0.0.2", "HEAD");
    assert.equal(status.statusCode, 200);
  },
);

test("a long record comes in pieces and whole, between characters too", { skip }, async () => {
  const found = await answer("/records/1", "127.0.0.2");
  assert.equal(found.headers["content-length"], String(Buffer.byteLength(RECORD)));
  assert.equal((await buffer(found)).toString("utf8"), RECORD);
});

test(
  "an address has so many sockets, one with peers more, and they are free again afterwards",
  { skip },
  async () => {
    const first = await accepted(30, "127.0.0.3");
    assert.equal(first.length, 16);
    const peers = await accepted(60, PEER);
    assert.equal(peers.length, 48);
    for (const socket of [...first, ...peers]) socket.destroy();
    let again: Socket[] = [];
    await eventually("they are free again", async () => {
      for (const socket of again) socket.destroy();
      again = await accepted(16, "127.0.0.3");
      return again.length === 16;
    });
    for (const socket of again) socket.destroy();
  },
);

test(
  "too many bytes to one address are refused with a time to come again; others are served",
  { skip },
  async () => {
    const path = `/blobs/${large}`;
    const held = [await answer(path, "127.0.0.4"), await answer(path, "127.0.0.4")];
    const refused = await answer(path, "127.0.0.4");
    assert.equal(refused.statusCode, 503);
    assert.ok(Number(refused.headers["retry-after"]) > 0);
    assert.match((await buffer(refused)).toString(), /try again/);
    const other = await answer(path, "127.0.0.5");
    assert.equal(other.statusCode, 200);
    for (const one of [...held, other]) one.destroy();
    await eventually("it is served again", async () => {
      const later = await answer(path, "127.0.0.4");
      later.destroy();
      return later.statusCode === 200;
    });
  },
);

test("a busy axon is passed over by the client", { skip }, async () => {
  const { createServer } = await import("node:http");
  const busy = createServer((_request, response) => response.writeHead(503).end("{}"));
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  const address = busy.address();
  assert.ok(address !== null && typeof address === "object");
  const peers = new Map(
    [address, axon].map(({ port }, index) => [`0x0${index}` as const, { ip: "127.0.0.1", port }]),
  );
  const found = await searchAxons(large, {
    axons: async () => peers,
    backOffs: new BackOffs(),
    limits: {
      limitBytes: LARGE.length,
      timeoutMs: 5000,
      signal: new AbortController().signal,
    },
    plan: { owner: null, othersAfterMs: 0, patienceMs: 0, chances: 1 },
  });
  assert.deepEqual(found, LARGE);
  busy.close();
});

test("requests sent ahead end all sockets of an address, for some seconds", { skip }, async () => {
  const [other] = await accepted(1, "127.0.0.6");
  const socket = connect({ host: "127.0.0.1", port: axon.port, localAddress: "127.0.0.6" });
  let received = 0;
  socket.on("error", () => undefined).on("data", (piece) => (received += piece.length));
  socket.write("GET /records/1 HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1000));
  await new Promise((resolve) => socket.once("close", resolve));
  assert.ok(received <= 2 * Buffer.byteLength(RECORD));
  await eventually("the other socket of the address is ended", () => other?.closed === true);
  assert.equal((await accepted(1, "127.0.0.6")).length, 0);
  assert.equal((await answer("/healthz", "127.0.0.7")).statusCode, 200);
});

test("many requests one after the other on one socket are not taken for requests ahead", async () => {
  const url = urlOf({ ip: "127.0.0.1", port: axon.port }, "/records/1");
  for (let index = 0; index < 200; index++) {
    const bytes = await fetchBytes(url, { limitBytes: 1 << 20, timeoutMs: 3000 });
    assert.equal(bytes?.length, Buffer.byteLength(RECORD));
  }
});

test("a reader that is gone in the middle leaves no file open", { skip }, async () => {
  const { readdirSync } = await import("node:fs");
  const openFiles = (): number => readdirSync("/proc/self/fd").length;
  const began = openFiles();
  for (let index = 0; index < 20; index++) {
    const found = await new Promise<IncomingMessage>((resolve, reject) =>
      get(
        { host: "127.0.0.1", port: axon.port, path: `/blobs/${large}`, agent: false },
        resolve,
      ).on("error", reject),
    );
    found.on("error", () => undefined).destroy();
  }
  await eventually(`no more than ${began + 4} files are open`, () => openFiles() <= began + 4);
});

test("a reader that asks again the moment it has everything is not taken for one that asks ahead", async () => {
  const socket = connect({ host: "127.0.0.1", port: axon.port });
  let [left, asked, ended] = [0, 0, false];
  const ask = (): void => {
    asked += 1;
    left = -1;
    socket.write(`GET /blobs/${large} HTTP/1.1\r\nhost: x\r\n\r\n`);
  };
  await new Promise<void>((resolve) => {
    socket.once("close", () => {
      ended = true;
      resolve();
    });
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      const head = left < 0 ? piece.indexOf("\r\n\r\n") + 4 : 0;
      left = (left < 0 ? LARGE.length : left) - (piece.length - head);
      if (left > 0) return;
      if (asked === 12) resolve();
      else ask();
    });
    ask();
  });
  socket.destroy();
  assert.deepEqual([asked, ended], [12, false]);
});

/** Asks from eight sockets of an address as fast as it can; how often each status was the answer, and in how many seconds. */
async function flood(
  { path, localAddress }: { readonly path: string; readonly localAddress: string },
  ms: number,
): Promise<{
  readonly statuses: ReadonlyMap<number | undefined, number>;
  readonly seconds: number;
}> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const options = { host: "127.0.0.1", port: axon.port, path, agent, localAddress };
  const statuses = new Map<number | undefined, number>();
  const began = performance.now();
  const ask = async (): Promise<void> => {
    const found = await new Promise<IncomingMessage>((resolve, reject) =>
      get(options, resolve).on("error", reject),
    );
    await buffer(found);
    statuses.set(found.statusCode, (statuses.get(found.statusCode) ?? 0) + 1);
    if (performance.now() < began + ms) await ask();
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  agent.destroy();
  return { statuses, seconds: (performance.now() - began) / 1000 };
}

test(
  "an address that asks as fast as it can is answered at its rate; others do not wait",
  { skip },
  async () => {
    const flooding = flood({ path: "/healthz", localAddress: "127.0.0.11" }, 2500);
    await sleep(1500);
    const other = performance.now();
    assert.equal((await answer("/healthz", "127.0.0.12")).statusCode, 200);
    const otherMs = performance.now() - other;
    const { statuses, seconds } = await flooding;
    assert.deepEqual([...statuses.keys()], [200]);
    const answers = statuses.get(200) ?? 0;
    // A hundred a second after a hundred at once, and what each socket was waiting for.
    assert.ok(answers <= 100 * (seconds + 1) + 8, `${answers} answers in ${seconds} s`);
    assert.ok(answers > 10, `${answers} answers in ${seconds} s`);
    assert.ok(otherMs < 1000, `another address waited for ${otherMs} ms`);
  },
);

test("the route for proofs has a rate of its own, and is no way around it", { skip }, async () => {
  const localAddress = "127.0.0.13";
  const flooding = flood({ path: "/healthz", localAddress }, 2000);
  const { statuses, seconds } = await flood({ path: "/peers/1/0x/blobs/0x", localAddress }, 2000);
  await flooding;
  // This axon knows no peers, so it has no such route.
  const answers = statuses.get(404) ?? 0;
  assert.ok(answers <= 100 * (seconds + 1) + 8, `${answers} answers in ${seconds} s`);
  assert.ok(answers > 10, `${answers} answers in ${seconds} s`);
});
