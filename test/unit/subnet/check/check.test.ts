/** @file `subnet check` on real folders and the real engine: what it measures, what it prints, how it ends. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readCorpus } from "../../../../src/data/corpus.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { runCheck } from "../../../../subnet/check/check.ts";
import { dataChoiceOf } from "../../../../subnet/config/data-choice.ts";
import { measureData } from "../../../../subnet/check/measure-data.ts";
import { measureEngine } from "../../../../subnet/check/measure-engine.ts";
import { checkOptions } from "../../../../subnet/check/options.ts";
import { configWith } from "./subjects.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-check-"));
after(() => rmSync(folder, { recursive: true }));
const MAIN = fileURLToPath(new URL("../../../../subnet/main.ts", import.meta.url));

/** 120 texts of 4 KB below a folder of their own. */
function texts(name: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, "deep"), { recursive: true });
  for (let index = 0; index < 120; index++)
    writeFileSync(join(path, "deep", `${index}.txt`), `text number ${index}\n`.repeat(230));
  return path;
}

function configFile(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** Runs a check and returns its exit code and what it printed. */
async function check(
  options: Readonly<Record<string, unknown>>,
): Promise<{ code: number; text: string }> {
  const printed: string[] = [];
  const code = await runCheck(checkOptions.parse({ measure: false, ...options }), {
    print: (text) => printed.push(text),
    step: () => undefined,
  });
  return { code, text: printed.join("\n") };
}

const few = ["[chain]", "maximumUids = 64", "maximumValidators = 8"];

test("a folder of text: what can work ends with 0", async () => {
  const file = configFile("good.toml", ["[data]", `folder = "${texts("good")}"`, ...few]);
  const { code, text } = await check({ file });
  assert.equal(code, 0, text);
  assert.match(text, /0 refused, .* this can work/);
  assert.match(text, /data +\d+ KB of text, \d+ pages, 120 files/);
  assert.match(text, /skipped +speed: --no-measure/);
});

test("what cannot work ends with 1, key, reason and advice, and the printed command ends with 0", async () => {
  const data = texts("bad");
  const file = configFile("bad.toml", ["[data]", `folder = "${data}"`, ...few, "tempo = 1000"]);
  const { code, text } = await check({ file, set: "codec.k=2048" });
  assert.equal(code, 1, text);
  assert.match(text, /refused +chain\.tempo/);
  assert.match(text, /refused +scoring\.maximumOverlap/);
  assert.match(text, /would work: chain\.tempo = 324/);
  const command = /npm run subnet -- check (.*)$/m.exec(text)?.[1];
  assert.ok(command !== undefined, text);
  const args = ["check", ...command.split(" "), "--no-measure"];
  const again = run(...args);
  assert.equal(again.status, 0, again.out);
});

test("--json prints one object with every finding", async () => {
  const file = configFile("json.toml", ["[data]", `folder = "${texts("json")}"`, ...few]);
  const { text } = await check({ file, json: true });
  const shape = z.object({
    refused: z.literal(0),
    findings: z.array(z.object({ rule: z.string(), key: z.string(), level: z.string() })).min(20),
    repair: z.array(z.never()),
  });
  shape.parse(JSON.parse(text));
});

test("a folder that is not there is refused, and the other rules still judge", async () => {
  const file = configFile("nowhere.toml", ["[data]", 'folder = "/nowhere/at/all"']);
  const { code, text } = await check({ file });
  assert.match(text, /refused +data\.folder +The training data at \/nowhere\/at\/all/);
  assert.match(text, /ok +chain\.tempo/);
  assert.doesNotMatch(text, /npm run/);
  assert.equal(code, 1);
  await assert.rejects(
    measureData(configWith([`data.folder=${file}`])),
    (error) => isAssayError(error, "data-unreadable") && /it is a file/.test(error.message),
  );
});

test("the text is what a publisher would read, and makes as many pages", async () => {
  const path = join(folder, "mixed");
  mkdirSync(path);
  writeFileSync(join(path, "a.txt"), "a".repeat(100_000));
  writeFileSync(join(path, "same.txt"), "a".repeat(100_000));
  writeFileSync(join(path, "b.md"), "b".repeat(50_000));
  writeFileSync(join(path, "binary.txt"), Uint8Array.of(1, 0, 2));
  const config = configWith([`data.folder=${path}`, "data.include=['*.txt', '*.md']"]);
  const measured = await measureData(config);
  const { training, heldOut } = await readCorpus(dataChoiceOf(config));
  assert.deepEqual(measured, {
    trainingBytes: training.length,
    tokenBytes: 1,
    heldOutBytes: heldOut.length,
    files: 2,
    pages: Math.floor(
      (training.length - 1) / (config.model.context * config.data.sequencesPerPage),
    ),
  });
});

test("the engine is measured: more work takes longer", async () => {
  const on = { device: "cpu", threads: 1 } as const;
  const small = await measureEngine(configWith(["model.layers=1", "inner.batch=2"]), on);
  for (const value of [small.stepMs, small.compressMs, small.turnMs, small.lossesPerSecond])
    assert.ok(Number.isFinite(value) && value > 0);
  assert.equal(small.device, "cpu");
  const large = await measureEngine(configWith(["model.layers=4", "inner.batch=24"]), on);
  assert.ok(large.stepMs > 2 * small.stepMs, `${large.stepMs} against ${small.stepMs}`);
});

/** Runs the command in the tests' folder. */
function run(...args: string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, out: stdout + stderr };
}

test("the commands run from a clean start: init, check, config, and refuse with exit code 2", () => {
  const made = run("init", "made.toml", "--yes", "--data", texts("made"), "--windows", "24");
  assert.equal(made.status, 0, made.out);
  assert.equal(run("init", "made.toml", "--yes").status, 2);
  const judged = run(
    "check",
    "made.toml",
    "--no-measure",
    "--set",
    "codec.k=512",
    "--set=chain.maximumUids=64",
  );
  assert.equal(judged.status, 0, judged.out);
  const shown = run("config", "made.toml", "--set", "name=x");
  assert.match(shown.out, /^windows = 24 +# made\.toml:\d+$/m);
  const wrong = run("check", "made.toml", "--set", "codec.q=1");
  assert.equal(wrong.status, 2);
  assert.match(wrong.out, /unknown key "codec\.q"; nearest valid key: "codec\.k"/);
  assert.equal(run("check", "none.toml").status, 2);
});
