/** @file Options: default < preset < file < environment < flag, and a refusal that names what was written where. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { commandOf, type Parsed, type Runnable, type Told } from "../../../src/command/command.ts";
import { choice, count, flag, text, wholeNumber } from "../../../src/command/fields.ts";
import { isAssayError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-config-"));
after(() => rmSync(folder, { recursive: true }));

const SCHEMA = z.strictObject({
  preset: choice("size", ["small", "large"]),
  windowCount: count({ description: "windows", standard: 10, min: 1, max: 1000 }),
  wallet: text("wallet name", "default"),
  json: flag("print JSON"),
  baseline: flag("train a baseline", true),
  password: text("never a real option", "none"),
});
type Options = z.output<typeof SCHEMA>;
const PRESETS = { large: { windowCount: 100 } };
const DEFAULTS: Options = {
  preset: "small",
  windowCount: 10,
  wallet: "default",
  json: false,
  baseline: true,
  password: "none",
};

let files = 0;
function tomlFile(toml: string): string {
  const path = join(folder, `${files++}.toml`);
  writeFileSync(path, toml);
  return path;
}

/** The command, and the options that it was last run with. */
function command(environment: Readonly<Record<string, string>> = {}): {
  runnable: Runnable;
  seen: () => Options | null;
  told: () => Told | null;
} {
  let seen: Options | null = null;
  let told: Told | null = null;
  const shape = { name: "x y", description: "an example", schema: SCHEMA, presets: PRESETS };
  const runnable = commandOf({ ...shape, environment }, (options, more) => {
    seen = options;
    told = more;
  });
  return { runnable, seen: () => seen, told: () => told };
}

/** Runs the command on `args` and returns the options it arrived at. */
function parse(args: readonly string[], environment?: Readonly<Record<string, string>>): Options {
  const { runnable, seen } = command(environment);
  const parsed: Parsed = runnable.parse(args);
  assert.equal(parsed.kind, "run");
  if (parsed.kind === "run") parsed.run();
  const options = seen();
  assert.ok(options !== null);
  return options;
}

function printed(args: readonly string[], environment?: Readonly<Record<string, string>>): string {
  const parsed = command(environment).runnable.parse(args);
  assert.ok(parsed.kind === "print");
  return parsed.text;
}

