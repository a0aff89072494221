/** @file A manifest and the configuration that gives it: there and back without loss. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { CONFIG_KEYS } from "../../../../subnet/config/keys.ts";
import { manifestOf } from "../../../../subnet/config/manifest.ts";
import { configOf, isAmendable, isInManifest } from "../../../../subnet/config/of-manifest.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";
import { defaultConfig } from "../../../../subnet/config/resolve.ts";
import type { SubnetConfig } from "../../../../subnet/config/schema.ts";
import { tomlText } from "../../../../src/command/toml.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { arbitraryValueOf } from "./arbitrary.ts";

const PARTS = {
  netuid: 7,
  startBlock: 100,
  genesisCheckpoint: `0x${"11".repeat(32)}`,
  dataManifest: `0x${"22".repeat(32)}`,
  pages: 5000,
  tokenizerFile: `0x${"33".repeat(32)}`,
} as const;

/** Keys that one choice alone reads. */
const READ_WITH: ReadonlyMap<string, readonly string[]> = new Map([
  ["inner.momentum", ["inner.optimizer=muon"]],
  ["inner.decaySteps", ["inner.schedule=wsd"]],
]);

const configs = fc
  .array(
    fc
      .constantFrom(...CONFIG_KEYS)
      .chain((info) =>
        arbitraryValueOf(info).map(
          (value) => `${info.path}=${typeof value === "string" ? value : tomlText(value)}`,
        ),
      ),
    { maxLength: 8 },
  )
  .map((set): SubnetConfig => loadConfig(null, { environment: {}, set }).config);

test("the configuration of a manifest gives that manifest, whatever stands beside it", () => {
  fc.assert(
    fc.property(configs, configs, (config, beside) => {
      const manifest = manifestOf(config, PARTS);
      assert.deepEqual(manifestOf(configOf(manifest, beside), PARTS), manifest);
      assert.deepEqual(configOf(manifest, config), config);
    }),
  );
  const { netuid, startBlock, genesisCheckpoint, data } = EXAMPLE_MANIFEST;
  const parts = {
    netuid,
    startBlock,
    genesisCheckpoint,
    dataManifest: data.manifest,
    pages: data.pages,
  };
  assert.deepEqual(
    manifestOf(configOf(EXAMPLE_MANIFEST, defaultConfig()), parts),
    EXAMPLE_MANIFEST,
  );
});

test("a key is in the manifest exactly if changing it changes the manifest", () => {
  for (const info of CONFIG_KEYS) {
    // A key of one mode is in the manifest of that mode.
    const mode = info.table === "credit" ? "credit" : "published";
    const set = [`scoring.mode=${mode}`, ...(READ_WITH.get(info.path) ?? [])];
    const base = loadConfig(null, { environment: {}, set }).config;
    const other = info.path === "scoring.mode" ? "credit" : "changed";
    const table = info.table === null ? base : new Map(Object.entries(base)).get(info.table);
    const changed =
      info.table === null
        ? { ...base, [info.key]: other }
        : { ...base, [info.table]: { ...Object(table), [info.key]: other } };
    const differs =
      JSON.stringify(manifestOf(changed, PARTS)) !== JSON.stringify(manifestOf(base, PARTS));
    assert.equal(isInManifest(info.path), differs, info.path);
    if (isAmendable(info.path)) assert.ok(differs, info.path);
  }
});
