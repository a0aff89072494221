/** @file What a local network is to run: the demo unless somebody says otherwise; a file may hold options, a subnet, or both. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { commandOf } from "../../../src/command/command.ts";
import { isAssayError } from "../../../src/errors.ts";
import { encodeManifest } from "../../../src/protocol/manifest-file.ts";
import { demoManifest } from "../../../src/run/presets.ts";
import { CONFIG_TABLES } from "../../../subnet/config/keys.ts";
import { loadConfigFile } from "../../../subnet/config/read.ts";
import {
  type LocalnetOptions,
  localnetOptions,
  localnetPresets,
  SUBNET_FILE_KEYS,
} from "../../../subnet/localnet/options.ts";
import { type Plan, planOf } from "../../../subnet/localnet/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-plan-"));
after(() => rmSync(folder, { recursive: true }));

const PARTS = {
  netuid: 1,
  startBlock: 50,
  genesisCheckpoint: `0x${"01".repeat(32)}`,
  dataManifest: `0x${"02".repeat(32)}`,
  pages: 500,
} as const;

function file(text: string): string {
  const path = join(folder, `${Math.random()}.toml`);
  writeFileSync(path, text);
  return path;
}

/** What `subnet localnet` with these words would run. */
async function planned(...args: string[]): Promise<{ options: LocalnetOptions; plan: Plan }> {
  let found: { options: LocalnetOptions; plan: Plan } | null = null;
  const command = commandOf(
    {
      name: "subnet localnet",
      description: "",
      schema: localnetOptions,
      presets: localnetPresets,
      table: "localnet",
      others: SUBNET_FILE_KEYS,
      environment: {},
    },
    (options, { configPath }) => {
      found = { options, plan: planOf(options, configPath) };
    },
  );
  const parsed = command.parse(args);
  assert.equal(parsed.kind, "run");
  if (parsed.kind === "run") await parsed.run();
  assert.ok(found !== null);
  return found;
}

test("the names that a subnet.toml may hold are those of its schema", () => {
  const names = CONFIG_TABLES.flatMap(({ table, keys }) =>
    table === null ? keys.map(({ key }) => key) : [table],
  );
  assert.deepEqual([...SUBNET_FILE_KEYS].toSorted(), names.toSorted());
});

test("without a file it is the demo to the byte, whatever the flags that are its own", async () => {
  const { plan } = await planned("--windows", "12", "--data", "somewhere", "--miners", "2");
  const { dataManifest: manifest, pages, ...where } = PARTS;
  const data = { manifest, pages };
  const demo = demoManifest({ name: "localnet", windows: 12, ...where, data });
  assert.deepEqual(encodeManifest(plan.manifest(PARTS)), encodeManifest(demo));
  assert.equal(plan.config.data.folder, "somewhere");
  assert.equal(plan.blockMs, 100);
  assert.match(plan.origin, /^the demo$/);
});

test("a subnet.toml says what is run, flags stand above it", async () => {
  const path = file(
    'name = "mine"\nwindows = 30\n[model]\nlayers = 3\n[data]\nfolder = "texts"\n[phases]\ntrain = 6\nblockMs = 200\n[chain]\nnetuid = 7\n',
  );
  const { options, plan } = await planned("--config", path);
  assert.equal(options.windows, 30);
  assert.equal(plan.config.data.folder, "texts");
  assert.equal(plan.blockMs, 200);
  const manifest = plan.manifest({ ...PARTS, netuid: plan.config.chain.netuid });
  assert.equal(manifest.name, "mine");
  assert.equal(manifest.model.layers, 3);
  assert.equal(manifest.phases.train, 6);
  assert.equal(manifest.netuid, 7);
  assert.equal(plan.config.chain.tempo, 14, "a window");
  const over = await planned(
    "--config",
    path,
    "--windows",
    "8",
    "--data",
    "others",
    "--block-ms",
    "50",
  );
  assert.equal(over.plan.manifest(PARTS).windows, 8);
  assert.equal(over.plan.config.data.folder, "others");
  assert.equal(over.plan.blockMs, 50);
  const set = await planned("--config", path, "--set", "model.preset=1m", "--set", "codec.k=64");
  assert.equal(set.plan.manifest(PARTS).codec.k, 64);
  assert.equal(set.plan.manifest(PARTS).model.width, 128);
});

