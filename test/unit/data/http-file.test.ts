/** @file Files behind an address: only the bytes asked for, resumed when the line breaks, one clear word for each way to fail. */
import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { httpUrlFile } from "../../../src/data/http-file.ts";
import { readCorpus } from "../../../src/data/corpus.ts";
import { isAssayError } from "../../../src/errors.ts";
import { answer, type Handler, serve } from "./range-server.ts";
import { npy } from "./shard-files.ts";

const BYTES = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 31 + (index >> 8)) & 255);
const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

async function serverOf(handler: Handler) {
  const server = await serve(handler);
  closers.push(server.close);
  return server;
}

const usual: Handler = (_, response, range) => answer(BYTES, response, range);

test("any range is what the file has there, and no byte more is asked for", async () => {
  const server = await serverOf(usual);
  const file = await httpUrlFile(new URL(`${server.url}/a/b.bin?secret=1`));
  assert.equal(file.size, BYTES.length);
  assert.equal(file.name, `${server.url}/a/b.bin`, "no secret in the name");
  await fc.assert(
    fc.asyncProperty(fc.nat(BYTES.length), fc.nat(BYTES.length), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      server.asked.length = 0;
      assert.deepEqual(await file.read(start, end), BYTES.slice(start, end));
      assert.deepEqual(server.asked, start === end ? [] : [[start, end - 1]]);
    }),
    { numRuns: 40 },
  );
});

test("a server that switches protocols, which nobody asked for, has broken off", async () => {
  let asked = 0;
  const server = await serverOf((_, response) => {
    asked += 1;
    response.socket?.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    );
  });
  const signal = AbortSignal.timeout(8000);
  await assert.rejects(httpUrlFile(new URL(`${server.url}/x`), signal), (error) => {
    assert.ok(isAssayError(error, "data-source-failed"), String(error));
    assert.match(String(error), /closed without an answer/);
    return true;
  });
  assert.equal(asked, 5);
});

test("a line that breaks again and again is gone on from where it broke", async () => {
  let sent = 0;
  const server = await serverOf((_, response, [start, last]) => {
    const part = BYTES.subarray(start, last + 1);
    response.writeHead(206, {
      "content-range": `bytes ${start}-${last}/${BYTES.length}`,
      "content-length": part.length,
    });
    const now = part.subarray(0, Math.min(part.length, 3000));
    sent += now.length;
    response.write(now, () => {
      if (now.length < part.length) response.destroy();
      else response.end();
    });
  });
  const file = await httpUrlFile(new URL(`${server.url}/x`));
  sent = 0;
  assert.deepEqual(await file.read(100, 20_000), BYTES.slice(100));
  assert.equal(sent, 19_900, "no byte twice");
  assert.ok(server.asked.length >= 7);
});

test("a busy server is asked again; what it says at last counts", async () => {
  let refusals = 3;
  const server = await serverOf((request, response, range) => {
    if (refusals-- > 0) response.writeHead(503).end();
    else usual(request, response, range);
  });
  const file = await httpUrlFile(new URL(server.url));
  assert.deepEqual(await file.read(0, 4), BYTES.slice(0, 4));
});

test("an empty file is empty", async () => {
  const server = await serverOf((_, response, range) => answer(new Uint8Array(), response, range));
  assert.equal((await httpUrlFile(new URL(server.url))).size, 0);
});

async function refusalOf(handler: Handler): Promise<string> {
  const server = await serverOf(handler);
  try {
    const file = await httpUrlFile(new URL(`${server.url}/data.bin?key=secret`));
    await file.read(0, 5000);
  } catch (error) {
    assert.ok(isAssayError(error, "data-source-failed"), String(error));
    assert.ok(error.message.includes(`${server.url}/data.bin`), "the address is named");
    assert.ok(!error.message.includes("secret"));
    return error.message;
  }
  return assert.fail("it was read");
}

const only =
  (length: number): Handler =>
  (_, response, [start, last]) => {
    const range = `bytes ${start}-${last}/${BYTES.length}`;
    response.writeHead(206, { "content-range": range, etag: '"one"' });
    response.end(BYTES.subarray(start, start + length));
  };

