/** @file Reading from strangers: every way in which a server can misbehave ends as a fault, in bounded time and space. */
import { strict as assert } from "node:assert";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcp, isIPv6, type Server as TcpServer, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { isAssayError } from "../../../src/errors.ts";
import type { FaultCode } from "../../../src/faults.ts";
import {
  type AxonAddress,
  fetchBlob,
  fetchBytes,
  fetchJson,
  urlOf,
} from "../../../src/network/client.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { eventually, tookMs } from "../../support/eventually.ts";
import { portOf } from "../../support/ports.ts";

const LIMITS = { limitBytes: 1000, timeoutMs: 2000 };
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: TcpServer): Promise<AxonAddress> {
  return { ip: "127.0.0.1", port: await portOf(server) };
}

async function serve(listener: RequestListener): Promise<AxonAddress> {
  const server = createServer(listener);
  open.push(server);
  return listening(server);
}

async function urlServing(listener: RequestListener): Promise<string> {
  return urlOf(await serve(listener), "/x");
}

function refuses(act: Promise<unknown>, code: FaultCode): Promise<void> {
  return assert.rejects(act, (error) => isAssayError(error, code));
}

test("urlOf gives a URL that parses back to the same address, with brackets for IPv6", () => {
  const ip = fc.oneof(fc.ipV4(), fc.ipV6().filter(isIPv6));
  fc.assert(
    fc.property(ip, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const url = new URL(urlOf({ ip: host, port }, "/blobs/0x00"));
      assert.equal(url.pathname, "/blobs/0x00");
      assert.equal(url.port || "80", String(port));
      assert.equal(url.hostname.startsWith("["), host.includes(":"));
    }),
  );
});

test("an answer within the limit is the bytes, in a plain array; 404 is null", async () => {
  const url = await urlServing((request, response) => {
    if (request.url === "/none") response.writeHead(404).end("no");
    else response.end(Buffer.alloc(1000, 7));
  });
  const bytes = await fetchBytes(url, LIMITS);
  assert.deepEqual(bytes, new Uint8Array(1000).fill(7));
  assert.equal(Buffer.isBuffer(bytes), false);
  assert.equal(await fetchBytes(url.replace("/x", "/none"), LIMITS), null);
});

test("a declared length above the limit is refused before a byte is read", async () => {
  let closed = false;
  const url = await urlServing((request, response) => {
    response.writeHead(200, { "content-length": 1001 });
    response.write("x");
    request.socket.once("close", () => (closed = true));
  });
  await refuses(fetchBytes(url, LIMITS), "peer-oversized");
  await eventually("the connection does not stay open", () => closed);
});

test("a body that grows beyond the limit is cut off, though no length was declared", async () => {
  let [sent, closed] = [0, false];
  const url = await urlServing((request, response) => {
    const timer = setInterval(() => {
      sent += 500;
      response.write(Buffer.alloc(500));
    }, 5);
    request.socket.once("close", () => {
      clearInterval(timer);
      closed = true;
    });
  });
  await refuses(fetchBytes(url, LIMITS), "peer-oversized");
  const atRefusal = sent;
  await eventually("the sender is cut off", () => closed);
  assert.ok(sent - atRefusal <= 5000, "and soon");
});

test("an encoded answer is refused before it unfolds: nobody asked for one", async () => {
  const { gzipSync } = await import("node:zlib");
  const folded = gzipSync(Buffer.alloc(1 << 20));
  assert.ok(folded.length > LIMITS.limitBytes);
  for (const body of [folded, gzipSync(Buffer.alloc(10)), Buffer.alloc(10)]) {
    const url = await urlServing((_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(body),
    );
    await refuses(fetchBytes(url, LIMITS), "peer-unreachable");
  }
});

test("silence and trickling both end at the deadline", async () => {
  const silent = await urlServing(() => undefined);
  const trickling = await urlServing((request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    request.socket.once("close", () => clearInterval(timer));
  });
  for (const url of [silent, trickling]) {
    const limits = { ...LIMITS, timeoutMs: 200 };
    const took = await tookMs(200, () => refuses(fetchBytes(url, limits), "peer-timeout"));
    assert.ok(took < 1500, `${took} ms`);
  }
});

test("an unread 404 body does not hold its connection", async () => {
  let closed = false;
  const url = await urlServing((request, response) => {
    response.writeHead(404);
    const timer = setInterval(() => response.write(Buffer.alloc(1000)), 5);
    request.socket.once("close", () => {
      clearInterval(timer);
      closed = true;
    });
  });
  assert.equal(await fetchBytes(url, LIMITS), null);
  await eventually("it is let go", () => closed);
});

test("no connection outlives its answer, for however long the server would keep it", async () => {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    request.socket.once("close", () => sockets.delete(request.socket));
    if (request.url === "/missing") response.writeHead(404);
    response.end("x");
  });
  server.keepAliveTimeout = 600_000;
  open.push(server);
  const axon = await listening(server);
  const urls = ["/x", "/missing", "/x"].map((path) => urlOf(axon, path));
  await Promise.all(urls.map((url) => fetchBytes(url, LIMITS)));
  await refuses(fetchBlob(axon, blake2b256(new Uint8Array(1)), LIMITS), "blob-corrupt");
  await eventually("no socket is left", () => sockets.size === 0);
});

