/** @file Config files: values with their lines, tables of each command, and refusals that name file, line and what is right. */
import { strict as assert } from "node:assert";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { type Reader, readConfigFile } from "../../../src/command/config-file.ts";
import { isAssayError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-toml-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "x.toml");

const LOCALNET: Reader = { keys: ["windows", "json", "data"], table: "localnet" };

function read(toml: string, reader: Reader = LOCALNET): Record<string, unknown> {
  writeFileSync(path, toml);
  return Object.fromEntries(
    [...readConfigFile(path, reader)].map(([key, { value }]) => [key, value]),
  );
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(isAssayError(error) && error.fault.code === "bad-option", String(error));
    assert.doesNotMatch(error.fault.detail, /\n/);
    return error.fault.detail;
  }
  throw new Error("was not refused");
}

test("values at the top count, those of the command's own table stand above them", () => {
  assert.deepEqual(read("windows = 3\njson = true\n"), { windows: 3, json: true });
  assert.deepEqual(read('windows = 3\n[localnet]\nwindows = 4\ndata = "x"\n'), {
    windows: 4,
    data: "x",
  });
});

test("tables of other commands are left alone, whatever is in them", () => {
  assert.deepEqual(read('[miner]\nwallet = "w"\nnonsense = 1\n[chain]\nport = 1\n'), {});
  assert.deepEqual(read("[localnet]\nwindows = 2\n", { keys: ["wallet"], table: "miner" }), {});
  assert.deepEqual(read("[miner]\nstrategy = 'copy'\n", { keys: ["wallet"], table: "miner" }), {});
});

test("every value knows the line that it stands on", () => {
  writeFileSync(
    path,
    '# one\n\nwindows = 3\n[miner]\nwindows = 7\n[localnet] # ours\n"json" = true\n',
  );
  const found = readConfigFile(path, LOCALNET);
  assert.equal(found.get("windows")?.place, `${path}:3`);
  assert.equal(found.get("json")?.place, `${path}:7`);
});

test("an unknown key names line and nearest key; one of another command names its table", () => {
  assert.equal(
    refusal(() => read("\nwindwos = 3\n")),
    `${path}:2: unknown key "windwos"; nearest valid key: windows`,
  );
  assert.equal(
    refusal(() => read("strategy = 'copy'\n")),
    `${path}:1: "strategy" is a key of miner: put it below [miner]`,
  );
  assert.match(
    refusal(() => read("netuid = 1\n")),
    /"netuid" is a key of miner and validator: put it below \[miner\] or \[validator\]/,
  );
  assert.match(
    refusal(() => read("[localnet]\nwindwos = 3\n")),
    /:2: unknown key "windwos" in \[localnet\]; nearest valid key: windows/,
  );
  assert.match(
    refusal(() => read("qqqq = 3\n")),
    /unknown key "qqqq"$/,
  );
});

test("an unknown table names the nearest one", () => {
  assert.equal(
    refusal(() => read("[localnett]\nwindows = 3\n")),
    `${path}:1: unknown table [localnett]; nearest table: localnet`,
  );
});

test("a syntax error has line and column", () => {
  assert.match(
    refusal(() => read("windows = 3\njson = = 1\n")),
    /x\.toml, line 2, column \d+: \S+/,
  );
  assert.match(
    refusal(() => read("windows = 3\nwindows = 4\n")),
    /line \d+, column \d+/,
  );
});

test("a file that is absent, a folder, not readable or far too large has its own words", (t) => {
  const absent = join(folder, "none.toml");
  assert.match(
    refusal(() => readConfigFile(absent, LOCALNET)),
    /none\.toml cannot be read: there is no such file/,
  );
  assert.match(
    refusal(() => readConfigFile(folder, LOCALNET)),
    /cannot be read: it is a folder, not a file/,
  );
  const large = join(folder, "large.toml");
  writeFileSync(large, "#".repeat(2 << 20));
  assert.match(
    refusal(() => readConfigFile(large, LOCALNET)),
    /more than/,
  );
  if (process.getuid?.() === 0) return t.diagnostic("root may read everything");
  const closed = join(folder, "closed.toml");
  writeFileSync(closed, "");
  chmodSync(closed, 0);
  assert.match(
    refusal(() => readConfigFile(closed, LOCALNET)),
    /permission denied/,
  );
});

test("any text is read or refused as bad-option, and nothing else happens", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("[localnet]", "[miner]", "windows = 3", 'data = "x"', "[[json]]", "a.b = 1"),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      writeFileSync(path, lines.join("\n"));
      try {
        readConfigFile(path, LOCALNET);
      } catch (error) {
        assert.ok(isAssayError(error, "bad-option"), String(error));
      }
    }),
  );
});
