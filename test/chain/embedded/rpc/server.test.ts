/** @file The JSON-RPC server: framing, errors, limits, subscriptions, dev_ methods. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { z } from "zod";
import { keyOfHex, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { serveRpc } from "../../../../chain/embedded/rpc/server.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { scrapeOf } from "../../../../subnet/chain-metrics.ts";
import { key, openDevChain, signerFor, storagePrefix, transfer } from "../dev-chain.ts";
import { eventually } from "../../../support/eventually.ts";

type Reply = {
  jsonrpc: string;
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
};

const HOST = "127.0.0.1";
let chain: EmbeddedChain;
let port = 0;
let close: () => Promise<void>;

before(async () => {
  chain = await openDevChain();
  const server = await serveRpc(chain, { host: HOST, port: 0 });
  port = server.port;
  close = () => server.close();
});
after(async () => {
  await close();
  await chain.close();
});

async function post(
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: HOST, port, method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function rpc(method: string, params: unknown = []): Promise<Reply> {
  const { text } = await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const reply: Reply = JSON.parse(text);
  return reply;
}

const codeOf = (text: string): number | undefined => {
  const reply: Reply = JSON.parse(text);
  return reply.error?.code;
};

test("bad JSON, no request, empty batch, unknown method, wrong parameters", async () => {
  assert.equal(codeOf((await post("{")).text), -32700);
  assert.equal(codeOf((await post("7")).text), -32600);
  assert.equal(codeOf((await post("[]")).text), -32600);
  assert.equal(codeOf((await post('{"jsonrpc":"2.0","id":1}')).text), -32600);
  assert.equal((await rpc("no_such")).error?.code, -32601);
  assert.equal((await rpc("constructor")).error?.code, -32601);
  assert.equal((await rpc("state_getStorage", ["nothex"])).error?.code, -32602);
  assert.equal((await rpc("state_getStorage", { key: "0x00" })).error?.code, -32602);
  assert.equal((await rpc("state_getStorage", ["0x00", `0x${"77".repeat(32)}`])).error?.code, 4003);
  assert.equal((await rpc("state_call", ["No_such_function", "0x"])).error?.code, 4003);
  assert.equal((await rpc("chain_subscribeNewHeads")).error?.code, -32601);
  assert.equal((await rpc("state_getKeysPaged", ["0x", 5000])).error?.code, -32602);
});

test("a runtime call takes bytes with and without 0x; keys come at once; a time is within reason", async () => {
  const answers = await Promise.all(
    ["0x", ""].map(async (bytes) => (await rpc("state_call", ["Core_version", bytes])).result),
  );
  assert.ok(typeof answers[0] === "string" && answers[0].length > 2);
  assert.equal(answers[1], answers[0]);
  assert.equal((await rpc("state_call", ["Core_version", "0"])).error?.code, -32602);
  assert.equal((await rpc("state_call", ["Core_version", 7])).error?.code, -32602);
  const prefix = toHex(storagePrefix("System", "Account"));
  const { result: keys } = await rpc("state_getKeys", [prefix]);
  assert.deepEqual(keys, (await rpc("state_getKeysPaged", [prefix, 1000])).result);
  assert.ok(Array.isArray(keys) && keys.length > 1);
  for (const time of [1e308, -1, "never", 253_402_300_800_000, null])
    assert.equal((await rpc("dev_timeTravel", [time])).error?.code, -32602, String(time));
});

test("the parts of a fee add up to what the fee is said to be", async () => {
  const signed = toHex(transfer(signerFor(chain), key("//Alice"), 0, 5));
  const { result: parts } = await rpc("payment_queryFeeDetails", [signed]);
  const { result: info } = await rpc("payment_queryInfo", [signed]);
  const { inclusionFee } = z
    .object({ inclusionFee: z.record(z.string(), z.number()) })
    .parse(parts);
  const { partialFee } = z.object({ partialFee: z.string() }).parse(info);
  const { baseFee = 0, lenFee = 0, adjustedWeightFee = 0 } = inclusionFee;
  assert.equal(baseFee + lenFee + adjustedWeightFee, Number(partialFee));
  assert.ok(lenFee > 0);
  assert.equal((await rpc("payment_queryFeeDetails", ["0x00"])).error?.code, 4003);
});

test("batches keep order and ids; notifications get no answer", async () => {
  const batch = [
    { jsonrpc: "2.0", id: "a", method: "system_chainType" },
    { jsonrpc: "2.0", method: "system_chain" },
    { jsonrpc: "2.0", id: 7, method: "nope" },
  ];
  const replies: Reply[] = JSON.parse((await post(JSON.stringify(batch))).text);
  assert.deepEqual(
    replies.map(({ id, result, error }) => [id, result ?? error?.code]),
    [
      ["a", "Local"],
      [7, -32601],
    ],
  );
  assert.equal(
    (await post(JSON.stringify({ jsonrpc: "2.0", method: "system_chain" }))).status,
    204,
  );
  const many = Array.from({ length: 1001 }, () => batch[1]);
  assert.equal(codeOf((await post(JSON.stringify(many))).text), -32010);
});

test("oversized bodies and foreign pages are refused", async () => {
  const large = await post(`"${"x".repeat(16 * 1024 * 1024)}"`).catch(() => null);
  // The server may close the connection before the whole body is sent.
  if (large !== null) assert.deepEqual([large.status, codeOf(large.text)], [413, -32007]);
  const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_chain" });
  assert.equal((await post(call, { origin: "https://evil.example" })).status, 403);
  assert.equal((await post(call, { host: "evil.example" })).status, 403);
  assert.equal((await post(call, { origin: "http://localhost:3000" })).status, 200);
  assert.equal((await rpc("system_chain")).result, "Assay Localnet");
});

test("aliases give the same answers", async () => {
  const same = async (names: string[], params: unknown[]): Promise<void> => {
    const results = await Promise.all(names.map(async (name) => (await rpc(name, params)).result));
    for (const result of results) assert.deepEqual(result, results[0]);
    assert.notEqual(results[0], undefined);
  };
  const alice = key("//Alice").address;
  await same(
    ["chain_getHead", "chain_getBlockHash", "chain_getFinalizedHead", "chain_getFinalisedHead"],
    [],
  );
  await same(["system_accountNextIndex", "account_nextIndex"], [alice]);
  await same(
    ["state_getStorage", "state_getStorageAt"],
    [toHex(storagePrefix("Aura", "Authorities"))],
  );
  await same(["state_getRuntimeVersion", "chain_getRuntimeVersion"], []);
  const methods = JSON.stringify((await rpc("rpc_methods")).result);
  for (const name of [
    "author_submitAndWatchExtrinsic",
    "author_unwatchExtrinsic",
    "dev_newBlock",
    "state_queryStorageAt",
  ]) {
    assert.ok(methods.includes(`"${name}"`), name);
  }
});

test("keys paged walk the whole state; storage history tells each change", async () => {
  const keys: string[] = [];
  for (let start: string | null = null; ; start = keys.at(-1) ?? null) {
    const { result } = await rpc("state_getKeysPaged", ["0x", 7, start]);
    assert.ok(Array.isArray(result));
    for (const name of result) keys.push(String(name));
    if (result.length < 7) break;
  }
  assert.deepEqual(
    keys,
    chain.keysAt("", 1e9).map((name) => toHex(Buffer.from(name, "latin1"))),
  );
  const from = chain.head().hash;
  await rpc("dev_newBlock", [{ count: 2 }]);
  const number = toHex(storagePrefix("System", "Number"));
  const { result } = await rpc("state_queryStorage", [[number], from]);
  assert.ok(Array.isArray(result));
  assert.equal(result.length, 3);
});

test("dev_ methods: blocks, time, storage by name and raw, head, mode", async () => {
  const start = chain.head().number;
  await rpc("dev_newBlock");
  await rpc("dev_newBlock", [{ count: 3 }]);
  await Promise.all([1, 2, 3].map(async () => rpc("dev_newBlock", [{ to: start + 6 }])));
  const again = await rpc("dev_newBlock", [{ to: start + 5 }]);
  assert.equal(again.result, chain.head().hash, "what is there already is not made again");
  assert.equal(chain.head().number, start + 6);
  const signer = signerFor(chain);
  const bytes = transfer(signer, key("//Bob"), 0);
  const made = await rpc("dev_newBlock", [{ transactions: [toHex(bytes)] }]);
  assert.equal(made.result, chain.head().hash);
  assert.equal(chain.block()?.extrinsics.length, 2);
  const poor = key("//Poor").address;
  const account = { nonce: 3, providers: 1, data: { free: "12345678901234567" } };
  const set = await rpc("dev_setStorage", [{ System: { Account: [[[poor], account]] } }]);
  assert.equal(set.error, undefined, JSON.stringify(set.error));
  assert.equal((await rpc("system_accountNextIndex", [poor])).result, 3);
  await rpc("dev_setStorage", [[["0x0a0b", "0xff"]]]);
  assert.equal((await rpc("state_getStorage", ["0x0a0b"])).result, "0xff");
  await rpc("dev_newBlock");
  assert.equal((await rpc("state_getStorage", ["0x0a0b"])).result, "0xff");
  const time = Date.parse("2031-01-01T00:00:00Z");
  assert.equal((await rpc("dev_timeTravel", ["2031-01-01T00:00:00Z"])).result, time);
  assert.equal((await rpc("dev_setHead", [-2])).result, chain.blockHash(start + 6));
  assert.equal((await rpc("dev_setHead", [10_000])).error?.code, 4003);
  assert.equal((await rpc("dev_setBlockBuildMode", ["Manual"])).result, null);
  assert.equal((await rpc("dev_setBlockBuildMode", ["Sometimes"])).error?.code, -32602);
  assert.equal(chain.storageAt(toHex(Buffer.from(keyOfHex("0x0a0b"), "latin1"))), null);
});

test("a busy port is a ChainError that names it", async () => {
  await assert.rejects(serveRpc(chain, { host: HOST, port }), (error: unknown) => {
    assert.ok(error instanceof ChainError);
    assert.deepEqual(error.fault, { code: "port-in-use", service: "chain", host: HOST, port });
    return true;
  });
});

test("subscriptions: order of one block's messages, unsubscribe, oversized message closes the socket", async () => {
  const socket = new WebSocket(`ws://${HOST}:${port}`);
  const seen: { method?: string; id?: number; params?: { result: unknown }; result?: unknown }[] =
    [];
  socket.on("message", (data: Buffer) => seen.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once("open", resolve));
  const until = (done: () => boolean): Promise<void> =>
    eventually("the messages came", done).catch((error: unknown) =>
      assert.fail(`${String(error)}: ${JSON.stringify(seen).slice(0, 500)}`),
    );
  const call = (id: number, method: string, params: unknown[] = []): void => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  };
  call(1, "chain_subscribeFinalizedHeads");
  call(2, "chain_subscribeNewHeads");
  const bytes = transfer(signerFor(chain), key("//Charlie"), 0);
  call(3, "author_submitAndWatchExtrinsic", [toHex(bytes)]);
  await until(() => seen.some(({ id }) => id === 3));
  await until(() => seen.filter(({ method }) => method !== undefined).length >= 3);
  seen.length = 0;
  await chain.seal();
  await until(() => seen.length >= 4);
  assert.deepEqual(
    seen
      .map(({ method, params }) =>
        method === "author_extrinsicUpdate" ? Object.keys(params?.result ?? {})[0] : method,
      )
      .toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    ["chain_finalizedHead", "chain_newHead", "finalized", "inBlock"],
  );
  assert.equal(seen.at(-1)?.method, "author_extrinsicUpdate");
  const { result } = await rpc("rpc_methods");
  assert.ok(result);
  seen.length = 0;
  const events = toHex(storagePrefix("System", "Events")).toUpperCase().replace("0X", "0x");
  call(9, "state_subscribeStorage", [[events]]);
  await until(() => seen.some(({ method }) => method === "state_storage"));
  // Quiet blocks write equal events; a node reports them all the same.
  await chain.seal();
  await chain.seal();
  await until(() => seen.filter(({ method }) => method === "state_storage").length === 3);
  seen.length = 0;
  call(4, "chain_unsubscribeNewHeads", ["unknown"]);
  await until(() => seen.length === 1);
  assert.equal(seen[0]?.result, false);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.send("x".repeat(16 * 1024 * 1024));
  await closed;
});

test("metrics for this machine: counted from blocks that are made; not through a proxy, not without the option", async (t) => {
  const metrics = scrapeOf(chain, null);
  const served = await serveRpc(chain, { host: HOST, port: 0, metrics });
  t.after(() => served.close());
  const url = `http://${HOST}:${served.port}/metrics`;
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const lines = (await answer.text()).matchAll(/^(assay_\w+) (\S+)$/gm);
    return new Map(lines.map(([, name = "", value]) => [name, Number(value)]));
  };
  const first = await read();
  assert.equal(first.get("assay_chain_blocks_total"), 0);
  await chain.submit(transfer(signerFor(chain), key("//Eve"), 0));
  assert.equal((await read()).get("assay_chain_pool_extrinsics"), 1);
  await chain.seal();
  await chain.seal();
  const last = await read();
  assert.equal(last.get("assay_chain_block_height"), chain.head().number);
  assert.equal(last.get("assay_chain_blocks_total"), 2);
  assert.equal(last.get("assay_chain_extrinsics_total"), 1);
  assert.equal(last.get("assay_chain_pool_extrinsics"), 0);
  assert.ok(
    Math.abs((last.get("assay_chain_block_timestamp_seconds") ?? 0) - Date.now() / 1000) < 60,
  );
  assert.ok(!last.has("assay_chain_database_bytes"), "it lives in memory");
  chain.setHead(chain.head().number - 1);
  assert.equal((await read()).get("assay_chain_blocks_total"), 2, "the way back makes none");
  await chain.seal();
  assert.equal((await read()).get("assay_chain_blocks_total"), 3);
  for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
    assert.equal((await fetch(url, { headers: { [name]: "203.0.113.7" } })).status, 405, name);
  assert.equal((await fetch(`http://${HOST}:${port}/metrics`)).status, 405);
});

/** Status of the answer to a question that calls the server `name`. */
async function statusAs(
  name: string,
  method: string,
  at: { readonly host: string; readonly port: number },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { ...at, method, path: "/metrics", agent: false, headers: { host: name } };
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("a name that was pointed here reads no metrics on any bind, and is refused altogether by a loopback one", async (t) => {
  const metrics = scrapeOf(chain, null);
  const loopback6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === "::1"),
  );
  for (const bind of ["0.0.0.0", "localhost", ...(loopback6 ? ["::1"] : [])]) {
    const served = await serveRpc(chain, { host: bind, port: 0, metrics });
    t.after(() => served.close());
    const at = { host: bind === "0.0.0.0" ? HOST : bind, port: served.port };
    const isLoopback = bind !== "0.0.0.0";
    for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      assert.equal(await statusAs(name, "GET", at), isLoopback ? 403 : 405, `${bind} ${name}`);
      // An empty body is no JSON, but it is answered.
      assert.equal(await statusAs(name, "POST", at), isLoopback ? 403 : 200, `${bind} ${name}`);
    }
    for (const name of ["localhost", `127.0.0.1:${served.port}`, "[::1]:9944"])
      assert.equal(await statusAs(name, "GET", at), 200, `${bind} ${name}`);
    assert.equal(await statusAs("192.0.2.1", "GET", at), isLoopback ? 403 : 200, bind);
  }
});
