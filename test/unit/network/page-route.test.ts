/** @file The page's routes on real sockets: nothing from elsewhere may run, files and details and nothing else, bounded streams, slow readers cut. */
import { strict as assert } from "node:assert";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Status } from "../../../src/api/types.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import type { Page, PageFile } from "../../../src/network/page-route.ts";
import { PageStreams } from "../../../src/network/page-streams.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { serveAxon } from "../../../src/network/server.ts";
import { eventually } from "../../support/eventually.ts";
import { stub } from "../stub.ts";

const MOST_STREAMS = 8;
/** More than the system holds for a reader that takes nothing. */
const FLOOD = "x".repeat(4 << 20);

const fileOf = (text: string, type: string): PageFile => {
  const bytes = Buffer.from(text);
  return { type, bytes, gzip: gzipSync(bytes), hashed: type !== "text/html" };
};
const files = new Map<string, PageFile>([
  ["", fileOf("<p>page</p>", "text/html")],
  ["app.js", fileOf("let a = 1;", "text/javascript")],
]);

let open = 0;
let isFlood = false;
const page: Page = {
  file: async (path) => files.get(path) ?? null,
  async *events(signal) {
    open++;
    try {
      yield "event: now\ndata: 1\n\n";
      while (!signal.aborted) {
        await sleep(isFlood ? 0 : 100);
        yield isFlood ? FLOOD : "event: beat\ndata: 0\n\n";
      }
    } finally {
      open--;
    }
  },
  detail(what, uid) {
    if (uid === 5) return undefined;
    return uid === 3 ? JSON.stringify({ what, uid }) : null;
  },
  async text(prompt) {
    if (prompt === "busy") return { code: 503, json: '{"error":"busy"}' };
    return { code: 200, json: JSON.stringify({ prompt }) };
  },
};

let axon: Axon;
before(async () => {
  const content = {
    blobs: memoryBlobs(),
    status: () => stub<Status>({ window: 1 }),
    digests: () => [],
    checkpoint: () => null,
    record: () => null,
    verdict: () => null,
    page,
  };
  axon = await serveAxon(content, { host: "127.0.0.1", port: 0 });
});
after(() => axon.close());

/** An answer whose body was not read. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  localAddress = "127.0.0.1",
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: axon.port, path, headers, localAddress };
    request(options, resolve).on("error", reject).end();
  });
}

/** Waits until so many streams are open. */
function streamsAre(wanted: number): Promise<void> {
  return eventually(`${wanted} streams are open`, () => open === wanted);
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

test("the page may run and load what this node serves, and nothing else", async () => {
  const response = await ask("/");
  assert.equal(response.statusCode, 200);
  assert.equal((await bodyOf(response)).toString(), "<p>page</p>");
  const policy = String(response.headers["content-security-policy"]);
  assert.match(
    policy,
    /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/,
  );
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(response.headers["x-content-type-options"], "nosniff");
  assert.equal(response.headers["cache-control"], "no-cache");
});

test("files come compressed to whoever takes that, and may be kept by their names", async () => {
  const plain = await ask("/page/app.js");
  assert.equal((await bodyOf(plain)).toString(), "let a = 1;");
  const zipped = await ask("/page/app.js", { "accept-encoding": "br, gzip" });
  assert.equal(zipped.headers["content-encoding"], "gzip");
  assert.match(String(zipped.headers["cache-control"]), /immutable/);
  assert.equal(gunzipSync(await bodyOf(zipped)).toString(), "let a = 1;");
});

test("no other path leads anywhere", async () => {
  for (const path of [
    "/page/../package.json",
    "/page/%2e%2e/package.json",
    "/page/..%2fpackage.json",
    "/page/none.js",
    "/page/miners/4",
    "/page/miners/-1",
    "/page/miners/0x3",
    "/page/miners/65536",
    "/page/miners/3e0",
    "/page/owners/3",
  ]) {
    const response = await ask(path);
    await bodyOf(response);
    assert.equal(response.statusCode, 404, path);
  }
  const found = await ask("/page/validators/3");
  assert.equal((await bodyOf(found)).toString(), '{"what":"validators","uid":3}');
});

test("the model writes for this machine alone: not for proxies, other sites or names that point here", async () => {
  const found = await ask("/page/text?prompt=The%20end");
  assert.equal((await bodyOf(found)).toString(), '{"prompt":"The end"}');
  assert.equal((await bodyOf(await ask("/page/samples"))).toString(), '{"prompt":null}');
  const own = { "sec-fetch-site": "same-origin", host: "localhost:80" };
  assert.equal((await ask("/page/text?prompt=a", own)).statusCode, 200);
  const foreign: readonly Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "x-forwarded-for": "203.0.113.7" },
    { host: "rebound.example" },
  ];
  for (const headers of foreign)
    for (const path of ["/page/text?prompt=a", "/page/samples"])
      assert.equal((await ask(path, headers)).statusCode, 403, JSON.stringify(headers));
  const busy = await ask("/page/text?prompt=busy");
  assert.equal(busy.statusCode, 503);
  assert.equal(busy.headers["retry-after"], "2");
  // Twice the same key is a list, which is no prompt.
  assert.equal(
    (await bodyOf(await ask("/page/text?prompt=a&prompt=b"))).toString(),
    '{"prompt":""}',
  );
});