/** What a person is told about refused arguments. */
function refusal(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string {
  try {
    command(environment).runnable.parse(args);
  } catch (error) {
    assert.ok(isAssayError(error) && error.fault.code === "bad-option", String(error));
    assert.doesNotMatch(error.fault.detail, /\n/);
    return error.fault.detail;
  }
  throw new Error("was not refused");
}

test("without anything the defaults hold", () => {
  assert.deepEqual(parse([]), DEFAULTS);
});

test("a variable that holds a key for wallets is no option's value, and is never shown", () => {
  const schema = z.object({ seed: z.coerce.number().int().default(7) });
  for (const seed of ["0x5e5e", "12"]) {
    let seen: unknown = null;
    const shape = { name: "x y", description: "an example", schema };
    const runnable = commandOf({ ...shape, environment: { ASSAY_SEED: seed } }, (options) => {
      seen = options;
    });
    const parsed = runnable.parse([]);
    if (parsed.kind === "run") parsed.run();
    assert.deepEqual(seen, { seed: 7 });
  }
});

test("the strongest layer that names a value wins, whatever the others say", () => {
  const layers = fc.record({
    preset: fc.boolean(),
    file: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
    environment: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
    flag: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
  });
  fc.assert(
    fc.property(layers, ({ preset, file, environment, flag: typed }) => {
      const args = preset ? ["--preset", "large"] : [];
      if (file !== null) args.push("--config", tomlFile(`windowCount = ${file}\n`));
      if (typed !== null) args.push(`--window-count=${typed}`);
      const variables: Record<string, string> = {};
      if (environment !== null) variables["ASSAY_WINDOW_COUNT"] = String(environment);
      const wanted = typed ?? environment ?? file ?? (preset ? 100 : 10);
      assert.equal(parse(args, variables).windowCount, wanted);
    }),
    { numRuns: 60 },
  );
});

test("a preset may come from any layer, and values of stronger layers stand above it", () => {
  const file = tomlFile('preset = "large"\nwallet = "w"\n');
  assert.equal(parse(["--config", file]).windowCount, 100);
  assert.equal(parse([], { ASSAY_PRESET: "large" }).windowCount, 100);
  assert.equal(parse(["--config", file, "--preset", "small"]).windowCount, 10);
  assert.equal(parse(["--config", file]).wallet, "w");
});

test("flags and variables of btcli are understood, ours win over them", () => {
  assert.equal(parse(["--wallet.name", "a"]).wallet, "a");
  assert.equal(parse(["--wallet.name=a=b"]).wallet, "a=b");
  assert.equal(parse([], { BT_WALLET_NAME: "b" }).wallet, "b");
  assert.equal(parse([], { BT_WALLET_NAME: "b", ASSAY_WALLET: "c" }).wallet, "c");
});

test("a switch is a bare flag, a negated flag, a flag with a word, a word, a boolean", () => {
  const on = ["--json", "--json=yes", "--json=TRUE", "--json=on", "--json=1"];
  for (const word of on) assert.equal(parse([word]).json, true, word);
  const off = ["--no-json", "--json=no", "--json=false", "--json=off", "--json=0"];
  for (const word of off) assert.equal(parse([word]).json, false, word);
  assert.equal(parse(["--json", "yes", "--wallet", "w"]).wallet, "w");
  assert.equal(parse(["--baseline", "false"]).baseline, false);
  assert.equal(parse(["--no-baseline"]).baseline, false);
  assert.equal(parse([], { ASSAY_JSON: "true" }).json, true);
  assert.equal(parse([], { ASSAY_JSON: "no" }).json, false);
  assert.equal(parse(["--config", tomlFile("json = true\n")]).json, true);
});

test("a switch with another word is refused in words that say what would be right", () => {
  assert.match(refusal(["--json=maybe"]), /--json=maybe must be yes or no.*--no-json/);
  assert.match(refusal(["--json="]), /--json= must be yes or no/);
  assert.match(refusal(["--no-json=yes"]), /--no-json takes no value; write --json=yes/);
  assert.match(refusal(["--print-config=yes"]), /--print-config takes no value/);
  assert.match(refusal([], { ASSAY_JSON: "maybe" }), /^ASSAY_JSON=maybe must be yes or no/);
  assert.match(refusal(["--config", tomlFile("json = 3\n")]), /:1: json = 3 must be yes or no/);
});

test("an unknown flag names the nearest one; one without its value is named", () => {
  assert.match(refusal(["--walet", "x"]), /no option --walet; nearest valid option: --wallet/);
  assert.match(refusal(["--window-cuont=3"]), /--window-count/);
  assert.match(refusal(["--xylophones", "3"]), /no option --xylophones\.$/);
  assert.match(refusal(["--wallet"]), /--wallet needs a value/);
  assert.match(refusal(["--wallet", "--json"]), /--wallet needs a value/);
  assert.equal(parse(["--wallet=--json"]).wallet, "--json");
});

test("a wrong value is named as it was written, where it was written, with its rule", () => {
  assert.match(refusal(["--window-count", "0"]), /^--window-count 0 must be at least 1\.$/);
  assert.match(refusal(["--window-count", "-1"]), /^--window-count -1 must be at least 1\.$/);
  assert.match(refusal(["--window-count", "1001"]), /must be at most 1000/);
  assert.match(refusal(["--window-count", "1.5"]), /must be a whole number/);
  assert.match(refusal(["--window-count", "0x10"]), /must be a whole number/);
  assert.match(refusal([], { ASSAY_WINDOW_COUNT: "foo" }), /^ASSAY_WINDOW_COUNT=foo must/);
  assert.match(refusal([], { BT_WALLET_NAME: "" }), /^BT_WALLET_NAME= must not be empty/);
  assert.match(refusal(["--preset", "huge"]), /--preset huge must be one of small, large/);
  const file = tomlFile("# a comment\nwallet = 3\n");
  assert.equal(refusal(["--config", file]), `${file}:2: wallet = 3 must be text.`);
  const truth = tomlFile("windowCount = true\n");
  assert.match(refusal(["--config", truth]), /windowCount = true must be a whole number/);
  const both = refusal(["--window-count", "0", "--preset", "huge"]);
  assert.match(both, /--window-count 0.*; |; .*--window-count 0/);
});

test("an empty number is refused, not read as nought", () => {
  assert.match(refusal([], { ASSAY_WINDOW_COUNT: "" }), /ASSAY_WINDOW_COUNT= must be a whole/);
  assert.match(refusal(["--window-count="]), /--window-count "" must be a whole number/);
});

test("stray words are refused", () => {
  assert.match(refusal(["stray"]), /x y takes no argument, but got stray\.$/);
});

test("a printed configuration names the place of every value and shows no secret", () => {
  const file = tomlFile("\nwindowCount = 3\n");
  const config = printed(["--config", file, "--json", "--print-config", "--password", "hunter2"], {
    ASSAY_WALLET: "w",
  });
  assert.ok(config.includes(`windowCount = 3  # ${file}:2`), config);
  assert.match(config, /wallet = "w" {2}# ASSAY_WALLET/);
  assert.match(config, /json = true {2}# --json/);
  assert.match(config, /preset = "small" {2}# default/);
  assert.match(config, /password = "\(hidden\)"/);
  assert.doesNotMatch(config, /hunter2/);
  assert.doesNotMatch(refusal(["--password", "hunter2", "--preset", "x"]), /hunter2/);
});

test("help lists every option with its default and starts nothing", () => {
  for (const args of [["--help"], ["-h"], ["--window-count", "0", "--help"]]) {
    const help = printed(args);
    assert.match(help, /--window-count <value> +windows \(default: 10\)/);
    assert.match(help, /--json +print JSON \(default: false\)/);
    assert.match(help, /--no-baseline\s+turns\s+it\s+off/);
  }
  assert.equal(parse(["--wallet=--help"]).wallet, "--help");
});

test("positional arguments are values of their keys, in order, with the same checks", () => {
  const schema = z.strictObject({
    file: text("a file", "subnet.toml"),
    window: wholeNumber(0, 9).optional().meta({ description: "a window" }),
    json: flag("print JSON"),
  });
  let seen: z.output<typeof schema> | null = null;
  const runnable = commandOf(
    { name: "x check", description: "", schema, positionals: ["file", "window"], environment: {} },
    (options) => void (seen = options),
  );
  const run = (...args: readonly string[]): typeof seen => {
    const parsed = runnable.parse(args);
    if (parsed.kind === "run") parsed.run();
    return seen;
  };
  assert.deepEqual(run("a.toml", "3", "--json"), { file: "a.toml", window: 3, json: true });
  assert.deepEqual(run("--json", "1.toml"), { file: "1.toml", json: true });
  assert.deepEqual(run("--file", "b"), { file: "b", json: false });
  assert.deepEqual(run("--", "--odd"), { file: "--odd", json: false });
  assert.throws(() => run("a", "12"), /<window> 12 must be at most 9/);
  assert.throws(() => run("a", "--file", "b"), /file is given twice/);
  assert.throws(() => run("a", "1", "x"), /takes 2 at most, but got x/);
});

test("a command can write the next one with the person's own flags", () => {
  const { runnable, told } = command({ ASSAY_WALLET: "w w" });
  const parsed = runnable.parse(["--window-count", "3", "--no-baseline"]);
  assert.ok(parsed.kind === "run");
  parsed.run();
  assert.equal(
    told()?.line({ ours: "miner register", keep: ["wallet", "windowCount", "json"] }),
    "npm run miner -- register --wallet 'w w' --window-count 3",
  );
  assert.equal(
    told()?.line({ again: { windowCount: 4, json: true, unknown: 1 } }),
    "npm run x -- y --wallet 'w w' --window-count 4 --no-baseline --json",
  );
  assert.equal(told()?.line({ help: true }), "npm run x -- y --help");
});
