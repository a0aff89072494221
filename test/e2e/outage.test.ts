/**
 * @file A chain that dies under its nodes: a subnet made by commands alone loses its chain for longer than any request may
 * take, gets it back on the same port with the same database, and trains on. No node ends, none is restarted by hand.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BLOCK_MS = 500;
const OUTAGE_MS = 20_000;
const home = mkdtempSync(join(tmpdir(), "assay-outage-"));
const env = { PATH: process.env["PATH"], HOME: home };
const file = join(home, "subnet.toml");

/** A process that goes on, and what it has printed. */
class Running {
  readonly child: ChildProcess;
  text = "";

  constructor(program: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [join(ROOT, program, "main.ts"), ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (part) => (this.text += String(part)));
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits for a line that `pattern` matches after the first `from` characters; its first group. */
  async says(pattern: RegExp, timeoutMs: number, from = 0): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const found = pattern.exec(this.text.slice(from));
      if (found !== null) return found[1] ?? "";
      assert.ok(this.isAlive, `it ended:\n${this.text}`);
      await sleep(100);
    }
    throw new Error(`never said ${pattern}:\n${this.text}`);
  }

  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    if (!this.isAlive) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) =>
      this.child.once("exit", (code) => resolve(code)),
    );
    this.child.kill(signal);
    return ended;
  }
}

const living: Running[] = [];
function started(program: string, args: readonly string[]): Running {
  const running = new Running(program, args);
  living.push(running);
  return running;
}
after(async () => {
  await Promise.all(living.map((one) => one.end("SIGKILL")));
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command to its end; what it printed. */
function ran(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, program, "main.ts"), ...args],
    { cwd: ROOT, env, encoding: "utf8" },
  );
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** The chain as a process; the same database each time, and the same port once there is one. */
async function chainAt(port: number): Promise<{ chain: Running; port: number }> {
  const args = ["chain", "--port", String(port), "--subnet", file];
  const chain = started("subnet", [...args, "--database", join(home, "chain.sqlite")]);
  const url = await chain.says(/JSON-RPC on ws:\/\/127\.0\.0\.1:(\d+),/, 30_000);
  return { chain, port: Number(url) };
}

const settings = (endpoint: string): string => `name = "outage"
windows = 0
[data]
folder = "docs"
pagesPerWindow = 4
noisePages = 4
[phases]
blockMs = ${BLOCK_MS}
[chain]
endpoint = "${endpoint}"
netuid = 1
tempo = 12
immunityPeriod = 1000
servingRateLimit = 50
`;

/** Newest window of which the miner said that its update was accepted; -1 for none. */
function accepted(miner: Running): number {
  return Math.max(
    -1,
    ...[...miner.text.matchAll(/window (\d+): accepted/g)].map(([, at]) => Number(at)),
  );
}

async function acceptedAfter(miner: Running, window: number, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  while (accepted(miner) <= window) {
    assert.ok(miner.isAlive && performance.now() < deadline, miner.text);
    await sleep(100);
  }
  return accepted(miner);
}

test("a chain that is killed and comes back ends nobody", { timeout: 420_000 }, async (t) => {
  writeFileSync(file, settings("local"));
  const { chain, port } = await chainAt(0);
  const endpoint = `ws://127.0.0.1:${port}`;
  writeFileSync(file, settings(endpoint));
  const at = ["--endpoint", endpoint];
  for (const wallet of ["owner", "bob", "vera"]) {
    ran("miner", "wallet", "--wallet", wallet);
    ran("miner", "faucet", "--wallet", wallet, ...at);
  }
  ran("subnet", "create", file, "--wallet", "owner", "--yes");
  for (const wallet of ["vera", "bob"]) ran("miner", "register", "--wallet", wallet, ...at);
  ran("miner", "stake", "--wallet", "vera", "--amount", "100", ...at);
  const publish = ["publish", file, "--wallet", "owner", "--no-check", "--yes", "--serve"];
  const owner = started("subnet", [...publish, "--start-in", "60"]);
  const validator = started("validator", ["--wallet", "vera", ...at]);
  const miner = started("miner", ["--wallet", "bob", ...at]);
  const before = await acceptedAfter(miner, 0, 180_000);
  t.diagnostic(`accepted in window ${before}; the chain is killed`);

  await chain.end("SIGKILL");
  await Promise.all([validator, miner].map((one) => one.says(/lost the chain/, 5000)));
  await sleep(OUTAGE_MS);
  for (const one of [owner, validator, miner]) assert.ok(one.isAlive, one.text);
  const again = await chainAt(port);
  for (const one of [validator, miner]) await one.says(/is back after (\d+) s; going on/, 15_000);
  const resumed = await acceptedAfter(miner, before + 1, 120_000);
  t.diagnostic(`accepted again in window ${resumed}`);
  await validator.says(new RegExp(`window ${resumed}: 1 commitments`), 10_000);

  // Restarted within the serving rate limit: the same port, so nothing is sent, and nothing is refused.
  assert.equal(await miner.end(), 0);
  const back = started("miner", ["--wallet", "bob", ...at]);
  await acceptedAfter(back, resumed, 120_000);
  assert.doesNotMatch(back.text, /axon published|takes a new address/);

  const status = z
    .object({ neuron: z.object({ uid: z.number() }), node: z.object({ role: z.literal("miner") }) })
    .parse(JSON.parse(ran("miner", "status", "--json", "--wallet", "bob", ...at)));
  assert.equal(status.neuron.uid, 2);
  assert.equal(await back.end(), 0);
  const reasons = z
    .object({
      validators: z.array(z.object({ verdict: z.object({ verdict: z.string() }) })).min(1),
    })
    .parse(JSON.parse(ran("miner", "why", String(resumed), "--json", "--wallet", "bob", ...at)));
  t.diagnostic(`window ${resumed}: ${reasons.validators.map((one) => one.verdict.verdict).join()}`);

  for (const one of [validator, owner, again.chain]) assert.equal(await one.end(), 0, one.text);
});
