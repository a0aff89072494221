/** @file `subnet publish` and `subnet serve` on a real chain: what is stored, named, handed out, and refused. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { statusSchema } from "../../../src/api/types.ts";
import { type AxonAddress, fetchBytes, fetchJson } from "../../../src/network/client.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { freePort } from "../../support/ports.ts";
import { eventually } from "../../support/eventually.ts";
import { refused } from "../client/fixture.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { Lifecycle } from "../../../src/command/lifecycle.ts";
import { isAssayError } from "../../../src/errors.ts";
import { joinRun } from "../../../src/run/join.ts";
import { reachSubnet } from "../../../src/run/reach.ts";
import { Commands, faultOf } from "./commands.ts";
import { type Keys, openWorld, paper, TOML, type World } from "./world.ts";

const LIMITS = { limitBytes: 1 << 20, timeoutMs: 3000 };

let world: World;
let commands: Commands;
let owner: Keys;
before(async () => {
  world = await openWorld(TOML);
  commands = new Commands(world);
  owner = await world.wallet("owner", 1000n);
  await world.wallet("other", 10n);
  await commands.create({ yes: true });
});
after(async () => world.close());

describe("subnet publish", () => {
  let runId: Hex;

  it("stores a run, names it on the chain and keeps what else stands there", async () => {
    const identity = await world.client.identity(1);
    assert.ok(identity !== null);
    await world.client.setSubnetIdentity(owner.coldkey, 1, { ...identity, additional: "site=x" });
    const told = paper();
    await commands.publish({ startIn: 30 }, told);
    const then = await world.client.identity(1);
    assert.deepEqual({ ...then, additional: "" }, { ...identity, additional: "" });
    const named = await commands.named();
    assert.ok(named.runId !== null && then?.additional.endsWith(" site=x") === true);
    ({ runId } = named);
    const folder = commands.publications;
    const published = folder.read();
    assert.ok(published !== null);
    assert.deepEqual([published.runId, published.name, published.windows], [runId, "mini", 40]);
    const manifest = await commands.manifestOf(runId);
    assert.deepEqual([manifest.netuid, manifest.startBlock], [1, published.startBlock]);
    // All that a newcomer needs lies there: manifest, data manifest, shard, digests, held-out text, theta_0.
    assert.equal(readdirSync(join(folder.path, "blobs")).length, 6);
    assert.match(told.text(), /window 0 begins at block \d+/);
    assert.match(told.text(), /nobody hands it out yet.*\nnext: .*"subnet serve"/);
  });

  it("refuses to swap a live run, another owner's subnet, a file that cannot work", async () => {
    const live = await faultOf(commands.publish({}));
    assert.ok(live.code === "run-live");
    assert.deepEqual([live.runId, live.earliest], [runId, 1]);
    const early = await faultOf(commands.publish({ afterWindow: 40 }));
    assert.ok(early.code === "run-live" && /has no window 40/.test(early.reason));
    const foreign = await faultOf(commands.publish({ wallet: "other" }));
    assert.equal(foreign.code, "not-owner");
    const broken = await faultOf(commands.publish({ afterWindow: 3, set: ["codec.k=4096"] }));
    assert.ok(
      broken.code === "bad-option" && /scoring\.maximumOverlap: .*one work/.test(broken.detail),
    );
    const small = await faultOf(commands.publish({ afterWindow: 3, neurons: 500 }));
    assert.equal(small.code, "data-too-small");
    const checkpoint = await faultOf(commands.publish({ afterWindow: 3, checkpoint: world.file }));
    assert.ok(checkpoint.code === "checkpoint-invalid" && checkpoint.path === world.file);
    assert.equal((await commands.named()).runId, runId);
  });
});

/** A command that runs as a process. */
type Running = {
  readonly child: ChildProcess;
  readonly message: Readonly<Record<string, unknown>>;
  readonly output: () => string;
};

const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill("SIGKILL");
});

/** Starts a command as a process; resolves with the first message that it sends. */
async function start(command: string, more: readonly string[]): Promise<Running> {
  const { file, endpoint, walletFolder, folder } = world.place;
  const args = ["--endpoint", endpoint, "--wallet-folder", walletFolder, "--folder", folder];
  const child = spawn(
    process.execPath,
    ["subnet/main.ts", command, file, "--wallet", "owner", ...args, ...more],
    { stdio: ["ignore", "pipe", "ignore", "ipc"] },
  );
  started.push(child);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [first]: unknown[] = await once(child, "message");
  const message = z.record(z.string(), z.unknown()).parse(first);
  assert.ok(!("failure" in message), `${command} failed: ${JSON.stringify(message)}`);
  return { child, message, output: () => output };
}

