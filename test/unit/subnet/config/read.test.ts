/** @file Reading subnet.toml: the strongest layer wins, and what is wrong is named with its place and a way out. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { parseTomlText, tomlText } from "../../../../src/command/toml.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { CONFIG_KEYS, valueAt } from "../../../../subnet/config/keys.ts";
import { loadConfig, type Overrides, readSubnetConfig } from "../../../../subnet/config/read.ts";
import { defaultConfig } from "../../../../subnet/config/resolve.ts";
import { arbitraryValueOf } from "./arbitrary.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-subnet-"));
after(() => rmSync(folder, { recursive: true }));

const NOTHING: Overrides = { environment: {} };

function refusal(text: string, overrides: Overrides = NOTHING): string {
  try {
    loadConfig(parseTomlText(text, "subnet.toml"), { ...NOTHING, ...overrides });
  } catch (error) {
    assert.ok(isAssayError(error) && error.fault.code === "bad-option", String(error));
    return error.fault.detail;
  }
  return assert.fail("it was accepted");
}

test("an empty file is the default", () => {
  const { config, entries } = loadConfig(parseTomlText("", "subnet.toml"), NOTHING);
  assert.deepEqual(config, defaultConfig());
  assert.ok(entries.every(({ source }) => source === "default" || source === "derived"));
  assert.equal(entries.length, CONFIG_KEYS.length);
});

test("file, environment and --set stand above each other, and each value names its source", () => {
  const path = join(folder, "subnet.toml");
  writeFileSync(path, "windows = 10\n[codec]\nk = 1\nchunk = 2048\n[inner]\nsteps = 3\n");
  const environment = { ASSAY_CODEC_K: "2", ASSAY_INNER_STEPS: "4", ASSAY_PHASES_BLOCK_MS: "500" };
  const overrides = { environment, set: ["codec.k=3", "codec.k=5", "name=7"] };
  const config = readSubnetConfig(path, overrides);
  assert.deepEqual(config.codec, { k: 5, chunk: 2048 });
  assert.deepEqual([config.windows, config.inner.steps, config.name], [10, 4, "7"]);
  assert.equal(config.phases.blockMs, 500);
  assert.equal(config.inner.totalSteps, 40);
  const { entries } = loadConfig(parseTomlText("windows = 10", "f.toml"), overrides);
  const labels = new Map(entries.map(({ info, label }) => [info.path, label]));
  assert.equal(labels.get("windows"), "f.toml:1");
  assert.equal(labels.get("codec.k"), "--set");
  assert.equal(labels.get("inner.steps"), "ASSAY_INNER_STEPS");
  assert.equal(labels.get("codec.chunk"), "default");
});

test("every key may come from a file, the environment or --set, and means the same", () => {
  const one = fc
    .constantFrom(...CONFIG_KEYS)
    .chain((info) => arbitraryValueOf(info).map((value) => ({ info, value })));
  fc.assert(
    fc.property(one, ({ info, value }) => {
      const written = typeof value === "string" ? value : tomlText(value);
      const head = info.table === null ? "" : `[${info.table}]\n`;
      const file = parseTomlText(`${head}${info.key} = ${tomlText(value)}\n`, "subnet.toml");
      const from = [
        loadConfig(file, NOTHING),
        loadConfig(null, { environment: { [info.variable]: written } }),
        loadConfig(null, { ...NOTHING, set: [`${info.path}=${written}`] }),
      ];
      for (const { config } of from) assert.deepEqual(valueAt(config, info), value);
    }),
    { numRuns: 300 },
  );
});

test("unknown keys and tables name the nearest", () => {
  assert.match(refusal("windwos = 3"), /subnet\.toml:1: unknown key "windwos"; .*: "windows"/);
  assert.match(refusal("\n[codec]\nkk = 3"), /subnet\.toml:3: unknown key "codec.kk"; .*"codec.k"/);
  assert.match(refusal("chunk = 3"), /unknown key "chunk"; .*"codec.chunk"/);
  assert.match(refusal("[codec]\nsteps = 3"), /unknown key "codec.steps"; .*"inner.steps"/);
  assert.match(refusal("[modl]\na = 1"), /subnet\.toml:1: unknown table \[modl\]; .*\[model\]/);
  assert.match(refusal("codec = 3"), /subnet\.toml:1: codec is a table: write \[codec\]/);
  assert.doesNotMatch(refusal("codec = 3"), /localnet/);
  const both = refusal('chain = "native"\n[model]\nlayers = 2');
  assert.match(
    both,
    /:1: chain is a table: .*below \[localnet\] \(chain = \.\.\.\), or is its flag --chain/,
  );
  assert.match(refusal("[[codec]]\nk = 3"), /codec is a table/);
  assert.match(refusal("[windows]\nk = 3"), /subnet\.toml:1: windows = .* must be a whole number/);
  assert.match(refusal("[inner.deep]\nx = 1"), /unknown key "inner.deep"/);
  assert.match(refusal("", { set: ["codc.k=3"] }), /--set codc.k=3: .*"codec.k"/);
  assert.match(refusal("", { set: ["codec.k"] }), /write --set codec.k=value/);
  assert.match(refusal("[__proto__]\nx = 1"), /unknown table \[__proto__\]/);
});

test("cosine coefficients come with demo alone: asking for them beside another optimizer is refused aloud", () => {
  const dct = '[outer]\noptimizer = "sparseloco"\n[codec]\ntransform = "dct"';
  assert.match(refusal(dct), /subnet\.toml:4: unknown key "codec\.transform"/);
  assert.match(refusal("[codec]\ndct = true"), /unknown key "codec\.dct"/);
  assert.match(refusal('[outer]\noptimizer = "sparseloco-dct"'), /outer\.optimizer = .*demo/);
});

test("wrong values name place, value, range and unit", () => {
  const wrong = refusal(
    '[codec]\nk = 99999\n[inner]\nsteps = "a"\nbeta1 = 1.0\n[model]\npreset = "nan"',
  );
  assert.match(
    wrong,
    /subnet\.toml:2: codec\.k = 99999: must be a whole number: 1 to 65,536 \(coord/,
  );
  assert.match(wrong, /subnet\.toml:4: inner\.steps = "a": must be a whole number/);
  assert.match(wrong, /subnet\.toml:5: inner\.beta1 = 1: must be a number: 0 to below 1/);
  assert.match(
    wrong,
    /subnet\.toml:7: model\.preset = "nan": .*nano, 1m, 10m, 124m, 350m, 1b; nearest: "nano"/,
  );
  assert.match(
    refusal("", { environment: { ASSAY_CODEC_K: "x" } }),
    /ASSAY_CODEC_K: codec\.k = "x"/,
  );
  assert.match(refusal("", { set: ["windows=1.5"] }), /--set: windows = 1\.5/);
  assert.match(refusal("[inner]\nclip = nan"), /inner\.clip = NaN/);
  assert.match(refusal("name = 1979-05-27"), /name = /);
  const many = Array.from({ length: 9 }, (_, index) => `x${index} = 1`).join("\n");
  assert.match(refusal(many), /and 3 more$/);
});

test("a file that is not there says how to make one", () => {
  const path = join(folder, "none.toml");
  assert.throws(
    () => readSubnetConfig(path, NOTHING),
    (error) => {
      assert.ok(isAssayError(error, "bad-option"));
      assert.deepEqual(error.explanation.commands, [{ ours: "subnet init", args: [path] }]);
      return true;
    },
  );
});

test("a table after --set is told apart from a key, with its keys", () => {
  for (const flag of ["codec", "codec=1"])
    assert.throws(
      () => loadConfig(null, { environment: {}, set: [flag] }),
      /--set codec(=1)?: codec is a table; its keys are codec\.k, codec\.chunk/,
    );
});
