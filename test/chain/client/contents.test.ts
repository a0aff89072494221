/** @file What lies in a block: who signed which call, and which of them the chain refused in it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { contentsOf } from "../../../chain/client/contents.ts";
import { Runtime } from "../../../chain/client/runtime.ts";
import { compactBytes } from "../../../chain/client/scale.ts";
import { type ChainState, StateBatch } from "../../../chain/client/state.ts";
import { type Hex, hexOf } from "../../../chain/wallet/hex.ts";
import { stub } from "../../unit/stub.ts";
import { accounts, failsAs } from "./fixture.ts";
import { type ServedChain, serveFixture } from "./served.ts";

const { rich, miners } = accounts;
const [miner] = miners;
assert.ok(miner !== undefined);

let chain: ServedChain;
let client: ChainClient;
before(async () => {
  chain = await serveFixture();
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
});

it("is told by the names of calls, with their signers", async () => {
  const { block } = await client.transfer(rich, miner.coldkey.ss58, 5_000_000_000n);
  const found = await client.block(block.hash);
  assert.deepEqual([found.number, found.hash], [block.number, block.hash]);
  const signed = found.extrinsics.filter(({ signer }) => signer !== null);
  assert.equal(signed.length, 1);
  const [transfer] = signed;
  assert.equal(transfer?.signer, rich.publicKey);
  assert.equal(transfer.pallet, "Balances");
  assert.match(transfer.call, /^transfer_/);
  assert.equal(transfer.error, null);
  assert.ok(transfer.bytes > 100 && transfer.bytes < 400);
  const inherent = found.extrinsics.find(({ pallet }) => pallet === "Timestamp");
  assert.deepEqual([inherent?.call, inherent?.signer, inherent?.error], ["set", null, null]);
  assert.equal(found.all, found.extrinsics.length);
  const first = await client.block(block.hash, 1);
  assert.deepEqual(first, { ...found, extrinsics: found.extrinsics.slice(0, 1) });
});

it("names the error of what was refused in the block", async () => {
  const first = (await client.head()).number;
  // Refused in the block, not by the pool: nobody has so much.
  await assert.rejects(
    client.submit(rich, {
      pallet: "Balances",
      name: "transfer_keep_alive",
      args: [miner.coldkey.ss58, 10n ** 18n],
    }),
    failsAs({ code: "extrinsic-failed" }),
  );
  const head = (await client.head()).number;
  const errors: string[] = [];
  for (let number = first; number <= head; number++) {
    const { extrinsics } = await client.block(await client.blockHash(number));
    errors.push(...extrinsics.flatMap(({ error }) => (error === null ? [] : [error])));
  }
  assert.deepEqual(errors, ["System.Arithmetic"]);
});

it("is asked of a block that there is", async () => {
  await assert.rejects(client.block(`0x${"07".repeat(32)}`), failsAs({ code: "rpc-failed" }));
});

/** The metadata of the fixture's chain. */
async function metadataOf({ endpoint }: ServedChain): Promise<Hex> {
  const socket = new WebSocket(endpoint);
  await once(socket, "open");
  const answered = once(socket, "message");
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "state_getMetadata", params: [] }));
  const [message] = await answered;
  const { result } = JSON.parse(String(message.data));
  socket.close();
  return result;
}

/** What a client reads of a block with these extrinsics and events, of which no chain of the tests makes so many. */
function contentsWith(
  runtime: Runtime,
  extrinsics: readonly Uint8Array[],
  events: readonly Uint8Array[],
): ReturnType<typeof contentsOf> {
  const bytes = hexOf(Buffer.concat([compactBytes(events.length), ...events]));
  const block = { header: { number: "0x7" }, extrinsics: extrinsics.map(hexOf) };
  const state: ChainState = stub<ChainState>({
    runtime,
    batch: () => new StateBatch(state),
    // The first key is that of the last upgrade.
    values: async (keys) => new Map(keys.map((key, index) => [key, index === 0 ? null : bytes])),
    request: async (schema) => schema.parse({ block }),
  });
  return contentsOf({ state });
}

/** `Timestamp.set`, or so it begins. */
const PLAIN = Uint8Array.of(12, 4, 2, 0);
const DISPATCHED = [0, 0, 0, 0];
/** System.ExtrinsicSuccess and ExtrinsicFailed (BadOrigin) of an extrinsic, and one that no metadata knows. */
const eventOf = (index: number, kind: readonly number[]): Uint8Array => {
  const phase = Buffer.alloc(5);
  phase.writeUInt32LE(index, 1);
  return Buffer.concat([phase, Uint8Array.from(kind), Uint8Array.of(0)]);
};
const DONE = [0, 0, ...DISPATCHED];
const REFUSED = [0, 1, 2, ...DISPATCHED];
const UNKNOWN = [251, 251];

it("reads no more of a full block than it is asked for, and lets others have their turn", async () => {
  const runtime = new Runtime(await metadataOf(chain), { specVersion: 0, transactionVersion: 0 });
  const count = 4000;
  const extrinsics = Array.from({ length: count }, (_, index) =>
    // Behind those that are read lies one that is dear to decode.
    index === 64 ? new Uint8Array(4_000_000) : PLAIN,
  );
  const events = extrinsics.flatMap((_, index) => {
    const more = index === 0 ? 2000 : 3;
    const last = eventOf(index, index % 2 === 0 ? DONE : REFUSED);
    return [...Array.from({ length: more }, () => eventOf(index, DONE)), last];
  });
  const contents = contentsWith(runtime, extrinsics, events);
  let turns = 0;
  const done = new AbortController();
  const others = (async () => {
    for (; !done.signal.aborted; turns++) await turn();
  })();
  const beganMs = performance.now();
  const found = await contents.block("0x00", 64).finally(() => done.abort());
  const tookMs = performance.now() - beganMs;
  await others;
  assert.deepEqual([found.number, found.all, found.extrinsics.length], [7, count, 64]);
  assert.deepEqual(
    found.extrinsics.map(({ error }) => error),
    Array.from({ length: 64 }, (_, index) => (index % 2 === 0 ? null : "System.BadOrigin")),
  );
  assert.ok(turns > 30, `${turns} turns of others`);
  assert.ok(tookMs < 10_000, `${tookMs.toFixed(0)} ms`);
});

it("an event, a call or an account that it cannot read hides no more than that", async () => {
  const runtime = new Runtime(await metadataOf(chain), { specVersion: 0, transactionVersion: 0 });
  const unknownCall = Uint8Array.of(12, 4, 251, 251);
  const oddAccount = Uint8Array.from([100, 0x84, 1, ...new Uint8Array(23)]);
  const extrinsics = [PLAIN, unknownCall, oddAccount, new Uint8Array(), PLAIN];
  const events = [eventOf(0, DONE), eventOf(1, REFUSED), eventOf(2, UNKNOWN), eventOf(3, DONE)];
  const { extrinsics: found } = await contentsWith(runtime, extrinsics, events).block("0x00");
  assert.deepEqual(
    found.map(({ pallet, call, signer, error }) => [pallet, call, signer, error]),
    [
      ["Timestamp", "set", null, null],
      ["?", "?", null, "System.BadOrigin"],
      ["?", "?", null, "?"],
      ["?", "?", null, "?"],
      ["Timestamp", "set", null, "?"],
    ],
  );
});