test("every way to fail has its own words", async () => {
  const elsewhere = await serverOf(usual);
  let changes = 0;
  const ways: readonly (readonly [Handler, RegExp])[] = [
    [(_, response) => response.writeHead(404).end(), /HTTP 404/],
    [(_, response) => response.writeHead(403).end("<p>no</p>"), /HTTP 403/],
    [(_, response) => response.writeHead(500).end(), /5 tries in a row failed.*HTTP 500/],
    [(_, response) => response.writeHead(200).end(BYTES), /ignores Range/],
    [(_, response) => response.destroy(), /5 tries in a row failed/],
    [(_, response) => response.writeHead(302).end(), /redirects to nowhere/],
    [(_, response) => response.writeHead(206).end("abc"), /no content-range/],
    [
      (_, response, range) => answer(BYTES, response, [range[0] + 1, range[1] + 1]),
      /asked for bytes from 0 on/,
    ],
    [
      (request, response) => {
        const at = Number(/\d+$/.exec(request.url ?? "")?.[0] ?? 0);
        response.writeHead(307, { location: `/again/${at + 1}` }).end();
      },
      /redirects to .*\/again\/4/,
    ],
    [
      (_, response, [start, last]) =>
        response
          .writeHead(206, {
            "content-range": `bytes ${start}-${last}/${BYTES.length}`,
            "content-encoding": "gzip",
          })
          .end("x"),
      /encoded/,
    ],
    [
      (_, response, [start, last]) =>
        response
          .writeHead(206, {
            "content-range": `bytes ${start}-${last}/${BYTES.length}`,
            etag: String(changes++),
          })
          .end(BYTES.subarray(start, last + 1)),
      /changed while it was read/,
    ],
    [
      (request, response, range) => (range[1] > 0 ? only(0) : usual)(request, response, range),
      /short read: 0 of 5000/,
    ],
    [
      (request, response, range) => (range[1] > 0 ? only(6000) : usual)(request, response, range),
      /more bytes than were asked for/,
    ],
  ];
  await Promise.all(
    ways.map(async ([handler, words]) => assert.match(await refusalOf(handler), words)),
  );
  // One redirect is followed: hubs answer so.
  const hub = await serverOf((_, response) =>
    response.writeHead(302, { location: `${elsewhere.url}/cdn` }).end(),
  );
  const file = await httpUrlFile(new URL(hub.url));
  assert.deepEqual(await file.read(10, 20), BYTES.slice(10, 20));
});

test("a reader that is told to stop stops, and says nothing of the server", async () => {
  const server = await serverOf((_, response) => void response.writeHead(206));
  const stop = new AbortController();
  const read = httpUrlFile(new URL(server.url), stop.signal);
  setTimeout(() => stop.abort(new Error("stopped")), 20);
  await assert.rejects(read, /stopped/);
});

test("shards are learned from an address as from a file, of several when each is named", async () => {
  const tokens = Array.from({ length: 9000 }, (_, index) => index % 700);
  const shard = Buffer.from(npy(tokens, 2));
  const server = await serverOf((request, response, range) => {
    if (request.url === "/set/a.npy" || request.url === "/set/b.npy")
      answer(shard, response, range);
    else response.writeHead(404).end();
  });
  const options = {
    selection: "all",
    format: "tokens",
    tokenType: "auto",
    vocabulary: 700,
    limitBytes: 1 << 20,
  } as const;
  const one = await readCorpus({ ...options, folder: `${server.url}/set/a.npy` });
  assert.equal(one.training.length + one.heldOut.length, 18_000);
  assert.deepEqual(one.range, { name: `${server.url}/set/a.npy`, offset: 128 });
  const include = ["a.npy", "b.npy"];
  const two = await readCorpus({ ...options, folder: `${server.url}/set/`, include });
  assert.equal(two.training.length, 2 * one.training.length);
  await assert.rejects(
    readCorpus({ ...options, folder: `${server.url}/set/` }),
    (error) => isAssayError(error, "bad-option") && /cannot be listed/.test(error.message),
  );
});
