/** @file The axon: answers what it knows, refuses what it does not, and lets no stranger hold a connection. */
import { strict as assert } from "node:assert";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import type { Status } from "../../../src/api/types.ts";
import {
  checkpointSchema,
  checkpointsSchema,
  digestsSchema,
  statusSchema,
} from "../../../src/api/types.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { isAssayError } from "../../../src/errors.ts";
import { fetchBlob, fetchJson, urlOf } from "../../../src/network/client.ts";
import { type Axon, type AxonContent, serveAxon } from "../../../src/network/server.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";

const BYTES = new Uint8Array(5000).fill(9);
const ADDRESS = blake2b256(BYTES);
const LIMITS = { limitBytes: 1 << 16, timeoutMs: 3000 };
const STATUS: Status = {
  role: "miner",
  hotkey: `0x${"01".repeat(32)}`,
  runId: null,
  window: null,
  thetaDigest: null,
  rulesDigest: null,
  device: "none yet",
  heldOut: null,
  progress: null,
  activity: "starting",
};

let status = STATUS;
let checkpoint: { window: number; address: Hex } | null = null;
const VERDICT = {
  window: 3,
  uid: 1,
  verdict: "accepted",
  explanation: "fine",
  detail: "",
  final: "0x1p+0",
  weight: 7,
};
const blobs = memoryBlobs();
const content: AxonContent = {
  blobs,
  status: () => status,
  digests: (from) => [{ window: from, digest: ADDRESS }],
  checkpoint: () => checkpoint,
  record: (window) => (window === 3 ? '{"window": 3}' : null),
  verdict: (window, uid) => (window === 3 && uid === 1 ? VERDICT : null),
};

let axon: Axon;
before(async () => {
  await blobs.put(BYTES);
  axon = await serveAxon(content, { host: "127.0.0.1", port: 0 });
});
after(() => axon.close());

const at = (path: string): string => urlOf({ ip: "127.0.0.1", port: axon.port }, path);

async function codeOf(path: string, options: RequestInit = {}): Promise<number> {
  const response = await fetch(at(path), options);
  await response.text();
  return response.status;
}

test("a node that has not joined is alive but not ready", async () => {
  assert.equal(await codeOf("/healthz"), 200);
  assert.equal(await codeOf("/readyz"), 503);
  status = { ...STATUS, window: 2 };
  assert.equal(await codeOf("/readyz"), 200);
  status = STATUS;
});

test("answers have the shapes of the read API", async () => {
  assert.deepEqual(await fetchJson(at("/status"), statusSchema, LIMITS), STATUS);
  assert.deepEqual(await fetchJson(at("/digests?from=7"), digestsSchema, LIMITS), [
    { window: 7, digest: ADDRESS },
  ]);
  assert.equal(await codeOf("/digests?from=words"), 200);
  assert.equal(await fetchJson(at("/checkpoints/latest"), checkpointSchema, LIMITS), null);
  checkpoint = { window: 1, address: ADDRESS };
  assert.deepEqual(
    await fetchJson(at("/checkpoints/latest"), checkpointSchema, LIMITS),
    checkpoint,
  );
});

test("all checkpoints are named, newest first and each once; where only the newest is known, that", async () => {
  checkpoint = { window: 9, address: ADDRESS };
  assert.deepEqual(await fetchJson(at("/checkpoints"), checkpointsSchema, LIMITS), [checkpoint]);
  const older = [9, 8, 7, 6, 5].map((window) => ({ window, address: ADDRESS }));
  const many = await serveAxon(
    { ...content, checkpoints: () => older },
    { host: "127.0.0.1", port: 0 },
  );
  try {
    const url = urlOf({ ip: "127.0.0.1", port: many.port }, "/checkpoints");
    assert.deepEqual(await fetchJson(url, checkpointsSchema, LIMITS), older.slice(0, 4));
  } finally {
    await many.close();
    checkpoint = null;
  }
});

test("a record is handed out byte for byte", async () => {
  assert.equal(await (await fetch(at("/records/3"))).text(), '{"window": 3}');
  assert.deepEqual(await (await fetch(at("/verdicts/3/1"))).json(), VERDICT);
  for (const path of ["/records/4", "/records/x", "/records/-1", "/verdicts/3/2", "/verdicts/x/y"])
    assert.equal(await codeOf(path), 404, path);
});

test("no answer lets a browser guess what it is", async () => {
  const paths = ["/healthz", "/status", "/records/3", "/records/4", "/nothing", "/checkpoints"];
  for (const path of [...paths, `/blobs/${ADDRESS}`, "/blobs/x", `/blobs/0x${"ab".repeat(32)}`])
    for (const method of ["GET", "HEAD"]) {
      const response = await fetch(at(path), { method });
      await response.arrayBuffer();
      assert.equal(response.headers.get("x-content-type-options"), "nosniff", `${method} ${path}`);
    }
});

test("a blob is exactly its bytes; other addresses are 404, malformed ones 400", async () => {
  const endpoint = { ip: "127.0.0.1", port: axon.port };
  assert.deepEqual(await fetchBlob(endpoint, ADDRESS, LIMITS), BYTES);
  assert.equal(await fetchBlob(endpoint, `0x${"ab".repeat(32)}`, LIMITS), null);
  for (const path of ["0x12", "x", "%2e%2e%2fstate.json", ADDRESS.toUpperCase(), `${ADDRESS}00`])
    assert.equal(await codeOf(`/blobs/${path}`), 400, path);
});

test("unknown routes, long parameters and writes are refused", async () => {
  for (const path of ["/", "/blobs", "/blobs/../../etc/passwd", `/blobs/${"0".repeat(500)}`])
    assert.ok([400, 404, 414].includes(await codeOf(path)), path);
  for (const method of ["POST", "PUT", "DELETE"])
    assert.equal(await codeOf("/status", { method }), 404, method);
  const body = "x".repeat(100_000);
  assert.ok([404, 413].includes(await codeOf("/status", { method: "POST", body })));
});

test("a header above eight KiB is refused", async () => {
  const code = await new Promise<number | undefined>((resolve, reject) => {
    request(at("/status"), { headers: { "x-long": "x".repeat(9000) } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  assert.equal(code, 431);
});

test("a client that sends its header slowly is cut off within seconds", async () => {
  const started = performance.now();
  const socket = connect(axon.port, "127.0.0.1");
  socket.write("GET /status HTTP/1.1\r\nhost: x\r\n");
  const timer = setInterval(() => socket.write("x-slow: 1\r\n"), 300);
  socket.on("error", () => undefined).resume();
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  assert.ok(performance.now() - started < 7000);
});

test("a taken port and a foreign address are told apart", async () => {
  await assert.rejects(serveAxon(content, { host: "127.0.0.1", port: axon.port }), (error) =>
    isAssayError(error, "port-in-use"),
  );
  await assert.rejects(serveAxon(content, { host: "192.0.2.1", port: 0 }), (error) =>
    isAssayError(error, "address-foreign"),
  );
  await assert.rejects(serveAxon(content, { host: "no-such-host.invalid", port: 0 }), (error) =>
    isAssayError(error, "host-unknown"),
  );
});

test("closing ends open connections", async () => {
  const other = await serveAxon(content, { host: "127.0.0.1", port: 0 });
  const socket = connect(other.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const closed = new Promise((resolve) =>
    socket.on("error", () => undefined).once("close", resolve),
  );
  await other.close();
  await closed;
});
