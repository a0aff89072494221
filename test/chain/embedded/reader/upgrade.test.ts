/** @file A reader's thread through an upgrade: from the block of `set_code` on it asks the new runtime, of older blocks theirs. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type RawData, WebSocket } from "ws";
import { z } from "zod";
import { readRuntimeArtifact } from "../../../../chain/embedded/artifact.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { hexOfKey, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type LivingServer, StartingReader } from "../../../../chain/embedded/reader/start.ts";
import { type RpcServer, serveRpc } from "../../../../chain/embedded/rpc/server.ts";
import { CODE_KEY } from "../../../../chain/embedded/state/well-known-keys.ts";
import { scrapeOf } from "../../../../subnet/chain-metrics.ts";
import {
  key,
  openDevChain,
  requireCall,
  signerFor,
  storagePrefix,
  transfer,
} from "../dev-chain.ts";
import { raisedRuntime } from "../../../../chain/native/raised-runtime.ts";
import { asked, result } from "./asked.ts";
import { eventually } from "../../../support/eventually.ts";

const HOST = "127.0.0.1";
const CODE = hexOfKey(CODE_KEY);
const told = z.object({ params: z.object({ result: z.object({ specVersion: z.number() }) }) });

let chain: EmbeddedChain;
/** In the chain's own thread. */
let own: RpcServer;
let reader: LivingServer;
/** Whoever subscribed to the runtime's version at the reader, and what it was told. */
let socket: WebSocket;
const versions: number[] = [];
let spec = 0;
let raised: Uint8Array;

function textOf(data: RawData): string {
  return Buffer.concat([data].flat().map((part) => new Uint8Array(part))).toString("utf8");
}

before(async () => {
  const starting = new StartingReader();
  chain = await openDevChain();
  spec = chain.runtimeVersion.specVersion;
  raised = raisedRuntime(await readRuntimeArtifact());
  own = await serveRpc(chain, { host: HOST, port: 0 });
  await chain.seal();
  const metrics = scrapeOf(chain, null);
  reader = await starting.serve(chain, { host: HOST, port: 0, dev: true, metrics });
  socket = new WebSocket(`ws://${HOST}:${reader.port}`);
  socket.on("message", (data) => {
    const { data: message } = told.safeParse(JSON.parse(textOf(data)));
    if (message !== undefined) versions.push(message.params.result.specVersion);
  });
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send('{"jsonrpc":"2.0","id":1,"method":"state_subscribeRuntimeVersion"}');
  await eventually("the first version", async () => Promise.resolve(versions.length === 1));
});
after(async () => {
  socket.terminate();
  await reader.close();
  await own.close();
  await chain.close();
});

async function same(method: string, params: unknown = []): Promise<unknown> {
  const [here, there] = await Promise.all(
    [own, reader].map(async ({ port }) => asked(port, method, params)),
  );
  assert.deepEqual(there, here, `${method} ${JSON.stringify(params).slice(0, 200)}`);
  return there?.result;
}

/** What depends on the runtime of a block, or of the head: as the author says it. */
async function sameAt(hash?: string): Promise<void> {
  await same("state_getRuntimeVersion", [hash]);
  await same("state_getMetadata", [hash]);
  await same("state_call", ["Core_version", "0x", hash]);
  const lastUpgrade = toHex(storagePrefix("System", "LastRuntimeUpgrade"));
  await same("state_getReadProof", [[CODE, lastUpgrade, "0x1234"], hash ?? chain.head().hash]);
}

const submit = async (bytes: Uint8Array) =>
  asked(reader.port, "author_submitExtrinsic", [toHex(bytes)]);
const metadataAt = async (hash?: string) => result(reader.port, "state_getMetadata", [hash]);
const codes = z.object({ error: z.object({ code: z.number(), data: z.string() }) });

test("set_code that comes through the reader: version, metadata, validity and proofs follow", async () => {
  const old = signerFor(chain);
  const alice = key("//Alice");
  const setCode = requireCall(old, "system", "setCode")(toHex(raised));
  const upgrade = old.sign(alice, requireCall(old, "sudo", "sudo")(setCode), 0);
  assert.equal(typeof (await submit(upgrade)).result, "string");
  const eve = chain.head().hash;
  // Asked before, so that an answer that is kept would show.
  const metadata = await metadataAt();
  await result(reader.port, "dev_newBlock");
  assert.equal(chain.runtimeVersion.specVersion, spec + 1);
  await eventually("the new version is told", async () => Promise.resolve(versions.length > 1));
  assert.deepEqual(versions, [spec, spec + 1]);
  assert.notEqual(await metadataAt(), metadata);
  assert.equal(await metadataAt(eve), metadata);
  for (const hash of [undefined, eve, chain.genesisHash, chain.head().hash]) await sameAt(hash);
  // A signature covers the version: the reader checks it by the runtime that comes next.
  const stale = await submit(transfer(old, alice, 1));
  assert.equal(stale.error?.data, "Transaction has a bad signature");
  assert.equal(chain.pool.entries().length, 0, "the author never saw it");
  assert.equal(typeof (await submit(transfer(signerFor(chain), alice, 1))).result, "string");
  await result(reader.port, "dev_newBlock");
  assert.equal(chain.block()?.extrinsics.length, 2);
  await sameAt();
});

test("a code that cannot run is refused in the same words by way of the reader", async () => {
  const reply = await asked(reader.port, "dev_setStorage", [[[CODE, "0x00"]]]);
  const { error } = codes.parse(reply);
  assert.deepEqual([error.code, /code-refused/.test(error.data)], [-32603, true]);
  assert.deepEqual(await asked(own.port, "dev_setStorage", [[[CODE, "0x00"]]]), reply);
  assert.equal(
    (await asked(reader.port, "state_getReadProof", [[CODE], CODE])).error?.code,
    -32602,
  );
});

test("metrics are the author's, by the port of the reader; not through a proxy", async () => {
  const url = `http://${HOST}:${reader.port}/metrics`;
  const read = async (name: string): Promise<number> => {
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await answer.text())?.[1]);
  };
  const made = await read("assay_chain_blocks_total");
  await chain.seal();
  const height = chain.head().number;
  await eventually(
    "the new height",
    async () => (await read("assay_chain_block_height")) === height,
  );
  assert.equal(await read("assay_chain_blocks_total"), made + 1);
  const proxied = await fetch(url, { headers: { "x-forwarded-for": "203.0.113.7" } });
  assert.equal(proxied.status, 405);
});

test("a thread that is replaced begins with the code in state; the way back leads to the old one", async () => {
  await reader.kill();
  await eventually("another thread", async () =>
    result(reader.port, "chain_getBlockHash").then(
      (head) => head === chain.head().hash,
      () => false,
    ),
  );
  for (const hash of [undefined, chain.genesisHash]) await sameAt(hash);
  await result(reader.port, "dev_setHead", [1]);
  assert.equal(chain.runtimeVersion.specVersion, spec);
  await sameAt();
  assert.equal(
    typeof (await submit(transfer(signerFor(chain), key("//Alice"), 0))).result,
    "string",
  );
});
