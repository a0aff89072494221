/** @file `subnet init`: the file reads back as what was answered, whatever is uncommented; nothing is overwritten. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { modelOfFolder } from "../../../../src/checkpoint/hugging-face-config.ts";
import { parseTomlText } from "../../../../src/command/toml.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { CONFIG_KEYS, valueAt } from "../../../../subnet/config/keys.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";
import { defaultConfig } from "../../../../subnet/config/resolve.ts";
import type { SubnetConfig } from "../../../../subnet/config/schema.ts";
import { initSubnet, initText, type Terminal } from "../../../../subnet/init/init.ts";
import { initOptions } from "../../../../subnet/init/options.ts";
import { type Answers, standardAnswers } from "../../../../subnet/init/questions.ts";
import { SCORING_STYLES } from "../../../../subnet/init/styles.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-init-"));
after(() => rmSync(folder, { recursive: true }));

const WHERE = { file: "subnet.toml", schema: "docs/subnet.schema.json" };
const COMMENTED = /^#([a-zA-Z][a-zA-Z0-9]*) = /gm;

function configIn(text: string): SubnetConfig {
  return loadConfig(parseTomlText(text, "subnet.toml"), { environment: {} }).config;
}

/** A terminal that types `lines`, and what it showed. */
function terminalTyping(lines: readonly string[] | null): {
  terminal: Terminal;
  shown: () => string;
} {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: string[] = [];
  let typed = 0;
  output.on("data", (chunk: Buffer) => {
    chunks.push(chunk.toString());
    // Each question ends with ": "; a person answers after reading it.
    if (lines === null || !chunk.toString().endsWith(": ")) return;
    const line = lines[typed++];
    setImmediate(() => (line === undefined ? input.end() : input.write(`${line}\n`)));
  });
  const terminal = { input, output, interactive: lines !== null };
  return { terminal, shown: () => chunks.join("") };
}

async function refusal(work: Promise<void>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error("was not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(isAssayError(error, "bad-option"), String(error));
  return error.message;
}

const options = (given: Readonly<Record<string, unknown>>): ReturnType<typeof initOptions.parse> =>
  initOptions.parse(given);

test("the file that --yes writes reads back as the defaults", async () => {
  const file = join(folder, "yes.toml");
  const { terminal, shown } = terminalTyping(null);
  await initSubnet(options({ file, yes: true }), terminal);
  assert.deepEqual(configIn(readFileSync(file, "utf8")), defaultConfig());
  assert.match(shown(), /next: npm run subnet -- check .*yes\.toml\n$/);
});

test("every commented key is valid when its # goes, alone and with all others", () => {
  const text = initText(standardAnswers(), [], WHERE);
  const commented = [...text.matchAll(COMMENTED)].map(([, key]) => key);
  assert.equal(commented.length, CONFIG_KEYS.length - 4);
  assert.deepEqual(configIn(text.replaceAll(COMMENTED, "$1 = ")), defaultConfig());
  for (const match of text.matchAll(COMMENTED)) {
    const one = `${text.slice(0, match.index)}${text.slice(match.index + 1)}`;
    assert.deepEqual(configIn(one), defaultConfig(), match[0]);
  }
});

test("every key stands in the file once, with unit, range and effect", () => {
  const text = initText(standardAnswers(), [], WHERE);
  const flat = text.replaceAll("\n#  ", "");
  for (const { key, unit, range, effect, kind } of CONFIG_KEYS) {
    assert.ok(flat.includes(effect), key);
    const bounds = kind === "one of" ? `one of ${range}` : `${unit}, ${range}`;
    const line = text.split("\n").find((one) => one.includes(`${key} = `) && one.includes(bounds));
    assert.ok(line !== undefined, `${key}: ${bounds}`);
  }
  for (const line of text.split("\n"))
    if (!line.includes(" = ")) assert.ok(line.length <= 110, line);
});

const answers: fc.Arbitrary<Answers> = fc.record({
  name: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ""),
  data: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ""),
  model: fc.constantFrom("nano", "1m", "10m"),
  windows: fc.integer({ min: 0, max: 100_000 }).map(String),
  scoring: fc.constantFrom(...Object.keys(SCORING_STYLES)),
});

test("whatever is answered reads back, and uncommenting everything changes nothing", () => {
  fc.assert(
    fc.property(answers, (given) => {
      const text = initText(given, ["codec.k=64"], WHERE);
      const config = configIn(text);
      assert.equal(config.name, given.name);
      assert.equal(config.data.folder, given.data);
      assert.equal(config.model.preset, given.model);
      assert.equal(String(config.windows), given.windows);
      assert.equal(config.codec.k, 64);
      assert.match(text, /^k = 64 /m);
      assert.deepEqual(configIn(text.replaceAll(COMMENTED, "$1 = ")), config);
    }),
    { numRuns: 100 },
  );
});

test("each way to pay writes its keys out", () => {
  for (const [scoring, { keys }] of Object.entries(SCORING_STYLES)) {
    const text = initText({ ...standardAnswers(), scoring }, [], WHERE);
    for (const [path, value] of Object.entries(keys)) {
      const [table = "", key = ""] = path.split(".");
      const info = { table, key };
      assert.equal(valueAt(configIn(text), info), value);
      assert.match(text, new RegExp(`^${key} = "?${String(value)}"? `, "m"));
    }
  }
});

