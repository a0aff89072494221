/** @file Every command that the README and the guides print is one that exists, with options that exist: each is parsed by the program's own commands. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { program as miner } from "../../miner/main.ts";
import { isAssayError } from "../../src/errors.ts";
import { type Program, routeOf } from "../../src/command/router.ts";
import { program as subnet } from "../../subnet/main.ts";
import { program as validator } from "../../validator/main.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GUIDES = "docs/guides";
const isBadOption = (error: unknown): boolean => isAssayError(error, "bad-option");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/audit.md",
  ...(existsSync(join(ROOT, GUIDES))
    ? readdirSync(join(ROOT, GUIDES)).map((name) => `${GUIDES}/${name}`)
    : []),
].filter((path) => path.endsWith(".md"));
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

/** The commands of a document: indented or fenced lines that begin with npm, without what stands beside them. */
function commandsIn(text: string): string[] {
  const found: string[] = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const shown = fenced ? line : /^(?: {4}|\t)/.test(line) ? line : "";
    const command = /^\s*(?:\$ )?(npm (?:start|run|test|ci)\b.*)$/.exec(shown)?.[1];
    // Two spaces begin the words that explain a command.
    if (command !== undefined) found.push((command.split(/ {2,}|\s+#/)[0] ?? "").trim());
  }
  return found;
}

/** npm as a shell function that says which words it was given. */
const NPM = `npm() { printf '%s\\0' "$@"; }\n`;
const PROGRAMS: Readonly<Record<string, Program>> = { miner, validator, subnet, start: subnet };

/** The words of a command as a shell gives them to npm. */
function wordsOf(command: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `${NPM}${command}`], {
    encoding: "utf8",
    // Variables that a guide sets before.
    env: { ...process.env, NETUID: "2", RUN: "run", ADDRESS: "//Bob" },
  });
  assert.equal(status, 0, stderr);
  return stdout.split("\0").slice(0, -1);
}

/** Has the program parse its arguments, as it does before anything starts. */
function parse(script: string, rest: readonly string[]): void {
  const program = PROGRAMS[script];
  if (program === undefined) return;
  const words = script === "start" ? ["localnet", ...rest] : rest;
  const route = routeOf(program, words);
  if (route.kind === "command") route.command.parse([...route.rest, "--print-config"]);
}

for (const path of documents)
  describe(path, () => {
    const commands = [...new Set(commandsIn(readFileSync(join(ROOT, path), "utf8")))];
    for (const command of commands)
      test(command, () => {
        const [first = "", ...others] = wordsOf(command);
        const [script = "", ...rest] = first === "run" ? others : [first, ...others];
        if (script !== "ci") assert.ok(script in scripts, `package.json has no script ${script}`);
        parse(script, rest[0] === "--" ? rest.slice(1) : rest);
      });
  });

test("an option that there is not is refused", () => {
  assert.throws(() => parse("miner", ["balance", "--walet", "bob"]), isBadOption);
  assert.throws(() => parse("start", ["--windows", "many"]), isBadOption);
  assert.throws(() => parse("subnet", ["sever"]), isBadOption);
});

test("the documents print commands at all", () => {
  assert.ok(commandsIn(readFileSync(join(ROOT, "README.md"), "utf8")).length >= 5);
});
