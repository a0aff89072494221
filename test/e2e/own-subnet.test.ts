/**
 * @file A subnet of one's own, from an empty home and by commands only: chain, wallets, tokens, a subnet with its own model,
 * text and scoring, miners and validators by hand, an amendment while it runs, restarts, and the trained model in use.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { type Status, statusSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { windowRecordSchema } from "../../src/protocol/record.ts";
import { openPython } from "../interop/python.ts";
import type { Running } from "../support/running.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BLOCK_MS = 400;
const BLOCKS_PER_WINDOW = 12;
const WINDOW_MS = BLOCK_MS * BLOCKS_PER_WINDOW;
const WINDOWS = 12;
/** Serves at another address than it binds, as a miner behind a router does. */
const PUBLISHED = "127.0.0.9";
/** What `miner bench --live --json` says, as far as it is looked at. */
const benchSchema = z.object({
  run: z.string(),
  parameters: z.number(),
  blockSeconds: z.number(),
  prospects: z.object({ steps: z.number(), share: z.number() }),
});
const LIMITS = { limitBytes: 1 << 20, timeoutMs: 3000 };

/** What a user of transformers types. */
const LOAD = `
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
ids = model.generate(**tokenizer("The ", return_tensors="pt"), max_new_tokens=8, do_sample=False)
print(type(model).__name__, repr(tokenizer.decode(ids[0])))
`;

const newcomer = new Newcomer();
const nodes = new Map<string, Running>();
let chain: ChainClient;
let netuid = 0;
const config = join(newcomer.home, "subnet.toml");

before(() => {
  // Somebody's own folder of text.
  const text = join(newcomer.home, "text");
  mkdirSync(text);
  for (const name of ["docs", "README.md", "CONTRIBUTING.md", "kernels/README.md", "src"])
    cpSync(join(ROOT, name), join(text, name), { recursive: true });
});
after(async () => {
  await chain?.close();
  await newcomer.leave();
});

/** What every neuron says of itself, by hotkey. */
async function statuses(): Promise<ReadonlyMap<string, Status>> {
  const { neurons } = await chain.metagraph(netuid);
  const answers = await Promise.all(
    neurons.flatMap(({ hotkey, axon }) =>
      axon === null
        ? []
        : [
            fetchJson(urlOf(axon, "/status"), statusSchema, LIMITS)
              .catch(() => null)
              .then((status) => [hotkey, status] as const),
          ],
    ),
  );
  return new Map(answers.flatMap(([hotkey, status]) => (status ? [[hotkey, status]] : [])));
}

/** The participants' statuses, once `holds` of all of them. */
async function when(
  holds: (status: Status) => boolean,
  many: number,
  timeoutMs: number,
): Promise<void> {
  for (const until = performance.now() + timeoutMs; performance.now() < until; await sleep(200)) {
    const found = [...(await statuses()).values()].filter(({ role }) => role !== "owner");
    if (found.filter(holds).length >= many) return;
  }
  const seen = JSON.stringify([...(await statuses()).values()], null, 1);
  const said = [...nodes].map(([name, { out }]) => `${name}:\n${out.slice(-1500)}`).join("\n");
  throw new Error(`the nodes did not get there in ${timeoutMs} ms:\n${seen}\n${said}`);
}

test("a chain of one's own answers", async () => {
  const own = newcomer.start("subnet", "chain", "--port", "0", "--sealing", String(BLOCK_MS));
  const [, endpoint = ""] = await own.said(/(ws:\/\/127\.0\.0\.1:\d+)/, 30_000);
  newcomer.endpoint = endpoint;
  chain = await connectChain({ endpoints: [endpoint] });
});

test("wallets are made and funded", async () => {
  for (const wallet of ["owner", "val-1", "val-2", "miner-1", "miner-2", "miner-3"]) {
    await newcomer.run("miner", "wallet", "--wallet", wallet);
    const amount = wallet.startsWith("val") ? "2000" : "100";
    await newcomer.run("miner", "faucet", "--wallet", wallet, "--amount", amount);
  }
  const balance = await newcomer.run("miner", "balance", "--wallet", "val-1");
  assert.match(balance, /2,?000/);
});

