/** @file An axon that sends to a store: followed to the very object that was asked for and no further; what is wrong there is named without a signature. */
import { strict as assert } from "node:assert";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSocketServer, isIP, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { isPrivateAddress } from "../../../src/network/address.ts";
import { fetchBlob, fetchBytes, type PeerAddress, urlOf } from "../../../src/network/client.ts";
import { Received } from "../../../src/network/received.ts";
import { type AxonContent, serveAxon } from "../../../src/network/server.ts";
import { leadTo } from "../../../src/network/store-read.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { portOf } from "../../support/ports.ts";
import { stub } from "../stub.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const BYTES = Uint8Array.from({ length: 700 }, (_, index) => index % 256);
const ADDRESS = blake2b256(BYTES);
const LIMITS = { limitBytes: 1000, timeoutMs: 2000, allowPrivate: true };
const NONE: typeof ADDRESS = "0x";
const SIGNED = "X-Amz-Signature=5ec4e7&X-Amz-Credential=AKID";

async function serve(listener: RequestListener): Promise<PeerAddress> {
  const server: Server = createServer(listener);
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ip: "127.0.0.1", port: await portOf(server) };
}

/** A store with one object, which answers ranges as S3 does. */
async function storeWith(bytes: Uint8Array, asked: string[] = []): Promise<string> {
  const store = await serve((request, response) => {
    const { range } = request.headers;
    asked.push(`${request.url} ${range ?? ""}`);
    const start = Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    if (range === undefined) return response.end(bytes);
    const about = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    return response
      .writeHead(206, { "content-range": about, "content-length": bytes.length - start })
      .end(bytes.subarray(start));
  });
  return urlOf(store, `/bucket/net/run/node/blobs/${ADDRESS}?${SIGNED}`);
}

const axonTo = (location: string): Promise<PeerAddress> =>
  serve((_request, response) => response.writeHead(307, { location }).end());

const unreachable = (act: Promise<unknown>): Promise<void> =>
  assert.rejects(act, (error) => isAssayError(error, "peer-unreachable"));

test("the axon of a store sends there, for a blob and a range of it, and whoever asks has the right bytes", async () => {
  const asked: string[] = [];
  const url = new URL(await storeWith(BYTES, asked));
  const blob = {
    bytes: BYTES.length,
    pieces: () => assert.fail("read here"),
    elsewhere: async () => url,
  };
  const blobs = { open: async () => blob };
  const axon = await serveAxon(stub<AxonContent>({ blobs, page: undefined, metrics: undefined }), {
    host: "127.0.0.1",
    port: 0,
  });
  open.push(() => axon.close());
  assert.deepEqual(await fetchBlob(axon, ADDRESS, LIMITS), BYTES);
  const range = { start: 100, end: 700 };
  const hash = async (bytes: Uint8Array) => (bytes.length === 600 ? ADDRESS : NONE);
  assert.deepEqual(await fetchBlob(axon, ADDRESS, { ...LIMITS, range, hash }), BYTES.subarray(100));
  const received = new Received();
  received.add(BYTES.subarray(0, 400), "another");
  assert.deepEqual(await fetchBlob(axon, ADDRESS, { ...LIMITS, received }), BYTES, "gone on with");
  assert.deepEqual(
    asked.map((one) => one.split(" ")[1]),
    ["", "bytes=100-699", "bytes=400-"],
  );
  const head = await fetch(urlOf(axon, `/blobs/${ADDRESS}`), {
    method: "HEAD",
    redirect: "manual",
  });
  // An address of the store would be signed for GET alone.
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String(BYTES.length));
  assert.equal(head.headers.get("location"), null);
  const get = await fetch(urlOf(axon, `/blobs/${ADDRESS}`), { redirect: "manual" });
  assert.deepEqual([get.status, get.headers.get("cache-control")], [307, "no-store"]);
});

test("wrong bytes of a store are refused with the object's place, and no error shows a signature", async () => {
  const wrong = BYTES.map((byte, at) => (at === 5 ? byte ^ 1 : byte));
  const url = await storeWith(wrong);
  await assert.rejects(fetchBlob(await axonTo(url), ADDRESS, LIMITS), (error) => {
    assert.ok(isAssayError(error) && error.fault.code === "blob-corrupt");
    assert.equal(error.fault.place, url.split("?")[0]);
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /X-Amz/);
    return true;
  });
  const gone = `http://127.0.0.1:1/bucket/${ADDRESS}?${SIGNED}`;
  await assert.rejects(fetchBlob(await axonTo(gone), ADDRESS, LIMITS), (error) => {
    assert.ok(isAssayError(error, "peer-unreachable"));
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /X-Amz/);
    return true;
  });
});

