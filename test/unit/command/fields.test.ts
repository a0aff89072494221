/** @file The option schemas of all commands: documented, with valid defaults, bounds that hold, tables that are known. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { z } from "zod";
import {
  registerOptions,
  walletImportOptions,
  walletListOptions,
  walletOptions,
} from "../../../miner/account/options.ts";
import { minerOptions } from "../../../miner/options.ts";
import { neuronFields, type NeuronOptions } from "../../../src/command/fields.ts";
import {
  CHEATS,
  DEMO_CHEATS,
  isCheat,
  isPartTime,
  PART_TIME,
  STRATEGIES,
} from "../../../src/command/strategies.ts";
import { TABLES, tablesWith } from "../../../src/command/tables.ts";
import { chainOptions } from "../../../subnet/chain-options.ts";
import { devicesOptions } from "../../../subnet/devices-options.ts";
import { localnetOptions, localnetPresets } from "../../../subnet/localnet/options.ts";
import { validatorOptions } from "../../../validator/options.ts";

const SCHEMAS: Readonly<Record<string, z.ZodObject>> = {
  miner: minerOptions,
  "miner wallet": walletOptions,
  "miner wallet import": walletImportOptions,
  "miner wallet list": walletListOptions,
  "miner register": registerOptions,
  validator: validatorOptions,
  chain: chainOptions,
  devices: devicesOptions,
  localnet: localnetOptions,
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  test(`${name}: defaults are enough, every option has a description`, () => {
    schema.parse({});
    for (const [key, field] of Object.entries(schema.shape)) {
      assert.ok((z.globalRegistry.get(field)?.description ?? "").length > 5, key);
      assert.match(key, /^[a-z][a-zA-Z]+$/);
    }
  });
}

test("tables of a config file have exactly the keys of their commands", () => {
  for (const [table, keys] of Object.entries(TABLES)) {
    const schema = SCHEMAS[table];
    assert.ok(schema !== undefined, table);
    assert.deepEqual(keys.toSorted(), Object.keys(schema.shape).toSorted(), table);
  }
  assert.deepEqual(tablesWith("strategy"), ["miner"]);
  assert.deepEqual(tablesWith("nonsense"), []);
});

test("every preset is valid", () => {
  for (const preset of Object.values(localnetPresets)) localnetOptions.parse(preset);
});

test("values outside their bounds are refused", () => {
  const bad: readonly (readonly [z.ZodObject, Readonly<Record<string, unknown>>])[] = [
    [minerOptions, { netuid: 0 }],
    [minerOptions, { netuid: 65_536 }],
    [minerOptions, { netuid: true }],
    [minerOptions, { netuid: "" }],
    [minerOptions, { netuid: "1e2" }],
    [minerOptions, { axonPort: -1 }],
    [minerOptions, { axonPort: "80.5" }],
    [minerOptions, { genesis: "0x12" }],
    [minerOptions, { genesis: `0x${"AB".repeat(32)}` }],
    [minerOptions, { endpoint: "http://127.0.0.1:9944" }],
    [minerOptions, { strategy: "steal" }],
    [minerOptions, { wallet: "" }],
    [minerOptions, { unknown: 1 }],
    [validatorOptions, { strategy: "honest" }],
    [validatorOptions, { threads: 0 }],
    [chainOptions, { sealing: "0" }],
    [chainOptions, { sealing: "fast" }],
    [chainOptions, { port: 65_536 }],
    [localnetOptions, { windows: 1 }],
    [localnetOptions, { miners: 0 }],
    [localnetOptions, { validators: 9 }],
    [localnetOptions, { attack: "copy,steal" }],
    [localnetOptions, { attack: "honest" }],
    [localnetOptions, { attack: "" }],
    [localnetOptions, { blockMs: 19 }],
    [localnetOptions, { baseline: "maybe" }],
    [walletImportOptions, { key: "both" }],
  ];
  for (const [schema, values] of bad)
    assert.equal(schema.safeParse(values).success, false, JSON.stringify(values));
});

test("digits of flags and numbers of files are the same", () => {
  assert.equal(minerOptions.parse({ netuid: "3" }).netuid, 3);
  assert.equal(minerOptions.parse({ netuid: 3 }).netuid, 3);
});

test("endpoints arrive as URLs", () => {
  assert.equal(
    minerOptions.parse({ endpoint: "local,x:1" }).endpoint,
    "ws://127.0.0.1:9944,ws://x:1",
  );
});

test("a node's options are those of its fields", () => {
  const options: NeuronOptions = validatorOptions.parse({});
  for (const key of Object.keys(options))
    assert.ok(key in neuronFields || /^(worker|queue)/.test(key), key);
});

test("every strategy is honest work, a share of it or a cheat, and all of them can be started", () => {
  assert.deepEqual(["honest", ...CHEATS, ...PART_TIME], [...STRATEGIES]);
  assert.ok(PART_TIME.every((name) => isPartTime(name) && !isCheat(name)));
  assert.ok(!isPartTime("honest") && !isPartTime("steps-2"));
  assert.ok(!isCheat("honest") && !isCheat("steal") && isCheat("copy"));
  for (const strategy of STRATEGIES)
    assert.equal(minerOptions.parse({ strategy }).strategy, strategy);
  assert.equal(localnetOptions.parse({}).attack, DEMO_CHEATS.join(","));
  assert.deepEqual(
    [localnetOptions.parse({}).partTime, minerOptions.parse({}).missPercent],
    ["none", 0],
  );
  assert.equal(localnetOptions.safeParse({ partTime: "steps-0.5,steps-0.1" }).success, true);
  for (const partTime of ["steps-2", "copy", "honest", ""])
    assert.equal(localnetOptions.safeParse({ partTime }).success, false, partTime);
  for (const attack of ["steps-0.5", "copy,steps-0.1"])
    assert.equal(localnetOptions.safeParse({ attack }).success, false, attack);
  for (const missPercent of [-1, 101, "x"])
    for (const options of [localnetOptions, minerOptions])
      assert.equal(options.safeParse({ missPercent }).success, false);
});