async function serve(...more: string[]): Promise<Running & { readonly port: number }> {
  const running = await start("serve", more);
  return { ...running, port: z.number().parse(running.message["port"]) };
}

/** Tells a process to stop; resolves with its exit code. */
async function stopped({ child }: Running): Promise<unknown> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const [code]: unknown[] = await exited;
  return code;
}

/** The owner's address on the chain. */
async function axon(): Promise<AxonAddress | null> {
  return (await world.client.neuronOf(1, owner.hotkey.ss58))?.axon ?? null;
}

describe("subnet serve", () => {
  it("who waits for a run that nobody hands out goes on waiting, and joins once it is served", async () => {
    const lifecycle = new Lifecycle();
    const { endpoint } = world.place;
    const subnet = await reachSubnet({ netuid: 1, endpoint }, { lifecycle, blobs: memoryBlobs() });
    const told: string[] = [];
    const news = {
      onWaiting: () => told.push("waiting"),
      onSwapped: () => told.push("swapped"),
      onUnserved: () => told.push("unserved"),
    };
    const { signal } = lifecycle;
    const joining = joinRun(subnet, { signal, news });
    // Whoever has nobody to tell, such as an auditor, is not kept waiting.
    await assert.rejects(joinRun(subnet, { signal }), (error) =>
      isAssayError(error, "blob-missing"),
    );
    await eventually("nobody serves it", () => told.includes("unserved"));
    const running = await serve();
    await eventually("it has joined", async () => {
      await world.chain.embedded.seal();
      return Promise.race([joining.then(() => true), sleep(300, false)]);
    });
    assert.equal((await joining).runId, (await commands.named()).runId);
    assert.deepEqual(told, ["unserved"]);
    await stopped(running);
    await lifecycle.close();
  });

  it("hands out the publication and says so; after a restart on the same port", async () => {
    const first = await serve();
    await eventually("its address is published", async () => (await axon())?.port === first.port);
    const status = await fetchJson(`http://127.0.0.1:${first.port}/status`, statusSchema, LIMITS);
    const { runId } = await commands.named();
    assert.deepEqual(
      [status?.role, status?.runId, status?.hotkey],
      ["owner", runId, owner.hotkey.publicKey],
    );
    const bytes = await fetchBytes(`http://127.0.0.1:${first.port}/blobs/${runId}`, LIMITS);
    assert.equal(blake2b256(bytes ?? new Uint8Array()), runId);
    assert.equal(await stopped(first), 0);
    const head = world.chain.embedded.head().number;
    const second = await serve();
    assert.equal(second.port, first.port);
    assert.equal(world.chain.embedded.head().number, head, "nothing is written twice");
    assert.equal(await stopped(second), 0);
  });

  it("a move within the chain's rate limit is published once it has passed", async () => {
    const old = await axon();
    assert.ok(old !== null);
    const port = await freePort();
    const moved = await serve("--axon-port", String(port));
    await eventually("it waits for a block to move", () =>
      /takes a new address .*from block \d+ on/.test(moved.output()),
    );
    assert.deepEqual(await axon(), old);
    await assert.rejects(
      world.client.serveAxon(owner.hotkey, 1, { ip: "127.0.0.1", port: 1 }),
      refused("ServingRateLimitExceeded"),
    );
    await world.sealTo((await world.client.servableFrom(1, owner.hotkey.ss58)) - 1);
    await eventually("it has moved", async () => (await axon())?.port === port);
    assert.equal(await stopped(moved), 0);
  });

  it("publish --serve hands the run out before it is named, and goes on until stopped", async (test) => {
    const named = await commands.named();
    // Before it has begun, nobody may be told of another one.
    const { startBlock } = await commands.manifestOf(named.runId);
    const { embedded } = world.chain;
    const sealing = setInterval(() => {
      if (embedded.head().number < startBlock) void embedded.seal();
    }, 20);
    test.after(() => clearInterval(sealing));
    const more = ["--after-window", "30", "--neurons", "4", "--no-check", "--yes", "--serve"];
    const running = await start("publish", more);
    const { port } = (await axon()) ?? assert.fail("no address");
    const { runId, after: follows } = await commands.named();
    assert.deepEqual(
      [running.message["runId"], follows],
      [runId, { runId: named.runId, window: 30 }],
    );
    const bytes = await fetchBytes(`http://127.0.0.1:${port}/blobs/${runId}`, LIMITS);
    assert.equal(blake2b256(bytes ?? new Uint8Array()), runId);
    assert.match(running.output(), /serving .*\n[^]*run 0x[^]*next: npm run subnet -- status/);
    assert.equal(await stopped(running), 0);
  });
});
