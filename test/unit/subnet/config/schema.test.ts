/** @file The schema of subnet.toml: every key explains itself, every default and bound works, the demo is the default. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { encodeManifest, manifestSchema } from "../../../../src/protocol/manifest-file.ts";
import { demoManifest, MODELS } from "../../../../src/run/presets.ts";
import { CONFIG_KEYS, CONFIG_TABLES, valueAt } from "../../../../subnet/config/keys.ts";
import { manifestOf } from "../../../../subnet/config/manifest.ts";
import { defaultConfig, resolveConfig } from "../../../../subnet/config/resolve.ts";
import { type SubnetConfigInput, subnetConfigSchema } from "../../../../subnet/config/schema.ts";

const PARTS = {
  netuid: 1,
  startBlock: 100,
  genesisCheckpoint: `0x${"01".repeat(32)}`,
  dataManifest: `0x${"02".repeat(32)}`,
  pages: 16_384,
} as const;

const configOf = (input: SubnetConfigInput): ReturnType<typeof defaultConfig> =>
  resolveConfig(subnetConfigSchema.parse(input));

test("every key has description, unit, range, effect, and a default or a rule for one", () => {
  assert.ok(CONFIG_KEYS.length > 60);
  for (const info of CONFIG_KEYS) {
    for (const field of ["description", "unit", "range", "effect", "kind"] as const)
      assert.ok(info[field].length > 1, `${info.path}: ${field}`);
    for (const field of ["description", "effect"] as const)
      assert.match(info[field], /[.]$/, `${info.path}: ${field} is a sentence`);
    const known = (info.standard === undefined) !== (info.derived === undefined);
    assert.ok(known, `${info.path}: a default or a rule, not both`);
    assert.match(info.key, /^[a-z][a-zA-Z0-9]*$/);
  }
  assert.equal(new Set(CONFIG_KEYS.map(({ path }) => path)).size, CONFIG_KEYS.length);
  assert.equal(new Set(CONFIG_KEYS.map(({ variable }) => variable)).size, CONFIG_KEYS.length);
  for (const { table, description } of CONFIG_TABLES)
    assert.ok(description.length > 3, String(table));
});

test("a whole configuration has a value for every key", () => {
  const config = defaultConfig();
  for (const info of CONFIG_KEYS) {
    const value = valueAt(config, info);
    if (info.standard !== undefined) assert.deepEqual(value, info.standard, info.path);
  }
});

test("every model preset can be chosen", () => {
  const { range } = CONFIG_KEYS.find(({ path }) => path === "model.preset") ?? { range: "" };
  assert.deepEqual(range.split(", "), Object.keys(MODELS));
});

/** The run that `npm start` publishes, by the function that publishes it. */
function demoBytes(windows: number, pages: number): Uint8Array {
  const { netuid, startBlock, genesisCheckpoint, dataManifest: manifest } = PARTS;
  const data = { manifest, pages };
  const shape = { name: "localnet", netuid, startBlock, genesisCheckpoint, windows, data };
  return encodeManifest(demoManifest(shape));
}

for (const windows of [12, 24, 60])
  test(`the default configuration is the demo to the byte: ${windows} windows`, () => {
    const bytes = encodeManifest(manifestOf(configOf({ windows }), PARTS));
    assert.deepEqual(bytes, demoBytes(windows, PARTS.pages));
  });

test("so it is for every number of windows and pages", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100_000 }),
      fc.integer({ min: 128, max: 70_000 }),
      (windows, pages) => {
        const bytes = encodeManifest(manifestOf(configOf({ windows }), { ...PARTS, pages }));
        assert.deepEqual(bytes, demoBytes(windows, pages));
      },
    ),
  );
});

/** The least and the largest value of each number, as JSON Schema states them. */
function bounds(): [string, string, number][] {
  const shape = z.object({
    properties: z
      .record(
        z.string(),
        z.object({
          minimum: z.number().optional(),
          exclusiveMinimum: z.number().optional(),
          maximum: z.number().optional(),
          exclusiveMaximum: z.number().optional(),
        }),
      )
      .optional(),
  });
  const { properties = {} } = z.toJSONSchema(subnetConfigSchema, { io: "input" });
  return Object.entries(properties).flatMap(([table, property]) =>
    Object.entries(shape.parse(property).properties ?? {}).flatMap(([key, range]) => {
      const least = range.minimum ?? (range.exclusiveMinimum === 0 ? 1e-9 : undefined);
      const most = range.maximum ?? (range.exclusiveMaximum === 1 ? 1 - 1e-9 : undefined);
      return [least, most].flatMap((value): [string, string, number][] =>
        value === undefined ? [] : [[table, key, value]],
      );
    }),
  );
}

test("no value within its range is out of the manifest's: only rules between fields may refuse it", () => {
  const all = bounds();
  assert.ok(all.length > 90);
  for (const [table, key, value] of all) {
    const config = resolveConfig(subnetConfigSchema.parse({ [table]: { [key]: value } }));
    const result = manifestSchema.safeParse(manifestOf(config, PARTS));
    const issues = result.success ? [] : result.error.issues;
    for (const issue of issues)
      assert.equal(issue.code, "custom", `${table}.${key} = ${value}: ${issue.message}`);
  }
});

test("derived defaults follow the keys that they depend on", () => {
  assert.equal(configOf({ phases: { train: 10, commit: 3 } }).phases.deadlineOffset, 12);
  assert.equal(configOf({ phases: { train: 10 } }).chain.tempo, 18);
  assert.equal(configOf({ model: { preset: "10m" } }).inner.learningRate, 0.002);
  assert.equal(configOf({ model: { preset: "10m", width: 192 } }).model.layers, 6);
  const endless = configOf({ windows: 0, inner: { steps: 5 } }).inner;
  assert.deepEqual([endless.warmupSteps, endless.totalSteps], [40, 5000]);
  assert.equal(configOf({ data: { folder: "/a/node_modules/" } }).data.selection, "demo");
  const own = configOf({ data: { folder: "texts", format: "jsonl" } }).data;
  assert.deepEqual([own.selection, own.include], ["all", ["*.jsonl", "*.ndjson"]]);
  assert.ok(configOf({ inner: { totalSteps: 3 } }).inner.warmupSteps <= 3);
});
