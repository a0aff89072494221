/** @file A newcomer's commands on a development chain: tokens, a uid, stake and back, and where one stands; exactly to the rao. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { raoOf } from "../../../base/tao.ts";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { createWallet, openColdkey, openHotkey } from "../../../chain/wallet/wallet.ts";
import { faucet, showBalance, transfer } from "../../../miner/account/balance.ts";
import type { AccountParts } from "../../../miner/account/parts.ts";
import { register } from "../../../miner/account/register.ts";
import { stake, unstake } from "../../../miner/account/stake.ts";
import { status } from "../../../miner/account/status.ts";
import { why } from "../../../miner/account/why.ts";
import { isAssayError } from "../../../src/errors.ts";
import { openDevelopmentChain, serveChain, type TestChain } from "../client/fixture.ts";

const NETUID = 1;
const folder = mkdtempSync(join(tmpdir(), "assay-account-"));
const tao = (text: string): bigint => raoOf(text) ?? assert.fail(text);

let chain: TestChain;
let client: ChainClient;
const place = { walletFolder: folder, hotkey: "default", netuid: NETUID, endpoint: "", json: true };
const bob = (): typeof place & { wallet: string; genesis: undefined } => ({
  ...place,
  wallet: "bob",
  genesis: undefined,
});

before(async () => {
  chain = await serveChain(await openDevelopmentChain());
  place.endpoint = chain.endpoint;
  client = await connectChain({ endpoints: [chain.endpoint] });
  for (const name of ["bob", "founder"]) await createWallet({ folder, name, hotkey: "default" });
});
after(async () => {
  await client.close();
  await chain.close();
  rmSync(folder, { recursive: true });
});

/** Runs a command; what it printed, as one object when it is JSON. */
async function ran<O>(
  command: (options: O, parts: AccountParts) => Promise<void>,
  options: O,
  typed: string | null = null,
): Promise<string> {
  const lines: string[] = [];
  const input = new PassThrough();
  if (typed !== null) input.write(`${typed}\n`);
  await command(options, {
    print: (line) => void lines.push(line),
    line: (next) => JSON.stringify(next),
    configPath: null,
    terminal: { input, output: new PassThrough(), interactive: typed !== null },
  });
  return lines.join("\n");
}

const valueOf = async <O>(
  command: (options: O, parts: AccountParts) => Promise<void>,
  options: O,
): Promise<Record<string, unknown>> => {
  const value: unknown = JSON.parse(await ran(command, options));
  assert.ok(typeof value === "object" && value !== null);
  return { ...value };
};
const code =
  (wanted: Parameters<typeof isAssayError>[1]) =>
  (error: unknown): boolean =>
    isAssayError(error, wanted);

describe("tokens", () => {
  it("come from the faucet, exactly as many as were asked for", async () => {
    assert.equal((await valueOf(showBalance, bob()))["balanceRao"], "0");
    const amount = tao("1000.000000001");
    const { beforeRao, afterRao } = await valueOf(faucet, { ...bob(), amount });
    assert.deepEqual([beforeRao, afterRao], ["0", String(amount)]);
    await ran(faucet, { ...bob(), wallet: "founder", amount });
    const text = await ran(showBalance, { ...bob(), json: false });
    assert.match(text, /free {4}1000\.000000001 TAO/);
  });

  it("are sent with a yes, and only as far as they go", async () => {
    const { ss58 } = await openColdkey({ folder, name: "founder" });
    const amount = tao("12.345678901");
    const options = { ...bob(), to: ss58, amount, yes: false };
    await assert.rejects(ran(transfer, options, "n"), code("declined"));
    const had = await client.balance(ss58);
    const text = await ran(transfer, { ...options, json: false }, "y");
    assert.equal((await client.balance(ss58)) - had, amount);
    assert.match(text, /has 1000\.000000001 TAO\n12\.345678901 TAO sent to 5\w+ in block \d+/);
    assert.match(text, /balance 1000\.000000001 TAO -> 987\.6\d+ TAO/);
    const more = { ...options, amount: tao("100000") };
    await assert.rejects(ran(transfer, more), code("not-enough-funds"));
    await assert.rejects(ran(transfer, { ...options, to: "5nobody" }), { code: "invalid-address" });
  });

  it("are given away on development chains alone", async () => {
    const other = await liveChain(chain.endpoint);
    const options = { ...bob(), endpoint: other.endpoint, amount: 1n };
    await assert.rejects(ran(faucet, options), (error) => {
      assert.ok(isAssayError(error, "no-faucet"), String(error));
      assert.match(error.explanation.cause, /not a development chain/);
      return true;
    });
    other.close();
  });
});