test("redirects, server errors, garbage and closed ports are peer-unreachable", async () => {
  const target = await urlServing((_request, response) => response.end("secret"));
  const bad = [
    await urlServing((_request, response) => response.writeHead(302, { location: target }).end()),
    await urlServing((_request, response) => response.writeHead(500).end()),
    await urlServing((request) => request.socket.end("not HTTP\r\n\r\n")),
    await urlServing((_request, response) => response.destroy()),
    urlOf(await closedPort(), "/"),
  ];
  for (const url of bad) await refuses(fetchBytes(url, LIMITS), "peer-unreachable");
});

async function closedPort(): Promise<AxonAddress> {
  const server = createTcp();
  const endpoint = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return endpoint;
}

test("the caller's signal ends a fetch with the caller's own reason", async () => {
  const url = await urlServing(() => undefined);
  const stop = new AbortController();
  const reason = new Error("stopped");
  setTimeout(() => stop.abort(reason), 30);
  await assert.rejects(fetchBytes(url, { ...LIMITS, signal: stop.signal }), reason);
});

test("JSON of another shape, broken JSON and broken UTF-8 are peer-unreachable", async () => {
  const schema = z.strictObject({ window: z.number() });
  const answers = ['{"window":1}', '{"window":"1"}', '{"window":1,"more":2}', "{", "\xff"];
  const url = await urlServing((request, response) =>
    response.end(Buffer.from(answers[Number(request.url?.slice(2))] ?? "", "latin1")),
  );
  assert.deepEqual(await fetchJson(url.replace("/x", "/x0"), schema, LIMITS), { window: 1 });
  for (const index of [1, 2, 3, 4])
    await refuses(fetchJson(url.replace("/x", `/x${index}`), schema, LIMITS), "peer-unreachable");
});

test("bytes that do not hash to their address are refused", async () => {
  const liar = await serve((_request, response) => response.end(Buffer.alloc(100)));
  await refuses(fetchBlob(liar, blake2b256(new Uint8Array(1)), LIMITS), "blob-corrupt");
});

test("a blob must say its size first: without one, or with too large a one, not a byte is read", async () => {
  const bytes = new Uint8Array(100).fill(3);
  const unsized = await serve((_request, response) => {
    response.write(bytes.subarray(0, 50));
    response.end(bytes.subarray(50));
  });
  await refuses(fetchBlob(unsized, blake2b256(bytes), LIMITS), "peer-unreachable");
  assert.deepEqual(await fetchBytes(urlOf(unsized, "/x"), LIMITS), bytes);
  const large = await serve((_request, response) => response.end(Buffer.alloc(1001)));
  await refuses(fetchBlob(large, blake2b256(bytes), LIMITS), "peer-oversized");
});

test("large blobs are hashed as small ones are, and one axon is asked eight things at once", async () => {
  const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => index * 7);
  let [active, most] = [0, 0];
  const axon = await serve((_request, response) => {
    active += 1;
    most = Math.max(most, active);
    setTimeout(() => {
      active -= 1;
      response.end(bytes);
    }, 50);
  });
  const limits = { limitBytes: 1 << 20, timeoutMs: 10_000 };
  const address = blake2b256(bytes);
  const all = await Promise.all(Array.from({ length: 20 }, () => fetchBlob(axon, address, limits)));
  for (const found of all) assert.deepEqual(found, bytes);
  assert.equal(most, 8);
});
