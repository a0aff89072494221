/** @file Options: default < preset < file < environment < flag, and a refusal that names what would have been right. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import {
  commandOf,
  flagOf,
  nearest,
  refusedArguments,
  variableOf,
  withAliases,
} from "../../../src/command/command.ts";
import { isAssayError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-config-"));
after(() => rmSync(folder, { recursive: true }));

const SCHEMA = z.strictObject({
  preset: z.enum(["small", "large"]).default("small"),
  windowCount: z.coerce.number().int().min(1).max(1000).default(10),
  wallet: z.string().default("default"),
  json: z.union([z.boolean(), z.stringbool()]).default(false).meta({ type: "boolean" }),
});
type Options = z.output<typeof SCHEMA>;
const PRESETS = { large: { windowCount: 100 } };

let files = 0;
function tomlFile(text: string): string {
  const path = join(folder, `${files++}.toml`);
  writeFileSync(path, text);
  return path;
}

/** Runs the command on `args` and returns the options it arrived at. */
async function parse(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Options | null> {
  let seen: Options | null = null;
  const shape = { name: "x", description: "", schema: SCHEMA, presets: PRESETS, environment };
  const command = commandOf(shape, (options) => void (seen = options));
  await command.parseAsync(withAliases(args), { from: "user" });
  return seen;
}

/** What a person is told about refused arguments. */
async function refusal(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const error: unknown = await parse(args, environment).then(
    () => new Error("was not refused"),
    (thrown: unknown) => thrown,
  );
  const known = isAssayError(error) ? error : refusedArguments(error);
  assert.ok(isAssayError(known) && known.fault.code === "bad-option", String(error));
  return known.fault.detail;
}

test("without anything the defaults hold", async () => {
  assert.deepEqual(await parse([]), {
    preset: "small",
    windowCount: 10,
    wallet: "default",
    json: false,
  });
});

test("the strongest layer that names a value wins, whatever the others say", async () => {
  const layers = fc.record({
    preset: fc.boolean(),
    file: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
    environment: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
    flag: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: null }),
  });
  await fc.assert(
    fc.asyncProperty(layers, async ({ preset, file, environment, flag }) => {
      const args = preset ? ["--preset", "large"] : [];
      if (file !== null) args.push("--config", tomlFile(`windowCount = ${file}\n`));
      if (flag !== null) args.push(`--window-count=${flag}`);
      const variables: Record<string, string> = {};
      if (environment !== null) variables["ASSAY_WINDOW_COUNT"] = String(environment);
      const options = await parse(args, variables);
      assert.equal(options?.windowCount, flag ?? environment ?? file ?? (preset ? 100 : 10));
    }),
    { numRuns: 60 },
  );
});

test("a preset may come from any layer, and values of stronger layers stand above it", async () => {
  const file = tomlFile('preset = "large"\nwallet = "w"\n');
  assert.equal((await parse(["--config", file]))?.windowCount, 100);
  assert.equal((await parse([], { ASSAY_PRESET: "large" }))?.windowCount, 100);
  assert.equal((await parse(["--config", file, "--preset", "small"]))?.windowCount, 10);
  assert.equal((await parse(["--config", file]))?.wallet, "w");
});

test("flags and variables of btcli are understood, ours win over them", async () => {
  assert.equal((await parse(["--wallet.name", "a"]))?.wallet, "a");
  assert.equal((await parse(["--wallet.name=a=b"]))?.wallet, "a=b");
  assert.equal((await parse([], { BT_WALLET_NAME: "b" }))?.wallet, "b");
  assert.equal((await parse([], { BT_WALLET_NAME: "b", ASSAY_WALLET: "c" }))?.wallet, "c");
});

test("a switch is a bare flag, a word in the environment, a boolean in a file", async () => {
  assert.equal((await parse(["--json"]))?.json, true);
  assert.equal((await parse([], { ASSAY_JSON: "true" }))?.json, true);
  assert.equal((await parse([], { ASSAY_JSON: "no" }))?.json, false);
  assert.equal((await parse(["--config", tomlFile("json = true\n")]))?.json, true);
});

test("an unknown flag names the nearest one", async () => {
  assert.match(await refusal(["--walet", "x"]), /unknown option '--walet'.*--wallet/);
  assert.match(await refusal(["--window-cuont", "3"]), /--window-count/);
});

test("an unknown key of a file names the nearest one and the file", async () => {
  const file = tomlFile("windowCuont = 3\n");
  const detail = await refusal(["--config", file]);
  assert.match(detail, /windowCuont.*"windowCount"/);
  assert.ok(detail.includes(file));
});

test("values out of range or of the wrong kind name the flag and the rule", async () => {
  assert.match(await refusal(["--window-count", "0"]), /--window-count: .*>=\s?1/);
  assert.match(await refusal(["--window-count", "1.5"]), /--window-count/);
  assert.match(await refusal(["--window-count", "many"]), /--window-count/);
  assert.match(await refusal([], { ASSAY_WINDOW_COUNT: "5000" }), /--window-count/);
  assert.match(await refusal(["--preset", "huge"]), /--preset: .*"small"/);
  assert.match(await refusal(["--config", tomlFile("wallet = 3\n")]), /--wallet/);
  const both = await refusal(["--window-count", "0", "--preset", "huge"]);
  assert.match(both, /--window-count.*; |; .*--window-count/);
});

test("an empty number is refused, not read as nought", async () => {
  assert.match(await refusal([], { ASSAY_WINDOW_COUNT: "" }), /--window-count/);
});

test("files that are absent, folders or broken, missing values and stray words are refused", async () => {
  assert.match(await refusal(["--config", join(folder, "absent.toml")]), /absent\.toml.*ENOENT/);
  assert.match(await refusal(["--config", folder]), /EISDIR/);
  const broken = await refusal(["--config", tomlFile("= =\n")]);
  assert.doesNotMatch(broken, /\n/);
  assert.match(await refusal(["--wallet"]), /--wallet/);
  assert.match(await refusal(["stray"]), /too many arguments/);
});

test("names of flags and variables come from the key", () => {
  assert.equal(flagOf("axonHost"), "axon-host");
  assert.equal(variableOf("axonHost"), "ASSAY_AXON_HOST");
  const key = fc.stringMatching(/^[a-z]+([A-Z][a-z]+){0,3}$/);
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 8 }), (keys) => {
      assert.equal(new Set(keys.map(flagOf)).size, keys.length);
      assert.equal(new Set(keys.map(variableOf)).size, keys.length);
    }),
  );
});

test("the nearest word is the word itself, or the one with a single letter changed", () => {
  const words = ["endpoint", "netuid", "wallet", "hotkey"];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(8), (word, at) => {
      assert.equal(nearest(word, words), word);
      assert.equal(nearest(word.slice(0, at) + word.slice(at + 1), words), word);
    }),
  );
  assert.equal(nearest("x", []), undefined);
});

test("help is told apart from a refusal, and foreign errors are neither", async () => {
  const command = commandOf({ name: "x", description: "", schema: SCHEMA }, () => undefined);
  command.configureOutput({ writeOut: () => undefined });
  const help = await command.parseAsync(["--help"], { from: "user" }).catch((error) => error);
  assert.equal(refusedArguments(help), "help");
  assert.equal(refusedArguments(new Error("other")), null);
});