test("details that are not made now are asked for again", async () => {
  const response = await ask("/page/miners/5");
  await bodyOf(response);
  assert.equal(response.statusCode, 503);
  assert.equal(response.headers["retry-after"], "1");
});

test("strangers leave streams for this machine, however many addresses they have", () => {
  const streams = new PageStreams();
  const isTaken = (ip: string): boolean => streams.take(ip) !== null;
  const strangers = Array.from({ length: 64 }, (_, count) => isTaken(`203.0.113.${count % 8}`));
  assert.equal(strangers.filter(Boolean).length, 48);
  assert.equal(isTaken("198.51.100.1"), false);
  for (const own of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) assert.ok(isTaken(own), own);
});

test("an address has so many streams, and gets one back when it lets one go", async () => {
  const streams: IncomingMessage[] = [];
  for (let count = 0; count < MOST_STREAMS; count++) {
    const stream = await ask("/page/events", {}, "127.0.0.21");
    assert.equal(stream.statusCode, 200);
    assert.equal(stream.headers["content-type"], "text/event-stream");
    streams.push(stream);
  }
  assert.equal(open, MOST_STREAMS);
  const refused = await ask("/page/events", {}, "127.0.0.21");
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers["retry-after"], "5");
  await bodyOf(refused);
  const other = await ask("/page/events", {}, "127.0.0.22");
  assert.equal(other.statusCode, 200);
  other.destroy();
  streams[0]?.destroy();
  await streamsAre(MOST_STREAMS - 1);
  const again = await ask("/page/events", {}, "127.0.0.21");
  assert.equal(again.statusCode, 200);
  for (const stream of [again, ...streams]) stream.destroy();
  await streamsAre(0);
});

test("a stream goes on beyond the patience for silence", async () => {
  const stream = await ask("/page/events", {}, "127.0.0.23");
  let bytes = 0;
  stream.on("data", (part: Buffer) => (bytes += part.length));
  await sleep(5500);
  assert.equal(stream.destroyed, false);
  const until = bytes;
  await eventually("more comes", () => bytes > until);
  stream.destroy();
});

test("a reader that takes nothing is cut, and little of what it was to get was made", async () => {
  await streamsAre(0);
  isFlood = true;
  const memory = process.memoryUsage().rss;
  const socket = connect({ host: "127.0.0.1", port: axon.port, localAddress: "127.0.0.24" });
  const cut = new Promise<void>((resolve) =>
    socket.on("close", resolve).on("error", () => undefined),
  );
  socket.pause();
  socket.write("GET /page/events HTTP/1.1\r\nhost: x\r\n\r\n");
  await streamsAre(1);
  await streamsAre(0);
  isFlood = false;
  socket.resume();
  await cut;
  assert.ok(process.memoryUsage().rss - memory < 256 << 20);
});