test("questions on a terminal: empty takes the default, a wrong answer is asked again", async () => {
  const file = join(folder, "asked.toml");
  const { terminal, shown } = terminalTyping([
    "mine",
    "",
    "huge",
    "1m",
    "abc",
    "24",
    "loud",
    "even",
  ]);
  await initSubnet(options({ file }), terminal);
  const config = configIn(readFileSync(file, "utf8"));
  assert.deepEqual([config.name, config.data.folder], ["mine", "node_modules"]);
  assert.deepEqual([config.model.preset, config.windows], ["1m", 24]);
  assert.deepEqual([config.scoring.mode, config.credit.floor], ["credit", 0.1]);
  assert.match(shown(), /model\.preset = "huge": must be one of: nano, 1m, 10m/);
  assert.match(shown(), /windows = "abc": must be a whole number/);
  assert.match(shown(), /scoring "loud" is none of standard, even, steep, strict, published/);
});

test("a flag answers its question", async () => {
  const file = join(folder, "flagged.toml");
  const { terminal, shown } = terminalTyping(["", "", ""]);
  await initSubnet(options({ file, model: "1m", windows: "7" }), terminal);
  assert.doesNotMatch(shown(), /Model:|Windows,/);
  assert.equal(configIn(readFileSync(file, "utf8")).windows, 7);
});

test("a terminal that closes writes nothing", async () => {
  const file = join(folder, "closed.toml");
  const { terminal } = terminalTyping(["mine"]);
  assert.match(await refusal(initSubnet(options({ file }), terminal)), /nothing was written/);
  assert.throws(() => readFileSync(file), /ENOENT/);
});

test("a file that is there stays, unless --force says otherwise", async () => {
  const file = join(folder, "there.toml");
  writeFileSync(file, "windows = 3\n");
  const { terminal } = terminalTyping(null);
  const message = await refusal(initSubnet(options({ file, yes: true }), terminal));
  assert.match(message, /is there already.* --force/);
  assert.equal(readFileSync(file, "utf8"), "windows = 3\n");
  await initSubnet(options({ file, yes: true, force: true }), terminal);
  assert.deepEqual(configIn(readFileSync(file, "utf8")), defaultConfig());
});

test("a wrong flag is refused before anything is asked or written", async () => {
  for (const given of [{ model: "huge" }, { windows: "-1" }, { scoring: "loud" }, { set: "k=3" }]) {
    const file = join(folder, "wrong.toml");
    const { terminal } = terminalTyping(null);
    await refusal(initSubnet(options({ file, yes: true, ...given }), terminal));
    assert.throws(() => readFileSync(file), /ENOENT/);
  }
});

test("--from takes the sizes of a Hugging Face folder, and says how its parameters are gone on with", async () => {
  const from = fileURLToPath(
    new URL("../../../fixtures/hugging-face/gpt2-untied", import.meta.url),
  );
  const file = join(folder, "imported.toml");
  const { terminal, shown } = terminalTyping(null);
  const given = initOptions.parse({ file, from, yes: true, set: ["model.context=4"] });
  await initSubnet(given, terminal);
  const { preset: _preset, seed: _seed, ...model } = configIn(readFileSync(file, "utf8")).model;
  assert.deepEqual(model, { ...(await modelOfFolder(from)), context: 4 });
  assert.match(shown(), /publish .*imported\.toml --checkpoint .*gpt2-untied/);
  assert.equal(configIn(readFileSync(file, "utf8")).tokenizer.kind, "bytes");
  for (const [wrong, words] of [
    [join(folder, "nowhere"), /--from .*nowhere cannot be used: there is no such file/],
    [join(from, "config.json"), /--from .* is a file, not a folder/],
  ] as const) {
    const other = initOptions.parse({ file: join(folder, "other.toml"), from: wrong, yes: true });
    assert.match(await refusal(initSubnet(other, terminal)), words);
  }
});

test("--from names the tokenizer.json of the folder, but not for a model that reads bytes", async () => {
  const fixture = new URL("../../../fixtures/hugging-face/gpt2-untied/", import.meta.url);
  const from = join(folder, "with-tokenizer");
  const tokenizer = join(from, "tokenizer.json");
  mkdirSync(from);
  writeFileSync(tokenizer, "{}");
  const config = readFileSync(new URL("config.json", fixture), "utf8");
  for (const [vocabulary, expected] of [
    [300, { kind: "huggingface", file: tokenizer }],
    [256, { kind: "bytes", file: "none" }],
  ] as const) {
    writeFileSync(
      join(from, "config.json"),
      config.replace(/"vocab_size": \d+/, `"vocab_size": ${vocabulary}`),
    );
    const file = join(folder, `of-${vocabulary}.toml`);
    await initSubnet(initOptions.parse({ file, from, yes: true }), terminalTyping(null).terminal);
    assert.deepEqual(configIn(readFileSync(file, "utf8")).tokenizer, expected);
  }
});
