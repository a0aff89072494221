/**
 * @file `--json` everywhere: every command of every program has it or stands in a list with the reason why not, and all that run
 * without a network print objects alone on standard output, one a line.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { entryOf, type Program, PROGRAMS } from "../support/running.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "assay-json-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** They go on until they are stopped, and have no result: what nodes say is made lines of the log by --log-format json. */
const WITHOUT: Readonly<Record<string, string>> = {
  miner: "a node",
  validator: "a node",
  "validator worker": "a node",
  "subnet serve": "a node",
  "subnet chain": "a node",
  "subnet chain start": "a node",
  "subnet chain join": "a node",
  "subnet beacon": "a node",
  "subnet chain authorities": "says what it proposes, and waits for it",
  "subnet init": "asks a person, and writes a file",
};

/** Arguments with which a command runs here, without a network, and its exit codes. */
const OFFLINE: Readonly<
  Record<string, { readonly args: readonly string[]; readonly codes?: readonly number[] }>
> = {
  "miner wallet": { args: ["--wallet", "a"] },
  "miner wallet hotkey": { args: ["--wallet", "a", "--hotkey", "second"] },
  "miner wallet import": { args: ["--wallet", "b", "--key", "hotkey"] },
  "miner wallet list": { args: [] },
  "miner doctor": {
    args: ["--device", "cpu", "--wallet", "a", "--endpoint", "ws://127.0.0.1:1"],
    codes: [1],
  },
  "miner bench": { args: ["--model", "nano", "--batch", "1", "--threads", "1", "--device", "cpu"] },
  "miner plan": { args: ["nano"] },
  "validator doctor": {
    args: ["--device", "cpu", "--wallet", "a", "--endpoint", "ws://127.0.0.1:1"],
    codes: [1],
  },
  "subnet check": { args: ["subnet.toml", "--no-measure"], codes: [0, 1] },
  "subnet config": { args: ["subnet.toml"] },
  "subnet params set": { args: ["scoring.power", "2", "subnet.toml"] },
  "subnet chain keys": { args: ["authority"] },
  "subnet chain spec": { args: ["chain.json", "--authority", "authority/authority.json"] },
  "subnet doctor": { args: ["--wallet", "a", "--endpoint", "ws://127.0.0.1:1"], codes: [1] },
  "subnet logs": { args: ["--folder", "logs"] },
  "subnet devices": { args: ["--device", "cpu"] },
  "subnet simulate": { args: ["--list"] },
};

function run(program: Program, args: readonly string[]): ReturnType<typeof spawnSync> {
  const { PATH } = process.env;
  return spawnSync(process.execPath, [entryOf(program), ...args], {
    cwd: home,
    env: {
      PATH,
      HOME: home,
      ASSAY_SEED: `0x${"5e".repeat(32)}`,
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
    },
    input: "",
    encoding: "utf8",
    timeout: 300_000,
  });
}

/** Every command of a program, as its help lists them. */
function commandsOf(program: Program): readonly string[] {
  const { stdout } = run(program, ["--help"]);
  const list =
    String(stdout).slice(String(stdout).lastIndexOf("\nCommands:\n") + 1) || String(stdout);
  const named = list
    .split("\n")
    .flatMap((line) => /^ {2}([a-z]+(?: [a-z]+)*) {2,}\S/.exec(line)?.[1] ?? []);
  const own = program === "subnet" ? [] : [program];
  return [...own, ...named.map((words) => `${program} ${words}`)];
}

test("every command has --json, or a reason for having none", () => {
  for (const program of PROGRAMS) {
    const commands = commandsOf(program);
    assert.ok(commands.length > 2, `${program}: ${commands.join(", ")}`);
    for (const name of commands) {
      const { stdout } = run(program, [...name.split(" ").slice(1), "--help"]);
      assert.equal(/^ {2}--json\b/m.test(String(stdout)), WITHOUT[name] === undefined, name);
    }
    for (const name of [...Object.keys(WITHOUT), ...Object.keys(OFFLINE)])
      if (name.split(" ")[0] === program) assert.ok(commands.includes(name), `there is no ${name}`);
  }
});

test("what runs without a network prints objects alone, one a line", () => {
  mkdirSync(join(home, "logs"));
  writeFileSync(join(home, "logs", "miner-1.log"), '{"level":30,"time":1,"msg":"m"}\nplain\n');
  mkdirSync(join(home, "text"));
  cpSync(join(ROOT, "README.md"), join(home, "text", "README.md"));
  writeFileSync(
    join(home, "subnet.toml"),
    '[data]\nfolder = "text"\n[scoring]\nmode = "published"\npower = 3\n',
  );
  for (const [name, { args, codes = [0] }] of Object.entries(OFFLINE)) {
    const [first = "", ...words] = name.split(" ");
    const program = PROGRAMS.find((one) => one === first) ?? "subnet";
    const { status, stdout, stderr } = run(program, [...words, "--json", ...args]);
    assert.ok(
      codes.includes(status ?? -1),
      `${name}: ${status}\n${String(stdout)}${String(stderr)}`,
    );
    const lines = String(stdout).split("\n");
    assert.equal(lines.pop(), "", name);
    assert.ok(lines.length > 0, name);
    for (const line of lines) {
      const value: unknown = JSON.parse(line);
      assert.ok(
        z.record(z.string(), z.unknown()).safeParse(value).success || Array.isArray(value),
        `${name}: ${line}`,
      );
    }
  }
});