/** A store of its own mind: what it does with a socket once it was asked. */
async function rawStore(act: (socket: Socket) => unknown): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", () => act(socket));
  });
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${await portOf(server)}/bucket/${ADDRESS}?${SIGNED}`;
}

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
const BEGINNING = `HTTP/1.1 200 OK\r\nContent-Length: ${BYTES.length}\r\n\r\n`;
const UNANSWERED: Readonly<Record<string, (socket: Socket) => unknown>> = {
  "101, which nobody asked for": (socket) => socket.write(SWITCHING),
  "101 and an end": (socket) => socket.end(SWITCHING),
  "an end without a word": (socket) => socket.end(),
  "a reset without a word": (socket) => socket.resetAndDestroy(),
  "half a head": (socket) => socket.end("HTTP/1.1 200 O"),
  "a part of the body": (socket) => socket.end(`${BEGINNING}abc`),
  "a part of the body and a reset": (socket) =>
    socket.write(`${BEGINNING}abc`, () => socket.resetAndDestroy()),
};
for (const [what, act] of Object.entries(UNANSWERED))
  test(`a store that answers with ${what} has failed at once, and holds no turn of its axon`, async () => {
    let to = await rawStore(act);
    const axon = await serve((_request, response) =>
      response.writeHead(307, { location: to }).end(),
    );
    const limits = { ...LIMITS, timeoutMs: 20_000, signal: AbortSignal.timeout(8000) };
    // More than may be under way to one axon.
    const asked = Array.from({ length: 9 }, () => unreachable(fetchBlob(axon, ADDRESS, limits)));
    await Promise.all(asked);
    to = await storeWith(BYTES);
    assert.deepEqual(await fetchBlob(axon, ADDRESS, limits), BYTES);
  });

test("a store that falls silent is given up in time, or when nobody wants it any more", async () => {
  for (const said of ["", "HTTP/1.1 103 Early Hints\r\n\r\n", BEGINNING, `${BEGINNING}abc`]) {
    const axon = await axonTo(await rawStore((socket) => said === "" || socket.write(said)));
    const late = fetchBlob(axon, ADDRESS, { ...LIMITS, timeoutMs: 150, leastBytesPerMs: 1 });
    await assert.rejects(late, (error) => isAssayError(error, "peer-timeout"));
    const signal = AbortSignal.timeout(100);
    await assert.rejects(fetchBlob(axon, ADDRESS, { ...LIMITS, signal }), { name: "TimeoutError" });
  }
});

test("an axon that switches protocols itself has failed, too", async () => {
  const { port } = new URL(await rawStore((socket) => socket.write(SWITCHING)));
  await unreachable(fetchBlob({ ip: "127.0.0.1", port: Number(port) }, ADDRESS, LIMITS));
});

test("what a store sends is the word of the axon that sent there", async () => {
  const half = await rawStore((socket) =>
    socket.write(BEGINNING, () => socket.end(BYTES.subarray(0, 300))),
  );
  const received = new Received();
  const limits = { ...LIMITS, received };
  const first = await axonTo(half);
  await unreachable(fetchBlob(first, ADDRESS, limits));
  assert.deepEqual([received.bytes, [...received.senders]], [300, [urlOf(first, "")]]);
  // Another one that has its objects at the same provider.
  const rest = await rawStore((socket) => {
    const range = `Content-Range: bytes 300-699/700\r\nContent-Length: 400\r\n\r\n`;
    socket.write(`HTTP/1.1 206 Partial Content\r\n${range}`);
    socket.end(BYTES.subarray(300));
  });
  const second = await axonTo(rest);
  assert.deepEqual(await fetchBlob(second, ADDRESS, limits), BYTES);
  assert.deepEqual([...received.senders], [urlOf(first, ""), urlOf(second, "")]);
});

test("no further, to no other object, to no private address, and only for a blob", async () => {
  const good = await storeWith(BYTES);
  const twice = await serve((_request, response) =>
    response.writeHead(307, { location: good }).end(),
  );
  const second = urlOf(twice, `/x/${ADDRESS}`);
  await unreachable(fetchBlob(await axonTo(second), ADDRESS, LIMITS));
  await unreachable(fetchBlob(await axonTo(good), ADDRESS, { ...LIMITS, allowPrivate: false }));
  const named = good.replace("127.0.0.1", "localhost");
  await unreachable(fetchBlob(await axonTo(named), ADDRESS, { ...LIMITS, allowPrivate: false }));
  assert.deepEqual(await fetchBlob(await axonTo(named), ADDRESS, LIMITS), BYTES);
  await unreachable(fetchBytes(urlOf(await axonTo(good), "/status"), LIMITS));
  const none = await serve((_request, response) => response.writeHead(404).end());
  assert.equal(await fetchBlob(await axonTo(urlOf(none, `/${ADDRESS}`)), ADDRESS, LIMITS), null);
});

test("any address that is followed is http(s), of the object's name, without a password and not private", () => {
  const leads = { name: ADDRESS, allowPrivate: false };
  const made = fc
    .tuple(
      fc.constantFrom("http", "https", "ftp", "file", "javascript"),
      fc.oneof(fc.ipV4(), fc.constantFrom("host", "[::1]", "a@host", "host:99")),
      fc.constantFrom(ADDRESS, `${ADDRESS}/`, `${ADDRESS}%20`, "other"),
    )
    .map(([scheme, host, name]) => `${scheme}://${host}/a/${name}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), made), (location) => {
      const found = leadTo(location, leads);
      if (typeof found === "string") return;
      assert.match(found.protocol, /^https?:$/);
      assert.equal(found.pathname.split("/").at(-1), ADDRESS);
      assert.ok(isIP(found.hostname) === 0 || !isPrivateAddress(found.hostname));
    }),
    { numRuns: 200 },
  );
  for (const bad of [
    null,
    `ftp://host/${ADDRESS}`,
    `http://user:word@host/${ADDRESS}`,
    `http://host/${ADDRESS}/more`,
    `http://host/?x=/${ADDRESS}`,
    `http://[::1]/${ADDRESS}`,
    `http://10.1.2.3/${ADDRESS}`,
    `http://host/${"a/".repeat(3000)}${ADDRESS}`,
  ])
    assert.equal(typeof leadTo(bad, leads), "string", bad ?? "none");
  assert.ok(leadTo(`https://host/a/${ADDRESS}?b=c`, leads) instanceof URL);
});