test("the owner writes a subnet.toml, changes model and scoring, and it is checked", async () => {
  await newcomer.run("subnet", "init", config, "--yes");
  const keys = {
    name: "shelf",
    windows: String(WINDOWS),
    "data.folder": join(newcomer.home, "text"),
    "data.selection": "all",
    "model.layers": "1",
    "phases.blockMs": String(BLOCK_MS),
    "credit.oddsRise": "1.5",
  };
  for (const [key, value] of Object.entries(keys))
    await newcomer.run("subnet", "params", "set", key, value, config);
  const checked = await newcomer.run("subnet", "check", config);
  assert.match(checked, /0 refused/);
});

test("subnet create, publish and serve", async () => {
  const created = await newcomer.run("subnet", "create", config, "--wallet", "owner", "--yes");
  netuid = Number(/(?:subnet|netuid) (\d+)/.exec(created)?.[1]);
  assert.ok(netuid > 0, created);
  const where = ["--netuid", String(netuid), "--wallet", "owner"];
  await newcomer.run("subnet", "publish", config, ...where, "--yes", "--start-in", "90");
  const serving = newcomer.start("subnet", "serve", config, ...where);
  nodes.set("owner", serving);
  await serving.said(/serv/i, 60_000);
});

test("three miners and two validators join by hand, one behind another published address", async () => {
  const where = ["--netuid", String(netuid)];
  for (const wallet of ["val-1", "val-2", "miner-1", "miner-2", "miner-3"])
    await newcomer.run("miner", "register", "--wallet", wallet, ...where, "--yes");
  await newcomer.run("miner", "stake", "--wallet", "val-1", ...where, "--amount", "1200", "--yes");
  await newcomer.run("miner", "stake", "--wallet", "val-2", ...where, "--amount", "800", "--yes");
  for (const wallet of ["val-1", "val-2"])
    nodes.set(wallet, newcomer.start("validator", "--wallet", wallet, ...where));
  for (const wallet of ["miner-1", "miner-2"])
    nodes.set(wallet, newcomer.start("miner", "--wallet", wallet, ...where));
  const away = ["--axon-host", "0.0.0.0", "--axon-external-ip", PUBLISHED];
  nodes.set("miner-3", newcomer.start("miner", "--wallet", "miner-3", ...where, ...away));
  await when(({ window }) => window !== null, 5, 90_000);
  const { neurons } = await chain.metagraph(netuid);
  assert.ok(neurons.some(({ axon }) => axon?.ip === PUBLISHED));
});

test("a newcomer's machine is measured for the run as it goes on: model, time of a window by the chain's own blocks, pay", async (t) => {
  const state = join(newcomer.home, "bench");
  const words = ["bench", "--live", "--netuid", String(netuid), "--state", state, "--json"];
  const said = await newcomer.run("miner", ...words, "--device", "cpu", "--threads", "1");
  const found = benchSchema.parse(JSON.parse(said.trim().split("\n").at(-1) ?? ""));
  t.diagnostic(JSON.stringify(found));
  assert.equal(found.run, "shelf");
  // A busy machine makes blocks late, never early.
  assert.ok(found.blockSeconds > (0.9 * BLOCK_MS) / 1000 && found.blockSeconds < 3);
  assert.ok(found.parameters < 100_000, "nano of one layer, not that of --model");
  assert.ok(found.prospects.steps > 0 && found.prospects.share > 0);
});

test("windows pass, updates are accepted, and everybody can see why", async () => {
  await when(({ window }) => (window ?? 0) >= 3, 5, 90 * BLOCK_MS + 6 * WINDOW_MS + 60_000);
  const why = await newcomer.run("miner", "why", "--wallet", "miner-3", "--netuid", String(netuid));
  assert.match(why, /accepted|untrusted|lowered/);
  const status = await newcomer.run("subnet", "status", "--netuid", String(netuid));
  assert.match(status, /window/);
  const miner = await newcomer.run(
    ...(["miner", "status", "--wallet", "miner-1", "--netuid", String(netuid)] as const),
  );
  assert.match(miner, /uid/);
});

