/**
 * @file A bad day: a subnet made by commands alone loses its chain for longer than any request may take, its disks fill up,
 * its miner is killed between commit and reveal. Whoever can go on by itself does; whoever ends says why and how to go on.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { connectChain } from "../../chain/client/client.ts";
import { statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { verifyRecords } from "../../src/protocol/record.ts";
import type { Running } from "../support/running.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";

const OUTAGE_MS = 14_000;
const newcomer = new Newcomer();
const { home } = newcomer;
const file = join(home, "subnet.toml");
const database = join(home, "chain.sqlite");
let chain: Running;
let owner: Running;
let validator: Running;
let miner: Running;

// A long reveal phase: whoever is killed before it is back within it.
const settings = (endpoint: string): string => `name = "bad-day"
windows = 0
[data]
folder = "docs"
pagesPerWindow = 4
noisePages = 4
[phases]
blockMs = 400
reveal = 14
[chain]
endpoint = "${endpoint}"
netuid = 1
tempo = 12
immunityPeriod = 1000
servingRateLimit = 50
`;

/** Waits for something that a process prints from now on; its first group. */
async function says(one: Running, what: RegExp, timeoutMs: number): Promise<string> {
  const from = one.out.length;
  for (const until = performance.now() + timeoutMs; performance.now() < until; await sleep(50)) {
    const found = what.exec(one.out.slice(from));
    if (found !== null) return found[1] ?? "";
    assert.ok(one.runs, `${one.program} ended:\n${one.out}`);
  }
  throw new Error(`${one.program} did not say ${what}:\n${one.out.slice(from)}`);
}

/** The next window of which the miner says that its update was accepted. */
async function nextAccepted(timeoutMs = 90_000): Promise<number> {
  return Number(await says(miner, /window (\d+): accepted/, timeoutMs));
}

/** Waits for the end of a process that ends by itself, on one screen. */
async function endsWith(one: Running, code: string, timeoutMs: number): Promise<string> {
  const until = performance.now() + timeoutMs;
  while (one.runs && performance.now() < until) await sleep(50);
  assert.ok(!one.runs, `${one.program} did not end:\n${one.out}`);
  assert.equal(await one.stop(), 1, one.out);
  const screen = one.out.slice(one.out.lastIndexOf("\n  error  "));
  assert.match(screen, new RegExp(`^\n  error  ${code}\n`), one.out);
  assert.equal(one.out.match(/ {2}error {2}/g)?.length, 1, one.out);
  assert.doesNotMatch(one.out, /\n\s+at .*:\d+/, "a stack trace");
  return screen;
}

/** From now on nothing that a process writes into a file finds space, as on a full disk; false where that cannot be done. */
function fillDisk({ pid }: Running): boolean {
  return spawnSync("prlimit", ["--pid", String(pid), "--fsize=0"]).status === 0;
}

before(async () => {
  writeFileSync(file, settings("local"));
  chain = newcomer.start(
    "subnet",
    "chain",
    "--port",
    "0",
    "--subnet",
    file,
    "--database",
    database,
  );
  const [, port] = await chain.said(/JSON-RPC on ws:\/\/127\.0\.0\.1:(\d+),/, 30_000);
  newcomer.endpoint = `ws://127.0.0.1:${port}`;
  writeFileSync(file, settings(`ws://127.0.0.1:${port}`));
  for (const wallet of ["owner", "bob", "vera"]) {
    await newcomer.run("miner", "wallet", "--wallet", wallet);
    await newcomer.run("miner", "faucet", "--wallet", wallet);
  }
  await newcomer.run("subnet", "create", file, "--wallet", "owner", "--yes");
  for (const wallet of ["vera", "bob"])
    await newcomer.run("miner", "register", "--wallet", wallet, "--yes");
  await newcomer.run("miner", "stake", "--wallet", "vera", "--amount", "100", "--yes");
  const publish = ["publish", file, "--wallet", "owner", "--no-check", "--yes", "--serve"];
  owner = newcomer.start("subnet", ...publish, "--start-in", "60");
  validator = newcomer.start("validator", "--wallet", "vera");
  miner = newcomer.start("miner", "--wallet", "bob");
  await miner.said(/window [1-9]\d*: accepted/, 180_000);
});
after(() => newcomer.leave());

