/**
 * @file A subnet with an incentive of one's own, made with the packed package and nothing else of ours: the example's miners answer, its
 * validator scores them and sets weights, and the chain pays, the better method more and the lazy one nothing to speak of.
 */
import assert from "node:assert/strict";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { installPacked, packedProgram } from "../support/packed.ts";
import type { Running } from "../support/running.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const METHODS = ["brotli", "gzip", "none"] as const;
const BLOCK_MS = 250;
const U16 = 65_535;

const newcomer = new Newcomer();
const project = newcomer.home;
const miner = packedProgram(project, "miner");
const subnet = packedProgram(project, "subnet");
const example = (name: string): `/${string}` => `/${join(project, "compress", name).slice(1)}`;
const config = join(project, "subnet.toml");
let chain: ChainClient;
let netuid = 0;
let validating: Running;

before(() => {
  installPacked(project);
  cpSync(join(ROOT, "examples", "compress"), join(project, "compress"), { recursive: true });
});
after(async () => {
  await chain?.close();
  await newcomer.leave();
});

test("a chain, wallets, and a subnet from the package's own commands", async () => {
  await newcomer.run(subnet, "init", config, "--yes");
  // A new subnet has the tempo of the file.
  const chained = ["--subnet", config, "--port", "0", "--sealing", String(BLOCK_MS)];
  const own = newcomer.start(subnet, "chain", ...chained);
  const [, endpoint = ""] = await own.said(/(ws:\/\/127\.0\.0\.1:\d+)/, 30_000);
  newcomer.endpoint = endpoint;
  chain = await connectChain({ endpoints: [endpoint] });
  for (const wallet of ["owner", "validator", ...METHODS]) {
    await newcomer.run(miner, "wallet", "--wallet", wallet);
    await newcomer.run(miner, "faucet", "--wallet", wallet, "--amount", "2000");
  }
  const created = await newcomer.run(subnet, "create", config, "--wallet", "owner", "--yes");
  netuid = Number(/(?:subnet|netuid) (\d+)/.exec(created)?.[1]);
  assert.ok(netuid > 0, created);
});

test("neurons register, stake and start", async () => {
  const at = ["--netuid", String(netuid)];
  for (const wallet of ["validator", ...METHODS])
    await newcomer.run(miner, "register", ...at, "--wallet", wallet, "--yes");
  await newcomer.run(miner, "stake", "--amount", "1000", ...at, "--wallet", "validator", "--yes");
  for (const method of METHODS) {
    const running = newcomer.start(
      example("miner.ts"),
      ...at,
      "--wallet",
      method,
      "--method",
      method,
    );
    await running.said(/axon published/, 60_000);
  }
  validating = newcomer.start(
    example("validator.ts"),
    ...at,
    "--wallet",
    "validator",
    "--window",
    "8",
  );
  await validating.said(/uid \d+ 0\.\d\d.*weights set/, 120_000);
});

test("a stranger and a question of another shape are refused with a reason", async () => {
  const { neurons } = await chain.metagraph(netuid);
  const axon = neurons.find((one) => one.axon !== null)?.axon;
  assert.ok(axon);
  const url = `http://${axon.ip}:${axon.port}/peers/${netuid}/${chain.genesisHash}/ask/pack`;
  const answer = await fetch(url, { method: "POST", body: "{}" });
  assert.equal(answer.status, 401);
  assert.match(await answer.text(), /malformed-auth/);
});

/** Incentive (u16) and emission of the miners, in the order in which they registered. */
async function earned(): Promise<readonly (readonly [number, bigint])[]> {
  const { neurons } = await chain.metagraph(netuid);
  return neurons
    .slice(-METHODS.length)
    .map(({ incentive, emissionRao }) => [incentive, emissionRao] as const);
}

test("the chain pays the better packer more, and the lazy one little", async () => {
  for (const until = performance.now() + 180_000; ; await sleep(BLOCK_MS)) {
    const [brotli, gzip, none] = await earned();
    assert.ok(brotli && gzip && none);
    const isFair = brotli[0] > gzip[0] && gzip[0] > none[0] && none[0] < 0.2 * U16;
    if (isFair && brotli[1] > gzip[1] && gzip[1] > none[1]) return;
    const text = [brotli, gzip, none].map(([incentive]) => incentive.toFixed(0)).join(" ");
    assert.ok(performance.now() < until, `incentive ${text}: ${validating.out.slice(-2000)}`);
  }
});

test("a scorer of one's own: a local network pays by it, and an audit with its file derives every weight again", async () => {
  const scorer = join(project, "scorer", "squares.ts");
  cpSync(join(ROOT, "examples", "scorer"), join(project, "scorer"), { recursive: true });
  const output = join(project, "squares");
  const text = join(project, "text");
  cpSync(join(ROOT, "docs"), text, { recursive: true });
  const words = ["--windows", "5", "--no-baseline", "--keep", "--port", "0", "--output", output];
  const node = [...words, "--miners", "2", "--attack", "none", "--data", text];
  newcomer.environment.set("ASSAY_SCORER", scorer);
  await newcomer.run(subnet, "localnet", ...node);
  newcomer.environment.clear();
  const [run = ""] = readdirSync(output);
  const audit = ["audit", "--run", join(output, run)];
  assert.match(await newcomer.run(subnet, ...audit, "--scorer", scorer), /no difference/);
  const without = await newcomer.tries(subnet, ...audit);
  assert.equal(without.code, 1, without.out);
  assert.match(without.out, /weight/);
});