test("a file of options alone leaves the demo the demo", async () => {
  const path = file("[localnet]\nminers = 3\nattack = 'none'\n");
  const { options, plan } = await planned("--config", path);
  assert.equal(options.miners, 3);
  assert.equal(options.attack, "none");
  assert.equal(plan.origin, "the demo");
  const flat = await planned("--config", file("miners = 2\nwindows = 12\ndata = 'texts'\n"));
  assert.equal(flat.options.miners, 2);
  assert.equal(flat.plan.config.data.folder, "texts");
});

test("one file may hold the subnet and who takes part here; check reads it too", async () => {
  const path = file("[localnet]\nminers = 3\n[codec]\nk = 128\n");
  const { options, plan } = await planned("--config", path);
  assert.equal(options.miners, 3);
  assert.equal(plan.manifest(PARTS).codec.k, 128);
  assert.equal(loadConfigFile(path, { environment: {} }).config.codec.k, 128);
});

async function refused(text: string, words: RegExp): Promise<void> {
  await assert.rejects(
    planned("--config", file(text)),
    (error) => isAssayError(error, "bad-option") && words.test(error.message),
  );
}

test("an unknown key is refused with its line, in either part; an option among the keys is told its table", async () => {
  await refused("[codec]\nq = 1\n", /toml:2: unknown key "codec.q"/);
  await refused(
    "[localnet]\nminer = 1\n",
    /toml:2: unknown key "miner" in \[localnet\]; nearest valid key: miners/,
  );
  await refused(
    "miners = 2\n[codec]\nk = 128\n",
    /toml:1: unknown key "miners"; it is an option of localnet/,
  );
  await refused("[modle]\nlayers = 1\n", /toml:1: unknown table \[modle\]/);
});

test("windows may be endless, but not one", async () => {
  const { plan } = await planned("--windows", "0");
  const { windows, inner } = plan.manifest(PARTS);
  assert.equal(windows, 0);
  assert.ok(inner.totalSteps > 1000, "its learning rate falls over many windows");
  await assert.rejects(planned("--windows", "1"), /at least 2/);
});

test("on a native chain blocks take two seconds unless told otherwise, and seeds are drawn from what is final there", async () => {
  const { plan, options } = await planned("--chain", "native", "--windows", "12");
  const embedded = await planned("--windows", "12");
  assert.deepEqual([options.chain, embedded.options.chain], ["native", "embedded"]);
  assert.deepEqual([plan.blockMs, embedded.plan.blockMs], [2000, 100]);
  const manifest = plan.manifest(PARTS);
  assert.deepEqual(manifest, { ...embedded.plan.manifest(PARTS), finalityLag: 3 });
  encodeManifest(manifest);
  const faster = await planned(
    "--chain",
    "native",
    "--block-ms",
    "500",
    "--set",
    "phases.finalityLag=3",
  );
  assert.deepEqual([faster.plan.blockMs, faster.plan.manifest(PARTS).finalityLag], [500, 4]);
  encodeManifest(faster.plan.manifest(PARTS));
  // The demo's windows have no room for seven blocks; longer ones do.
  const hasty = ["--chain", "native", "--block-ms", "250"];
  await assert.rejects(
    planned(...hasty),
    (error) =>
      isAssayError(error, "bad-option") && /7 blocks late.* room for 4/.test(error.message),
  );
  const longer = await planned(...hasty, "--set", "phases.judge=7");
  assert.equal(longer.plan.manifest(PARTS).finalityLag, 7);
  encodeManifest(longer.plan.manifest(PARTS));
  await assert.rejects(planned(...hasty, "--set", "phases.judge=6"), /room for 6/);
  const named = await planned("--config", file('chain = "native"\nwindows = 12\n'));
  assert.deepEqual([named.options.chain, named.plan.blockMs], ["native", 2000]);
  const ofFile = await planned(
    "--config",
    file("[chain]\nnetuid = 7\n[localnet]\nchain = 'native'\n"),
  );
  assert.deepEqual([ofFile.options.chain, ofFile.plan.config.chain.netuid], ["native", 7]);
});