describe("a uid", () => {
  it("costs what is shown, after a yes; a second time it costs nothing", async () => {
    const founder = { folder, name: "founder" };
    const coldkey = await openColdkey(founder);
    const hotkey = await openHotkey({ ...founder, hotkey: "default" });
    await assert.rejects(ran(register, { ...bob(), yes: true }), { code: "subnet-missing" });
    await client.registerNetwork(coldkey, hotkey.publicKey);
    await client.startCall(coldkey, NETUID);
    await assert.rejects(ran(register, { ...bob(), yes: false }, "no"), code("declined"));
    const price = await client.burnCost(NETUID);
    const text = await ran(register, { ...bob(), yes: false, json: false }, "yes");
    assert.match(text, new RegExp(`burns \\d\\.\\d{9} TAO; coldkey 5\\w+ has 987`));
    assert.match(text, /is uid 1 of subnet 1 since block \d+/);
    assert.match(text, /next: \{"ours":"miner"/);
    assert.ok(price > 0n);
    const again = await valueOf(register, { ...bob(), yes: true });
    assert.deepEqual([again["uid"], again["block"]], [1, null]);
  });

  it("is asked for before stake", async () => {
    const { wallet, ...rest } = bob();
    await createWallet({ folder, name: "late", hotkey: "default" });
    await ran(faucet, { ...bob(), wallet: "late", amount: tao("10") });
    const options = { ...rest, wallet: "late", amount: tao("1"), yes: true };
    await assert.rejects(ran(stake, options), code("not-registered"));
    assert.equal(wallet, "bob");
  });
});

describe("stake", () => {
  it("is added and taken off exactly, and says what a permit still needs", async () => {
    const amount = tao("5.000000007");
    const text = await ran(stake, { ...bob(), amount, yes: true, json: false });
    assert.match(text, /stake {3}0\.000000000 alpha -> 5\.000000007 alpha/);
    assert.match(text, /validator permit: enough stake for one; the epoch in block \d+ gives it/);
    const take = { ...bob(), amount: tao("2"), all: false, yes: true };
    const part = await valueOf(unstake, take);
    assert.deepEqual(
      [part["before"], part["after"]].map(
        (one) => JSON.stringify(one).match(/stakeRao":"(\d+)/)?.[1],
      ),
      ["5000000007", "3000000007"],
    );
    const all = await ran(unstake, { ...take, amount: undefined, all: true, json: false });
    assert.match(all, /3\.000000007 alpha taken off .*\n.*\nstake {3}3\.000000007 alpha -> 0\.0+ /);
  });

  it("is refused with the amounts where there is not enough, or too little", async () => {
    const yes = true;
    const huge = { ...bob(), amount: tao("99999"), yes };
    await assert.rejects(ran(stake, huge), code("not-enough-funds"));
    await assert.rejects(ran(stake, { ...huge, amount: 1n }), code("bad-option"));
    const take = { ...bob(), amount: tao("1"), all: false, yes };
    await assert.rejects(ran(unstake, take), code("not-enough-stake"));
    await assert.rejects(ran(unstake, { ...take, all: true }), code("bad-option"));
    await assert.rejects(ran(unstake, { ...take, amount: undefined }), code("bad-option"));
  });

  it("that was earned has no TAO behind it, which is said with what has", async () => {
    const options = { ...bob(), wallet: "founder", amount: tao("3"), yes: true };
    await ran(stake, options);
    // The owner may weigh without a permit; its weights let it and the miner earn.
    const hotkey = await openHotkey({ folder, name: "founder", hotkey: "default" });
    await client.setWeights(hotkey, NETUID, { uids: [1], values: [65_535], versionKey: 0n });
    for (let block = 0; block < 40; block++) await chain.embedded.seal();
    const all = { ...options, all: true, amount: undefined };
    const { stakes } = await valueOf(showBalance, all);
    assert.match(JSON.stringify(stakes), /stakeRao":"[1-9]\d{10}/);
    await assert.rejects(ran(unstake, all), (error) => {
      assert.ok(isAssayError(error, "stake-unbacked"), String(error));
      assert.match(error.explanation.cause, /Only 3\.000000000 alpha of it has TAO behind it/);
      return true;
    });
    await valueOf(unstake, { ...options, all: false });
    await assert.rejects(ran(unstake, all), code("stake-unbacked"));
  });
});

describe("where one stands", () => {
  it("is told to those without a uid, with price, balance and the next command", async () => {
    const text = await ran(status, { ...bob(), wallet: "late", json: false });
    assert.match(
      text,
      /registered {2}no; a uid burns \d\.\d{9} TAO, coldkey 5\w+ has 10\.0{9} TAO/,
    );
    assert.match(text, /next: \{"ours":"miner register"/);
  });

  it("is told with uid, stake, epoch, run and axon; programs get the same", async () => {
    const text = await ran(status, { ...bob(), json: false });
    assert.match(text, /registered {2}uid 1 since block \d+/);
    assert.match(text, /run {9}none published yet/);
    assert.match(text, /axon {8}no address published/);
    const value = await valueOf(status, bob());
    assert.deepEqual([value["run"], value["node"], value["window"]], [null, null, null]);
    assert.match(JSON.stringify(value["neuron"]), /"uid":1/);
  });

  it("knows no reasons while no run is published", async () => {
    const asked = { ...bob(), window: undefined };
    await assert.rejects(ran(why, asked), code("run-not-published"));
  });
});

const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString("utf8") : "");

/** The same chain behind a node that calls it a live one. */
async function liveChain(endpoint: string): Promise<{ endpoint: string; close(): void }> {
  const server: Server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    const onward = new WebSocket(endpoint);
    const opened = new Promise((resolve) => onward.once("open", resolve));
    onward.on("message", (data) => socket.send(textOf(data)));
    socket.on("message", (data) => {
      const text = textOf(data);
      const id = /"id":(\d+)/.exec(text)?.[1];
      if (text.includes("system_chainType"))
        socket.send(`{"jsonrpc":"2.0","id":${id},"result":"Live"}`);
      else void opened.then(() => onward.send(text));
    });
    socket.on("close", () => onward.close());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `ws://127.0.0.1:${port}`,
    close: () => {
      sockets.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