test("the owner amends the scoring, and every node switches in the same window", async (t) => {
  await newcomer.run("subnet", "params", "set", "credit.floor", "0.2", config);
  const where = ["--netuid", String(netuid), "--wallet", "owner"];
  await newcomer.run("subnet", "params", "diff", config, "--netuid", String(netuid));
  const old = new Set([...(await statuses()).values()].map(({ rulesDigest }) => rulesDigest));
  const pushed = await newcomer.run("subnet", "params", "push", config, ...where, "--yes");
  t.diagnostic(pushed.trim().split("\n").at(-1) ?? "");
  // Watches everybody until all are under the new rules; a window with two digests would be two rules at once.
  const seen = new Map<number, Set<string>>();
  const until = performance.now() + 10 * WINDOW_MS;
  for (let switched = false; !switched; await sleep(150)) {
    assert.ok(performance.now() < until, "nobody switched");
    const found = [...(await statuses()).values()].filter(({ role }) => role !== "owner");
    for (const { window, rulesDigest } of found)
      if (window !== null && rulesDigest !== null)
        seen.set(window, (seen.get(window) ?? new Set()).add(rulesDigest));
    switched = found.length === 5 && found.every(({ rulesDigest }) => !old.has(rulesDigest));
  }
  for (const [window, digests] of seen) assert.equal(digests.size, 1, `window ${window}`);
  assert.ok(new Set([...seen.values()].flatMap((one) => [...one])).size >= 2);
});

test("every process stops in order and comes back within fifty blocks", async () => {
  const from = (await chain.head()).number;
  for (const [name, node] of nodes) {
    assert.equal(await node.stop(), 0, `${name}: ${node.out.slice(-500)}`);
    node.restart();
  }
  await when(({ window }) => window !== null, 5, 60_000);
  assert.ok((await chain.head()).number - from < 50 + 30_000 / BLOCK_MS, "soon");
  const window = Math.max(...[...(await statuses()).values()].map((one) => one.window ?? 0));
  await when((status) => (status.window ?? 0) >= window + 2, 5, 4 * WINDOW_MS + 60_000);
  for (const [name, node] of nodes)
    assert.ok(node.runs, `${name} goes on: ${node.out.slice(-800)}`);
});

test("the run ends with equal parameters everywhere, and the rules of each record are the same for both validators", async () => {
  await when(({ window }) => window === WINDOWS, 5, WINDOWS * WINDOW_MS + 60_000);
  const digests = [...(await statuses()).values()].flatMap(({ role, thetaDigest }) =>
    role === "owner" ? [] : [thetaDigest],
  );
  assert.equal(new Set(digests).size, 1);
  const { neurons } = await chain.metagraph(netuid);
  const validators = neurons.filter(({ validatorPermit }) => validatorPermit);
  for (let window = 0; window < WINDOWS; window++) {
    const records = await Promise.all(
      validators.flatMap(({ axon }) =>
        axon === null
          ? []
          : [
              fetchJson(urlOf(axon, `/records/${window}`), windowRecordSchema, LIMITS).catch(
                () => null,
              ),
            ],
      ),
    );
    const rules = records.flatMap((record) => (record === null ? [] : [record.configDigest]));
    assert.ok(new Set(rules).size <= 1, `window ${window}`);
  }
});

test("the trained model is exported, generates, and loads in transformers", async (t) => {
  const output = join(newcomer.home, "model");
  const where = ["--netuid", String(netuid)];
  await newcomer.run("subnet", "export", ...where, "--output", output);
  assert.match(readFileSync(join(output, "config.json"), "utf8"), /"LlamaForCausalLM"/);
  const text = await newcomer.run(
    "subnet",
    "generate",
    ...where,
    "--prompt",
    "The ",
    "--count",
    "40",
  );
  assert.match(text, /The /);
  const python = await openPython({ install: false });
  if ("missing" in python) {
    t.skip(`transformers did not load it: ${python.missing}`);
    return;
  }
  const loaded = await python.run(["-c", LOAD, output]);
  t.diagnostic(loaded.trim());
  assert.match(loaded, /LlamaForCausalLM/);
});
