/** @file A plain @polkadot/api client, as a stranger would write it, against a served chain. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApiPromise, WsProvider } from "@polkadot/api";
import { type QueryableStorageEntry } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import { type Codec } from "@polkadot/types/types";
import { type EmbeddedChain } from "../../chain/embedded/chain.ts";
import { startSealing } from "../../chain/embedded/sealing.ts";
import { serveRpc } from "../../chain/embedded/rpc/server.ts";
import { NETUID, key, openDevChain } from "./embedded/dev-chain.ts";

type Event = { section: string; method: string };

let chain: EmbeddedChain;
let api: ApiPromise;
let closeServer: () => Promise<void>;

before(async () => {
  chain = await openDevChain();
  const server = await serveRpc(chain, { host: "127.0.0.1", port: 0 });
  closeServer = () => server.close();
  startSealing(chain, 250);
  const provider = new WsProvider(`ws://127.0.0.1:${server.port}`);
  api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
});
after(async () => {
  await api.disconnect();
  await closeServer();
  await chain.close();
});

function query(pallet: string, item: string): QueryableStorageEntry<"promise"> {
  const entry = api.query[pallet]?.[item];
  assert.ok(entry !== undefined, `${pallet}.${item}`);
  return entry;
}

test("connects: genesis hash, properties, metadata", () => {
  assert.equal(api.genesisHash.toHex(), chain.genesisHash);
  assert.equal(api.registry.chainTokens[0], "TAO");
  assert.equal(api.registry.chainDecimals[0], 9);
  assert.ok(api.tx["subtensorModule"]?.["burnedRegister"] !== undefined);
});

test("reads the metagraph's storage", async () => {
  assert.equal((await query("subtensorModule", "subnetworkN")(NETUID)).toJSON(), 3);
  const hotkeys = await api.query["subtensorModule"]?.["keys"]?.entries(NETUID);
  assert.deepEqual(
    hotkeys?.map(([, hotkey]) => hotkey.toJSON()).toSorted(),
    ["//Bob", "//Charlie", "//Dave"].map((uri) => key(uri).address).toSorted(),
  );
  const permits = (await query("subtensorModule", "validatorPermit")(NETUID)).toJSON();
  assert.deepEqual(permits, [true, true, false]);
});

test("heads and events arrive, newHead before finalizedHead", async () => {
  const seen: string[] = [];
  const stops = [
    await api.rpc.chain.subscribeFinalizedHeads(
      (head) => void seen.push(`final ${head.number.toNumber()}`),
    ),
    await api.rpc.chain.subscribeNewHeads(
      (head) => void seen.push(`new ${head.number.toNumber()}`),
    ),
  ];
  const quiet: number[] = [];
  const stopEvents: unknown = await query(
    "system",
    "events",
  )((records: Codec) => {
    quiet.push(records.toU8a()[0] ?? 0);
  });
  stops.push(() => {
    if (typeof stopEvents === "function") Reflect.apply(stopEvents, undefined, []);
  });
  const from = chain.head().number;
  await new Promise<void>((resolve) => {
    const stop = chain.subscribe((event) => {
      if (event.type !== "head" || event.block.number < from + 4) return;
      stop();
      setTimeout(resolve, 150);
    });
  });
  for (const stop of stops) stop();
  for (let n = from + 1; n <= from + 4; n++) {
    assert.ok(seen.indexOf(`new ${n}`) >= 0, seen.join());
    assert.ok(seen.indexOf(`final ${n}`) >= 0, seen.join());
  }
  // The client itself drops events equal to the block before; quiet blocks may look alike.
  assert.ok(
    quiet.some((count) => count > 0),
    quiet.join(),
  );
});

test("burned_register: ready, in block, finalized; the neuron is there afterwards", async () => {
  const alice = new Keyring({ type: "sr25519" }).addFromUri("//Alice");
  const hotkey = key("//Public//client").address;
  const statuses: string[] = [];
  const events = await new Promise<Event[]>((resolve, reject) => {
    const call = api.tx["subtensorModule"]?.["burnedRegister"]?.(NETUID, hotkey);
    call
      ?.signAndSend(alice, (result) => {
        statuses.push(result.status.type);
        if (result.isError) reject(new Error(result.status.type));
        if (result.status.isFinalized) resolve(result.events.map(({ event }) => event));
      })
      .catch(reject);
  });
  assert.deepEqual(statuses, ["Ready", "InBlock", "Finalized"]);
  const names = events.map((event) => `${event.section}.${event.method}`);
  assert.ok(names.includes("subtensorModule.NeuronRegistered"), names.join());
  assert.ok(names.includes("system.ExtrinsicSuccess"), names.join());
  assert.equal((await query("subtensorModule", "uids")(NETUID, hotkey)).toJSON(), 3);
});

test("fees, nonces, old blocks and errors as on a node", async () => {
  const alice = new Keyring({ type: "sr25519" }).addFromUri("//Alice");
  const remark = api.tx["system"]?.["remark"]?.("0x00");
  assert.ok(remark !== undefined);
  const info = await remark.paymentInfo(alice);
  assert.ok(info.partialFee.toBigInt() >= 0n);
  assert.equal((await api.rpc.system.accountNextIndex(alice.address)).toNumber(), 1);
  const first = await api.at(await api.rpc.chain.getBlockHash(1));
  assert.equal((await first.query["system"]?.["number"]?.())?.toJSON(), 1);
  await assert.rejects(
    remark.signAndSend(alice, { nonce: 0 }),
    /1010: Invalid Transaction: Transaction is outdated/,
  );
});
