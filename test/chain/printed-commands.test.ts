/** @file Every command that the README and the guides print is one that exists, with options that exist: each is parsed by the real program. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GUIDES = "docs/guides";
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

/** npm as a shell function: a program of ours parses its arguments, prints what it would do and does nothing. */
const NPM = `npm() {
  local script=$1; shift
  if [ "$script" = run ]; then script=$1; shift; fi
  if [ "$1" = "--" ]; then shift; fi
  case "$*" in *--help*) set -- "$@";; *) set -- "$@" --print-config;; esac
  case $script in
    start) node subnet/main.ts localnet "$@" ;;
    miner|validator|subnet) node "$script/main.ts" "$@" ;;
  esac
}
`;

for (const path of documents)
  describe(path, () => {
    const commands = [...new Set(commandsIn(readFileSync(join(ROOT, path), "utf8")))];
    for (const command of commands)
      test(command, () => {
        const script = /^npm (?:run )?([\w:-]+)/.exec(command)?.[1] ?? "";
        if (script !== "ci") assert.ok(script in scripts, `package.json has no script ${script}`);
        const { status, stderr } = spawnSync("bash", ["-c", `${NPM}${command}`], {
          cwd: ROOT,
          encoding: "utf8",
          // Variables that a guide sets before.
          env: { ...process.env, NETUID: "2", RUN: "run", ADDRESS: "//Bob" },
        });
        assert.equal(status, 0, stderr);
      });
  });

test("the documents print commands at all", () => {
  assert.ok(commandsIn(readFileSync(join(ROOT, "README.md"), "utf8")).length >= 5);
});