test("a chain that is killed and comes back ends nobody", async (t) => {
  const saying = [owner, validator, miner].map((one) => says(one, /lost the chain/, 5000));
  await chain.stop("SIGKILL");
  await Promise.all(saying);
  await sleep(OUTAGE_MS);
  for (const one of [owner, validator, miner]) assert.ok(one.runs, one.out);
  const back = [owner, validator, miner].map((one) =>
    says(one, /is back after \d+ s; going on/, 30_000),
  );
  const again = nextAccepted(120_000);
  const port = URL.parse(newcomer.endpoint)?.port ?? "";
  chain = newcomer.start(
    "subnet",
    "chain",
    "--port",
    port,
    "--subnet",
    file,
    "--database",
    database,
  );
  await Promise.all(back);
  const window = await again;
  t.diagnostic(`accepted again in window ${window}`);
  await validator.said(new RegExp(`window ${window}: 1 commitments`), 10_000);
});

test("a chain that stands still and goes on ends nobody", async () => {
  const again = nextAccepted(120_000);
  chain.signal("SIGSTOP");
  // A command that needs it now says so, and ends.
  const { code, out } = await newcomer.tries("miner", "balance", "--wallet", "bob");
  assert.equal(code, 1);
  assert.match(out, /error {2}chain-unreachable\n {2}cause .*did not answer in time/);
  await sleep(OUTAGE_MS);
  chain.signal("SIGCONT");
  await again;
});

/** The validator's records, chain checked. */
function records(): readonly { readonly window: number }[] {
  const folder = join(home, ".assay", "nodes");
  const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) =>
    /records-.*\.jsonl$/.test(name),
  );
  assert.ok(path !== undefined);
  const text = readFileSync(join(folder, path), "utf8");
  assert.ok(text.endsWith("\n"), "a torn record");
  return verifyRecords(text.trimEnd().split("\n"), path).records;
}

test("a disk that fills up ends a node with one screen; started again it goes on, and nothing recorded is lost", async (t) => {
  if (!fillDisk(validator)) return t.skip("no limit on the size of files can be set here");
  const earlier = records();
  const screen = await endsWith(validator, "disk-full", 60_000);
  assert.match(screen, /what was recorded before is intact/);
  assert.match(screen, /run {4}npm run validator -- .*--wallet vera$/m);
  assert.deepEqual(records().slice(0, earlier.length), earlier);
  assert.ok(fillDisk(miner));
  await endsWith(miner, "disk-full", 60_000);
  for (const one of [validator, miner]) one.restart();
  const window = await nextAccepted();
  await validator.said(new RegExp(`window ${window}: 1 commitments`), 20_000);
  const last = earlier.at(-1)?.window ?? Infinity;
  assert.ok(records().some((record) => record.window > last));
});

/** Waits until the miner has committed in a window that is not over. */
async function committedWindow(t: TestContext): Promise<number> {
  const client = await connectChain({ endpoints: [newcomer.endpoint] });
  t.after(() => client.close());
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(20)) {
    const { neurons } = await client.metagraph(1);
    for (const { axon } of neurons) {
      const url = axon === null ? null : urlOf(axon, "/status");
      const limits = { limitBytes: 1 << 20, timeoutMs: 1000 };
      const status =
        url === null ? null : await fetchJson(url, statusSchema, limits).catch(() => null);
      if (status?.role === "miner" && status.progress?.step === "committed")
        return status.progress.window;
    }
  }
  throw new Error(`never committed:\n${miner.out}`);
}

test("a miner that is killed between commit and reveal still delivers its update", async (t) => {
  await nextAccepted();
  const window = await committedWindow(t);
  await miner.stop("SIGKILL");
  const judged = says(validator, new RegExp(`window ${window}: (1 commitments.*)`), 60_000);
  miner.restart();
  t.diagnostic(await judged);
  await nextAccepted();
  const { validators } = z
    .object({
      validators: z.array(z.object({ verdict: z.object({ verdict: z.string() }) })).min(1),
    })
    .parse(
      JSON.parse(await newcomer.run("miner", "why", String(window), "--json", "--wallet", "bob")),
    );
  for (const { verdict } of validators) {
    t.diagnostic(`window ${window}: ${verdict.verdict}`);
    assert.notEqual(verdict.verdict, "payload-missing");
  }
});

test("restarted within the serving rate limit, a node keeps its port, and nothing is sent or refused", async () => {
  assert.equal(await miner.stop(), 0);
  const from = miner.out.length;
  miner.restart();
  await nextAccepted();
  assert.doesNotMatch(miner.out.slice(from), /axon published|takes a new address/);
  const status = z
    .object({ neuron: z.object({ uid: z.number() }), node: z.object({ role: z.literal("miner") }) })
    .parse(JSON.parse(await newcomer.run("miner", "status", "--json", "--wallet", "bob")));
  assert.equal(status.neuron.uid, 2);
});

test("everybody ends when asked to", async () => {
  for (const one of [miner, validator, owner, chain]) assert.equal(await one.stop(), 0, one.out);
});
